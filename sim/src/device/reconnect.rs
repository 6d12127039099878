//! When a device dials again after a loss or a failed attempt.

use blynk_core::time::{Duration, Instant};

use crate::plan::Reconnect;
use crate::random::Stream;

/// How somebody who keeps a connection comes by the next one.
#[derive(Clone, Debug)]
pub(super) enum Redialling {
    /// By a policy.
    Policy(Box<Redial>),
    /// After the pauses that a client library keeps.
    Pauses(Pauses),
    /// Not at all.
    Never,
}

/// The pauses of a client library before it dials again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pauses {
    /// After an attempt that failed.
    pub(super) attempt: Pause,
    /// After FIN or RST.
    pub(super) loss: Pause,
    /// After it gave up on a server that said nothing.
    pub(super) silence: Pause,
}

/// One pause, by what it is counted from; what would be over before now is over now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// The beginning of what ended.
    Start(Duration),
    /// Its last login, answer to a login, or ping.
    LastWord(Duration),
    /// Its end.
    End(Duration),
}

/// An attempt or a connection that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// When it was dialled.
    pub(super) dialled_at: Instant,
    /// See [`Pause::LastWord`].
    pub(super) last_word: Instant,
    pub(super) how: End,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The login was never accepted.
    Attempt,
    /// The server, or the network, ended the session.
    Loss,
    /// The device lost its patience with the session.
    Silence,
}

impl Redialling {
    /// See [`Redial::succeeded`].
    pub(super) fn succeeded(&mut self) {
        match self {
            Self::Policy(redial) => redial.succeeded(),
            Self::Pauses(_) | Self::Never => {}
        }
    }

    /// When to dial after something ended at `now`. `None`: never.
    pub(super) fn next_attempt(&mut self, now: Instant, ended: Ended) -> Option<Instant> {
        match self {
            Self::Policy(redial) => redial.next_attempt(now, ended.dialled_at),
            Self::Pauses(pauses) => Some(pauses.after(ended.how).over_at(now, ended)),
            Self::Never => None,
        }
    }
}

impl Pauses {
    fn after(self, how: End) -> Pause {
        match how {
            End::Attempt => self.attempt,
            End::Loss => self.loss,
            End::Silence => self.silence,
        }
    }
}

impl Pause {
    fn over_at(self, now: Instant, ended: Ended) -> Instant {
        let over_at = match self {
            Self::Start(length) => ended.dialled_at + length,
            Self::LastWord(length) => ended.last_word + length,
            Self::End(length) => now + length,
        };
        over_at.max(now)
    }
}

/// A reconnect policy at work.
#[derive(Clone, Debug)]
pub(super) struct Redial {
    policy: Reconnect,
    stream: Stream,
    /// Attempts since the last accepted login.
    failures: u32,
}

impl Redial {
    /// The stream must be the device's own.
    pub(super) fn new(policy: Reconnect, stream: Stream) -> Self {
        Self { policy, stream, failures: 0 }
    }

    /// The server accepted a login: the next loss starts from the beginning.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// When to dial after an attempt or connection that began at `dialled_at` and ended at `now`. `None`: never.
    pub(super) fn next_attempt(&mut self, now: Instant, dialled_at: Instant) -> Option<Instant> {
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

    #[test]
    fn a_pause_counts_from_where_its_library_does_and_never_ends_in_the_past() {
        let ended = Ended { dialled_at: second(10), last_word: second(20), how: End::Loss };
        let five = Duration::from_secs(5);
        let over = |pause: Pause, now| pause.over_at(second(now), ended);
        assert_eq!(over(Pause::Start(five), 12), second(15));
        assert_eq!(over(Pause::Start(five), 16), second(16));
        assert_eq!(over(Pause::LastWord(five), 22), second(25));
        assert_eq!(over(Pause::LastWord(five), 25), second(25));
        assert_eq!(over(Pause::LastWord(five), 26), second(26));
        assert_eq!(over(Pause::End(five), 22), second(27));
    }
}
