//! Restarts of the server, as the record of one device shows them, and that they move nobody (`lifecycle` section 7).
//!
//! Owns when exactly the server went down and came up for a device: an engine tells both to the tick, and a deadline
//! within that tick may have been reached or not. What the record says decides then.

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::{Duration, Instant};

use super::{Invariant, near, reference};
use crate::plan::Plan;
use crate::timeline::{Cause, Entry, Event, Run, What};

/// One time that the server was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage {
    /// Nothing came due from this instant on.
    pub(super) down: Instant,
    /// If it ended.
    pub(super) restart: Option<Restart>,
}

/// A start of the server, for one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Restart {
    /// When.
    pub(super) at: Instant,
    /// How long the device had from then on to come back.
    pub(super) grace: Duration,
}

/// All outages, in order of time. `lane` holds the entries of the device.
pub(super) fn outages(plan: &Plan, device: DeviceId, lane: &[&Entry]) -> Vec<Outage> {
    let mut outages: Vec<Outage> = Vec::new();
    let mut heartbeat = plan.device(device).template.heartbeat;
    let slack = plan.granularity();
    for (place, entry) in lane.iter().enumerate() {
        match &entry.what {
            What::Server(Event::LoggedIn { .. }) => heartbeat = plan.device(device).template.heartbeat,
            What::Server(Event::Announced { heartbeat: Some(announced), .. }) => heartbeat = *announced,
            What::Run(Run::Up) => {
                let grace = reference::grace(plan, heartbeat);
                let at = up(lane, place, grace, slack, plan.until);
                if let Some(outage) = outages.last_mut().filter(|outage| outage.restart.is_none()) {
                    *outage = Outage { down: outage.down.min(at), restart: Some(Restart { at, grace }) };
                }
            }
            What::Run(Run::Crashed | Run::Killed | Run::Stopped) => {
                // A start that ended before it could say anything is none.
                let is_told = says_anything(lane, place);
                let is_stillborn = |restart: &mut Restart| near(restart.at, entry.at, slack) && !is_told;
                if let Some(outage) = outages.last_mut() {
                    outage.restart.take_if(is_stillborn);
                }
                let up = outages.last().map(|outage| outage.restart.map(|restart| restart.at));
                if up != Some(None) {
                    let down = down(lane, place, slack).max(up.flatten().unwrap_or_default());
                    outages.push(Outage { down, restart: None });
                }
            }
            What::Step { .. } | What::Server(_) | What::Received { .. } | What::Noted(_) => {}
        }
    }
    outages
}

/// Whether the server recorded anything between its last start and its end in `lane[end]`.
fn says_anything(lane: &[&Entry], end: usize) -> bool {
    let before = lane[..end].iter().rev().take_while(|entry| !is_run(entry));
    before.chain(said_at_once(lane, end)).any(|entry| matches!(entry.what, What::Server(_)))
}

/// What was recorded at the very instant of the end in `lane[end]`: it stands behind the end, and was said before.
fn said_at_once<'l>(lane: &'l [&'l Entry], end: usize) -> impl Iterator<Item = &'l &'l Entry> {
    lane[end + 1..].iter().take_while(move |entry| entry.at == lane[end].at && !is_run(entry))
}

fn is_run(entry: &Entry) -> bool {
    matches!(entry.what, What::Run(_))
}

/// What came due within a tick of the end, in milliseconds that were over by then or not, happened if it was recorded.
fn down(lane: &[&Entry], place: usize, slack: Duration) -> Instant {
    let (told, slack) = (lane[place].at, slack + Duration::MILLISECOND);
    let near_end = lane[place..].iter().take_while(|entry| entry.at <= told + slack);
    // What comes after the next start was not due before this end.
    let until_start = near_end.take_while(|entry| !matches!(entry.what, What::Run(Run::Up))).count();
    let beside = &lane[..place + until_start];
    let beside = beside.iter().rev().take_while(|entry| near(entry.at, told, slack));
    let last = beside.copied().find(|entry| is_automatic(entry));
    last.map_or(told - slack, |last| last.at.when_over())
}

/// A device that was connected, or whose next change came with the end of its grace, tells the exact instant.
fn up(lane: &[&Entry], place: usize, grace: Duration, slack: Duration, until: Instant) -> Instant {
    let told = lane[place].at;
    let around = |at| near(at, told, slack);
    let before = lane[..place].iter().rposition(|entry| matches!(entry.what, What::Run(_)));
    let since_end = before.map_or(lane, |end| &lane[end + 1 + said_at_once(lane, end).count()..]);
    let so_far = since_end.iter().take_while(|entry| entry.at <= told + slack);
    let interrupted = so_far.copied().find(|entry| is_interruption(entry) && around(entry.at));
    if let Some(interrupted) = interrupted {
        return interrupted.at;
    }
    let mut later = lane[place + 1..].iter();
    let next = later.find(|entry| is_automatic(entry) || is_return(entry));
    let next_at = next.map_or(until.when_over(), |next| next.at);
    match next.filter(|next| is_automatic(next) && around(next.at - grace)) {
        Some(next) => next.at - grace,
        // The end of the grace lies beside what cut it off.
        None if near(next_at, told + grace, slack) => told + slack,
        None => told,
    }
}

/// The first change that a restart must not make: while the server was down, or in the grace of a device that was not
/// back yet.
pub(super) fn judge(
    plan: &Plan,
    device: DeviceId,
    lane: &[&Entry],
    outages: &[Outage],
) -> Option<(Invariant, Instant, String)> {
    let mut changes = lane.iter().filter(|entry| is_automatic(entry));
    changes.find_map(|entry| {
        let outage = outages.iter().rfind(|outage| outage.down <= entry.at)?;
        let entered = name(plan, device, entry)?;
        let text = match outage.restart {
            Some(restart) if restart.at <= entry.at => {
                let end = restart.at + restart.grace;
                let is_back = || lane.iter().any(|e| is_return(e) && (restart.at..=entry.at).contains(&e.at));
                if end <= entry.at || is_back() {
                    return None;
                }
                let end = plan.clock.spell(end);
                format!(
                    "entered {entered} within the grace after the server's restart, which lasts until {end}"
                )
            }
            Some(_) | None => format!("entered {entered} while the server was down"),
        };
        Some((Invariant::RestartInvisible, entry.at, text))
    })
}

fn name<'p>(plan: &'p Plan, device: DeviceId, entry: &Entry) -> Option<&'p str> {
    let to: StatusIndex = entry.change()?.to;
    Some(&plan.status(device, to).key)
}

/// Whether this is a change of status that nobody asked for.
fn is_automatic(entry: &Entry) -> bool {
    entry.change().is_some_and(|change| match change.cause {
        Cause::Wait { .. } | Cause::Grace => true,
        Cause::Login | Cause::Data | Cause::Set(_) | Cause::Template => false,
    })
}

fn is_interruption(entry: &Entry) -> bool {
    matches!(entry.what, What::Server(Event::Interrupted { .. }))
}

/// Whether the device came back.
fn is_return(entry: &Entry) -> bool {
    entry.is_login() || matches!(entry.what, What::Server(Event::Reported { .. }))
}

#[cfg(test)]
mod tests;
