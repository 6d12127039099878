//! Requests that fail to prove a right. Whoever fails often is answered late, as with logins; a right proof always counts.

use std::fmt;
use std::future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::response::Response;

use crate::origin::Origin;
use crate::server::clock::Clock;
use crate::server::metrics::Metrics;
use crate::throttle::Throttle;

/// Marks an answer to a request that failed to prove a right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unproven;

/// The failures of each address.
#[derive(Clone)]
pub(super) struct Failures {
    /// None: nobody is held back.
    throttle: Option<Arc<Mutex<Throttle<Origin>>>>,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Failures {
    /// At most this many of one address in any trailing minute are answered.
    pub(super) fn new(most: Option<u16>, clock: Clock, metrics: Arc<Metrics>) -> Self {
        Self { throttle: most.map(|most| Arc::new(Mutex::new(Throttle::new(most)))), clock, metrics }
    }

    /// The answer, unless this was one failure too many: then there is none, and the lease of the connection ends it.
    pub(super) async fn hold_back(&self, answer: Response, peer: SocketAddr) -> Response {
        if answer.extensions().get::<Unproven>().is_some() && !self.is_answered(peer) {
            self.metrics.requests_withheld.add(1);
            return future::pending().await;
        }
        answer
    }

    fn is_answered(&self, peer: SocketAddr) -> bool {
        let Some(throttle) = &self.throttle else { return true };
        let mut throttle = throttle.lock().expect("nobody panics with the lock held");
        throttle.failed(self.clock.now(), peer.ip().into())
    }
}

impl fmt::Debug for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failures(..)")
    }
}
