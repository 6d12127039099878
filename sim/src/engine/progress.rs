//! How far a run is, for whoever waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

use blynk_core::time::Instant;

/// Told once a tick, and read by another thread whenever it likes. The run itself never looks at it.
#[derive(Debug, Default)]
pub struct Progress {
    now: AtomicU64,
    live: AtomicU64,
}

impl Progress {
    /// The virtual time.
    pub fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::Relaxed))
    }

    /// How many devices have a live session, as far as the server has recorded. Those of a server that went down count
    /// until it is up again.
    pub fn live(&self) -> u64 {
        self.live.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, now: Instant, live: u64) {
        self.now.store(now.as_millis(), Ordering::Relaxed);
        self.live.store(live, Ordering::Relaxed);
    }
}
