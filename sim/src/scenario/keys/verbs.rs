//! The verbs of the timeline and what can stand beside them.

use super::{Key, built, later};
use crate::plan::ServerAction;

/// A verb of the timeline, by whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Devices.
    Device(DeviceVerb),
    /// The server.
    Server(ServerAction),
    /// The receiver of notifications.
    Receiver,
}

/// A verb that names devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceVerb {
    /// Intend to be connected.
    Connect,
    /// Close gracefully.
    Disconnect,
    /// The link goes silent.
    Drop,
    /// Every silence ends.
    Heal,
    /// RST.
    Reset,
    /// Power is lost.
    PowerOff,
    /// Power returns.
    PowerOn,
    /// The application freezes.
    Hang,
    /// A data message.
    Send,
    /// A user commands it.
    Command,
    /// Announce a heartbeat.
    SetHeartbeat,
    /// A status is set.
    SetStatus,
    /// Announce a status, then close.
    Sleep,
    /// A second connection.
    Clone,
    /// Illegal bytes.
    Garbage,
    /// A login with a wrong token.
    BadToken,
}

impl DeviceVerb {
    /// Whether it makes no sense for a device that speaks HTTP.
    pub const fn needs_connection(self) -> bool {
        match self {
            Self::Reset | Self::SetHeartbeat | Self::Garbage | Self::BadToken => true,
            Self::Connect
            | Self::Disconnect
            | Self::Drop
            | Self::Heal
            | Self::PowerOff
            | Self::PowerOn
            | Self::Hang
            | Self::Send
            | Self::Command
            | Self::SetStatus
            | Self::Sleep
            // It is a connection of its own.
            | Self::Clone => false,
        }
    }
}

/// Whether a verb can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It works and means this.
    Built(Verb),
    /// As [`Support::Later`](super::Support::Later).
    Later(&'static str),
}

/// A verb's entry in the table.
#[derive(Clone, Copy, Debug)]
pub struct VerbKey {
    /// As it is written.
    pub name: &'static str,
    /// Whether it works.
    pub meaning: Meaning,
    /// The modifiers that it takes.
    pub modifiers: &'static [&'static str],
    /// What it does, one line.
    pub about: &'static str,
}

const fn verb(
    name: &'static str,
    verb: DeviceVerb,
    modifiers: &'static [&'static str],
    about: &'static str,
) -> VerbKey {
    VerbKey { name, meaning: Meaning::Built(Verb::Device(verb)), modifiers, about }
}

const fn server_verb(
    name: &'static str,
    action: ServerAction,
    modifiers: &'static [&'static str],
    about: &'static str,
) -> VerbKey {
    VerbKey { name, meaning: Meaning::Built(Verb::Server(action)), modifiers, about }
}

const fn receiver_verb(
    name: &'static str,
    modifiers: &'static [&'static str],
    about: &'static str,
) -> VerbKey {
    VerbKey { name, meaning: Meaning::Built(Verb::Receiver), modifiers, about }
}

const fn later_verb(name: &'static str, about: &'static str, instead: &'static str) -> VerbKey {
    VerbKey { name, meaning: Meaning::Later(instead), modifiers: &[], about }
}

/// All verbs. Those that take `for` can be undone.
pub static VERBS: [VerbKey; 24] = [
    verb("connect", DeviceVerb::Connect, &["for"], "intends to be connected and dials at once"),
    verb("disconnect", DeviceVerb::Disconnect, &["for"], "closes gracefully and stays away until `connect`"),
    verb("drop", DeviceVerb::Drop, &["for"], "the link goes silent"),
    verb("heal", DeviceVerb::Heal, &[], "ends every silence of the link"),
    verb("reset", DeviceVerb::Reset, &[], "the connection is torn by RST"),
    verb("power-off", DeviceVerb::PowerOff, &["for"], "silent, and the device forgets its connection"),
    verb("power-on", DeviceVerb::PowerOn, &[], "dials at once if it intends to be connected"),
    verb("hang", DeviceVerb::Hang, &["for"], "the application freezes: its connection lives, without bytes"),
    verb("send", DeviceVerb::Send, &["pin", "value"], "a data message, default V0 = 1"),
    verb("command", DeviceVerb::Command, &["pin", "value"], "a user's command, default V0 = 1"),
    verb("set-heartbeat", DeviceVerb::SetHeartbeat, &["to", "for"], "announces a heartbeat and keeps it"),
    verb("set-status", DeviceVerb::SetStatus, &["to", "by"], "announces a status; or an operator sets it"),
    verb("sleep", DeviceVerb::Sleep, &["to", "for"], "announces a status, then closes"),
    verb("clone", DeviceVerb::Clone, &["for"], "a second connection with the same token"),
    verb("garbage", DeviceVerb::Garbage, &["kind"], "illegal bytes"),
    verb("bad-token", DeviceVerb::BadToken, &[], "a login with a wrong token from the device's address"),
    later_verb("partition", "a group's network goes silent", "`drop` silences each device of a list"),
    later_verb("slow", "latency of a group's network", ""),
    later_verb("lose", "loss in a group's network", ""),
    server_verb("crash", ServerAction::Crash, &["for"], "the server loses power: silence"),
    server_verb("kill", ServerAction::Kill, &["for"], "the server's process is gone: RST"),
    server_verb("stop", ServerAction::Stop, &["for"], "the server stops gracefully"),
    server_verb("start", ServerAction::Start, &[], "the server starts"),
    receiver_verb("receiver", &["for"], "the receiver of notifications is `down`, `slow`, `failing` or `up`"),
];

/// Everything that can stand beside a verb.
pub static MODIFIERS: [Key; 10] = [
    built("for", "undo it after this long"),
    built("to", "the heartbeat or status that is set"),
    built("by", "who sets the status, `device` or `operator`"),
    built("pin", "virtual pin, `V0` to `V255`"),
    built("value", "value of the message"),
    built("kind", "which illegal bytes"),
    later("every", "repeat within a window", "write each moment"),
    later("evenly", "spread members over a window", "write each moment"),
    later("latency", "of the network", ""),
    later("loss", "of the network", ""),
];

/// The verb of this name.
pub fn find_verb(name: &str) -> Option<&'static VerbKey> {
    VERBS.iter().find(|verb| verb.name == name)
}

/// The modifier of this name.
pub fn find_modifier(name: &str) -> Option<&'static Key> {
    MODIFIERS.iter().find(|modifier| modifier.name == name)
}

/// The verbs that can be used.
pub fn usable_verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().filter(|verb| matches!(verb.meaning, Meaning::Built(_))).map(|verb| verb.name)
}

/// The verbs that `for` undoes.
pub fn undoable_verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().filter(|verb| verb.modifiers.contains(&"for")).map(|verb| verb.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modifier_of_a_verb_is_in_the_table() {
        for name in VERBS.iter().flat_map(|verb| verb.modifiers) {
            assert!(find_modifier(name).is_some(), "{name}");
        }
    }
}
