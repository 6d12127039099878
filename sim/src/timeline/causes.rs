//! Why a status is what it is: the entries that led to a change, told in one line each.

mod occasion;

use std::fmt;

use blynk_core::time::Instant;

use super::canonical;
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
        Cause::Login => {
            // The login itself stands before the change.
            let login = lane[..index].iter().rposition(|entry| occasion::is_login(entry));
            occasion::of(plan, change.cause, &lane[..login.unwrap_or(index)]).into_iter().collect()
        }
        Cause::Data | Cause::Set(_) | Cause::Template => {
            occasion::of(plan, change.cause, &lane[..index]).into_iter().collect()
        }
        Cause::Wait { .. } | Cause::Grace => disconnect(plan, &lane[..index]),
    };
    reasons.push(Reason { at: lane[index].at, text: change.cause.to_string() });
    reasons
}

/// What led to the login in `lane[index]`, oldest first: one that finds its device Online changes nothing.
pub fn of_login(plan: &Plan, lane: &[&Entry], index: usize) -> Vec<Reason> {
    let login = Reason { at: lane[index].at, text: Cause::Login.to_string() };
    occasion::of(plan, Cause::Login, &lane[..index]).into_iter().chain([login]).collect()
}

/// Why a device could have been back, that was not until `at`.
pub fn of_absence(plan: &Plan, lane: &[&Entry], at: Instant) -> Vec<Reason> {
    let before = lane.partition_point(|entry| entry.at < at);
    let absence = Reason { at, text: "not back".into() };
    occasion::of(plan, Cause::Login, &lane[..before]).into_iter().chain([absence]).collect()
}

/// When a device that is offline was known to be there for the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// When: the base of the wait.
    pub base: Instant,
    /// What it was known by.
    pub sign: Sign,
}

/// What the wait of a device counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Its last byte, before a silence.
    LastByte,
    /// The end of its connection.
    Close,
    /// Its last report.
    Report,
    /// The server's restart: it was connected before.
    Restart,
}

impl Sign {
    /// Whether it says that the device was there, and nothing else: no end of anything.
    pub const fn is_presence(self) -> bool {
        match self {
            Self::LastByte | Self::Report => true,
            Self::Close | Self::Restart => false,
        }
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LastByte => "the last byte",
            Self::Close => "the close",
            Self::Report => "the last report",
            Self::Restart => "the server's restart",
        })
    }
}

/// What the wait counts from that ends with the change in `lane[index]`; nothing if the change was made otherwise.
pub fn detection(lane: &[&Entry], index: usize) -> Option<Detection> {
    if !lane[index].change()?.cause.is_wait() {
        return None;
    }
    lane[..index].iter().rev().find_map(|entry| {
        let (base, sign) = match &entry.what {
            What::Server(Event::Closed { close, .. }) => match close.reason {
                CloseReason::Heartbeat { .. } => (close.last_byte_at, Sign::LastByte),
                CloseReason::Closed
                | CloseReason::Reset
                | CloseReason::Protocol(_)
                | CloseReason::Flood
                | CloseReason::Superseded
                | CloseReason::Revoked
                | CloseReason::Removed
                | CloseReason::Server => (entry.at, Sign::Close),
            },
            What::Server(Event::Reported { .. }) => (entry.at, Sign::Report),
            What::Server(Event::Interrupted { .. }) => (entry.at, Sign::Restart),
            What::Server(_) | What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => {
                return None;
            }
        };
        Some(Detection { base, sign })
    })
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

#[cfg(test)]
mod tests;
