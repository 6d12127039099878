//! The canonical text of a timeline: what snapshots keep, digests are made of and people read.
//!
//! It names no session, address or port: they depend on the order in which an engine opens connections.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{Entry, Event, Timeline, What};
use crate::plan::{Action, Garbage, Plan};

/// Every entry on a line of its own, and the digest of them all.
pub fn text(plan: &Plan, timeline: &Timeline) -> String {
    let width = plan.devices.iter().map(|device| device.name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "# {} · seed {} · engine turmoil · tick {} · {} · {}\n",
        plan.title,
        plan.seed.0,
        plan.tick,
        count(plan.devices.len(), "device"),
        count(timeline.changes(), "change"),
    );
    for entry in timeline.entries() {
        let name = &plan.device(entry.device).name;
        let (at, what) = (plan.clock.spell(entry.at), describe(plan, entry));
        writeln!(text, "{at:<14} {name:<width$}  {what}").expect("a string takes all text");
    }
    let digest = digest(&text);
    text + "digest " + &digest + "\n"
}

/// SHA-256 of a text, in hexadecimal.
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// One entry without its instant and device.
pub fn describe(plan: &Plan, entry: &Entry) -> String {
    match &entry.what {
        What::Step { step, remark } => {
            let action = describe_action(&plan.steps[*step].action);
            remark.map_or(format!("> {action}"), |remark| format!("> {action} ({remark})"))
        }
        What::Server(event) => describe_event(plan, entry, event),
    }
}

fn describe_event(plan: &Plan, entry: &Entry, event: &Event) -> String {
    match event {
        Event::LoggedIn { .. } => "connected".into(),
        Event::Announced { heartbeat, .. } => format!("heartbeat {heartbeat}"),
        Event::Superseded { .. } => "older connection superseded".into(),
        Event::Closed { close, .. } => {
            let latency = entry.at.since(close.last_byte_at);
            let last = close.last_command.name();
            format!(
                "disconnected {}: {}; last byte {latency} before ({last})",
                close.reason.name(),
                close.reason
            )
        }
        Event::Status(change) => {
            let status = &plan.status(entry.device, change.to).key;
            format!("{}: {}", status.to_uppercase(), change.cause)
        }
    }
}

/// An action as a scenario spells it.
pub fn describe_action(action: &Action) -> String {
    match action {
        Action::Connect => "connect".into(),
        Action::Disconnect => "disconnect".into(),
        Action::Drop(_) => "drop".into(),
        Action::Restore(_) => "end of drop".into(),
        Action::Heal => "heal".into(),
        Action::Reset => "reset".into(),
        Action::PowerOff => "power-off".into(),
        Action::PowerOn => "power-on".into(),
        Action::Send { pin, value } => format!("send V{pin} = {value}"),
        Action::SetHeartbeat(heartbeat) => format!("set-heartbeat {heartbeat}"),
        Action::Garbage(kind) => format!("garbage {}", garbage_name(*kind)),
    }
}

fn garbage_name(kind: Garbage) -> &'static str {
    match kind {
        Garbage::IdZero => "id-0",
        Garbage::UnknownCommand => "unknown-command",
        Garbage::Oversize => "oversize",
        Garbage::Truncated => "truncated",
        Garbage::Random => "random",
    }
}

/// `1 device`, `5,000 devices`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(count(1, "device"), "1 device");
        assert_eq!(count(0, "change"), "0 changes");
        assert_eq!(count(999, "change"), "999 changes");
        assert_eq!(count(1_234_567, "change"), "1,234,567 changes");
    }
}
