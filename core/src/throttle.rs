//! Counts failures to prove a right, so that a client which tries for ever with a wrong token is slowed down, and nobody
//! else is.

use std::collections::{BTreeMap, VecDeque};

use crate::time::{Duration, Instant};

/// More culprits than this are not remembered; the oldest is forgotten first.
pub const REMEMBERED_FAILURES: usize = 10_000;

/// The failures of the trailing minute, of each culprit: an address, or a token from an address.
#[derive(Clone, Debug)]
pub(crate) struct Throttle<K> {
    most: usize,
    failures: BTreeMap<K, VecDeque<Instant>>,
    /// Each culprit once, with an instant after which it may be forgotten in a minute; older ones tend to stand first.
    order: VecDeque<(Instant, K)>,
}

impl<K: Copy + Ord> Throttle<K> {
    /// At most this many failures in any trailing minute are answered.
    pub(crate) fn new(most: u16) -> Self {
        Self { most: most.into(), failures: BTreeMap::new(), order: VecDeque::new() }
    }

    /// Somebody failed. Returns whether that may be answered. A failure that is not answered does not count, so that the
    /// next is answered a minute after the oldest of those that were.
    pub(crate) fn failed(&mut self, now: Instant, culprit: K) -> bool {
        self.forget(now);
        if !self.failures.contains_key(&culprit) {
            self.make_room();
            self.order.push_back((now, culprit));
        }
        let failures = self.failures.entry(culprit).or_default();
        while failures.front().is_some_and(|oldest| is_past(now, *oldest)) {
            failures.pop_front();
        }
        let answered = failures.len() < self.most;
        if answered {
            failures.push_back(now);
        }
        answered
    }

    /// Of a culprit that did not fail for a minute nothing is kept.
    fn forget(&mut self, now: Instant) {
        while let Some((since, culprit)) = self.order.front().copied()
            && is_past(now, since)
        {
            self.order.pop_front();
            let newest = self.failures.get(&culprit).and_then(|failures| failures.back().copied());
            match newest.filter(|newest| !is_past(now, *newest)) {
                Some(newest) => self.order.push_back((newest, culprit)),
                None => drop(self.failures.remove(&culprit)),
            }
        }
    }

    /// The oldest culprit goes if another would be one too many.
    fn make_room(&mut self) {
        if self.order.len() >= REMEMBERED_FAILURES
            && let Some((_, oldest)) = self.order.pop_front()
        {
            self.failures.remove(&oldest);
        }
    }
}

fn is_past(now: Instant, at: Instant) -> bool {
    now.since(at) >= Duration::MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(throttle: &mut Throttle<(usize, u8)>, second: u64, host: usize, letter: u8) -> bool {
        throttle.failed(Instant::ZERO + Duration::from_secs(second), (host, letter))
    }

    #[test]
    fn the_third_failure_of_a_minute_is_one_too_many() {
        let mut throttle = Throttle::new(2);
        assert!(fail(&mut throttle, 0, 1, b'a'));
        assert!(fail(&mut throttle, 1, 1, b'a'));
        assert!(!fail(&mut throttle, 2, 1, b'a'));
        assert!(!fail(&mut throttle, 59, 1, b'a'));
        assert!(fail(&mut throttle, 60, 1, b'a'));
        assert!(fail(&mut throttle, 61, 1, b'a'));
        assert!(!fail(&mut throttle, 62, 1, b'a'));
    }

    #[test]
    fn other_tokens_and_other_addresses_are_not_held_back() {
        let mut throttle = Throttle::new(1);
        assert!(fail(&mut throttle, 0, 1, b'a'));
        assert!(fail(&mut throttle, 0, 1, b'b'));
        assert!(fail(&mut throttle, 0, 2, b'a'));
        assert!(!fail(&mut throttle, 0, 2, b'a'));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut throttle = Throttle::new(1);
        for host in 0..3 * REMEMBERED_FAILURES {
            fail(&mut throttle, 0, host, b'a');
        }
        assert_eq!(throttle.failures.len(), REMEMBERED_FAILURES);
        assert_eq!(throttle.failures.len(), throttle.order.len());
        fail(&mut throttle, 3_600, 1, b'z');
        assert_eq!(throttle.failures.len(), 1);
    }
}
