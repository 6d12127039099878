//! The way from the driver to the task of a session: bounded, in order, and of no size while nothing is on it. Nearly all
//! sessions are idle nearly always, and a channel with room to spare for each would be most of what they hold.

use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use crate::protocol::{Answer, MessageId};
use crate::queue::Queue;
use crate::session::{LoginAnswer, PinValue};
use crate::time::Duration;

/// Replies that may wait for the session's task. More are lost: see [`Sender::send`].
const CAPACITY: usize = 64;

/// What the hub sends to a session's task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Login(LoginAnswer),
    Answer(MessageId, Answer),
    Values(Option<MessageId>, Vec<PinValue>),
    Heartbeat(Duration),
}

/// The driver's end. Dropping it tells the session that it is dismissed.
#[derive(Debug)]
pub(super) struct Sender(Arc<Mutex<State>>);

/// The session's end.
#[derive(Debug)]
pub(super) struct Receiver(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    waiting: Queue<Reply>,
    is_dismissed: bool,
    waker: Option<Waker>,
}

pub(super) fn channel() -> (Sender, Receiver) {
    let state = Arc::default();
    (Sender(Arc::clone(&state)), Receiver(state))
}

impl Sender {
    /// The login's answer is the first reply of a channel, so there is room for it. Later ones may find it full, because
    /// the device does not take what it is sent, or read by nobody, because it is gone. They are lost then as they would
    /// be on the wire: a command stays pending, and a device that misses an answer or values asks again.
    pub(super) fn send(&self, reply: Reply) {
        self.change(|state| {
            if state.waiting.len() < CAPACITY {
                state.waiting.push_back(reply);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = lock(&self.0);
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.change(|state| state.is_dismissed = true);
    }
}

impl Receiver {
    /// The next reply; none when the session is dismissed and has read them all.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        let mut state = lock(&self.0);
        match state.waiting.pop_front() {
            Some(reply) => Poll::Ready(Some(reply)),
            None if state.is_dismissed => Poll::Ready(None),
            None => {
                match &mut state.waker {
                    Some(waker) => waker.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                Poll::Pending
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("nobody panics with the lock held")
}

#[cfg(test)]
mod tests {
    use std::iter;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    /// How often it was woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(receiver: &mut Receiver) -> Poll<Option<Reply>> {
        receiver.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn answer(id: u16) -> Reply {
        Reply::Answer(MessageId::new(id).expect("not zero"), Answer::OK)
    }

    #[test]
    fn replies_come_in_order_and_then_the_dismissal() {
        let (sender, mut receiver) = channel();
        sender.send(answer(1));
        sender.send(answer(2));
        drop(sender);
        assert_eq!(poll(&mut receiver), Poll::Ready(Some(answer(1))));
        assert_eq!(poll(&mut receiver), Poll::Ready(Some(answer(2))));
        assert_eq!(poll(&mut receiver), Poll::Ready(None));
    }

    #[test]
    fn what_finds_no_room_is_lost() {
        let (sender, mut receiver) = channel();
        (0..=CAPACITY).for_each(|_| sender.send(answer(1)));
        let read = iter::from_fn(|| if let Poll::Ready(reply) = poll(&mut receiver) { reply } else { None });
        assert_eq!(read.count(), CAPACITY);
        assert_eq!(poll(&mut receiver), Poll::Pending);
    }

    #[test]
    fn whoever_waits_is_woken_by_a_reply_and_by_the_dismissal() {
        let ((sender, mut receiver), count) = (channel(), Arc::new(Count::default()));
        let waker = Waker::from(Arc::clone(&count));
        let mut wait = || receiver.poll(&mut Context::from_waker(&waker));
        assert_eq!(wait(), Poll::Pending);
        sender.send(answer(1));
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert_eq!(wait(), Poll::Ready(Some(answer(1))));
        assert_eq!(wait(), Poll::Pending);
        drop(sender);
        assert_eq!(count.0.load(Ordering::Relaxed), 2);
    }
}
