//! The life of each device, those first that a finding is about.

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;
use blynk_reports::model::{Cause, Change, Device};
use sha2::{Digest, Sha256};

use super::Room;
use crate::oracle::measure::{Figures, Measured};
use crate::outcome::Outcome;
use crate::plan::{Measure, Plan};
use crate::timeline::{Entry, canonical, causes};

/// How many digits of a digest tell two histories apart.
const DIGITS: usize = 16;

/// The digests of all histories.
pub(super) struct Histories {
    /// Of each device.
    devices: Vec<String>,
    /// Of all of them.
    pub(super) digest: String,
}

impl Histories {
    pub(super) fn of(plan: &Plan, lanes: &[Vec<&Entry>]) -> Self {
        let devices: Vec<_> = plan.devices().map(|(id, _)| digest(plan, id, &lanes[id.0 as usize])).collect();
        let mut all = Sha256::new();
        for ((_, device), digest) in plan.devices().zip(&devices) {
            all.update(format!("{} {digest}\n", device.name));
        }
        Self { devices, digest: canonical::hexadecimal(&all.finalize()) }
    }
}

/// Two histories of one digest are the same, moments and reasons included.
fn digest(plan: &Plan, id: DeviceId, lane: &[&Entry]) -> String {
    let mut digest = Sha256::new();
    for (entry, change) in lane.iter().filter_map(|entry| Some((entry, entry.change()?))) {
        let to = &plan.status(id, change.to).key;
        digest.update(format!("{} {to}: {}\n", entry.at.as_millis(), change.cause));
    }
    let mut digits = canonical::hexadecimal(&digest.finalize());
    digits.truncate(DIGITS);
    digits
}

/// As many devices as there is room for.
pub(super) fn devices(
    outcome: &Outcome,
    lanes: &[Vec<&Entry>],
    figures: &Figures,
    histories: &Histories,
) -> Vec<Device> {
    let plan = &*outcome.plan;
    let is_failing = |id: &DeviceId| outcome.failing.contains(id);
    let others = plan.devices().map(|(id, _)| id).filter(|id| !is_failing(id));
    let mut room = Room::for_scenario();
    let in_order = outcome.failing.iter().copied().chain(others).take_while(|_| room.take_device());
    let detection = longest(plan, figures.times(Measure::Detection));
    let recovery = longest(plan, figures.times(Measure::Recovery));
    let ids: Vec<_> = in_order.collect();
    let device = |id: DeviceId| {
        let took = |times: &[Option<Duration>]| times[id.0 as usize].map(Duration::as_millis);
        Device {
            failing: is_failing(&id),
            detection: took(&detection),
            recovery: took(&recovery),
            digest: histories.devices[id.0 as usize].clone(),
            ..life(plan, id, &lanes[id.0 as usize], &mut room)
        }
    };
    ids.into_iter().map(device).collect()
}

/// The longest time of each device.
fn longest(plan: &Plan, times: &[Measured]) -> Vec<Option<Duration>> {
    let mut longest = vec![None; plan.devices.len()];
    // Shortest first.
    times.iter().for_each(|time| longest[time.device.0 as usize] = Some(time.took));
    longest
}

/// What a lane tells by itself; its history if there is room for it.
fn life(plan: &Plan, id: DeviceId, lane: &[&Entry], room: &mut Room) -> Device {
    let changes: Vec<_> = (0..lane.len()).filter(|place| lane[*place].change().is_some()).collect();
    let is_told = room.take_changes(changes.len());
    let last = changes.last().and_then(|last| lane[*last].change());
    let history = is_told.then(|| changes.iter().map(|place| change(plan, id, lane, *place)).collect());
    Device {
        name: plan.device(id).name.clone(),
        group: plan.group_of(id).name.clone(),
        failing: false,
        status: last.map_or("new", |last| &plan.status(id, last.to).key).into(),
        changes: changes.len() as u64,
        offline: offline(plan, id, lane, &changes).as_millis(),
        detection: None,
        recovery: None,
        digest: String::new(),
        history,
        connected: if is_told { spans(plan, lane) } else { Vec::new() },
    }
}

fn spans(plan: &Plan, lane: &[&Entry]) -> Vec<(u64, u64)> {
    let spans = super::connected(plan, lane).into_iter();
    spans.map(|(from, to)| (from.as_millis(), to.as_millis())).collect()
}

fn change(plan: &Plan, id: DeviceId, lane: &[&Entry], place: usize) -> Change {
    let entry = lane[place];
    let change = entry.change().expect("only changes are told");
    let key = |status| plan.status(id, status).key.clone();
    let mut because = causes::of_change(plan, lane, place);
    // The last is the change itself.
    because.pop();
    let cause = |reason: causes::Reason| Cause {
        at: reason.at.as_millis(),
        time: plan.clock.spell(reason.at),
        text: reason.text,
    };
    Change {
        at: entry.at.as_millis(),
        time: plan.clock.spell(entry.at),
        from: change.from.map(key),
        to: key(change.to),
        reason: change.cause.to_string(),
        because: because.into_iter().map(cause).collect(),
    }
}

/// How long the device was in a status of the Offline kind.
fn offline(plan: &Plan, id: DeviceId, lane: &[&Entry], changes: &[usize]) -> Duration {
    let ends = changes.iter().skip(1).map(|next| lane[*next].at).chain([plan.until]);
    let lengths = changes.iter().zip(ends).map(|(place, end)| {
        let to = lane[*place].change().map(|change| change.to);
        let is_offline = to.is_some_and(|to| plan.is_offline(id, to));
        if is_offline { end.since(lane[*place].at) } else { Duration::ZERO }
    });
    lengths.fold(Duration::ZERO, |sum, length| sum + length)
}
