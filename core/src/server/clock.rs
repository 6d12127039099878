//! The only place that reads a clock.

use tokio::time;

use crate::time::{Duration, Instant};

/// Turns tokio's time, real or paused, into [instants](Instant).
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    anchor: time::Instant,
    epoch: Instant,
}

impl Clock {
    /// A clock that shows `epoch` now and never goes back.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub fn starting_at(epoch: Instant) -> Self {
        Self { anchor: time::Instant::now(), epoch }
    }

    /// The current millisecond.
    pub fn now(self) -> Instant {
        let millis = u64::try_from(self.anchor.elapsed().as_millis()).expect("no process runs that long");
        self.epoch + Duration::from_millis(millis)
    }

    /// When tokio reaches this instant.
    pub fn when(self, at: Instant) -> time::Instant {
        self.anchor + at.since(self.epoch).into()
    }
}

impl From<Duration> for std::time::Duration {
    fn from(length: Duration) -> Self {
        Self::from_millis(length.as_millis())
    }
}
