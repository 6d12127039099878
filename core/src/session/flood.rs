//! Counts the messages of one session in the trailing second.

use std::collections::VecDeque;

use crate::time::{Duration, Instant};

/// The instants of the last second's messages: exact, and for an idle session nearly empty.
#[derive(Debug, Default)]
pub(super) struct FloodGauge(VecDeque<Instant>);

impl FloodGauge {
    /// Notes a message and returns how many came in the second that ends with it.
    pub(super) fn message(&mut self, now: Instant) -> usize {
        while self.0.front().is_some_and(|oldest| now.since(*oldest) >= Duration::SECOND) {
            self.0.pop_front();
        }
        self.0.push_back(now);
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_for_one_second() {
        let mut gauge = FloodGauge::default();
        let mut at = |millis| gauge.message(Instant::from_millis(millis));
        assert_eq!(at(0), 1);
        assert_eq!(at(999), 2);
        assert_eq!(at(1_000), 2);
        assert_eq!(at(5_000), 1);
    }
}
