//! Words of which a value is one, with what they mean.

use blynk_core::command::Controls;
use blynk_core::notification::{Channel, Undeliverable};
use blynk_core::settings::{Allowance, Takeover};
use blynk_core::timeline::Setter;

use crate::network::profiles;
use crate::plan::{Client, Engine, Garbage, Receiver, Turn};

/// Words of a closed list.
pub type Words<T, const N: usize> = [(&'static str, T); N];

/// How the devices' messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// On a connection that is kept.
    Hardware,
    /// Each in a request of its own.
    Http,
}

/// `protocol` of a device.
pub const WAYS: Words<Way, 2> = [("hardware", Way::Hardware), ("http", Way::Http)];

/// `token` of a device: whether the server knows it.
pub const TOKENS: Words<bool, 2> = [("right", true), ("wrong", false)];

/// `controls` of a status.
pub const CONTROLS: Words<Controls, 3> =
    [("allow", Controls::Allow), ("warn", Controls::Warn), ("block", Controls::Block)];

/// `timeline` of a status: whether the change to it is shown.
pub const SHOWN: Words<bool, 2> = [("show", true), ("hide", false)];

/// `allowance` of the server.
pub const ALLOWANCES: Words<Allowance, 2> = [("iot", Allowance::Iot), ("legacy", Allowance::Legacy)];

/// `takeover` of the server.
pub const TAKEOVERS: Words<Takeover, 2> = [("accept", Takeover::Accept), ("reject", Takeover::Reject)];

/// `kind` of `garbage`.
pub const KINDS: Words<Garbage, 5> = [
    ("id-0", Garbage::IdZero),
    ("unknown-command", Garbage::UnknownCommand),
    ("oversize", Garbage::Oversize),
    ("truncated", Garbage::Truncated),
    ("random", Garbage::Random),
];

/// `by` of `set-status`.
pub const SETTERS: Words<Setter, 2> = [("device", Setter::Device), ("operator", Setter::Operator)];

/// What the receiver of notifications is like.
pub const RECEIVERS: Words<Receiver, 4> = [
    ("down", Receiver::Down),
    ("slow", Receiver::Slow),
    ("failing", Receiver::Failing),
    ("up", Receiver::Up),
];

/// Why a notification is a dead letter, where every address has a receiver.
pub const REASONS: [Undeliverable; 5] = [
    Undeliverable::NoContact,
    Undeliverable::Quota,
    Undeliverable::Limit,
    Undeliverable::Full,
    Undeliverable::Tries,
];

/// What becomes of a command.
pub const TURNS: [Turn; 3] = [Turn::Pending, Turn::Applied, Turn::Blocked];

/// The words themselves, in order.
pub fn words<T, const N: usize>(words: &Words<T, N>) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

pub(super) fn engines() -> Vec<&'static str> {
    Engine::ALL.map(Engine::name).to_vec()
}

pub(super) fn clients() -> Vec<&'static str> {
    Client::LIBRARIES.iter().filter_map(|client| client.name()).collect()
}

/// Profiles of a network.
pub(crate) fn networks() -> Vec<&'static str> {
    profiles::names().collect()
}

/// By which people are notified.
pub(crate) fn channels() -> Vec<&'static str> {
    Channel::ALL.iter().map(|channel| channel.name()).collect()
}
