//! The outbox: which notifications are owed, and when each is tried again.
//!
//! Owns `lifecycle` section 9: limit, every, quota, order per device, tries and dead letters. Does not deliver: whoever
//! drives the [hub](crate::hub) does, and says how it went.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::id::{DeviceId, NotificationId, StatusIndex};
use crate::notification::{Ledger, Notification, Notify, Progress};
use crate::settings::Settings;
use crate::store::Write;
use crate::time::Instant;

/// The machine of all notifications.
#[derive(Debug)]
pub struct Outbox {
    settings: Arc<Settings>,
    newest: Option<NotificationId>,
    outputs: VecDeque<Output>,
}

/// What the outbox hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A device entered a status that notifies, at the instant of the input.
    Entered(Entered<'a>),
    /// A receiver took a notification.
    Delivered(NotificationId),
    /// A receiver did not take a notification, or did not say so in time.
    Undelivered(NotificationId),
    /// Time has passed.
    Timeout,
}

/// A status that notifies was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered<'a> {
    /// By whom.
    pub device: DeviceId,
    /// Which.
    pub status: StatusIndex,
    /// Whom to notify, and how.
    pub notify: &'a Notify,
    /// Who the recipients are: the device's own contacts, then its template's.
    pub contacts: [&'a BTreeMap<String, String>; 2],
}

/// What the outbox wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Make this durable.
    Write(Write),
    /// Try to deliver, and say how it went.
    Deliver(Notification),
}

impl Outbox {
    /// An outbox in which nothing waits; `newest` was the last number that was used.
    pub fn new(settings: Arc<Settings>, newest: Option<NotificationId>) -> Self {
        Self { settings, newest, outputs: VecDeque::new() }
    }

    /// What the notifications of a device were counted by.
    pub fn restore(&mut self, device: DeviceId, ledger: Ledger) {
        let _ = (device, ledger);
    }

    /// A notification that is still owed. Call it in the order of their numbers.
    pub fn resume(&mut self, notification: Notification, progress: Progress) {
        let _ = (notification, progress);
    }

    /// Takes one input. For an entry into a status, `now` is when that became due.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        let _ = (now, input);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`]: a notification is to be tried.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}
