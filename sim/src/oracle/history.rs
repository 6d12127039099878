//! Compares each device's recorded statuses with those that follow from what happened to it, and their causes.

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::Instant;

use super::reference::{self, Due, Fact};
use super::restart::{self, Outage};
use super::{Breach, Invariant};
use crate::plan::Plan;
use crate::timeline::{Cause, Change, CloseReason, Entry, Event, What};

/// The first difference, if there is one. `lane` holds the entries of the device.
pub fn judge(plan: &Plan, device: DeviceId, lane: &[&Entry]) -> Option<Breach> {
    let outages = restart::outages(plan, device, lane);
    let facts = facts(lane, &outages);
    let expected = reference::history(&reference::waits(plan.device(device)), &facts, plan.until);
    let recorded: Vec<_> = lane.iter().filter_map(|entry| Some((entry.at, entry.change()?))).collect();
    let breach = |(invariant, at, text)| Breach { invariant, device, at, text };
    restart::judge(plan, device, lane, &outages)
        .or_else(|| first_difference(plan, device, &expected, &recorded))
        .or_else(|| broken_link(plan, device, &recorded))
        .or_else(|| wrong_cause(plan, device, &expected, &recorded))
        .map(breach)
}

/// What the record says that happened, in order of time.
fn facts(lane: &[&Entry], outages: &[Outage]) -> Vec<(Instant, Fact)> {
    let mut facts = Vec::new();
    for outage in outages {
        facts.push((outage.down, Fact::Down));
        facts.extend(outage.restart.map(|it| (it.at, Fact::Restarted { grace: it.grace })));
    }
    let mut is_connected = false;
    for entry in lane {
        let What::Server(event) = &entry.what else { continue };
        is_connected = (is_connected || entry.is_login()) && !entry.is_end();
        facts.extend(fact(event, is_connected).map(|fact| (entry.at, fact)));
    }
    facts.sort_by_key(|(at, _)| *at);
    facts
}

fn fact(event: &Event, is_connected: bool) -> Option<Fact> {
    match event {
        Event::LoggedIn { .. } => Some(Fact::Connected),
        Event::Reported { .. } => Some(Fact::Reported),
        Event::Closed { close, .. } => Some(match close.reason {
            CloseReason::Heartbeat { .. } => Fact::Silent { last_byte_at: close.last_byte_at },
            CloseReason::Closed
            | CloseReason::Reset
            | CloseReason::Protocol(_)
            | CloseReason::Flood
            | CloseReason::Superseded
            | CloseReason::Revoked
            | CloseReason::Removed
            | CloseReason::Server => Fact::Closed,
        }),
        // The rest the model works out by itself.
        Event::Status(Change { to, cause, .. }) => match cause {
            Cause::Data => is_connected.then_some(Fact::Data),
            Cause::Set(by) => Some(Fact::Set(to.0, *by)),
            Cause::Login | Cause::Wait { .. } | Cause::Grace | Cause::Template => None,
        },
        Event::Announced { .. }
        | Event::Superseded { .. }
        | Event::Interrupted { .. }
        | Event::Commanded { .. }
        | Event::Applied { .. }
        | Event::Notified { .. } => None,
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

/// Each change gives the reason that the rules know of.
fn wrong_cause(
    plan: &Plan,
    device: DeviceId,
    expected: &[Due],
    recorded: &[(Instant, &Change)],
) -> Option<Difference> {
    let (_, (at, change)) =
        expected.iter().zip(recorded).find(|(due, (_, change))| due.cause != change.cause)?;
    let entered = &plan.status(device, change.to).key;
    let text = format!("entered {entered} for a reason that does not hold: {}", change.cause);
    Some((Invariant::OneChangeOneReason, *at, text))
}

#[cfg(test)]
mod tests;
