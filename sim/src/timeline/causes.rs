//! Why a status is what it is: the entries that led to a change, told in one line each.

use blynk_core::time::{Duration, Instant};

use super::canonical::{self, describe_deed};
use super::{Cause, Change, Close, CloseReason, Entry, Event, What};
use crate::plan::Plan;

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// When.
    pub at: Instant,
    /// What.
    pub text: String,
}

/// What led to the change in `lane[index]`, oldest first. `lane` holds the entries of one device.
///
/// # Panics
/// If that entry records no change of status.
pub fn of_change(plan: &Plan, lane: &[&Entry], index: usize) -> Vec<Reason> {
    let change = lane[index].change().expect("only a change of status has causes");
    let mut reasons = match change.cause {
        Cause::Login | Cause::Data | Cause::Set(_) => last_step(plan, &lane[..index]),
        Cause::Wait { .. } | Cause::Grace => disconnect(plan, &lane[..index]),
    };
    reasons.push(Reason { at: lane[index].at, text: change.cause.to_string() });
    reasons
}

/// How long after the device was last known to be there the change in `lane[index]` came, and what it was known by.
pub fn detection(lane: &[&Entry], index: usize) -> Option<(Duration, &'static str)> {
    let (base, what) = lane[..index].iter().rev().find_map(|entry| match &entry.what {
        What::Server(Event::Closed {
            close: Close { reason: CloseReason::Heartbeat { .. }, last_byte_at, .. },
            ..
        }) => Some((*last_byte_at, "the last byte")),
        What::Server(Event::Closed { .. }) => Some((entry.at, "the close")),
        What::Server(Event::Reported { .. }) => Some((entry.at, "the last report")),
        What::Server(Event::Interrupted { .. }) => Some((entry.at, "the server's restart")),
        What::Server(_) | What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    })?;
    Some((lane[index].at.since(base), what))
}

/// The name of the disconnect that the waiting for the change in `lane[index]` began with.
pub fn disconnect_name(lane: &[&Entry], index: usize) -> &'static str {
    let named = lane[..index].iter().rev().find_map(|entry| match &entry.what {
        What::Server(Event::Closed { close, .. }) => Some(close.reason.name()),
        What::Server(Event::Interrupted { .. }) => Some(CloseReason::Server.name()),
        What::Server(Event::Reported { .. }) => Some("report"),
        What::Server(_) | What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    });
    named.unwrap_or_default()
}

/// The last thing that the scenario did to the device.
fn last_step(plan: &Plan, before: &[&Entry]) -> Vec<Reason> {
    let step = before.iter().rev().find_map(|entry| match entry.what {
        What::Step { step, .. } => {
            Some(Reason { at: entry.at, text: describe_deed(plan, &plan.steps[step].deed).1 })
        }
        What::Server(_) | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    });
    step.into_iter().collect()
}

/// The disconnect that the waiting began with, and the changes since.
fn disconnect(plan: &Plan, before: &[&Entry]) -> Vec<Reason> {
    let begins =
        |entry: &&Entry| entry.is_end() || matches!(entry.what, What::Server(Event::Reported { .. }));
    let Some(start) = before.iter().rposition(begins) else { return Vec::new() };
    let device = canonical::name(plan, before[start].subject);
    let mut reasons = Vec::new();
    if let Some(Close { reason, last_byte_at, last_command }) = before[start].close() {
        if matches!(reason, CloseReason::Heartbeat { .. }) {
            let text = format!("last byte from {device} ({})", last_command.name());
            reasons.push(Reason { at: *last_byte_at, text });
        }
        reasons.push(Reason { at: before[start].at, text: reason.to_string() });
    }
    if before[start].close().is_none() {
        reasons.push(Reason { at: before[start].at, text: canonical::describe(plan, before[start]) });
    }
    reasons.extend(before[start..].iter().filter_map(|entry| since(plan, entry)));
    reasons
}

/// What else happened while the device was away.
fn since(plan: &Plan, entry: &Entry) -> Option<Reason> {
    let text = match entry.change() {
        Some(Change { cause, .. }) => {
            let text = canonical::describe(plan, entry);
            let (status, _) = text.split_once(':')?;
            format!("{}: {cause}", status.to_lowercase())
        }
        None if matches!(entry.what, What::Run(_)) => format!("server {}", canonical::describe(plan, entry)),
        None => return None,
    };
    Some(Reason { at: entry.at, text })
}
