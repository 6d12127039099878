//! What went over the links in all: for figures, not for the timeline.

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;

/// The traffic of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages of devices that reached the server.
    pub messages: u64,
    /// The most of them in one whole second.
    pub busiest_second: u64,
    /// Bytes of the protocol, both ways.
    pub bytes: u64,
    /// Every login that was accepted.
    pub logins: Vec<Login>,
}

/// A login that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub device: DeviceId,
    /// When it dialled.
    pub dialled_at: Instant,
    /// When the answer arrived.
    pub answered_at: Instant,
}
