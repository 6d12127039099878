//! Everything that happened to one device.

use blynk_core::id::DeviceId;
use blynk_reports::printable::printable;

use crate::engine::TraceLine;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timeline::{Entry, What, canonical, causes};

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
    let wire = |line: &TraceLine| {
        let text = format!("  connection {}: {}", line.connection, printable(&line.text));
        ((line.at, 1), vec![text])
    };
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
