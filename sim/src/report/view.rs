//! What the product's own timeline would show.

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::StatusKind;

use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::timeline::{Entry, Subject, What, canonical, causes};

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
    let template = &*plan.device(device).template;
    let recorded = (0..lane.len()).filter_map(|place| match &lane[place].what {
        What::Server(event) => Some((place, (lane[place].at, event, template))),
        What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    });
    let (places, events): (Vec<_>, Vec<_>) = recorded.unzip();
    blynk_core::timeline::shown(&events).into_iter().map(|shown| places[shown]).collect()
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
    // A report speaks of keys, as scenarios do.
    let name = status.look.label.as_ref().unwrap_or(&status.key);
    format!("{name}: {}{after}", change.cause)
}
