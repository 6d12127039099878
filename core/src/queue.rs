//! A queue that is empty nearly always: what a machine wants done, until its driver takes it.

use std::collections::VecDeque;
use std::mem;

/// First in, first out. The first needs no memory of its own, and nothing is held for others once they are gone: a server
/// has thousands of machines that are idle, and a busy one has one thing to say at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue<T> {
    /// Empty only if there are no others.
    first: Option<T>,
    /// Never empty.
    #[expect(clippy::box_collection, reason = "it is hardly ever there, and a pointer is small")]
    others: Option<Box<VecDeque<T>>>,
}

impl<T> Queue<T> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { first: None, others: None }
    }

    /// Appends one.
    #[inline]
    pub fn push_back(&mut self, item: T) {
        if self.first.is_none() {
            self.first = Some(item);
        } else {
            self.others.get_or_insert_default().push_back(item);
        }
    }

    /// Takes the oldest.
    #[inline]
    pub fn pop_front(&mut self) -> Option<T> {
        let item = self.first.take();
        if self.others.is_some() {
            self.move_up();
        }
        item
    }

    fn move_up(&mut self) {
        self.first = self.others.as_mut().and_then(|others| others.pop_front());
        self.others.take_if(|others| others.is_empty());
    }

    /// The oldest.
    pub fn front(&self) -> Option<&T> {
        self.first.as_ref()
    }

    /// The newest.
    pub fn back(&self) -> Option<&T> {
        self.others.as_ref().map_or(self.first.as_ref(), |others| others.back())
    }

    /// The oldest, to be changed.
    pub fn front_mut(&mut self) -> Option<&mut T> {
        self.first.as_mut()
    }

    /// Drops those that are not to be kept.
    pub fn retain(&mut self, mut keeps: impl FnMut(&T) -> bool) {
        let Self { first, others } = mem::take(self);
        self.extend(
            first.into_iter().chain(others.map(|it| *it).into_iter().flatten()).filter(|it| keeps(it)),
        );
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.as_ref().map_or(0, |others| others.len())
    }

    /// Drops all.
    pub fn clear(&mut self) {
        *self = Self::new();
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push_back(item));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out() {
        let mut queue = Queue::new();
        queue.extend([1, 2, 3]);
        assert_eq!(
            (queue.pop_front(), queue.front(), queue.back(), queue.len()),
            (Some(1), Some(&2), Some(&3), 2)
        );
    }

    #[test]
    fn one_alone_and_an_empty_one_hold_nothing() {
        let mut queue = Queue::new();
        queue.push_back(1);
        assert_eq!(queue.others, None);
        queue.push_back(2);
        assert_eq!((queue.pop_front(), queue.others.is_none(), queue.pop_front()), (Some(1), true, Some(2)));
        assert_eq!((queue.pop_front(), queue.is_empty()), (None, true));
    }

    #[test]
    fn what_is_kept_stays_in_order() {
        let mut queue = Queue::new();
        queue.extend([1, 2, 3, 4]);
        queue.retain(|it| it % 2 == 0);
        assert_eq!((queue.pop_front(), queue.pop_front(), queue.len()), (Some(2), Some(4), 0));
    }

    #[test]
    fn one_that_is_left_alone_holds_nothing() {
        let mut queue = Queue::new();
        queue.extend([1, 2]);
        queue.retain(|it| *it == 2);
        assert_eq!((queue.front(), queue.back(), queue.others.is_none()), (Some(&2), Some(&2), true));
        *queue.front_mut().expect("one is left") = 3;
        assert_eq!(queue.pop_front(), Some(3));
        queue.extend([1, 2]);
        queue.clear();
        assert_eq!(queue, Queue::new());
    }
}
