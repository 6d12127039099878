//! What scripts, pages and devices without a connection ask of the hub, and what they are answered.

use std::net::SocketAddr;

use crate::command::Verdict;
use crate::id::{CommandId, DeviceId, Pin, Token};

/// Names a question, so that its answer finds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// A question or an order from outside any session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whom it is about.
    pub about: About,
    /// What is wanted.
    pub wish: Wish,
}

/// Names a device, and says who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The device itself, or a script that holds its token.
    Token(Token),
    /// An operator or a user, whose right was checked before.
    Device(DeviceId),
}

/// What is wanted of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Data: values of pins, or none where it is data that is kept nowhere.
    Report {
        /// Pins and values.
        values: Vec<(Pin, Box<str>)>,
        /// Where it comes from.
        address: SocketAddr,
    },
    /// The latest values of these pins; none named: of all that have one.
    Get(Vec<Pin>),
    /// Whether a session speaks for the device.
    IsConnected,
    /// A status that stands later in the chain.
    SetStatus(Box<str>),
    /// A value for a pin, by a user.
    Command(Pin, Box<str>),
}

/// An answer to a [`Call`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// Values, in order of pins.
    Values(Vec<(Pin, Box<str>)>),
    /// Whether a session speaks for the device.
    Connected(bool),
    /// What became of the command.
    Commanded(CommandId, Verdict),
}

/// Why a [`Call`] is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No device has this token.
    #[error("Invalid token.")]
    InvalidToken,
    /// No device has this number.
    #[error("Device with identifier {} is not found.", .0.0)]
    NoSuchDevice(DeviceId),
    /// The pin was never written.
    #[error("Pin {0} has no value.")]
    NoValue(Pin),
    /// The value is longer than the server takes.
    #[error("The value of {pin} has {length} bytes; at most {limit} are allowed.")]
    ValueTooLong {
        /// Its pin.
        pin: Pin,
        /// Its length.
        length: usize,
        /// The most.
        limit: u16,
    },
    /// The device's template has no such status that it could be set to now.
    #[error("Status {status} cannot be set now; allowed: {}.", listed(allowed))]
    StatusNotAllowed {
        /// What was asked for.
        status: Box<str>,
        /// The keys that could be set.
        allowed: Vec<Box<str>>,
    },
    /// The status of the device blocks commands.
    #[error("The device does not take commands while its status is {status}.")]
    Blocked {
        /// What people call the status.
        status: Box<str>,
    },
}

fn listed(keys: &[Box<str>]) -> String {
    if keys.is_empty() { "none".into() } else { keys.join(", ") }
}
