//! That every notification owed is delivered once, and that none is owed that was not earned (`lifecycle` section 9).
//!
//! Owns the story of one device: its changes of status, what is recorded of its notifications, what the receiver got.
//! What an entry into a status earns is [`earned`]; in which order the receiver got it is [`received`]; when it could be
//! reached is [`reach`].

mod earned;
mod reach;
mod received;

use std::collections::BTreeMap;

use blynk_core::id::{DeviceId, NotificationId};
use blynk_core::time::{Duration, Instant};

use super::{Breach, Invariant, near};
use crate::plan::Plan;
use crate::timeline::{Entry, Event, Notification, Stage, Undeliverable, What, canonical};
use earned::{Claim, Earnings};
use reach::Reach;

/// How long a try may take before the server takes it for failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first thing that is wrong with each device's notifications. `lanes` holds the entries of each device.
pub fn judge(plan: &Plan, lanes: &[Vec<&Entry>]) -> Vec<Breach> {
    let world = World::of(plan, lanes);
    let wrong = plan.devices().filter_map(|(device, _)| {
        let lane = &lanes[device.0 as usize];
        let (at, text) = Story::new(plan, &world, device, lane).first_wrong(lane)?;
        Some(Breach { invariant: Invariant::EveryNotificationOnce, device, at, text })
    });
    wrong.collect()
}

/// What concerns the notifications of all devices.
struct World {
    reach: Reach,
    /// When each was owed and when each came to its end, in order of time.
    owed: Vec<Instant>,
    ended: Vec<Instant>,
}

impl World {
    fn of(plan: &Plan, lanes: &[Vec<&Entry>]) -> Self {
        let (mut owed, mut ended) = (Vec::new(), Vec::new());
        for entry in lanes.iter().flatten() {
            let What::Server(Event::Notified { stage, .. }) = &entry.what else { continue };
            match stage {
                Stage::Owed => owed.push(entry.at),
                Stage::Delivered
                | Stage::Dead(
                    Undeliverable::Tries
                    | Undeliverable::Limit
                    | Undeliverable::Refused
                    | Undeliverable::NoGateway
                    | Undeliverable::WrongAddress,
                ) => ended.push(entry.at),
                Stage::Dead(
                    Undeliverable::NoContact
                    | Undeliverable::Quota
                    | Undeliverable::Gap
                    | Undeliverable::Full,
                ) => {}
            }
        }
        owed.sort_unstable();
        ended.sort_unstable();
        Self { reach: Reach::of(plan, lanes.first().map_or(&[], Vec::as_slice)), owed, ended }
    }

    /// The most that can have waited at that instant.
    fn waiting(&self, at: Instant) -> usize {
        let owed = self.owed.partition_point(|it| *it <= at);
        owed.saturating_sub(self.ended.partition_point(|it| *it < at))
    }
}

type Wrong = (Instant, String);

/// The notifications of one device, entry by entry.
struct Story<'a> {
    plan: &'a Plan,
    world: &'a World,
    earnings: Earnings<'a>,
    /// What the receiver got, and when.
    received: BTreeMap<NotificationId, Vec<Instant>>,
    /// In the order in which they came to be owed.
    letters: Vec<Letter<'a>>,
    /// Where each stands there.
    places: BTreeMap<NotificationId, usize>,
}

/// A notification that was owed.
struct Letter<'a> {
    notification: &'a Notification,
    owed_at: Instant,
    end: Option<(Instant, Stage)>,
}

impl<'a> Story<'a> {
    fn new(plan: &'a Plan, world: &'a World, device: DeviceId, lane: &[&'a Entry]) -> Self {
        let mut received: BTreeMap<NotificationId, Vec<Instant>> = BTreeMap::new();
        for entry in lane {
            if let What::Received { notification, .. } = &entry.what
                && notification.device == device
            {
                received.entry(notification.id).or_default().push(entry.at);
            }
        }
        let (letters, places) = (Vec::new(), BTreeMap::new());
        Self { plan, world, earnings: Earnings::new(plan, device), received, letters, places }
    }

    fn first_wrong(mut self, lane: &[&'a Entry]) -> Option<Wrong> {
        for entry in lane {
            let told = match &entry.what {
                What::Server(Event::Status(change)) => {
                    self.earnings.on_entered(entry.at, change.to);
                    Ok(())
                }
                What::Server(Event::Notified { notification, stage, .. }) => {
                    self.on_notified(entry.at, notification, *stage)
                }
                What::Server(_)
                | What::Step { .. }
                | What::Run(_)
                | What::Received { .. }
                | What::Noted(_) => Ok(()),
            };
            if let Err(text) = told {
                return Some((entry.at, text));
            }
        }
        let unpaid = self.earnings.unpaid(self.plan);
        unpaid.or_else(|| self.wrongly_received()).or_else(|| self.left_waiting())
    }

    fn on_notified(
        &mut self,
        at: Instant,
        notification: &'a Notification,
        stage: Stage,
    ) -> Result<(), String> {
        match stage {
            Stage::Owed => self.on_owed(at, notification),
            Stage::Dead(Undeliverable::NoContact | Undeliverable::Quota | Undeliverable::Gap) => {
                self.claim(at, notification, stage)
            }
            Stage::Dead(Undeliverable::Full) => {
                self.claim(at, notification, stage)?;
                let is_full = self.world.waiting(at) >= self.plan.server.outbox_limit as usize;
                demand(is_full, || {
                    format!("{}, but the outbox was not full", self.spell(notification, stage))
                })
            }
            Stage::Delivered => self.on_end(at, notification, stage, Self::is_delivered),
            Stage::Dead(Undeliverable::Limit) => self.on_end(at, notification, stage, Self::is_limited),
            Stage::Dead(Undeliverable::Tries) => self.on_end(at, notification, stage, Self::is_tried_out),
            Stage::Dead(Undeliverable::Refused) => {
                Err(format!("{}, but no receiver refuses for good here", self.spell(notification, stage)))
            }
            Stage::Dead(Undeliverable::NoGateway | Undeliverable::WrongAddress) => {
                Err(format!("{}, but every address has its receiver here", self.spell(notification, stage)))
            }
        }
    }

    fn on_owed(&mut self, at: Instant, notification: &'a Notification) -> Result<(), String> {
        self.claim(at, notification, Stage::Owed)?;
        self.places.insert(notification.id, self.letters.len());
        self.letters.push(Letter { notification, owed_at: at, end: None });
        Ok(())
    }

    /// A notification came to be.
    fn claim(&mut self, at: Instant, notification: &Notification, stage: Stage) -> Result<(), String> {
        let is_new = !self.places.contains_key(&notification.id);
        demand(is_new, || format!("{}: its number was used before", self.spell(notification, stage)))?;
        let claim = Claim { at, notification, stage };
        self.earnings.pay(&claim).map_err(|wrong| format!("{}: {wrong}", self.spell(notification, stage)))
    }

    /// A notification that was owed came to its end.
    fn on_end(
        &mut self,
        at: Instant,
        notification: &Notification,
        stage: Stage,
        wrong: fn(&Self, Instant, &Letter<'_>) -> Option<&'static str>,
    ) -> Result<(), String> {
        let spelt = self.spell(notification, stage);
        let place = *self.places.get(&notification.id).ok_or_else(|| format!("{spelt}, but was not owed"))?;
        let letter = &self.letters[place];
        demand(letter.notification == notification, || {
            format!("{spelt}, but says another thing than when it was owed")
        })?;
        demand(letter.end.is_none(), || format!("{spelt}, but came to its end before"))?;
        if let Some(wrong) = wrong(self, at, letter) {
            return Err(format!("{spelt}, but {wrong}"));
        }
        self.letters[place].end = Some((at, stage));
        if stage == Stage::Delivered {
            self.earnings.on_delivered(at, notification);
        }
        Ok(())
    }

    fn is_delivered(&self, at: Instant, letter: &Letter<'_>) -> Option<&'static str> {
        let slack = self.slack();
        let got = |got: &Instant| *got <= at + slack && at <= *got + PATIENCE + slack;
        let received = self.received.get(&letter.notification.id);
        if !received.is_some_and(|times| times.iter().any(got)) {
            return Some("the receiver did not get it");
        }
        let limit = self.limit(letter.notification);
        if limit.is_zero() {
            return None;
        }
        let is_within = |other: Instant| at + slack < other + limit;
        self.deliveries_beside(letter)
            .any(is_within)
            .then_some("another was delivered within the limit's period")
    }

    /// When notifications of other entries into the same status were delivered.
    fn deliveries_beside<'s>(&'s self, letter: &'s Letter<'_>) -> impl Iterator<Item = Instant> + 's {
        let own = letter.notification;
        let beside = self.letters.iter().filter(|other| {
            other.notification.status == own.status && other.notification.entered_at != own.entered_at
        });
        beside.filter_map(|other| other.end).filter(|(_, stage)| *stage == Stage::Delivered).map(|(at, _)| at)
    }

    fn limit(&self, notification: &Notification) -> Duration {
        let notify = &self.plan.status(notification.device, notification.status).notify;
        notify.as_ref().map_or(Duration::ZERO, |notify| notify.limit)
    }

    fn is_limited(&self, at: Instant, letter: &Letter<'_>) -> Option<&'static str> {
        let (slack, limit) = (self.slack(), self.limit(letter.notification));
        let forbids = |other: Instant| letter.owed_at <= other + slack && at <= other + limit + slack;
        let is_forbidden = self.deliveries_beside(letter).any(forbids);
        (!is_forbidden).then_some("no other was delivered within the limit's period while it waited")
    }

    fn is_tried_out(&self, at: Instant, letter: &Letter<'_>) -> Option<&'static str> {
        let slack = self.slack();
        if at + slack < letter.owed_at + reach::least_time(self.plan.server.notification_tries) {
            return Some("not all tries can have been made");
        }
        let last_try = at - PATIENCE - slack;
        let is_up = self.world.reach.is_good(last_try, at + slack);
        is_up.then_some("the receiver could be reached")
    }

    fn slack(&self) -> Duration {
        self.plan.granularity()
    }

    fn spell(&self, notification: &Notification, stage: Stage) -> String {
        let Notification { device, status, channel, to, .. } = notification;
        let status = &self.plan.status(*device, *status).key;
        format!("notification {}", canonical::spell_notification(status, *channel, to, stage))
    }
}

fn demand(holds: bool, wrong: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests;
