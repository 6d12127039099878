//! How far a run is, for whoever waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

use blynk_core::time::Instant;

/// Told as the run goes, and read by another thread whenever it likes. The run itself never looks at it.
#[derive(Debug, Default)]
pub struct Progress {
    now: AtomicU64,
    online: AtomicU64,
}

impl Progress {
    /// The virtual time.
    pub fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::Relaxed))
    }

    /// How many devices have the status Online.
    pub fn online(&self) -> u64 {
        self.online.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, now: Instant, online: u64) {
        self.now.store(now.as_millis(), Ordering::Relaxed);
        self.online.store(online, Ordering::Relaxed);
    }
}
