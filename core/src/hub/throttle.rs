//! Counts failed logins, so that a client which tries for ever with a wrong token is slowed down, and nobody else is.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use crate::id::Token;
use crate::time::{Duration, Instant};

/// More pairs of address and token than this are not remembered; the oldest is forgotten first.
pub const REMEMBERED_FAILURES: usize = 10_000;

/// The failed logins of the trailing minute, of each token from each address.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    most: usize,
    failures: BTreeMap<(IpAddr, Token), VecDeque<Instant>>,
    /// Each pair once, with an instant after which it may be forgotten in a minute; older ones tend to stand first.
    order: VecDeque<(Instant, (IpAddr, Token))>,
}

impl Throttle {
    /// At most this many failures in any trailing minute are answered.
    pub(super) fn new(most: u16) -> Self {
        Self { most: most.into(), failures: BTreeMap::new(), order: VecDeque::new() }
    }

    /// A login failed. Returns whether it may be answered. One that is not does not count, so that the next is answered
    /// a minute after the oldest of those that were.
    pub(super) fn failed(&mut self, now: Instant, address: IpAddr, token: Token) -> bool {
        self.forget(now);
        let pair = (address, token);
        if !self.failures.contains_key(&pair) {
            self.make_room();
            self.order.push_back((now, pair));
        }
        let failures = self.failures.entry(pair).or_default();
        while failures.front().is_some_and(|oldest| is_past(now, *oldest)) {
            failures.pop_front();
        }
        let answered = failures.len() < self.most;
        if answered {
            failures.push_back(now);
        }
        answered
    }

    /// Of a pair that did not fail for a minute nothing is kept.
    fn forget(&mut self, now: Instant) {
        while let Some((since, pair)) = self.order.front().copied()
            && is_past(now, since)
        {
            self.order.pop_front();
            let newest = self.failures.get(&pair).and_then(|failures| failures.back().copied());
            match newest.filter(|newest| !is_past(now, *newest)) {
                Some(newest) => self.order.push_back((newest, pair)),
                None => drop(self.failures.remove(&pair)),
            }
        }
    }

    /// The oldest pair goes if another would be one too many.
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
    use std::net::Ipv4Addr;

    use super::*;

    fn token(letter: u8) -> Token {
        Token::parse(&[letter; Token::LEN]).expect("32 characters")
    }

    fn fail(throttle: &mut Throttle, second: u64, host: u8, letter: u8) -> bool {
        let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, host));
        throttle.failed(Instant::ZERO + Duration::from_secs(second), address, token(letter))
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
            let [_, a, b, c] = u32::try_from(host).expect("small").to_be_bytes();
            throttle.failed(Instant::ZERO, IpAddr::V4(Ipv4Addr::new(10, a, b, c)), token(b'a'));
        }
        assert_eq!(throttle.failures.len(), REMEMBERED_FAILURES);
        assert_eq!(throttle.failures.len(), throttle.order.len());
        fail(&mut throttle, 3_600, 1, b'z');
        assert_eq!(throttle.failures.len(), 1);
    }
}
