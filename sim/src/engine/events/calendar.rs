//! A calendar queue: what is next, of things that are nearly all due within the next two minutes.
//!
//! A ring of days, each 64 ms long. Something new is put down on its day, unsorted, and a day is sorted when it comes; so how
//! much there is on other days does not matter. What is put in for the day that has come, and what lies beyond the ring,
//! waits in heaps. Knows nothing of who is woken.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Milliseconds of a day, as a power of two.
const LENGTH: u32 = 6;
/// Days of the ring: 131 s.
const DAYS: usize = 2_048;
/// No entry.
const NONE: u32 = u32::MAX;

/// Something that is due: a time in milliseconds, and what orders those of the same time.
pub type Due = (u64, u64);

/// All that is due, the next first. Nothing may be put before what was taken out last.
#[derive(Debug)]
pub struct Calendar {
    /// The day that has come.
    today: u64,
    /// What was due on it when it came, the last first.
    due: Vec<Due>,
    /// What was put in for it since, or for a time before.
    added: BinaryHeap<Reverse<Due>>,
    /// The first entry of each other day of the ring.
    days: Box<[u32; DAYS]>,
    /// Which days have entries.
    marked: [u64; DAYS / 64],
    entries: Vec<Entry>,
    /// The first entry that is not in use.
    unused: u32,
    later: BinaryHeap<Reverse<Due>>,
    /// The first of all, once it was looked for.
    first: Option<Due>,
}

/// Something on a day to come.
#[derive(Clone, Copy, Debug)]
struct Entry {
    due: Due,
    /// The next of the same day.
    next: u32,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            today: 0,
            due: Vec::new(),
            added: BinaryHeap::new(),
            days: Box::new([NONE; DAYS]),
            marked: [0; DAYS / 64],
            entries: Vec::new(),
            unused: NONE,
            later: BinaryHeap::new(),
            first: None,
        }
    }
}

impl Calendar {
    /// Puts something in.
    pub fn push(&mut self, due: Due) {
        let day = day(due);
        if day <= self.today {
            self.added.push(Reverse(due));
        } else if day - self.today < DAYS as u64 {
            self.put_down(due);
        } else {
            self.later.push(Reverse(due));
        }
        if self.first.is_some_and(|first| due < first) {
            self.first = Some(due);
        }
    }

    /// The next.
    pub fn peek(&mut self) -> Option<Due> {
        if self.first.is_none() {
            self.first = self.find();
        }
        self.first
    }

    /// Takes the next.
    pub fn pop(&mut self) -> Option<Due> {
        let first = self.peek()?;
        self.first = None;
        if day(first) > self.today {
            self.begin(day(first));
        }
        if self.due.last() == Some(&first) {
            self.due.pop()
        } else {
            self.added.pop().map(|Reverse(due)| due)
        }
    }

    fn find(&self) -> Option<Due> {
        let added = self.added.peek().map(|Reverse(due)| *due);
        if let Some(today) = self.due.last().copied().into_iter().chain(added).min() {
            return Some(today);
        }
        let on_ring = self.next_day().and_then(|place| self.of_day(place).min());
        on_ring.into_iter().chain(self.later.peek().map(|Reverse(due)| *due)).min()
    }

    /// A day comes. Those before it are empty.
    fn begin(&mut self, day: u64) {
        self.today = day;
        self.take_up(place(day));
        while let Some(Reverse(due)) = self.later.peek().copied()
            && self::day(due) - day < DAYS as u64
        {
            self.later.pop();
            if self::day(due) == day { self.due.push(due) } else { self.put_down(due) }
        }
        self.due.sort_unstable_by(|one, other| other.cmp(one));
    }

    fn put_down(&mut self, due: Due) {
        let place = place(day(due));
        let entry = Entry { due, next: self.days[place] };
        self.days[place] = match self.entries.get_mut(self.unused as usize) {
            Some(unused) => {
                let number = self.unused;
                self.unused = unused.next;
                *unused = entry;
                number
            }
            None => {
                self.entries.push(entry);
                u32::try_from(self.entries.len() - 1).expect("fewer than 2^32 are due")
            }
        };
        self.marked[place / 64] |= 1 << (place % 64);
    }

    fn take_up(&mut self, place: usize) {
        let mut number = std::mem::replace(&mut self.days[place], NONE);
        while let Some(entry) = self.entries.get_mut(number as usize) {
            self.due.push(entry.due);
            let next = std::mem::replace(&mut entry.next, self.unused);
            self.unused = number;
            number = next;
        }
        self.marked[place / 64] &= !(1 << (place % 64));
    }

    /// What is due on a day of the ring.
    fn of_day(&self, place: usize) -> impl Iterator<Item = Due> {
        let entry = |number: u32| self.entries.get(number as usize);
        std::iter::successors(entry(self.days[place]), move |it| entry(it.next)).map(|entry| entry.due)
    }

    /// The place of the first day to come that has entries.
    fn next_day(&self) -> Option<usize> {
        let tomorrow = place(self.today + 1);
        let (word, bit) = (tomorrow / 64, tomorrow % 64);
        let rest = self.marked[word] & (u64::MAX << bit);
        let words = (1..=self.marked.len()).map(|ahead| (word + ahead) % self.marked.len());
        let others = words.map(|word| (word, self.marked[word]));
        let (word, marks) = [(word, rest)].into_iter().chain(others).find(|(_, marks)| *marks != 0)?;
        Some(word * 64 + marks.trailing_zeros() as usize)
    }
}

const fn day((at, _): Due) -> u64 {
    at >> LENGTH
}

const fn place(day: u64) -> usize {
    day as usize % DAYS
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Each step takes one out, or puts one in at some time after that which was taken out last.
        #[test]
        fn it_is_a_queue(steps in prop::collection::vec(prop::option::of((any::<u64>(), 0u32..40, 0u64..3)), 0..300)) {
            let (mut calendar, mut heap) = (Calendar::default(), BinaryHeap::new());
            let mut now = 0;
            for step in steps {
                match step {
                    Some((random, bits, what)) => {
                        let due = (now + random % (1 << bits), what);
                        calendar.push(due);
                        heap.push(Reverse(due));
                    }
                    None => {
                        let next = heap.pop().map(|Reverse(due)| due);
                        prop_assert_eq!(calendar.peek(), next);
                        prop_assert_eq!(calendar.pop(), next);
                        now = next.map_or(now, |(at, _)| at);
                    }
                }
            }
            while let Some(Reverse(due)) = heap.pop() {
                prop_assert_eq!(calendar.pop(), Some(due));
            }
            prop_assert_eq!(calendar.pop(), None);
        }
    }

    #[test]
    fn what_was_looked_at_is_not_what_comes_next_for_certain() {
        let mut calendar = Calendar::default();
        calendar.push((100_000, 0));
        assert_eq!(calendar.peek(), Some((100_000, 0)));
        calendar.push((50_000, 0));
        assert_eq!(calendar.pop(), Some((50_000, 0)));
        assert_eq!(calendar.pop(), Some((100_000, 0)));
    }

    #[test]
    fn entries_are_used_again() {
        let mut calendar = Calendar::default();
        for at in (0..100_000).map(|step| step * 1_000) {
            calendar.push((at + 1_000, 0));
            calendar.pop();
        }
        assert!(calendar.entries.len() <= 2);
    }
}
