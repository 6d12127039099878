//! How far a run is, for whoever waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

use blynk_core::time::Instant;

use crate::plan::Plan;

/// Told as the run goes, and read by another thread whenever it likes. The run itself never looks at it.
#[derive(Debug, Default)]
pub struct Progress {
    devices: AtomicU64,
    /// Milliseconds of all devices together.
    lived: AtomicU64,
    online: AtomicU64,
}

/// Tells of some of the devices, which live through the run together.
#[derive(Debug)]
pub(super) struct Teller<'a> {
    progress: &'a Progress,
    devices: u64,
    now: Instant,
    online: u64,
}

impl Progress {
    /// The virtual time; where devices are run one after another, it is the mean of theirs.
    pub fn now(&self) -> Instant {
        let devices = self.devices.load(Ordering::Relaxed).max(1);
        Instant::from_millis(self.lived.load(Ordering::Relaxed) / devices)
    }

    /// How many devices have the status Online; of those that are through, at their end.
    pub fn online(&self) -> u64 {
        self.online.load(Ordering::Relaxed)
    }

    /// The run begins, or begins anew.
    pub(super) fn begin(&self, plan: &Plan) {
        self.devices.store(counted(plan.devices.len()), Ordering::Relaxed);
        self.lived.store(0, Ordering::Relaxed);
        self.online.store(0, Ordering::Relaxed);
    }

    /// Somebody who tells of so many devices.
    pub(super) fn teller(&self, devices: usize) -> Teller<'_> {
        Teller { progress: self, devices: counted(devices), now: Instant::ZERO, online: 0 }
    }
}

/// Where there are none, time passes all the same.
fn counted(devices: usize) -> u64 {
    devices.max(1) as u64
}

impl Teller<'_> {
    /// They have come so far, and so many of them are online.
    pub(super) fn tell(&mut self, now: Instant, online: u64) {
        let lived = now.since(self.now).as_millis() * self.devices;
        self.progress.lived.fetch_add(lived, Ordering::Relaxed);
        self.progress.online.fetch_add(online.wrapping_sub(self.online), Ordering::Relaxed);
        (self.now, self.online) = (now, online);
    }
}
