//! A timer for a deadline that is put off far more often than it is reached.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Sleep, sleep_until};

use super::clock::Clock;
use crate::time::Instant;

/// Sleeps lazily: a deadline that moves later touches no timer. When the old one fires, it looks again.
#[derive(Debug)]
pub(super) struct Alarm {
    clock: Clock,
    /// What the sleep was last set to.
    set_to: Instant,
    /// Made at the first deadline.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, set_to: Instant::ZERO, sleep: None }
    }

    /// Ready when this deadline is over. It may be another one at each call.
    pub(super) fn poll_over(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        if self.sleep.is_none() || deadline < self.set_to {
            self.set(deadline);
        }
        while let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
            if self.set_to >= deadline {
                break;
            }
            self.set(deadline);
        }
        Poll::Ready(())
    }

    fn set(&mut self, deadline: Instant) {
        let when = self.clock.when(deadline.when_over());
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(when),
            None => self.sleep = Some(Box::pin(sleep_until(when))),
        }
        self.set_to = deadline;
    }
}
