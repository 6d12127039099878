//! The oracle: an outsider that says whether a run kept the rules of the connection lifecycle.
//!
//! It reads the plan, with the settings of its server, the timeline and the deliveries that the links report; never the
//! server's memory. Of the server's code it shares times, ids and the words of the record: `Event`, `Close`,
//! `CloseReason`, `Change`, `Cause` and what notifications and commands are called, by way of [`crate::timeline`] and
//! [`crate::plan`]. It shares no rule: what is allowed, counted or due it works out by itself. Start with the
//! [`Invariant`]s. The [`Witness`] holds the server's claims against what was delivered, as the run goes. Afterwards
//! [`mod@reference`] says from the rules which statuses must follow, [`history`] compares, [`restart`] and
//! [`notifications`] look at what follows a start of the server and an entry into a status; [`expectations`] judges what
//! the scenario's author wrote, and [`limits`] what they demand of the [figures](measure) of the whole run.

pub mod expectations;
pub mod history;
pub mod limits;
pub mod measure;
pub mod notifications;
mod presence;
pub mod reference;
pub mod restart;
mod witness;

use std::fmt;

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use crate::plan::Plan;
use crate::timeline::Entry;

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
    /// A restart of the server moves no device before its grace is over, and none that came back within it.
    RestartInvisible = 5,
    /// Every notification owed is delivered once, and none is owed that was not earned.
    EveryNotificationOnce = 6,
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

/// What the finished records of all devices contradict, the first of each kind and device. `lanes` holds the entries of
/// each device. What contradicts the deliveries the [`Witness`] knows.
pub fn judge(plan: &Plan, lanes: &[Vec<&Entry>]) -> Vec<Breach> {
    let differing = plan.devices().filter_map(|(id, _)| history::judge(plan, id, &lanes[id.0 as usize]));
    differing.chain(notifications::judge(plan, lanes)).collect()
}

/// Whether the clocks of two observers may have shown these two for one moment.
fn near(a: Instant, b: Instant, slack: Duration) -> bool {
    a.since(b) <= slack && b.since(a) <= slack
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NoFalseOffline,
        Self::NoLateNoEarly,
        Self::OneChangeOneReason,
        Self::OneLiveSession,
        Self::RestartInvisible,
        Self::EveryNotificationOnce,
    ];

    /// What it says, in short.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoFalseOffline => "no false offline",
            Self::NoLateNoEarly => "no late, no early",
            Self::OneChangeOneReason => "one change, one reason",
            Self::OneLiveSession => "exactly one live session per device",
            Self::RestartInvisible => "restart is invisible",
            Self::EveryNotificationOnce => "every notification owed is delivered once",
        }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", *self as u8, self.name())
    }
}
