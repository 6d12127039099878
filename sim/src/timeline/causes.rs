//! Why a status is what it is: the entries that led to a change, told in one line each.

use blynk_core::time::Instant;

use super::canonical::describe_action;
use super::{Cause, Change, Close, CloseReason, Entry, What};
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
        Cause::Login | Cause::Data => last_step(plan, &lane[..index]),
        Cause::Wait { .. } => disconnect(plan, &lane[..index]),
    };
    reasons.push(Reason { at: lane[index].at, text: change.cause.to_string() });
    reasons
}

/// The last thing that the scenario did to the device.
fn last_step(plan: &Plan, before: &[&Entry]) -> Vec<Reason> {
    let step = before.iter().rev().find_map(|entry| match entry.what {
        What::Step { step, .. } => {
            Some(Reason { at: entry.at, text: describe_action(&plan.steps[step].action) })
        }
        What::Server(_) => None,
    });
    step.into_iter().collect()
}

/// The disconnect that the waiting began with, and the changes since.
fn disconnect(plan: &Plan, before: &[&Entry]) -> Vec<Reason> {
    let Some(start) = before.iter().rposition(|entry| entry.close().is_some()) else { return Vec::new() };
    let device = &plan.device(before[start].device).name;
    let mut reasons = Vec::new();
    if let Some(Close { reason, last_byte_at, last_command }) = before[start].close() {
        if matches!(reason, CloseReason::Heartbeat { .. }) {
            let text = format!("last byte from {device} ({})", last_command.name());
            reasons.push(Reason { at: *last_byte_at, text });
        }
        reasons.push(Reason { at: before[start].at, text: reason.to_string() });
    }
    reasons.extend(before[start..].iter().filter_map(|entry| waited(plan, entry)));
    reasons
}

fn waited(plan: &Plan, entry: &Entry) -> Option<Reason> {
    let Change { to, cause, .. } = entry.change()?;
    let status = &plan.status(entry.device, *to).key;
    Some(Reason { at: entry.at, text: format!("{status}: {cause}") })
}
