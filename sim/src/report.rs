//! What is shown of an outcome: a line, a sum, a trace, lanes.
//!
//! Owns what goes into the [model](blynk_reports::model) of the reports. Words no finding and draws nothing.

use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::StatusKind;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{Lane, LaneStatus, Lanes, Scenario, Summary, Tone};

use crate::engine::TraceLine;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timeline::{Change, Entry, Subject, What, canonical};

/// What is shown of a scenario. Only `took` is real time.
pub fn scenario(outcome: &Outcome, took: std::time::Duration) -> Scenario {
    Scenario {
        path: outcome.plan.source.path.clone(),
        title: outcome.plan.title.clone(),
        simulated: outcome.plan.until.to_string(),
        took: real(took),
        findings: outcome.findings.clone(),
    }
}

/// What is shown of all scenarios together.
pub fn summary(passed: usize, failed: usize, plans: &[Arc<Plan>], took: std::time::Duration) -> Summary {
    let simulated = plans.iter().fold(Duration::ZERO, |sum, plan| sum + plan.until.since_zero());
    Summary { passed, failed, simulated: simulated.to_string(), took: real(took) }
}

fn real(took: std::time::Duration) -> String {
    format!("{took:.2?}")
}

/// Everything that happened to a device. At one instant: the scenario's steps, then the connection, then the server.
pub fn trace(outcome: &Outcome, device: DeviceId) -> String {
    let Outcome { plan, observations, .. } = outcome;
    let own = observations
        .timeline
        .entries()
        .iter()
        .filter(|entry| [Subject::World, Subject::Device(device)].contains(&entry.subject));
    let entries = own.map(|entry| {
        let rank = if matches!(entry.what, What::Step { .. }) { 0 } else { 2 };
        ((entry.at, rank), canonical::describe(plan, entry))
    });
    let wire = |line: &TraceLine| ((line.at, 1), format!("  connection {}: {}", line.connection, line.text));
    let mut lines: Vec<_> = entries.chain(observations.trace.iter().map(wire)).collect();
    lines.sort_by_key(|(order, _)| *order);
    let spelt = lines.iter().map(|((at, _), text)| format!("      {:<14} {text}", plan.clock.spell(*at)));
    spelt.collect::<Vec<_>>().join("\n")
}

/// The lives of all devices, to be drawn.
pub fn lanes(outcome: &Outcome) -> Lanes {
    let Outcome { plan, observations, .. } = outcome;
    let rows = observations.timeline.by_device(plan.devices.len());
    let lanes = plan.devices().map(|(id, _)| lane(plan, id, &rows[id.0 as usize])).collect();
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
    let tone = match status.kind() {
        StatusKind::Online => Tone::Online,
        StatusKind::Offline => Tone::Offline,
        StatusKind::Custom => Tone::Custom,
    };
    LaneStatus { label: status.key.clone(), tone }
}

/// From when to when a session spoke for the device.
fn connected(plan: &Plan, entries: &[&Entry]) -> Vec<(f64, f64)> {
    let (mut spans, mut since) = (Vec::new(), None);
    for entry in entries {
        if entry.is_login() {
            since = since.or(Some(fraction(plan, entry.at)));
        } else if entry.is_end() {
            spans.extend(since.take().map(|since| (since, fraction(plan, entry.at))));
        }
    }
    spans.extend(since.map(|since| (since, 1.0)));
    spans
}

fn fraction(plan: &Plan, at: Instant) -> f64 {
    at.as_millis() as f64 / plan.until.as_millis().max(1) as f64
}
