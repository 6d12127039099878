//! How long a connection may go on: until its next request is whole, and its answer is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::server::clock::Clock;
use crate::time::{Duration, Instant};

/// The lease of one connection. An answer that has no end renews it whenever the peer takes a part.
#[derive(Clone, Debug)]
pub(super) struct Lease(Arc<Terms>);

#[derive(Debug)]
struct Terms {
    clock: Clock,
    patience: Duration,
    due: AtomicU64,
    stopping: AtomicBool,
}

impl Lease {
    pub(super) fn until(due: Instant, clock: Clock, patience: Duration) -> Self {
        let (due, stopping) = (AtomicU64::new(due.as_millis()), AtomicBool::new(false));
        Self(Arc::new(Terms { clock, patience, due, stopping }))
    }

    pub(super) fn renew(&self) {
        let due = self.0.clock.now() + self.0.patience;
        self.0.due.store(due.as_millis(), Ordering::Relaxed);
    }

    /// The server's time.
    pub(super) fn now(&self) -> Instant {
        self.0.clock.now()
    }

    pub(super) fn due(&self) -> Instant {
        Instant::from_millis(self.0.due.load(Ordering::Relaxed))
    }

    pub(super) fn patience(&self) -> Duration {
        self.0.patience
    }

    /// The server stops: an answer that has no end is to end.
    pub(super) fn end(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }
}
