//! The intervals at which a library pings that counts no bytes: each accepted login starts one, and not each end of a
//! session stops it.
//!
//! FIN stops the newest. RST stops none: the next login starts another, and the one before beats on beside it for ever.
//! Whether anything can be said goes by the newest as well: while it beats the library believes itself logged in, and
//! writes to whatever stream it has.

use blynk_core::time::{Duration, Instant};

use crate::device::next_due;

/// All hearts of one device.
#[derive(Clone, Debug, Default)]
pub(super) struct Hearts {
    /// The newest, unless it was stopped.
    newest: Option<Heart>,
    /// Those that nobody can stop any more, oldest first. They are heard only while the newest beats.
    forgotten: Vec<Heart>,
}

#[derive(Clone, Copy, Debug)]
struct Heart {
    next: Instant,
    period: Duration,
}

impl Hearts {
    /// A login was accepted.
    pub(super) fn start(&mut self, now: Instant, period: Duration) {
        self.forgotten.extend(self.newest.replace(Heart { next: now + period, period }));
        for heart in self.forgotten.iter_mut().filter(|heart| heart.next < now) {
            heart.next = next_due(heart.next, heart.period, now);
        }
    }

    /// The library ends its connection.
    pub(super) fn stop(&mut self) {
        self.newest = None;
    }

    /// Whether the library believes itself logged in.
    pub(super) fn beat(&self) -> bool {
        self.newest.is_some()
    }

    /// When the next of them beats.
    pub(super) fn next(&self) -> Option<Instant> {
        let newest = self.newest?;
        self.forgotten.iter().chain([&newest]).map(|heart| heart.next).min()
    }

    /// The next of them beats now. What was missed meanwhile is not made up for.
    pub(super) fn take_beat(&mut self, now: Instant) {
        let due = self.forgotten.iter_mut().chain(&mut self.newest).min_by_key(|heart| heart.next);
        if let Some(heart) = due {
            heart.next = now + heart.period;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(second)
    }

    /// What beats until then.
    fn beats(hearts: &mut Hearts, end: u64) -> Vec<String> {
        let mut beats = Vec::new();
        while let Some(at) = hearts.next().filter(|at| *at <= second(end)) {
            beats.push(at.to_string());
            hearts.take_beat(at);
        }
        beats
    }

    #[test]
    fn who_is_not_stopped_beats_on_beside_the_next() {
        let mut hearts = Hearts::default();
        hearts.start(second(0), Duration::from_secs(4));
        assert_eq!(beats(&mut hearts, 5), ["4s"]);
        hearts.start(second(5), Duration::from_secs(4));
        assert_eq!(beats(&mut hearts, 13), ["8s", "9s", "12s", "13s"]);
    }

    #[test]
    fn forgotten_hearts_are_silent_while_the_newest_is_stopped_and_keep_their_beat() {
        let mut hearts = Hearts::default();
        hearts.start(second(0), Duration::from_secs(4));
        hearts.start(second(1), Duration::from_secs(4));
        hearts.stop();
        assert_eq!(hearts.next(), None);
        hearts.start(second(10), Duration::from_secs(4));
        assert_eq!(beats(&mut hearts, 14), ["12s", "14s"]);
    }
}
