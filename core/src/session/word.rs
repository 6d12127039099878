//! What passes between sessions and the [hub](crate::hub). A vocabulary; decides nothing.

use std::net::SocketAddr;

use crate::id::{CommandId, Pin, Token};
use crate::protocol::{Answer, MessageId};
use crate::time::Duration;
use crate::timeline::Close;

/// What a session tells the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Somebody presents a token. The hub answers with a [`LoginAnswer`].
    Login {
        /// The token.
        token: Token,
        /// Where the connection comes from.
        address: SocketAddr,
    },
    /// Somebody asked for a login with what can be no token, and was refused.
    NoToken,
    /// The device told about itself.
    Announced {
        /// The heartbeat, if it announced one.
        heartbeat: Option<Duration>,
        /// Library, hardware and firmware, as far as it named them.
        client: Box<str>,
    },
    /// Data arrived that is kept nowhere.
    Data,
    /// The device wrote a value to a virtual pin: data that is kept.
    Wrote {
        /// The pin.
        pin: Pin,
        /// The value; several are joined by NUL.
        value: Box<str>,
    },
    /// The device asks for the latest values. The hub answers with [`Input::Values`](super::Input::Values).
    Sync {
        /// The request.
        id: MessageId,
        /// Of which pins; none named: of all.
        pins: Vec<Pin>,
    },
    /// The device sets its status. The hub answers with [`Input::Answer`](super::Input::Answer).
    SetStatus {
        /// The request.
        id: MessageId,
        /// The status's key.
        status: Box<str>,
    },
    /// This command was written to the device.
    Handed(CommandId),
    /// A session that asked for a login, or had one, ended.
    Closed(Close),
}

/// A value for the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinValue {
    /// The pin.
    pub pin: Pin,
    /// The value; several are joined by NUL.
    pub value: Box<str>,
    /// The user's command that it comes from, if the device was not handed it before.
    pub command: Option<CommandId>,
}

/// The hub's answer to a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginAnswer {
    /// The session now speaks for its device.
    Accepted {
        /// In force until the device announces another.
        heartbeat: Duration,
    },
    /// The connection is closed with this answer.
    Refused(Answer),
    /// Too many logins failed before: nothing is said until the login timeout, and then the connection is closed.
    Withheld,
}
