//! Delivers notifications as a test tells it to, and tells the test.

use std::collections::VecDeque;
use std::future::{Future, pending};

use blynk_core::notification::Notification;
use blynk_core::server::{Notifier, Undelivered};
use tokio::sync::mpsc;

use crate::store::Memory;

/// What a receiver does with a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    Takes,
    Refuses,
    SaysNothing,
    Breaks,
}

pub(crate) struct Postman {
    pub(crate) store: Memory,
    /// What happens to each try; all that follow are taken.
    pub(crate) receivers: VecDeque<Receiver>,
    pub(crate) tries: mpsc::UnboundedSender<Notification>,
}

impl Notifier for Postman {
    fn deliver(
        &mut self,
        notification: &Notification,
        _: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        assert!(self.store.owes(notification), "what is not durable is not delivered");
        // A test that has seen enough is gone.
        let _ = self.tries.send(notification.clone());
        let receiver = self.receivers.pop_front().unwrap_or(Receiver::Takes);
        async move {
            match receiver {
                Receiver::Takes => Ok(()),
                Receiver::Refuses => Err(Undelivered::Refused("not now".into())),
                Receiver::SaysNothing => pending().await,
                Receiver::Breaks => panic!("a bug that a test makes happen"),
            }
        }
    }
}
