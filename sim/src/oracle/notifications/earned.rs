//! What entries into statuses earn: which notifications, and which of them are owed.
//!
//! Owns `every`, `limit`, quota and contacts. Does not follow a notification any further.

use std::collections::BTreeMap;

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::{Duration, Instant};

use super::{Wrong, near};
use crate::plan::{Notify, Plan};
use crate::timeline::{Channel, Notification, Stage, Undeliverable, canonical};

/// What one device has earned.
pub(super) struct Earnings<'a> {
    plan: &'a Plan,
    device: DeviceId,
    statuses: BTreeMap<StatusIndex, Count>,
    /// When the device's day began, and how many it came to owe since.
    day: Option<(Instant, u16)>,
    /// What was earned and is not recorded yet, and what may have been earned.
    open: Vec<Earned<'a>>,
}

/// What is counted of one status.
#[derive(Default)]
struct Count {
    entries: u32,
    owed_at: Option<Instant>,
    delivered_at: Option<Instant>,
}

/// One message to one recipient by one way.
#[derive(Clone, Copy)]
struct Earned<'a> {
    status: StatusIndex,
    entered_at: Instant,
    channel: Channel,
    to: &'a str,
    /// Whether it must come to be. A delivery beside the entry leaves that open.
    is_certain: bool,
    /// Whether the last one of the status was owed too shortly before.
    is_too_soon: bool,
}

/// A record that a notification came to be.
pub(super) struct Claim<'a> {
    pub(super) at: Instant,
    pub(super) notification: &'a Notification,
    pub(super) stage: Stage,
}

impl<'a> Earnings<'a> {
    pub(super) fn new(plan: &'a Plan, device: DeviceId) -> Self {
        Self { plan, device, statuses: BTreeMap::new(), day: None, open: Vec::new() }
    }

    /// The device entered a status.
    pub(super) fn on_entered(&mut self, at: Instant, status: StatusIndex) {
        let Some(notify) = &self.plan.status(self.device, status).notify else { return };
        let count = self.statuses.entry(status).or_default();
        count.entries += 1;
        if !count.entries.is_multiple_of(notify.every.get()) {
            return;
        }
        let period = |delivered: Instant| at < delivered + notify.limit;
        let is_limited = count.delivered_at.is_some_and(period);
        let slack = self.plan.granularity();
        let is_beside = count.delivered_at.is_some_and(|delivered| near(delivered, at, slack));
        if is_limited && !is_beside {
            return;
        }
        let gap = self.plan.server.notification_gap;
        let is_too_soon = count.owed_at.is_some_and(|last| at < last + gap);
        for (channel, to) in messages(notify) {
            let is_certain = !is_limited;
            let entered_at = at;
            self.open.push(Earned { status, entered_at, channel, to, is_certain, is_too_soon });
        }
    }

    /// One of the device's notifications was delivered.
    pub(super) fn on_delivered(&mut self, at: Instant, notification: &Notification) {
        let Notification { status, entered_at, .. } = *notification;
        self.statuses.entry(status).or_default().delivered_at = Some(at);
        let slack = self.plan.granularity();
        // The period may have begun before the entry that is told of first.
        for earned in &mut self.open {
            let is_beside = earned.entered_at != entered_at && near(earned.entered_at, at, slack);
            earned.is_certain &= earned.status != status || !is_beside;
        }
    }

    /// A notification came to be: what was earned is used up. The error says why it was not earned like that.
    pub(super) fn pay(&mut self, claim: &Claim<'_>) -> Result<(), String> {
        let Notification { status, entered_at, channel, to, address, .. } = claim.notification;
        let is_it = |earned: &Earned<'_>| {
            (earned.status, earned.entered_at) == (*status, *entered_at)
                && (earned.channel, earned.to) == (*channel, &**to)
        };
        let place = self.open.iter().position(is_it).ok_or("it was not earned")?;
        let earned = self.open.remove(place);
        if claim.at != *entered_at {
            return Err("it came to be at another moment than the status was entered".into());
        }
        if address.as_deref() != self.address(to) {
            return Err("it goes to another address than its contact's".into());
        }
        self.judge(claim, earned)
    }

    fn address(&self, to: &str) -> Option<&str> {
        let device = self.plan.device(self.device);
        let address = device.contacts.get(to).or_else(|| device.template.contacts.get(to));
        address.map(String::as_str)
    }

    fn judge(&mut self, claim: &Claim<'_>, earned: Earned<'_>) -> Result<(), String> {
        let expected = match self.address(earned.to) {
            None => Stage::Dead(Undeliverable::NoContact),
            Some(_) if earned.is_too_soon => Stage::Dead(Undeliverable::Gap),
            Some(_) if self.is_over_quota(claim.at) => Stage::Dead(Undeliverable::Quota),
            Some(_) => Stage::Owed,
        };
        match (expected, claim.stage) {
            (Stage::Owed, Stage::Owed) => self.count(claim),
            // Whether the outbox is full, only all devices together tell.
            (Stage::Owed, Stage::Dead(Undeliverable::Full)) => {}
            (expected, told) if expected == told => {}
            (Stage::Owed, _) => return Err("it is to be owed".into()),
            (Stage::Dead(reason), _) => return Err(format!("it is to be a dead letter: {reason}")),
            (Stage::Delivered, _) => unreachable!("nothing is delivered when it comes to be"),
        }
        Ok(())
    }

    fn is_over_quota(&self, at: Instant) -> bool {
        let most = self.plan.server.notifications_per_day;
        self.day.is_some_and(|(began, owed)| at.since(began) < Duration::DAY && owed >= most)
    }

    fn count(&mut self, claim: &Claim<'_>) {
        let today = self.day.filter(|(began, _)| claim.at.since(*began) < Duration::DAY);
        let (began, owed) = today.unwrap_or((claim.at, 0));
        self.day = Some((began, owed + 1));
        self.statuses.entry(claim.notification.status).or_default().owed_at = Some(claim.at);
    }

    /// The first that was earned and never came to be.
    pub(super) fn unpaid(&self, plan: &Plan) -> Option<Wrong> {
        let earned = self.open.iter().find(|earned| earned.is_certain)?;
        let status = &plan.status(self.device, earned.status).key;
        let spelt = canonical::spell_notification(status, earned.channel, earned.to, Stage::Owed);
        Some((earned.entered_at, format!("notification {spelt} was earned, but never came to be")))
    }
}

/// Channels, and the recipients of each.
fn messages(notify: &Notify) -> impl Iterator<Item = (Channel, &str)> {
    let to = |channel: Channel| notify.to.iter().map(move |name| (channel, name.as_str()));
    notify.channels.iter().copied().flat_map(to)
}
