//! Deliveries under way: a task each, so that one that hangs or breaks stops nobody.

use std::task::{Context, Poll};

use tokio::task::{self, JoinError, JoinSet};
use tokio::time::timeout;

use super::notifier::{Notifier, Undelivered};
use crate::id::NotificationId;
use crate::notification::Notification;
use crate::time::Duration;

/// How long a receiver may take.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How a delivery ended.
type Outcome = Result<(), Undelivered>;

#[derive(Debug)]
pub(super) struct Deliveries<N> {
    notifier: N,
    tasks: JoinSet<Outcome>,
    /// Which task delivers what. The [outbox](crate::outbox) bounds how many there are.
    under_way: Vec<(task::Id, NotificationId)>,
}

impl<N: Notifier> Deliveries<N> {
    pub(super) fn new(notifier: N) -> Self {
        Self { notifier, tasks: JoinSet::new(), under_way: Vec::new() }
    }

    pub(super) fn start(&mut self, notification: &Notification, device: &str) {
        let delivery = self.notifier.deliver(notification, device);
        let within =
            async { timeout(PATIENCE.into(), delivery).await.unwrap_or(Err(Undelivered::Timeout(PATIENCE))) };
        let task = self.tasks.spawn(within).id();
        self.under_way.push((task, notification.id));
    }

    /// The next delivery that has ended. Pending while none has, or none is under way.
    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<(NotificationId, Outcome)> {
        match self.tasks.poll_join_next_with_id(cx) {
            Poll::Ready(Some(Ok((task, outcome)))) => Poll::Ready((self.forget(task), outcome)),
            Poll::Ready(Some(Err(error))) => Poll::Ready((self.forget(error.id()), Err(broken(&error)))),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn forget(&mut self, task: task::Id) -> NotificationId {
        let place = self.under_way.iter().position(|(known, _)| *known == task);
        self.under_way.remove(place.expect("a task that ends was started")).1
    }
}

fn broken(error: &JoinError) -> Undelivered {
    Undelivered::Broken(error.to_string())
}
