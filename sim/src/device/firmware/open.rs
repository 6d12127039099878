//! What firmware keeps in mind while it is logged in, and when something is due.

use blynk_core::time::{Duration, Instant};

use crate::device::Timer;

/// What a device keeps in mind while it is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Live {
    pub(super) dialled_at: Instant,
    pub(super) last_in: Instant,
    pub(super) last_out: Instant,
    pub(super) last_ping: Instant,
    /// When the application writes of its own accord.
    pub(super) next_write: Option<Instant>,
}

impl Live {
    /// Everything that will be due. At one instant the first comes first.
    pub(super) fn timers(&self, heartbeat: Duration) -> [Option<(Instant, Timer)>; 3] {
        let ping = self.last_in.min(self.last_out).max(self.last_ping) + heartbeat;
        [
            Some((self.gives_up_at(heartbeat), Timer::GiveUp)),
            Some((ping, Timer::Ping)),
            self.next_write.map(|at| (at, Timer::Write)),
        ]
    }

    pub(super) fn gives_up_at(&self, heartbeat: Duration) -> Instant {
        self.last_in + heartbeat * 3 / 2
    }
}
