//! The reference model: which statuses must follow from what happened to a device and its connection.
//!
//! Written from the rules (`lifecycle` sections 2 to 4, 7 and 8) and not from the server: where the server keeps one deadline per
//! device and moves it, this unrolls whole schedules and cuts them off.

use blynk_core::time::{Duration, Instant};

use crate::plan::{Device, Plan};
use crate::timeline::{Cause, Setter};

/// What happened to a device, or to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A login was accepted.
    Connected,
    /// Data came without a connection: one that was opened and closed at once.
    Reported,
    /// The live connection brought data, or a request did beside it.
    Data,
    /// Somebody set the status at this place of the chain.
    Set(u8, Setter),
    /// The live connection ended and the server saw how.
    Closed,
    /// The live connection fell silent: the server gave up, long after the last byte.
    Silent {
        /// When that byte arrived.
        last_byte_at: Instant,
    },
    /// The server is down: nothing is heard and nothing comes due.
    Down,
    /// The server is up again.
    Restarted {
        /// How long the device has to come back.
        grace: Duration,
    },
}

/// A change of status that must have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Instant,
    /// The place of the status in its chain; 0 is Online.
    pub status: u8,
    /// Why.
    pub cause: Cause,
}

/// Where the model is between two facts.
struct Model<'w> {
    waits: &'w [Duration],
    history: Vec<Due>,
    /// Where the waits of a device without a connection count from.
    away: Option<Away>,
    /// The end of the grace, until the device comes back.
    grace_until: Instant,
    is_up: bool,
}

/// A device that nobody speaks for.
#[derive(Clone, Copy)]
struct Away {
    base: Instant,
    detected: Instant,
}

/// The waits of a template's statuses, Online first.
pub fn waits(device: &Device) -> Vec<Duration> {
    device.template.chain.iter().map(|status| status.wait).collect()
}

/// The history that follows from these facts, in order of time, up to and including `until`.
pub fn history(waits: &[Duration], facts: &[(Instant, Fact)], until: Instant) -> Vec<Due> {
    let mut model = Model { waits, history: Vec::new(), away: None, grace_until: Instant::ZERO, is_up: true };
    for (place, &(at, fact)) in facts.iter().enumerate() {
        model.learn(at, fact);
        // What arrives at the very instant of a deadline still keeps it from passing.
        let in_time = |due: &Due| facts.get(place + 1).map_or(due.at <= until, |(next, _)| due.at < *next);
        let schedule = model.schedule();
        model.history.extend(schedule.into_iter().take_while(in_time));
    }
    model.history
}

impl Model<'_> {
    fn learn(&mut self, at: Instant, fact: Fact) {
        match fact {
            Fact::Connected => {
                self.back(None);
                self.enter_online(at, Cause::Login);
            }
            Fact::Reported => {
                self.back(Some(Away { base: at, detected: at }));
                self.enter_online(at, Cause::Data);
            }
            Fact::Data => self.enter_online(at, Cause::Data),
            Fact::Set(to, by) => self.set(at, to, by),
            Fact::Closed => self.away = Some(Away { base: at, detected: at }),
            Fact::Silent { last_byte_at } => self.away = Some(Away { base: last_byte_at, detected: at }),
            Fact::Down => self.is_up = false,
            Fact::Restarted { grace } => {
                // Who was connected did not disconnect before now.
                self.away = self.away.or(Some(Away { base: at, detected: at }));
                self.grace_until = at + grace;
                self.is_up = true;
            }
        }
    }

    fn back(&mut self, away: Option<Away>) {
        self.away = away;
        self.grace_until = Instant::ZERO;
    }

    fn enter_online(&mut self, at: Instant, cause: Cause) {
        if self.history.last().is_none_or(|last| last.status != 0) {
            self.history.push(Due { at, status: 0, cause });
        }
    }

    /// Only a status that stands later in the chain than that of a device which has one can be set.
    fn set(&mut self, at: Instant, to: u8, by: Setter) {
        if self.history.last().is_some_and(|last| last.status < to) {
            self.history.push(Due { at, status: to, cause: Cause::Set(by) });
        }
    }

    /// All statuses that follow if nothing more happens.
    fn schedule(&self) -> Vec<Due> {
        let (Some(away), Some(last), true) = (self.away, self.history.last(), self.is_up) else {
            return Vec::new();
        };
        let mut base = away.base.max(last.at);
        let later = (0..).zip(self.waits).skip(usize::from(last.status) + 1);
        let schedule = later.map(|(status, wait)| {
            let usual = away.detected.max(base + *wait);
            let cause = if usual < self.grace_until {
                Cause::Grace
            } else {
                Cause::Wait { base, wait: *wait, detected: away.detected }
            };
            base = usual.max(self.grace_until);
            Due { at: base, status, cause }
        });
        schedule.collect()
    }
}

/// How long a device with this heartbeat has to come back after a restart of the plan's server.
pub fn grace(plan: &Plan, heartbeat: Duration) -> Duration {
    plan.server.restart_grace.unwrap_or_else(|| allowance(plan)(heartbeat))
}

/// The silence that a heartbeat allows under the plan's server: whole seconds.
pub fn allowance(plan: &Plan) -> fn(Duration) -> Duration {
    if plan.allows_by_legacy_rule() { legacy } else { iot }
}

/// One and a half heartbeats without the fraction of a second, and never less than a second more than one.
fn iot(heartbeat: Duration) -> Duration {
    let millis = heartbeat.as_millis();
    Duration::from_secs((millis + millis / 2) / 1_000).max(Duration::from_millis(millis + 1_000))
}

/// 2.3 heartbeats, a begun second counting whole.
fn legacy(heartbeat: Duration) -> Duration {
    Duration::from_secs((heartbeat.as_millis() * 23).div_ceil(10_000))
}

#[cfg(test)]
mod tests;
