//! A queue that is empty nearly always: what a machine wants done, until its driver takes it.

use std::collections::VecDeque;

/// First in, first out. Holds no memory while it is empty: a server has thousands of machines that are idle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<T>(VecDeque<T>);

impl<T> Queue<T> {
    /// An empty one.
    pub const fn new() -> Self {
        Self(VecDeque::new())
    }

    /// Appends one.
    pub fn push_back(&mut self, item: T) {
        self.0.push_back(item);
    }

    /// Takes the oldest.
    pub fn pop_front(&mut self) -> Option<T> {
        let item = self.0.pop_front();
        if self.0.is_empty() {
            self.clear();
        }
        item
    }

    /// The oldest.
    pub fn front(&self) -> Option<&T> {
        self.0.front()
    }

    /// The oldest, to be changed.
    pub fn front_mut(&mut self) -> Option<&mut T> {
        self.0.front_mut()
    }

    /// Drops those that are not to be kept.
    pub fn retain(&mut self, keeps: impl FnMut(&T) -> bool) {
        self.0.retain(keeps);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.0 = VecDeque::new();
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.0.extend(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let mut queue = Queue::new();
        queue.extend([1, 2, 3]);
        assert_eq!((queue.pop_front(), queue.front(), queue.len()), (Some(1), Some(&2), 2));
    }

    #[test]
    fn an_empty_one_holds_nothing() {
        let mut queue = Queue::new();
        queue.push_back(1);
        assert_eq!((queue.pop_front(), queue.pop_front()), (Some(1), None));
        assert_eq!(queue.0.capacity(), 0);
    }
}
