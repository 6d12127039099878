//! What one device owes, and what that is counted by.

use std::collections::VecDeque;

use crate::id::NotificationId;
use crate::notification::{Ledger, Notification, Progress, Tally};
use crate::settings::Settings;
use crate::time::{Duration, Instant};

/// One device that notified once.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    /// Survives a restart.
    pub(super) ledger: Ledger,
    /// In the order of their numbers, in which they came to be. No try begins but of the first: that keeps the order.
    pub(super) owed: VecDeque<Owed>,
}

/// A notification that is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub(super) notification: Notification,
    pub(super) progress: Progress,
}

impl Owed {
    /// The earliest instant of the next try. The first waits for nothing, a further one until its pause is over.
    pub(super) fn opens(&self) -> Instant {
        let Progress { failed, at, .. } = &self.progress;
        if *failed == 0 { *at } else { at.when_over() }
    }
}

impl Account {
    /// Whether the device's day has room for one more.
    pub(super) fn has_room(&self, now: Instant, settings: &Settings) -> bool {
        self.day_is_over(now) || self.ledger.in_day < settings.notifications_per_day
    }

    /// Puts one more at the end. Says whether it is the only one.
    pub(super) fn owe(&mut self, now: Instant, owed: Owed) -> bool {
        if self.day_is_over(now) {
            (self.ledger.day, self.ledger.in_day) = (now, 0);
        }
        self.ledger.in_day = self.ledger.in_day.saturating_add(1);
        self.tally(&owed.notification.key).owed_at = Some(now);
        self.owed.push_back(owed);
        self.owed.len() == 1
    }

    /// The one that is tried before all others.
    pub(super) fn first(&mut self) -> &mut Owed {
        self.owed.front_mut().expect("only a device that owes is asked for its first")
    }

    /// Where one stands, or would stand if it were owed.
    pub(super) fn place(&self, id: NotificationId) -> Result<usize, usize> {
        self.owed.binary_search_by_key(&id, |owed| owed.notification.id)
    }

    /// One that is being tried. It was the first when that began.
    pub(super) fn tried(&mut self, id: NotificationId) -> &mut Owed {
        let place = self.place(id).expect("what is being tried is owed");
        &mut self.owed[place]
    }

    /// What a status is counted by.
    pub(super) fn tally(&mut self, key: &str) -> &mut Tally {
        self.ledger.statuses.entry(key.into()).or_default()
    }

    fn day_is_over(&self, now: Instant) -> bool {
        self.ledger.in_day == 0 || now.since(self.ledger.day) >= Duration::DAY
    }

    /// Whether another of the same status, from an earlier entry, was delivered so shortly before that this one is not
    /// to be tried.
    pub(super) fn is_limited(&self, now: Instant, notification: &Notification) -> bool {
        let tally = self.ledger.statuses.get(&notification.key);
        let last = tally.and_then(|tally| tally.delivered);
        let earlier = last.filter(|last| last.entered_at != notification.entered_at);
        earlier.is_some_and(|last| now < last.at + notification.limit)
    }
}

impl Tally {
    /// Whether an entry at this instant falls into the period of the limit.
    pub(super) fn is_limited(&self, now: Instant, limit: Duration) -> bool {
        self.delivered.is_some_and(|last| now < last.at + limit)
    }

    /// Whether an entry at this instant follows the last one that notified too closely.
    pub(super) fn is_too_soon(&self, now: Instant, gap: Duration) -> bool {
        self.owed_at.is_some_and(|last| now < last + gap)
    }
}
