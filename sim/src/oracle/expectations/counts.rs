//! Judges numbers: how many devices are in a status, that nobody is, and how often statuses change.

use blynk_core::id::{DeviceId, StatusIndex};

use super::{Kind, Mismatch, status_at};
use crate::plan::{Changes, Count, Never, When};
use crate::timeline::{Entry, Subject};

/// A number of devices that is out of its bounds, with the first device that makes it so.
pub(super) fn judge_count(count: &Count, lanes: &[Vec<&Entry>]) -> Option<Mismatch> {
    let counted = count.among.iter().flat_map(|among| {
        let is_in = |id: DeviceId| is_in(count.when, &lanes[id.0 as usize], among.status);
        among.devices.iter().map(move |id| (*id, is_in(*id)))
    });
    let (inside, outside): (Vec<_>, Vec<_>) = counted.partition(|(_, is_in)| *is_in);
    let got = inside.len() as u64;
    if count.bounds.contain(got) {
        return None;
    }
    let too_many = got > count.bounds.most;
    let examples = if too_many { &inside } else { &outside };
    let subject = examples.first().map_or(Subject::World, |(id, _)| Subject::Device(*id));
    let kind = Kind::Count { count: Box::new(count.clone()), got };
    Some(Mismatch { subject, span: count.span.clone(), kind })
}

fn is_in(when: When, lane: &[&Entry], status: Option<StatusIndex>) -> bool {
    match when {
        When::At(at) => status_at(lane, at) == status,
        When::Ever => lane.iter().filter_map(|entry| entry.change()).any(|change| Some(change.to) == status),
    }
}

/// The devices that entered a forbidden status, each once.
pub(super) fn judge_never(never: &Never, lanes: &[Vec<&Entry>], mismatches: &mut Vec<Mismatch>) {
    for &device in never.devices.iter() {
        let enters = |entry: &&Entry| entry.change().is_some_and(|change| change.to == never.status);
        if let Some(got) = lanes[device.0 as usize].iter().position(enters) {
            let (subject, span) = (Subject::Device(device), never.span.clone());
            mismatches.push(Mismatch { subject, span, kind: Kind::Forbidden { got } });
        }
    }
}

/// The devices whose status changed too often, or not often enough.
pub(super) fn judge_changes(changes: &Changes, lanes: &[Vec<&Entry>], mismatches: &mut Vec<Mismatch>) {
    for &device in changes.devices.iter() {
        let got = lanes[device.0 as usize].iter().filter(|entry| entry.change().is_some()).count() as u64;
        if !changes.bounds.contain(got) {
            let (subject, span) = (Subject::Device(device), changes.span.clone());
            let kind = Kind::Changes { got, bounds: changes.bounds.clone() };
            mismatches.push(Mismatch { subject, span, kind });
        }
    }
}
