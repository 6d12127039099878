//! The only place that reads a clock.

use std::time;

use tokio::time::Instant as Moment;

use crate::time::{Duration, Instant};

/// Turns tokio's time, real or paused, into [instants](Instant).
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    anchor: Moment,
    epoch: Instant,
}

impl Clock {
    /// A clock that shows `epoch` now and never goes back.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub fn starting_at(epoch: Instant) -> Self {
        Self { anchor: Moment::now(), epoch }
    }

    /// The time of day of this machine, as milliseconds since the Unix epoch; before that, zero.
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    pub fn time_of_day() -> Instant {
        let since_epoch = time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap_or_default();
        Instant::from_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    /// The current millisecond.
    pub fn now(self) -> Instant {
        let millis = u64::try_from(self.anchor.elapsed().as_millis()).expect("no process runs that long");
        self.epoch + Duration::from_millis(millis)
    }

    /// When tokio reaches this instant.
    pub fn when(self, at: Instant) -> Moment {
        self.anchor + at.since(self.epoch).into()
    }
}

impl From<Duration> for time::Duration {
    fn from(length: Duration) -> Self {
        Self::from_millis(length.as_millis())
    }
}
