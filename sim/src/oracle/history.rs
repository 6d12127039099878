//! Compares each device's recorded statuses with those that follow from its connections, and their causes with what the
//! record itself says.

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::Instant;

use super::reference::{self, Due, Fact};
use super::{Breach, Invariant};
use crate::plan::Plan;
use crate::timeline::{Cause, Change, Close, CloseReason, Entry};

/// The first difference, if there is one. `lane` holds the entries of the device.
pub fn judge(plan: &Plan, device: DeviceId, lane: &[&Entry]) -> Option<Breach> {
    let facts: Vec<_> = lane.iter().filter_map(|entry| Some((entry.at, fact(entry)?))).collect();
    let expected = reference::history(&reference::waits(plan.device(device)), &facts, plan.until);
    let recorded: Vec<_> = lane.iter().filter_map(|entry| Some((entry.at, entry.change()?))).collect();
    let breach = |(invariant, at, text)| Breach { invariant, device, at, text };
    first_difference(plan, device, &expected, &recorded)
        .or_else(|| broken_link(plan, device, &recorded))
        .or_else(|| wrong_cause(plan, device, lane))
        .map(breach)
}

fn fact(entry: &Entry) -> Option<Fact> {
    match entry.close() {
        Some(Close { reason: CloseReason::Heartbeat { .. }, last_byte_at, .. }) => {
            Some(Fact::Silent { last_byte_at: *last_byte_at })
        }
        Some(_) => Some(Fact::Closed),
        None => entry.is_login().then_some(Fact::Connected),
    }
}

type Difference = (Invariant, Instant, String);

fn first_difference(
    plan: &Plan,
    device: DeviceId,
    expected: &[Due],
    recorded: &[(Instant, &Change)],
) -> Option<Difference> {
    let name = |status: u8| &plan.status(device, StatusIndex(status)).key;
    for place in 0..expected.len().max(recorded.len()) {
        let difference = match (expected.get(place), recorded.get(place)) {
            (Some(due), Some((at, change))) if due.status == change.to.0 && due.at == *at => continue,
            (Some(due), Some((at, change))) if due.status == change.to.0 => {
                let text = format!("{} is due at {}", name(due.status), plan.clock.spell(due.at));
                (Invariant::NoLateNoEarly, *at, text)
            }
            (Some(due), Some((at, change))) => {
                let (due, entered) = (name(due.status), name(change.to.0));
                (Invariant::OneChangeOneReason, *at, format!("entered {entered} where {due} is due"))
            }
            (Some(due), None) => {
                (Invariant::NoLateNoEarly, due.at, format!("{} is due, but never entered", name(due.status)))
            }
            (None, Some((at, change))) => (
                Invariant::OneChangeOneReason,
                *at,
                format!("entered {}, which nothing calls for", name(change.to.0)),
            ),
            (None, None) => unreachable!("place is below the longer length"),
        };
        return Some(difference);
    }
    None
}

/// Each change leaves the status that the one before entered.
fn broken_link(plan: &Plan, device: DeviceId, recorded: &[(Instant, &Change)]) -> Option<Difference> {
    let before = std::iter::once(None).chain(recorded.iter().map(|(_, change)| Some(change.to)));
    let (_, (at, change)) = before.zip(recorded).find(|(before, (_, change))| change.from != *before)?;
    let entered = &plan.status(device, change.to).key;
    Some((Invariant::OneChangeOneReason, *at, format!("entered {entered} from a status that it was not in")))
}

/// Each change gives the reason that the record knows of.
fn wrong_cause(plan: &Plan, device: DeviceId, lane: &[&Entry]) -> Option<Difference> {
    let (mut login, mut close) = (None, None);
    let (at, change) = lane.iter().find_map(|entry| {
        login = if entry.is_login() { Some(entry.at) } else { login };
        close = if entry.close().is_some() { Some(entry.at) } else { close };
        let change = entry.change()?;
        (!holds(plan, device, entry.at, change, login, close)).then_some((entry.at, change))
    })?;
    let entered = &plan.status(device, change.to).key;
    let text = format!("entered {entered} for a reason that does not hold: {}", change.cause);
    Some((Invariant::OneChangeOneReason, at, text))
}

/// Whether a change at `at` has its cause in the chain of statuses and the newest login and close.
fn holds(
    plan: &Plan,
    device: DeviceId,
    at: Instant,
    change: &Change,
    login: Option<Instant>,
    close: Option<Instant>,
) -> bool {
    match change.cause {
        Cause::Login => change.to == StatusIndex::ONLINE && login == Some(at),
        // Only a connected device sends data, and that is Online since its login.
        Cause::Data | Cause::Set(_) | Cause::Grace => false,
        Cause::Wait { base, wait, detected } => {
            let due = detected.max(base + wait);
            wait == plan.status(device, change.to).wait && close == Some(detected) && at == due
        }
    }
}

#[cfg(test)]
mod tests;
