//! The outbox: which notifications are owed, and when each is tried again.
//!
//! Owns `lifecycle` section 9: limit, every, quota, order per device, tries and dead letters. Does not deliver: whoever
//! drives the [hub](crate::hub) does, and says how it went.

mod account;
mod retry;
mod turn;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::id::{DeviceId, NotificationId, StatusIndex};
use crate::notification::{
    Channel, Delivery, Failure, Ledger, Notification, Notify, Progress, Stage, Undeliverable,
};
use crate::settings::Settings;
use crate::store::Write;
use crate::time::{Duration, Instant};
use crate::timeline::{Entry, Event};
use account::{Account, Owed};
pub use turn::Turn;

/// The most notifications that are being delivered at one time.
const MOST_IN_FLIGHT: usize = 64;

/// Far more than are delivered between somebody's look at a dead letter and the order that follows.
const MOST_REMEMBERED: usize = 1_024;

/// The machine of all notifications.
#[derive(Debug)]
pub struct Outbox {
    settings: Arc<Settings>,
    newest: Option<NotificationId>,
    /// Devices that never notified have none.
    accounts: BTreeMap<DeviceId, Account>,
    /// How many are owed by all devices together.
    owed: usize,
    /// The first of each device that owes and has none in flight, in the order of the tries.
    next: BTreeMap<(Instant, NotificationId), DeviceId>,
    /// Those that are being delivered. Answers about others are not heard.
    in_flight: BTreeMap<NotificationId, DeviceId>,
    /// The newest of those that were ordered and delivered, in that order.
    delivered_again: VecDeque<NotificationId>,
    outputs: VecDeque<Output>,
}

/// What the outbox hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// A device entered a status that notifies, at the instant of the input.
    Entered(Entered<'a>),
    /// A receiver took a notification.
    Delivered(NotificationId),
    /// A receiver did not take a notification, or did not say so in time: this is what the try met.
    Undelivered(NotificationId, &'a Failure),
    /// A receiver will never take a notification: this is what it said.
    Refused(NotificationId, &'a Failure),
    /// No receiver will ever take a notification, for this reason.
    Undeliverable(NotificationId, Undeliverable),
    /// Somebody wants this one to be tried now: one that is owed, or a dead letter that is to be owed again, if there
    /// [is room](Outbox::has_room). Its address may be another than before. Its [turn](Outbox::turn) says when that is.
    Retry(&'a Notification),
    /// Time has passed.
    Timeout,
}

/// A status that notifies was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered<'a> {
    /// By whom.
    pub device: DeviceId,
    /// Which: its place.
    pub place: StatusIndex,
    /// Its key, and what people call it.
    pub key: &'a str,
    /// See there.
    pub label: &'a str,
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

impl Entered<'_> {
    /// Channels, and recipients within each, as the template orders them.
    fn messages(&self) -> impl Iterator<Item = (Channel, &str)> {
        let to = &self.notify.to;
        self.notify.channels.iter().flat_map(|channel| to.iter().map(|name| (*channel, name.as_str())))
    }
}

/// The address of somebody among these contacts, the first of which go before the others.
pub fn address(contacts: [&BTreeMap<String, String>; 2], name: &str) -> Option<Box<str>> {
    contacts.into_iter().find_map(|contacts| contacts.get(name)).map(|address| address.as_str().into())
}

impl Outbox {
    /// An outbox in which nothing waits; `newest` was the last number that was used.
    pub fn new(settings: Arc<Settings>, newest: Option<NotificationId>) -> Self {
        Self {
            settings,
            newest,
            accounts: BTreeMap::new(),
            owed: 0,
            next: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            delivered_again: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    /// What the notifications of a device were counted by.
    pub fn restore(&mut self, device: DeviceId, ledger: Ledger) {
        if ledger != Ledger::default() {
            self.accounts.entry(device).or_default().ledger = ledger;
        }
    }

    /// A notification that is still owed. Call it in the order of their numbers. Whether it was being delivered when the
    /// server went down is not known: it is tried again, and its number tells the receiver.
    pub fn resume(&mut self, notification: Notification, progress: Progress) {
        let device = notification.device;
        let owed = &mut self.accounts.entry(device).or_default().owed;
        owed.push_back(Owed { notification, progress });
        let is_only = owed.len() == 1;
        self.owed += 1;
        if is_only {
            self.line_up(device);
        }
    }

    /// How many are owed by all devices together.
    pub fn owed(&self) -> usize {
        self.owed
    }

    /// One that a device owes, if it does.
    pub fn owed_one(&self, device: DeviceId, id: NotificationId) -> Option<&Notification> {
        let account = self.accounts.get(&device)?;
        Some(&account.owed[account.place(id).ok()?].notification)
    }

    /// Whether this one was [ordered](Input::Retry), and delivered a short time ago. Who finds a dead letter and orders it
    /// does not know of those who did so meanwhile.
    pub fn has_delivered_again(&self, id: NotificationId) -> bool {
        self.delivered_again.contains(&id)
    }

    /// When one is tried that a device owes, and that is [to be tried now](Input::Retry).
    pub fn turn(&self, device: DeviceId, id: NotificationId) -> Turn {
        let is_first = self.accounts[&device].place(id) == Ok(0);
        match self.in_flight.iter().find(|(_, whose)| **whose == device) {
            Some((tried, _)) if *tried == id => Turn::Now,
            _ if !is_first => Turn::AfterEarlier,
            Some(_) => Turn::AfterTry,
            None if self.has_capacity() => Turn::Now,
            None => Turn::AfterTry,
        }
    }

    /// Whether one more may be owed.
    pub fn has_room(&self) -> bool {
        self.owed < self.settings.outbox_limit as usize
    }

    /// A device has these statuses alone from now on, and others are not counted on. What is owed stays as it was earned.
    pub fn keep_statuses(&mut self, device: DeviceId, is_kept: impl Fn(&str) -> bool) {
        let Some(account) = self.accounts.get_mut(&device) else { return };
        let before = account.ledger.statuses.len();
        account.ledger.statuses.retain(|key, _| is_kept(key));
        if account.ledger.statuses.len() < before {
            self.write_ledger(device);
        }
    }

    /// The device is gone: what it owed is owed no more, and answers about that are not heard.
    pub fn remove(&mut self, device: DeviceId) {
        let Some(account) = self.accounts.remove(&device) else { return };
        self.owed -= account.owed.len();
        self.next.retain(|_, whose| *whose != device);
        self.in_flight.retain(|_, whose| *whose != device);
    }

    /// Takes one input. For an entry into a status, `now` is when that became due.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Entered(entered) => self.on_entered(now, entered),
            Input::Delivered(id) => self.on_delivered(now, id),
            Input::Undelivered(id, failure) => self.on_undelivered(now, id, failure),
            Input::Refused(id, failure) => self.on_refused(now, id, failure),
            Input::Undeliverable(id, why) => self.on_undeliverable(now, id, why),
            Input::Retry(notification) => self.on_retry(now, notification),
            Input::Timeout => {}
        }
        self.try_next(now);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`]: a notification is to be tried once this [is over](Instant::is_over). While as
    /// many as possible are in flight, the next is tried when one of them ends.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let ((opens, _), _) = self.next.first_key_value().filter(|_| self.has_capacity())?;
        Some(*opens - Duration::MILLISECOND)
    }

    fn on_entered(&mut self, now: Instant, entered: Entered<'_>) {
        let Entered { device, key, notify, .. } = entered;
        let tally = self.accounts.entry(device).or_default().tally(key);
        tally.entries = tally.entries.wrapping_add(1);
        let is_counted_out = tally.entries % notify.every != 0;
        if !is_counted_out && !tally.is_limited(now, notify.limit) {
            // Asked before the first of them: those of one entry do not follow each other too closely.
            let is_too_soon = tally.is_too_soon(now, self.settings.notification_gap);
            self.notify(now, &entered, is_too_soon);
        }
        self.write_ledger(device);
    }

    fn notify(&mut self, now: Instant, entered: &Entered<'_>, is_too_soon: bool) {
        for (channel, to) in entered.messages() {
            let notification = Notification {
                id: self.number(),
                device: entered.device,
                status: entered.place,
                key: entered.key.into(),
                label: entered.label.into(),
                entered_at: now,
                channel,
                to: to.into(),
                address: address(entered.contacts, to),
                text: entered.notify.text.as_deref().map(Box::from),
                limit: entered.notify.limit,
            };
            match self.refusal(now, &notification, is_too_soon) {
                Some(why) => self.bury(now, notification, why),
                None => self.owe(now, notification),
            }
        }
    }

    fn number(&mut self) -> NotificationId {
        let id = self.newest.map_or(NotificationId(1), |newest| NotificationId(newest.0 + 1));
        self.newest = Some(id);
        id
    }

    /// Why it is not even owed.
    fn refusal(&self, now: Instant, notification: &Notification, is_too_soon: bool) -> Option<Undeliverable> {
        let has_room = self.accounts[&notification.device].has_room(now, &self.settings);
        if notification.address.is_none() {
            Some(Undeliverable::NoContact)
        } else if is_too_soon {
            Some(Undeliverable::Gap)
        } else if !has_room {
            Some(Undeliverable::Quota)
        } else if self.has_room() {
            None
        } else {
            Some(Undeliverable::Full)
        }
    }

    fn bury(&mut self, now: Instant, notification: Notification, why: Undeliverable) {
        let progress = Progress { stage: Stage::Dead(why), ..Progress::new(now) };
        self.record(notification, progress);
    }

    fn owe(&mut self, now: Instant, notification: Notification) {
        let device = notification.device;
        let progress = Progress::new(now);
        self.record(notification.clone(), progress.clone());
        let is_only = self.account(device).owe(now, Owed { notification, progress });
        self.owed += 1;
        if is_only {
            self.line_up(device);
        }
    }

    fn on_delivered(&mut self, now: Instant, id: NotificationId) {
        let Some(device) = self.in_flight.remove(&id) else { return };
        let Owed { notification, progress } = self.account(device).tried(id).clone();
        self.end(now, device, id, Stage::Delivered);
        if progress.ordered {
            return self.remember(id);
        }
        let delivery = Delivery { at: now, entered_at: notification.entered_at };
        self.account(device).tally(&notification.key).delivered = Some(delivery);
        self.write_ledger(device);
    }

    fn remember(&mut self, id: NotificationId) {
        if self.delivered_again.len() == MOST_REMEMBERED {
            self.delivered_again.pop_front();
        }
        self.delivered_again.push_back(id);
    }

    fn on_undelivered(&mut self, now: Instant, id: NotificationId, failure: &Failure) {
        let Some(device) = self.fail(id, failure) else { return };
        let tries = self.settings.notification_tries;
        let Owed { notification, progress } = self.account(device).tried(id);
        if progress.failed >= tries {
            return self.end(now, device, id, Stage::Dead(Undeliverable::Tries));
        }
        progress.at = now + retry::pause(progress.failed);
        let write = Write::Notification(notification.clone(), progress.clone());
        self.outputs.push_back(Output::Write(write));
        self.line_up(device);
    }

    fn on_refused(&mut self, now: Instant, id: NotificationId, failure: &Failure) {
        if let Some(device) = self.fail(id, failure) {
            self.end(now, device, id, Stage::Dead(Undeliverable::Refused));
        }
    }

    /// A try failed. Says whose, if this was being tried.
    fn fail(&mut self, id: NotificationId, failure: &Failure) -> Option<DeviceId> {
        let device = self.in_flight.remove(&id)?;
        let Progress { failed, failure: last, .. } = &mut self.account(device).tried(id).progress;
        *failed = failed.saturating_add(1);
        *last = Some(failure.clone());
        Some(device)
    }

    /// Those behind it need not wait for tries that can only fail.
    fn on_undeliverable(&mut self, now: Instant, id: NotificationId, why: Undeliverable) {
        if let Some(device) = self.in_flight.remove(&id) {
            self.end(now, device, id, Stage::Dead(why));
        }
    }

    fn on_retry(&mut self, now: Instant, notification: &Notification) {
        let (id, device) = (notification.id, notification.device);
        match self.accounts.entry(device).or_default().place(id) {
            Ok(place) => self.order(now, device, place, notification),
            Err(place) => {
                let progress = Progress { ordered: true, ..Progress::new(now) };
                let owed = Owed { notification: notification.clone(), progress: progress.clone() };
                self.account(device).owed.insert(place, owed);
                self.owed += 1;
                self.record(notification.clone(), progress);
            }
        }
        self.end_pauses_before(now, device, id);
        if !self.in_flight.values().any(|whose| *whose == device) {
            self.next.retain(|_, whose| *whose != device);
            self.line_up(device);
        }
    }

    /// One that is owed is to be tried. One that is being tried was not ordered: it goes out as it would have.
    fn order(&mut self, now: Instant, device: DeviceId, place: usize, notification: &Notification) {
        let is_tried = self.in_flight.contains_key(&notification.id);
        let owed = &mut self.account(device).owed[place];
        let mut progress = owed.progress.clone();
        progress.ordered |= !is_tried;
        progress.at = progress.at.min(now);
        let ordered = Owed { notification: notification.clone(), progress };
        if *owed != ordered {
            owed.clone_from(&ordered);
            let write = Write::Notification(ordered.notification, ordered.progress);
            self.outputs.push_back(Output::Write(write));
        }
    }

    /// It waits for those of its device that go before it, so they are tried now as well.
    fn end_pauses_before(&mut self, now: Instant, device: DeviceId, last: NotificationId) {
        let owed = self.accounts.get_mut(&device).into_iter().flat_map(|account| &mut account.owed);
        for Owed { notification, progress } in owed.take_while(|owed| owed.notification.id < last) {
            if progress.at > now {
                progress.at = now;
                let write = Write::Notification(notification.clone(), progress.clone());
                self.outputs.push_back(Output::Write(write));
            }
        }
    }

    /// Tries whatever may be tried, first come first served.
    fn try_next(&mut self, now: Instant) {
        while self.has_capacity()
            && let Some(next) = self.next.first_entry()
            && next.key().0 <= now
        {
            let device = next.remove();
            self.attempt(now, device);
        }
    }

    fn has_capacity(&self) -> bool {
        self.in_flight.len() < MOST_IN_FLIGHT
    }

    fn attempt(&mut self, now: Instant, device: DeviceId) {
        let account = self.account(device);
        let Owed { notification, progress } = account.first().clone();
        if !progress.ordered && account.is_limited(now, &notification) {
            return self.end(now, device, notification.id, Stage::Dead(Undeliverable::Limit));
        }
        self.in_flight.insert(notification.id, device);
        self.outputs.push_back(Output::Deliver(notification));
    }

    /// A notification that was tried, or would be next, comes to its end, and makes way for those behind it.
    fn end(&mut self, now: Instant, device: DeviceId, id: NotificationId, stage: Stage) {
        let account = self.account(device);
        let owed = account.place(id).ok().and_then(|place| account.owed.remove(place));
        let Owed { notification, progress } = owed.expect("what ends was owed");
        self.owed -= 1;
        self.record(notification, Progress { stage, at: now, ..progress });
        if !self.account(device).owed.is_empty() {
            self.line_up(device);
        }
    }

    /// The first notification that a device owes is to be tried when its time comes.
    fn line_up(&mut self, device: DeviceId) {
        let first = self.account(device).first();
        let place = (first.opens(), first.notification.id);
        self.next.insert(place, device);
    }

    fn account(&mut self, device: DeviceId) -> &mut Account {
        self.accounts.get_mut(&device).expect("a device that notified has an account")
    }

    /// A notification came to be, or to its end.
    fn record(&mut self, notification: Notification, progress: Progress) {
        let (device, stage, at) = (notification.device, progress.stage, progress.at);
        // Why it ended: of one that was delivered in the end nobody asks on the timeline.
        let failure = progress.failure.clone().filter(|_| matches!(stage, Stage::Dead(_)));
        let told = Event::Notified { notification: Box::new(notification.clone()), stage, failure };
        self.outputs.push_back(Output::Write(Write::Notification(notification, progress)));
        self.outputs.push_back(Output::Write(Write::Entry(device, Entry { at, event: told })));
    }

    fn write_ledger(&mut self, device: DeviceId) {
        let ledger = self.account(device).ledger.clone();
        self.outputs.push_back(Output::Write(Write::Ledger(device, ledger)));
    }
}

#[cfg(test)]
mod tests;
