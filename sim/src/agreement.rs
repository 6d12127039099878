//! Agreement: whether two engines gave the devices of one plan the same lives.
//!
//! The same statuses in the same order for every device, each change within two of turmoil's ticks. Where it is otherwise,
//! a tick may have decided: then the device is a [race](races), and its comparison ends there. A race is proven and not
//! supposed, so that an engine that is wrong cannot hide behind one. Owns what is compared and how many races are borne.
//! Words nothing.

pub mod races;

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::{Duration, Instant};

use crate::engine::Observations;
use crate::plan::{Group, Plan};
pub use races::{Nudge, Race, Shift};

/// How far apart a change may be on two engines, in turmoil's ticks.
pub const TICKS: u64 = 2;
/// Of so many devices under one name of a plan one may be a race: 0.5%. Of fewer none may be.
pub const DEVICES_PER_RACE: usize = 200;

/// A plan on one engine, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The plan, with its engine.
    pub plan: &'a Plan,
    /// What happened.
    pub observations: &'a Observations,
}

/// How far two engines agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Devices that live otherwise, and no tick decides that.
    pub disagreements: Vec<Difference>,
    /// Devices that live otherwise because of a tick.
    pub races: Vec<Race>,
}

/// Where two histories of one device part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub device: DeviceId,
    /// At which of its changes, counted from 0. One history may be at its end there.
    pub turn: usize,
}

/// When a device entered which status.
pub type History = Vec<(Instant, StatusIndex)>;

/// Holds a run of the turmoil engine against the exact one.
///
/// # Panics
/// If anything in the simulated world panics: what differs is run again.
pub fn judge(exact: Run<'_>, ticking: Run<'_>) -> Agreement {
    let theirs = histories(ticking);
    let mut disagreements = differences(&histories(exact), &theirs, slack(ticking.plan), ticking.plan.until);
    let races = races::find(exact, &theirs, &disagreements, ticking.plan.tick);
    disagreements.retain(|it| races.binary_search_by_key(&it.device, |race| race.difference.device).is_err());
    Agreement { disagreements, races }
}

/// How far apart a change may be.
pub fn slack(plan: &Plan) -> Duration {
    plan.tick * TICKS
}

impl Agreement {
    /// The names of a plan of whose devices too many are races.
    pub fn overrun<'p>(&self, plan: &'p Plan) -> Vec<&'p Group> {
        let races = |group: &Group| {
            self.races.iter().filter(|race| group.members.contains(&race.difference.device.0)).count()
        };
        plan.groups.iter().filter(|group| races(group) * DEVICES_PER_RACE > group.members.len()).collect()
    }
}

/// The history of each device.
pub fn histories(run: Run<'_>) -> Vec<History> {
    let mut histories = vec![History::new(); run.plan.devices.len()];
    for entry in run.observations.timeline.entries() {
        if let (Some(change), Some(device)) = (entry.change(), entry.device()) {
            histories[device.0 as usize].push((entry.at, change.to));
        }
    }
    histories
}

/// Where the histories of each device part, if they do.
pub fn differences(ours: &[History], theirs: &[History], slack: Duration, until: Instant) -> Vec<Difference> {
    let pairs = (0..).map(DeviceId).zip(ours.iter().zip(theirs));
    pairs
        .filter_map(|(device, (ours, theirs))| {
            Some(Difference { device, turn: parting(ours, theirs, slack, until)? })
        })
        .collect()
}

/// At which change two histories part. One that the other has not seen because the run ended is none.
fn parting(ours: &History, theirs: &History, slack: Duration, until: Instant) -> Option<usize> {
    let turn =
        (0..ours.len().max(theirs.len())).find(|turn| !agree(ours.get(*turn), theirs.get(*turn), slack))?;
    match (ours.get(turn), theirs.get(turn)) {
        (Some((at, _)), None) | (None, Some((at, _))) => (*at + slack < until).then_some(turn),
        (Some(_), Some(_)) | (None, None) => Some(turn),
    }
}

fn agree(
    one: Option<&(Instant, StatusIndex)>,
    other: Option<&(Instant, StatusIndex)>,
    slack: Duration,
) -> bool {
    match (one, other) {
        (Some((at, status)), Some((other_at, other_status))) => {
            status == other_status && at.since(*other_at) <= slack && other_at.since(*at) <= slack
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests;
