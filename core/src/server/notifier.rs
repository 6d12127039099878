//! Who delivers notifications.

use std::future::Future;

use crate::notification::{Failure, Notification, Undeliverable};
use crate::time::Duration;

/// Delivers notifications: to a webhook, a mail server, a simulated receiver. Does not decide whether one is owed or
/// tried again: that is the [outbox](crate::outbox).
pub trait Notifier: Send + 'static {
    /// Tries once. Ready when the receiver said that it has taken the notification, or it is known that it has not. The
    /// same notification may come again, with the same id, also after it was taken: the server may not have learned of it.
    /// Whoever waits too long is dropped. `device` is what people call the device; it may be empty.
    fn deliver(
        &mut self,
        notification: &Notification,
        device: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static;
}

/// Why a receiver has not taken a notification. Its words are read in logs, timelines and the web page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Nobody need try again.
    #[error("no try can reach it: {0}")]
    Never(Undeliverable),
    /// There was nobody to talk to.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It said no, for now.
    #[error("answered {0}")]
    Refused(String),
    /// It said no, and that it always will.
    #[error("answered {0}")]
    RefusedForGood(String),
    /// It said nothing in time.
    #[error("no answer in {0}")]
    Timeout(Duration),
    /// The notifier itself broke.
    #[error("the delivery failed: {0}")]
    Broken(String),
}

impl From<&Undelivered> for Failure {
    fn from(why: &Undelivered) -> Self {
        Self::new(&why.to_string())
    }
}
