//! When a device dials again after a loss or a failed attempt.

use blynk_core::time::Instant;

use crate::plan::Reconnect;
use crate::random::Stream;

/// A reconnect policy at work.
#[derive(Clone, Debug)]
pub struct Redial {
    policy: Reconnect,
    stream: Stream,
    /// Attempts since the last accepted login.
    failures: u32,
}

impl Redial {
    /// The stream must be the device's own.
    pub fn new(policy: Reconnect, stream: Stream) -> Self {
        Self { policy, stream, failures: 0 }
    }

    /// The server accepted a login: the next loss starts from the beginning.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// When to dial after an attempt or connection that began at `dialled_at` and ended at `now`. `None`: never.
    pub fn next_attempt(&mut self, now: Instant, dialled_at: Instant) -> Option<Instant> {
        match self.policy {
            Reconnect::Never => None,
            Reconnect::Every(period) => Some(now.max(dialled_at + period)),
            Reconnect::Backoff { first, most } => {
                // Beyond 2^32 doublings of a millisecond every bound is reached.
                let bound = (first * (1 << self.failures.min(32))).min(most);
                self.failures += 1;
                Some(now + self.stream.duration_up_to(bound))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use blynk_core::id::DeviceId;
    use blynk_core::time::Duration;

    use super::*;
    use crate::random::{Purpose, Seed};

    fn redial(policy: Reconnect) -> Redial {
        Redial::new(policy, Seed(1).stream(DeviceId(0), Purpose::Reconnect))
    }

    fn second(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    #[test]
    fn every_counts_from_the_beginning_of_the_last_attempt() {
        let mut redial = redial(Reconnect::Every(Duration::from_secs(5)));
        assert_eq!(redial.next_attempt(second(1), second(0)), Some(second(5)));
        assert_eq!(redial.next_attempt(second(60), second(0)), Some(second(60)));
    }

    #[test]
    fn never_is_never() {
        assert_eq!(redial(Reconnect::Never).next_attempt(second(1), second(0)), None);
    }

    #[test]
    fn backoff_doubles_its_bound_and_starts_anew_after_a_login() {
        let (first, most) = (Duration::from_secs(1), Duration::from_secs(60));
        let mut redial = redial(Reconnect::Backoff { first, most });
        for bound in [1, 2, 4, 8, 16, 32, 60, 60] {
            let next = redial.next_attempt(second(0), second(0)).expect("backoff dials again");
            assert!(next <= second(bound), "{next} is later than {bound}s");
        }
        redial.succeeded();
        assert!(redial.next_attempt(second(0), second(0)) <= Some(second(1)));
    }
}
