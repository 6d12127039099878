//! The oracle: an outsider that says whether a run kept the rules of the connection lifecycle.
//!
//! It reads the plan, with the settings of its server, the timeline and the deliveries that the links report; never the
//! server's memory. Of the server's code it shares times, ids and the words of the record: `Event`, `Close`,
//! `CloseReason`, `Change` and `Cause`, by way of [`crate::timeline`]. It shares no rule: what is allowed, counted or due
//! it works out by itself. Start with the [`Invariant`]s. The [`Witness`] holds the server's claims about
//! connections against what was delivered; [`mod@reference`] says from the rules which statuses must follow, and
//! [`history`] compares; [`expectations`] judges what the scenario's author wrote.

pub mod expectations;
pub mod history;
pub mod reference;
mod witness;

use std::fmt;

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;

pub use witness::Witness;

/// What must always hold (`lifecycle` section 12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// A device whose bytes reached the server within the allowance is never moved off Online.
    NoFalseOffline = 1,
    /// Every automatic change happens at its computed instant, and every due change happens.
    NoLateNoEarly = 2,
    /// History has no repeats, skips nothing, and agrees with the connection.
    OneChangeOneReason = 3,
    /// Exactly one live session per device, and only the live one speaks.
    OneLiveSession = 4,
}

/// An invariant that a run did not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub invariant: Invariant,
    /// Whose.
    pub device: DeviceId,
    /// When it became apparent.
    pub at: Instant,
    /// What was wrong, in one line without device and instant.
    pub text: String,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::NoFalseOffline => "no false offline",
            Self::NoLateNoEarly => "no late, no early",
            Self::OneChangeOneReason => "one change, one reason",
            Self::OneLiveSession => "exactly one live session per device",
        };
        write!(f, "{} ({name})", *self as u8)
    }
}
