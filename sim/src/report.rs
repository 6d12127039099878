//! What is shown of an outcome: a line, a sum, a trace, lanes.
//!
//! Owns what goes into the [model](blynk_reports::model) of the reports. Words no finding and draws nothing.

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::StatusKind;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{Lane, LaneStatus, Lanes, Scenario, Summary, Tone};

use crate::engine::{Totals, TraceLine};
use crate::numerals::count;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timeline::{Change, Entry, Subject, What, canonical, causes};

/// What is shown of a scenario. Only `took` is real time.
pub fn scenario(outcome: &Outcome, name: String, took: std::time::Duration) -> Scenario {
    Scenario {
        path: name,
        title: outcome.plan.title.clone(),
        simulated: outcome.plan.until.to_string(),
        took: real(took),
        findings: outcome.findings.clone(),
    }
}

/// What is shown of all scenarios together. Races are counted where engines were held against each other.
pub fn summary(
    passed: usize,
    failed: usize,
    simulated: Duration,
    totals: Totals,
    races: Option<u64>,
    took: std::time::Duration,
) -> Summary {
    let races = races.map(|races| format!(", {}", count(races, "race"))).unwrap_or_default();
    let (simulated, took, totals) = (simulated.to_string(), real(took), format!("{totals}{races}"));
    Summary { passed, failed, simulated, took, totals }
}

fn real(took: std::time::Duration) -> String {
    format!("{took:.2?}")
}

/// Everything that happened to a device, and why each status was entered. At one instant: the scenario's steps, then the
/// connection, then the server.
pub fn trace(outcome: &Outcome, device: DeviceId) -> String {
    let Outcome { plan, observations, .. } = outcome;
    let lane = observations.timeline.lane(device);
    let entries = (0..lane.len()).map(|place| {
        let rank = if matches!(lane[place].what, What::Step { .. }) { 0 } else { 2 };
        (
            (lane[place].at, rank),
            [canonical::describe(plan, lane[place])].into_iter().chain(why(plan, &lane, place)).collect(),
        )
    });
    let wire =
        |line: &TraceLine| ((line.at, 1), vec![format!("  connection {}: {}", line.connection, line.text)]);
    let mut told: Vec<(_, Vec<String>)> = entries.chain(observations.trace.iter().map(wire)).collect();
    told.sort_by_key(|(order, _)| *order);
    let spelt = told.iter().map(|((at, _), lines)| {
        let at = plan.clock.spell(*at);
        format!("      {at:<14} {}", lines.join(&format!("\n      {:<14} ", "")))
    });
    spelt.collect::<Vec<_>>().join("\n")
}

/// What led to the change in `lane[place]`, if it is one that something led to.
fn why(plan: &Plan, lane: &[&Entry], place: usize) -> Vec<String> {
    if lane[place].change().is_none() {
        return Vec::new();
    }
    let mut reasons = causes::of_change(plan, lane, place);
    // The last is the change itself.
    reasons.pop();
    reasons
        .iter()
        .map(|reason| format!("  because {} {}", plan.clock.spell(reason.at), reason.text))
        .collect()
}

/// What the product's timelines show: device by device.
pub fn view(outcome: &Outcome) -> String {
    let Outcome { plan, observations, .. } = outcome;
    let lanes = observations.timeline.by_device(plan.devices.len());
    let told = plan.devices().flat_map(|(id, device)| {
        let lane = &lanes[id.0 as usize];
        let lines = shown(plan, id, lane)
            .into_iter()
            .map(|place| format!("  {:<14} {}", plan.clock.spell(lane[place].at), viewed(plan, lane, place)));
        std::iter::once(device.name.clone()).chain(lines.collect::<Vec<_>>())
    });
    told.collect::<Vec<_>>().join("\n")
}

/// The places of the server's entries that the view shows.
fn shown(plan: &Plan, device: DeviceId, lane: &[&Entry]) -> Vec<usize> {
    let recorded = (0..lane.len()).filter_map(|place| match &lane[place].what {
        What::Server(event) => Some((place, (lane[place].at, event))),
        What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    });
    let (places, events): (Vec<_>, Vec<_>) = recorded.unzip();
    let template = &plan.device(device).template;
    blynk_core::timeline::shown(&events, template).into_iter().map(|shown| places[shown]).collect()
}

/// An entry with the status as people call it, and for Offline how long it took to know.
fn viewed(plan: &Plan, lane: &[&Entry], place: usize) -> String {
    let entry = lane[place];
    let (Some(change), Subject::Device(device)) = (entry.change(), entry.subject) else {
        return canonical::describe(plan, entry);
    };
    let status = plan.status(device, change.to);
    let detection = causes::detection(lane, place).filter(|_| status.kind() == StatusKind::Offline);
    let told = |it: causes::Detection| format!("; {} after {}", entry.at.since(it.base), it.sign);
    let after = detection.map(told).unwrap_or_default();
    format!("{}: {}{after}", status.label(), change.cause)
}

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
