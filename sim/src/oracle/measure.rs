//! The figures of a run, all in virtual time: how long it took to notice that devices are gone, to log in, to come back.
//!
//! Owns what is measured, from the timeline and from what passed on the links. Judges nothing.

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use super::presence::{Obstacle, Presence, stays_away};
use crate::engine::{Busiest, Observations, Traffic};
use crate::plan::{Measure, Metric, Plan, Statistic};
use crate::timeline::{Entry, Event, Stage, What, causes};

/// A time that was measured of a device, and when that was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measured {
    /// How long it took.
    pub took: Duration,
    /// When it was over.
    pub at: Instant,
    /// Whose.
    pub device: DeviceId,
}

/// All figures of a run.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Every [`Measure`] in its place: its times, shortest first.
    times: [Vec<Measured>; 4],
    logins: Busiest,
    messages: Busiest,
    notifications: u64,
    false_offlines: Vec<Measured>,
    bytes_per_device_and_day: u64,
}

/// A figure, and the device that stands for it, if one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Milliseconds of a time, otherwise a number.
    pub value: u64,
    /// What stands for it, if something does.
    pub example: Option<Example>,
}

/// What stands for a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// The time at that rank, or the first that was counted.
    Device(Measured),
    /// The second that begins then.
    Second(Instant),
}

impl Figures {
    /// Measures a run. `lanes` holds the entries of each device.
    pub fn of(plan: &Plan, lanes: &[Vec<&Entry>], observations: &Observations) -> Self {
        let mut survey = Survey::default();
        for (device, _) in plan.devices() {
            survey.walk(plan, device, &lanes[device.0 as usize]);
        }
        let logins = observations.logins.iter().map(|login| Measured {
            took: login.latency(),
            at: login.answered_at,
            device: login.device,
        });
        let mut times = [survey.detection, survey.close, logins.collect(), survey.recovery];
        times.iter_mut().for_each(|times| times.sort_unstable());
        Self {
            times,
            logins: busiest(&mut survey.logins),
            messages: observations.busiest,
            notifications: survey.notifications,
            false_offlines: survey.false_offlines,
            bytes_per_device_and_day: per_device_and_day(plan, &observations.traffic),
        }
    }

    /// All times of a kind, shortest first.
    pub fn times(&self, measure: Measure) -> &[Measured] {
        &self.times[measure as usize]
    }

    /// One figure; `None` if nothing was measured.
    pub fn get(&self, metric: Metric) -> Option<Figure> {
        let number = |value| Some(Figure { value, example: None });
        match metric {
            Metric::Time(measure, statistic) => ranked(self.times(measure), statistic),
            Metric::LoginsPerSecond => Some(busiest_second(self.logins)),
            Metric::MessagesPerSecond => Some(busiest_second(self.messages)),
            Metric::Notifications => number(self.notifications),
            Metric::FalseOffline => Some(Figure {
                value: self.false_offlines.len() as u64,
                example: self.false_offlines.first().copied().map(Example::Device),
            }),
            Metric::BytesPerDeviceAndDay => number(self.bytes_per_device_and_day),
        }
    }
}

/// The time of the nearest rank: so many of a hundred are at most this.
fn ranked(times: &[Measured], statistic: Statistic) -> Option<Figure> {
    let part = match statistic {
        Statistic::P50 => 50,
        Statistic::P90 => 90,
        Statistic::P99 => 99,
        Statistic::Max => 100,
    };
    let rank = (times.len() * part).div_ceil(100);
    let time = times.get(rank.checked_sub(1)?)?;
    Some(Figure { value: time.took.as_millis(), example: Some(Example::Device(*time)) })
}

fn busiest_second(Busiest { most, second }: Busiest) -> Figure {
    let example = (most > 0).then_some(Example::Second(second));
    Figure { value: most, example }
}

/// The whole second with the most instants; the first of several.
fn busiest(instants: &mut [Instant]) -> Busiest {
    instants.sort_unstable();
    let second = |at: &Instant| at.as_millis() / 1_000;
    let mut busiest = Busiest::default();
    for chunk in instants.chunk_by(|a, b| second(a) == second(b)) {
        busiest.count(second(&chunk[0]), chunk.len() as u64);
    }
    busiest
}

fn per_device_and_day(plan: &Plan, traffic: &[Traffic]) -> u64 {
    let bytes: u64 = traffic.iter().map(|it| it.bytes_to_server + it.bytes_to_device).sum();
    let device_time = plan.devices.len() as u128 * u128::from(plan.until.as_millis().max(1));
    let per_day = u128::from(bytes) * u128::from(Duration::DAY.as_millis()) / device_time.max(1);
    u64::try_from(per_day).unwrap_or(u64::MAX)
}

/// What is gathered device by device.
#[derive(Default)]
struct Survey {
    detection: Vec<Measured>,
    close: Vec<Measured>,
    recovery: Vec<Measured>,
    logins: Vec<Instant>,
    notifications: u64,
    false_offlines: Vec<Measured>,
}

/// The way along the lane of one device.
struct Walk<'a> {
    plan: &'a Plan,
    device: DeviceId,
    lane: &'a [&'a Entry],
    survey: &'a mut Survey,
    presence: Presence,
    /// When the last obstacle was gone.
    clear_since: Instant,
    /// Nothing is in its way since then, and it is not back yet.
    missed_since: Option<Instant>,
}

impl Survey {
    fn walk(&mut self, plan: &Plan, device: DeviceId, lane: &[&Entry]) {
        let walk = Walk {
            plan,
            device,
            lane,
            survey: self,
            presence: Presence::of(plan.device(device)),
            clear_since: Instant::ZERO,
            missed_since: None,
        };
        walk.run();
    }
}

impl Walk<'_> {
    fn run(mut self) {
        for (place, entry) in self.lane.iter().enumerate() {
            let before = self.presence.obstacle();
            self.presence.learn(self.plan, entry);
            self.pass(entry.at, before);
            if let What::Server(event) = &entry.what {
                self.hear(place, event);
            }
            if self.presence.is_there() {
                self.recovered(entry.at);
            }
        }
        // Who is not back at the end takes at least so long.
        if stays_away(self.plan.device(self.device)).is_none() {
            self.recovered(self.plan.until);
        }
    }

    fn measured(&self, at: Instant, since: Instant) -> Measured {
        Measured { took: at.since(since), at, device: self.device }
    }

    fn recovered(&mut self, at: Instant) {
        let took = self.missed_since.take().map(|since| self.measured(at, since));
        self.survey.recovery.extend(took);
    }

    /// An obstacle may have come or gone.
    fn pass(&mut self, at: Instant, before: Option<Obstacle>) {
        match (before, self.presence.obstacle()) {
            (Some(obstacle), None) => {
                self.clear_since = at;
                // One that is wanted anew does not come back: it comes.
                let is_missed = !self.presence.is_there() && obstacle != Obstacle::NotWanted;
                self.missed_since = is_missed.then_some(at);
            }
            // Who is no longer wanted is not missed; who is cut off again was missed for so long.
            (None, Some(Obstacle::NotWanted)) => self.missed_since = None,
            (None, Some(_)) => self.recovered(at),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    fn hear(&mut self, place: usize, event: &Event) {
        let at = self.lane[place].at;
        match event {
            Event::LoggedIn { .. } => self.survey.logins.push(at),
            Event::Closed { close, .. } => {
                let close = self.measured(at, close.last_byte_at);
                self.survey.close.push(close);
            }
            Event::Status(change) => {
                if self.plan.is_offline(self.device, change.to) {
                    self.offline(place);
                }
            }
            Event::Notified { stage: Stage::Owed, .. } => self.survey.notifications += 1,
            Event::Announced { .. }
            | Event::Superseded { .. }
            | Event::Interrupted { .. }
            | Event::Reported { .. }
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }

    fn offline(&mut self, place: usize) {
        let Some(detection) = causes::detection(self.lane, place) else { return };
        let at = self.lane[place].at;
        let offline = self.measured(at, detection.base);
        self.survey.detection.push(offline);
        let was_there = self.presence.obstacle().is_none() && self.clear_since <= detection.base;
        if was_there && detection.sign.is_presence() {
            self.survey.false_offlines.push(offline);
        }
    }
}

#[cfg(test)]
mod tests;
