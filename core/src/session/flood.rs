//! Counts the messages of one session in the trailing second.

use crate::queue::Queue;
use crate::time::{Duration, Instant};

/// The last second's messages: exact, small however many come at once, and for an idle session next to nothing.
#[derive(Debug, Default)]
pub(super) struct FloodGauge {
    /// How many came at the same instant, the oldest first; without those of the newest instant.
    older: Queue<(Instant, usize)>,
    newest: (Instant, usize),
    /// Of all that are older.
    sum: usize,
}

impl FloodGauge {
    /// Notes a message and returns how many came in the second that ends with it.
    #[inline]
    pub(super) fn message(&mut self, now: Instant) -> usize {
        if self.newest.0 != now {
            self.turn(now);
        }
        self.newest.1 += 1;
        self.sum + self.newest.1
    }

    /// The first message of an instant.
    fn turn(&mut self, now: Instant) {
        let (at, count) = std::mem::replace(&mut self.newest, (now, 0));
        if count > 0 {
            self.older.push_back((at, count));
            self.sum += count;
        }
        while let Some((at, count)) = self.older.front().copied()
            && now.since(at) >= Duration::SECOND
        {
            self.older.pop_front();
            self.sum -= count;
        }
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

    #[test]
    fn those_of_one_instant_count_each() {
        let mut gauge = FloodGauge::default();
        let mut at = |millis| gauge.message(Instant::from_millis(millis));
        assert_eq!((at(0), at(0), at(0)), (1, 2, 3));
        assert_eq!((at(500), at(500)), (4, 5));
        assert_eq!((at(1_000), at(1_000)), (3, 4));
        assert_eq!(at(1_500), 3);
    }

    #[test]
    fn whoever_sent_little_lately_holds_nothing() {
        let mut gauge = FloodGauge::default();
        (0..5_000).for_each(|millis| assert!(gauge.message(Instant::from_millis(millis)) <= 1_000));
        assert_eq!(gauge.older.len(), 999);
        gauge.message(Instant::from_millis(9_000));
        assert!(gauge.older.is_empty());
    }
}
