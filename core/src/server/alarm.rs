//! A timer for a deadline that is put off far more often than it is reached.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Sleep, sleep_until};

use super::clock::Clock;
use crate::time::Instant;

/// Sleeps lazily: an instant that moves later touches no timer. When the old one comes, it looks again.
#[derive(Debug)]
pub struct Alarm {
    clock: Clock,
    /// What the sleep was last set to.
    set_to: Instant,
    /// Made at the first instant that is waited for.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    /// An alarm that was never set.
    pub fn new(clock: Clock) -> Self {
        Self { clock, set_to: Instant::ZERO, sleep: None }
    }

    /// Ready at this instant, which may be another one at each call.
    pub fn poll_at(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        if self.sleep.is_none() || at < self.set_to {
            self.set(at);
        }
        while let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
            if self.set_to >= at {
                break;
            }
            self.set(at);
        }
        Poll::Ready(())
    }

    fn set(&mut self, at: Instant) {
        let when = self.clock.when(at);
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(when),
            None => self.sleep = Some(Box::pin(sleep_until(when))),
        }
        self.set_to = at;
    }
}
