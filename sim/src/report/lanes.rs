//! The lives of devices as lanes in a terminal.

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;
use blynk_reports::model::{Lane, LaneStatus, Lanes};

use super::tone;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timeline::{Change, Entry, canonical};

/// The lives of these devices, to be drawn.
pub fn lanes(outcome: &Outcome, devices: &[DeviceId]) -> Lanes {
    let Outcome { plan, observations, .. } = outcome;
    let lanes = devices.iter().map(|id| lane(plan, *id, &observations.timeline.lane(*id))).collect();
    Lanes { from: plan.clock.spell(Instant::ZERO), to: plan.clock.spell(plan.until), lanes }
}

fn lane(plan: &Plan, device: DeviceId, entries: &[&Entry]) -> Lane {
    let changes = || entries.iter().filter_map(|entry| Some((entry, entry.change()?)));
    let spelt = changes().map(|(entry, _)| {
        let at = plan.clock.spell(entry.at);
        format!("{at:<14} {}", canonical::describe(plan, entry))
    });
    Lane {
        name: plan.device(device).name.clone(),
        statuses: changes()
            .map(|(entry, change)| (fraction(plan, entry.at), drawn(plan, device, change)))
            .collect(),
        connected: connected(plan, entries),
        changes: spelt.collect(),
    }
}

fn drawn(plan: &Plan, device: DeviceId, change: &Change) -> LaneStatus {
    let status = plan.status(device, change.to);
    LaneStatus { label: status.key.clone(), tone: tone(status.kind()) }
}

/// From when to when a session spoke for the device.
fn connected(plan: &Plan, entries: &[&Entry]) -> Vec<(f64, f64)> {
    let spans = super::connected(plan, entries).into_iter();
    spans.map(|(from, to)| (fraction(plan, from), fraction(plan, to))).collect()
}

fn fraction(plan: &Plan, at: Instant) -> f64 {
    at.as_millis() as f64 / plan.until.as_millis().max(1) as f64
}
