//! The canonical text of a timeline: what snapshots keep, digests are made of and people read.
//!
//! It names no session, address or port, and numbers no command or notification: that depends on the order in which an engine opens connections.

use std::fmt::Write;

use blynk_core::command::Verdict;
use blynk_core::id::StatusIndex;
use blynk_core::notification::{Channel, Notification, Stage};
use blynk_reports::printable::printable;
use sha2::{Digest, Sha256};

use super::{Entry, Event, Run, Setter, Subject, Timeline, What};
use crate::numerals::count;
use crate::plan::{Action, Deed, Engine, Garbage, Impairment, Plan, Receiver, ServerAction};

/// Every entry on a line of its own, and the digest of them all.
pub fn text(plan: &Plan, timeline: &Timeline) -> String {
    let names = plan.devices.iter().map(|device| device.name.chars().count());
    let width = names.chain([WORLD.len()]).max().unwrap_or(0);
    let mut text = head(plan, timeline);
    for entry in timeline.entries() {
        let name = name(plan, entry.subject);
        let (at, what) = (plan.clock.spell(entry.at), describe(plan, entry));
        writeln!(text, "{at:<14} {name:<width$}  {what}").expect("a string takes all text");
    }
    let digest = digest(&text);
    text + "digest " + &digest + "\n"
}

/// The first line: what was run, and what came of it in numbers.
pub fn head(plan: &Plan, timeline: &Timeline) -> String {
    format!(
        "# {} · seed {} · engine {} · {} · {}\n",
        plan.title,
        plan.seed.0,
        engine(plan),
        count(plan.devices.len() as u64, "device"),
        count(timeline.changes() as u64, "change"),
    )
}

/// With what it depends on.
fn engine(plan: &Plan) -> String {
    let name = plan.engine.name();
    match plan.engine {
        Engine::Turmoil => format!("{name} · tick {}", plan.tick),
        Engine::Events => name.into(),
    }
}

/// What the server, or everybody, is called beside devices.
const WORLD: &str = "server";

/// Whom an entry is about.
pub fn name(plan: &Plan, subject: Subject) -> &str {
    match subject {
        Subject::World => WORLD,
        Subject::Device(device) => &plan.device(device).name,
    }
}

/// SHA-256 of a text, in hexadecimal.
pub fn digest(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

/// Two digits for each byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// One entry without its instant and device.
pub fn describe(plan: &Plan, entry: &Entry) -> String {
    match &entry.what {
        What::Step { step, remark } => {
            let (_, action) = describe_deed(plan, &plan.steps[*step].deed);
            remark.map_or(format!("> {action}"), |remark| format!("> {action} ({remark})"))
        }
        What::Server(event) => describe_event(plan, entry, event),
        What::Run(run) => describe_run(*run).into(),
        What::Received { notification, again } => {
            let text = describe_notification(plan, notification, Stage::Owed);
            if *again { format!("received again: {text}") } else { format!("received: {text}") }
        }
        What::Noted(noted) => noted.to_string(),
    }
}

fn describe_event(plan: &Plan, entry: &Entry, event: &Event) -> String {
    match event {
        Event::LoggedIn { .. } => "connected".into(),
        Event::Announced { heartbeat: Some(heartbeat), client, .. } => {
            format!("heartbeat {heartbeat} ({client})")
        }
        Event::Announced { heartbeat: None, client, .. } => format!("announced no heartbeat ({client})"),
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
        Event::Interrupted { .. } => "disconnected server: the server was down".into(),
        Event::Reported { .. } => "reported by a request".into(),
        Event::Status(change) => {
            format!("{}: {}", status(plan, entry, change.to).to_uppercase(), change.cause)
        }
        Event::Commanded { command, verdict } => {
            let value = command.value.to_string();
            format!("command {} = {}: {}", command.pin, printable(&value), verdict_name(*verdict))
        }
        Event::Applied { pin, .. } => format!("command {pin} applied"),
        Event::Notified { notification, stage, .. } => {
            format!("notification: {}", describe_notification(plan, notification, *stage))
        }
    }
}

/// The key of a status of the device that an entry is about.
fn status<'p>(plan: &'p Plan, entry: &Entry, status: StatusIndex) -> &'p str {
    match entry.subject {
        Subject::World => unreachable!("only devices have statuses"),
        Subject::Device(device) => &plan.status(device, status).key,
    }
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sent => "sent",
        Verdict::Pending => "pending",
        Verdict::Warned => "pending, with a warning",
        Verdict::Blocked => "blocked",
    }
}

/// `offline email owner`, and how it ended.
fn describe_notification(plan: &Plan, notification: &Notification, stage: Stage) -> String {
    let Notification { device, status, channel, to, .. } = notification;
    spell_notification(&plan.status(*device, *status).key, *channel, to, stage)
}

/// As scenarios spell it.
pub fn spell_notification(status: &str, channel: Channel, to: &str, stage: Stage) -> String {
    let what = format!("{status} {} {to}", channel.name());
    match stage {
        Stage::Owed => what,
        Stage::Delivered => what + " delivered",
        Stage::Dead(reason) => what + " dead " + reason.name(),
    }
}

const fn describe_run(run: Run) -> &'static str {
    match run {
        Run::Up => "UP",
        Run::Crashed => "DOWN: power lost",
        Run::Killed => "DOWN: process gone",
        Run::Stopped => "DOWN: stopped",
    }
}

/// Whom a step is about, and what it does as a scenario spells it.
pub fn describe_deed<'p>(plan: &'p Plan, deed: &Deed) -> (&'p str, String) {
    match deed {
        Deed::Device(device, action) => (&plan.device(*device).name, describe_action(action)),
        Deed::Server(action) => (WORLD, describe_server_action(*action).into()),
        Deed::Receiver(receiver) => (WORLD, format!("receiver {}", receiver_name(*receiver))),
    }
}

const fn describe_server_action(action: ServerAction) -> &'static str {
    match action {
        ServerAction::Crash => "crash",
        ServerAction::Kill => "kill",
        ServerAction::Stop => "stop",
        ServerAction::Start => "start",
    }
}

const fn receiver_name(receiver: Receiver) -> &'static str {
    match receiver {
        Receiver::Up => "up",
        Receiver::Slow => "slow",
        Receiver::Failing => "failing",
        Receiver::Down => "down",
    }
}

/// An action as a scenario spells it.
pub fn describe_action(action: &Action) -> String {
    match action {
        Action::Connect => "connect".into(),
        Action::Disconnect => "disconnect".into(),
        Action::Impair(what, _) => describe_impairment(*what),
        Action::Relieve(what, _) => format!("end of {}", describe_impairment(*what)),
        Action::Heal => "heal".into(),
        Action::Reset => "reset".into(),
        Action::PowerOff => "power-off".into(),
        Action::PowerOn => "power-on".into(),
        Action::Send { pin, value } => format!("send {pin} = {}", printable(&value.to_string())),
        Action::SetHeartbeat(heartbeat) => format!("set-heartbeat {heartbeat}"),
        Action::Garbage(kind) => format!("garbage {}", garbage_name(*kind)),
        Action::Hang(_) => "hang".into(),
        Action::Resume(_) => "end of hang".into(),
        Action::Clone(_) => "clone".into(),
        Action::EndClone(_) => "end of clone".into(),
        Action::BadToken => "bad-token".into(),
        Action::SetStatus { to, by: Setter::Device } => format!("set-status {to}"),
        Action::SetStatus { to, by: Setter::Operator } => format!("set-status {to} by operator"),
        Action::Sleep { to } => format!("sleep {to}"),
        Action::Command { pin, value } => format!("command {pin} = {}", printable(&value.to_string())),
    }
}

fn describe_impairment(what: Impairment) -> String {
    match what {
        Impairment::Drop => "drop".into(),
        Impairment::Partition => "partition".into(),
        Impairment::Slow(latency) => format!("slow {latency}"),
        Impairment::Lose(loss) => format!("lose {loss}"),
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
