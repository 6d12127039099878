//! Who is to be woken when.
//!
//! Owns the order: by instant, and at one instant as the scenario language has it. A deadline that is put off far more
//! often than it is reached touches the queue only when its old time comes: see [`Alarm`].

use blynk_core::id::{DeviceId, SessionId};
use blynk_core::time::Instant;

use super::calendar::{Calendar, Due};

/// Somebody is to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wake {
    pub(super) at: Instant,
    pub(super) who: Who,
}

/// Who is woken, in the order in which they are at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    /// A session whose deadline is over: what it says comes before what is due at the hub.
    Session(SessionId),
    /// The hub, one of whose deadlines is over.
    Hub,
    /// A delivery of a notification has taken too long.
    Delivery(Attempt),
    /// Something arrives at an end of a link of this device.
    Link(DeviceId),
    /// Something is due on this device.
    Device(DeviceId),
}

/// Names one try to deliver a notification; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt(pub(super) u64);

impl Who {
    /// The last one of those who are told that something is over, before anything happens at that instant.
    pub(super) const LAST_OVER: Self = Self::Hub;
    /// The last of all.
    pub(super) const LAST: Self = Self::Device(DeviceId(u32::MAX));
}

/// Where the rank begins in the key of a wake.
const RANK: u32 = 60;

impl Wake {
    /// Ranks are in the upper bits of the key, numbers in the rest.
    fn due(self) -> Due {
        let (rank, number) = match self.who {
            Who::Session(SessionId(number)) => (0, number),
            Who::Hub => (1, 0),
            Who::Delivery(Attempt(number)) => (2, number),
            Who::Link(DeviceId(number)) => (3, number.into()),
            Who::Device(DeviceId(number)) => (4, number.into()),
        };
        (self.at.as_millis(), rank << RANK | number)
    }

    fn of((at, key): Due) -> Self {
        let number = key & !(u64::MAX << RANK);
        let device = DeviceId(number as u32);
        let who = match key >> RANK {
            0 => Who::Session(SessionId(number)),
            1 => Who::Hub,
            2 => Who::Delivery(Attempt(number)),
            3 => Who::Link(device),
            _ => Who::Device(device),
        };
        Self { at: Instant::from_millis(at), who }
    }
}

/// All who are to be woken. Wakes that are equal are one and the same, so their order is no question.
#[derive(Debug, Default)]
pub(super) struct Queue {
    wakes: Calendar,
    attempts: u64,
}

impl Queue {
    pub(super) fn push(&mut self, wake: Wake) {
        self.wakes.push(wake.due());
    }

    /// A name for a try to deliver a notification.
    pub(super) fn attempt(&mut self) -> Attempt {
        self.attempts += 1;
        Attempt(self.attempts)
    }

    /// When the next one is to be woken.
    pub(super) fn next_at(&mut self) -> Option<Instant> {
        self.wakes.peek().map(|(at, _)| Instant::from_millis(at))
    }

    /// Whether there is one that is not later than this.
    pub(super) fn has_until(&mut self, last: Wake) -> bool {
        self.wakes.peek().is_some_and(|first| first <= last.due())
    }

    /// Takes the next one, if it is not later than this.
    pub(super) fn pop_until(&mut self, last: Wake) -> Option<Wake> {
        if self.has_until(last) { self.wakes.pop().map(Wake::of) } else { None }
    }
}

/// When one somebody is woken next. Set later, it stays as it is, and whoever is woken in vain sets it anew. Set earlier, the
/// later wake stays in the queue and counts again once the earlier one has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Alarm {
    next: Option<Wake>,
    after: Option<Wake>,
}

impl Alarm {
    pub(super) fn set(&mut self, queue: &mut Queue, wake: Wake) {
        if self.next.is_none_or(|next| wake.due() < next.due()) {
            self.after = self.next.replace(wake).or(self.after);
            queue.push(wake);
        }
    }

    /// This wake has come. Returns whether it counts; some were put forward since.
    pub(super) fn rings(&mut self, wake: Wake) -> bool {
        let rings = self.next == Some(wake);
        if rings {
            self.next = self.after.take();
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: Who = Who::Device(DeviceId(0));

    fn wake(at: u64, who: Who) -> Wake {
        Wake { at: Instant::from_millis(at), who }
    }

    fn drained(queue: &mut Queue, last: Wake) -> Vec<Wake> {
        std::iter::from_fn(|| queue.pop_until(last)).collect()
    }

    #[test]
    fn they_come_by_instant_and_at_one_instant_by_rank_and_number() {
        let order = [
            wake(1, Who::Device(DeviceId(9))),
            wake(2, Who::Session(SessionId(3))),
            wake(2, Who::Session(SessionId(4))),
            wake(2, Who::Hub),
            wake(2, Who::Delivery(Attempt(0))),
            wake(2, Who::Link(DeviceId(7))),
            wake(2, Who::Device(DeviceId(1))),
            wake(2, Who::Device(DeviceId(2))),
            wake(3, Who::Hub),
        ];
        let mut queue = Queue::default();
        order.iter().rev().for_each(|wake| queue.push(*wake));
        assert_eq!(queue.next_at(), Some(Instant::from_millis(1)));
        assert_eq!(drained(&mut queue, wake(9, Who::LAST)), order);
        assert_eq!(queue.next_at(), None);
    }

    #[test]
    fn what_is_later_stays() {
        let mut queue = Queue::default();
        [wake(5, DEVICE), wake(5, Who::Hub), wake(6, Who::Hub)].into_iter().for_each(|wake| queue.push(wake));
        assert_eq!(drained(&mut queue, wake(4, Who::LAST)), []);
        assert_eq!(drained(&mut queue, wake(5, Who::LAST_OVER)), [wake(5, Who::Hub)]);
        assert_eq!(drained(&mut queue, wake(5, Who::LAST)), [wake(5, DEVICE)]);
    }

    #[test]
    fn an_alarm_that_is_put_off_touches_nothing() {
        let (mut queue, mut alarm) = (Queue::default(), Alarm::default());
        (1..100).for_each(|at| alarm.set(&mut queue, wake(at, DEVICE)));
        assert_eq!(drained(&mut queue, wake(100, Who::LAST)), [wake(1, DEVICE)]);
        assert!(alarm.rings(wake(1, DEVICE)));
        alarm.set(&mut queue, wake(99, DEVICE));
        assert_eq!(queue.next_at(), Some(Instant::from_millis(99)));
    }

    #[test]
    fn an_alarm_that_is_put_forward_rings_at_both_times() {
        let (mut queue, mut alarm) = (Queue::default(), Alarm::default());
        alarm.set(&mut queue, wake(9, DEVICE));
        alarm.set(&mut queue, wake(5, DEVICE));
        let rung: Vec<_> =
            drained(&mut queue, wake(9, Who::LAST)).into_iter().filter(|it| alarm.rings(*it)).collect();
        assert_eq!(rung, [wake(5, DEVICE), wake(9, DEVICE)]);
    }

    #[test]
    fn a_wake_that_was_put_forward_is_in_the_queue_once() {
        let (mut queue, mut alarm) = (Queue::default(), Alarm::default());
        alarm.set(&mut queue, wake(99, DEVICE));
        for at in 1..50 {
            alarm.set(&mut queue, wake(at, DEVICE));
            assert!(alarm.rings(queue.pop_until(wake(at, Who::LAST)).expect("it is due")));
            alarm.set(&mut queue, wake(99, DEVICE));
        }
        assert_eq!(drained(&mut queue, wake(99, Who::LAST)), [wake(99, DEVICE)]);
    }

    #[test]
    fn the_queue_orders_wakes_as_they_are_ordered() {
        let device = |number| Who::Device(DeviceId(number));
        let link = |number| Who::Link(DeviceId(number));
        let session = |number| Who::Session(SessionId(number));
        let delivery = |number| Who::Delivery(Attempt(number));
        let whos = [session(0), session(u64::MAX >> 4), Who::Hub, delivery(0), delivery(9), link(0)];
        let whos = whos.into_iter().chain([link(u32::MAX), device(0), device(u32::MAX)]);
        let wakes: Vec<_> = whos.flat_map(|who| [wake(0, who), wake(1, who)]).collect();
        for one in &wakes {
            assert_eq!(Wake::of(one.due()), *one);
            assert!(wakes.iter().all(|other| one.cmp(other) == one.due().cmp(&other.due())));
        }
    }
}
