//! The verbs of the timeline and what can stand beside them.

use super::{KINDS, Key, SETTERS, Shape, key, words};
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
    /// Its network is cut off.
    Partition,
    /// Its network is slow.
    Slow,
    /// Its network loses messages.
    Lose,
    /// Whatever impairs the link ends.
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
            | Self::Partition
            | Self::Slow
            | Self::Lose
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

/// A verb's entry in the table.
#[derive(Clone, Copy, Debug)]
pub struct VerbKey {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub verb: Verb,
    /// The modifiers that it takes beside those of when it happens.
    own_modifiers: &'static [&'static str],
    /// What it does, one line.
    pub about: &'static str,
}

impl VerbKey {
    /// The modifiers that it takes. Anything can be repeated; what is done to many can be spread over a window.
    pub fn modifiers(&self) -> impl Iterator<Item = &'static str> + use<> {
        let when: &[&str] = match self.verb {
            Verb::Device(_) => &["every", "evenly"],
            Verb::Server(_) | Verb::Receiver => &["every"],
        };
        self.own_modifiers.iter().chain(when).copied()
    }
}

const fn verb(
    name: &'static str,
    verb: Verb,
    own_modifiers: &'static [&'static str],
    about: &'static str,
) -> VerbKey {
    VerbKey { name, verb, own_modifiers, about }
}

use DeviceVerb as V;
use Verb::{Device, Receiver, Server};

/// All verbs. Those that take `for` can be undone.
pub static VERBS: [VerbKey; 24] = [
    verb("connect", Device(V::Connect), &["for"], "intends to be connected and dials at once"),
    verb("disconnect", Device(V::Disconnect), &["for"], "closes gracefully and stays away until `connect`"),
    verb("drop", Device(V::Drop), &["for"], "the link goes silent"),
    verb("heal", Device(V::Heal), &[], "ends all that impairs the link: silence, slowness and loss"),
    verb("reset", Device(V::Reset), &[], "the connection is torn by RST"),
    verb("power-off", Device(V::PowerOff), &["for"], "silent, and the device forgets its connection"),
    verb("power-on", Device(V::PowerOn), &[], "dials at once if it intends to be connected"),
    verb("hang", Device(V::Hang), &["for"], "the application freezes: its connection lives, without bytes"),
    verb("send", Device(V::Send), &["pin", "value"], "a data message, default V0 = 1"),
    verb("command", Device(V::Command), &["pin", "value"], "a user's command, default V0 = 1"),
    verb("set-heartbeat", Device(V::SetHeartbeat), &["to", "for"], "announces a heartbeat and keeps it"),
    verb("set-status", Device(V::SetStatus), &["to", "by"], "announces a status; or an operator sets it"),
    verb("sleep", Device(V::Sleep), &["to", "for"], "announces a status, then closes"),
    verb("clone", Device(V::Clone), &["for"], "a second connection with the same token"),
    verb("garbage", Device(V::Garbage), &["kind"], "illegal bytes"),
    verb("bad-token", Device(V::BadToken), &[], "a login with a wrong token from the device's address"),
    verb("partition", Device(V::Partition), &["for"], "the network of a group is cut off: silence"),
    verb("slow", Device(V::Slow), &["latency", "for"], "every message takes `latency` longer"),
    verb("lose", Device(V::Lose), &["loss", "for"], "messages are lost, and sent again by TCP"),
    verb("crash", Server(ServerAction::Crash), &["for"], "the server loses power: silence"),
    verb("kill", Server(ServerAction::Kill), &["for"], "the server's process is gone: RST"),
    verb("stop", Server(ServerAction::Stop), &["for"], "the server stops gracefully"),
    verb("start", Server(ServerAction::Start), &[], "the server starts"),
    verb(
        "receiver",
        Receiver,
        &["for"],
        "the receiver of notifications is `down`, `slow`, `failing` or `up`",
    ),
];

/// Everything that can stand beside a verb.
pub static MODIFIERS: [Key; 10] = [
    key("for", Shape::Lasting, "undo it after this long"),
    key("to", Shape::Text, "the heartbeat or status that is set"),
    key("by", Shape::Word(|| words(&SETTERS)), "who sets the status, `device` or `operator`"),
    key("pin", Shape::Pin, "virtual pin, `V0` to `V255`"),
    key("value", Shape::Text, "value of the message"),
    key("kind", Shape::Word(|| words(&KINDS)), "which illegal bytes"),
    key("every", Shape::Length, "repeat it in the window, this often"),
    key("evenly", Shape::Truth, "`true`: the devices at equal distances in the window, in their order"),
    key("latency", Shape::Length, "how much longer a message takes, one way"),
    key("loss", Shape::Share, "how many messages are lost more, such as `30%`"),
];

/// The verb of this name.
pub fn find_verb(name: &str) -> Option<&'static VerbKey> {
    VERBS.iter().find(|verb| verb.name == name)
}

/// The modifier of this name.
pub fn find_modifier(name: &str) -> Option<&'static Key> {
    MODIFIERS.iter().find(|modifier| modifier.name == name)
}

/// The names of all verbs.
pub fn verb_names() -> impl Iterator<Item = &'static str> {
    VERBS.iter().map(|verb| verb.name)
}

/// The verbs that `for` undoes.
pub fn undoable_verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().filter(|verb| verb.own_modifiers.contains(&"for")).map(|verb| verb.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modifier_of_a_verb_is_in_the_table() {
        for name in VERBS.iter().flat_map(VerbKey::modifiers) {
            assert!(find_modifier(name).is_some(), "{name}");
        }
    }
}
