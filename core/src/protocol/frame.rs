//! The words of the wire: commands, message ids, answers, and a frame made of them.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

/// Bytes before a body.
pub const HEADER_LEN: usize = 5;
/// Header and body together cannot be longer than this many bytes.
pub const LONGEST_MESSAGE: usize = HEADER_LEN + u16::MAX as usize;

/// One message on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The answer to the request with this id. Its length field carries the answer; it has no body.
    Response {
        /// The id of the request.
        id: MessageId,
        /// How it went.
        answer: Answer,
    },
    /// Anything else.
    Request {
        /// What it is.
        command: Command,
        /// Echoed by the answer.
        id: MessageId,
        /// UTF-8 fields joined by NUL.
        body: &'a [u8],
    },
}

/// A message id: 1 to 65,535. Zero is illegal on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MessageId(NonZeroU16);

impl MessageId {
    /// The first id of a connection, and the id of every login.
    pub const FIRST: Self = Self(NonZeroU16::MIN);

    /// The id of this number, unless it is zero.
    pub const fn new(id: u16) -> Option<Self> {
        match NonZeroU16::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The number on the wire.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// The next id; after 65,535 comes 1.
    #[must_use]
    pub fn next(self) -> Self {
        self.0.checked_add(1).map_or(Self::FIRST, Self)
    }
}

/// The answer to a request. Codes that we do not name are legal: a peer may be newer than we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer(pub u16);

impl Answer {
    /// Done.
    pub const OK: Self = Self(200);
    /// The command does not exist here, or not in this direction.
    pub const ILLEGAL_COMMAND: Self = Self(2);
    /// The connection is logged in already.
    pub const ALREADY_REGISTERED: Self = Self(4);
    /// Log in first.
    pub const NOT_AUTHENTICATED: Self = Self(5);
    /// The request is understood and refused.
    pub const NOT_ALLOWED: Self = Self(6);
    /// No device has this token.
    pub const INVALID_TOKEN: Self = Self(9);
    /// The body cannot be understood.
    pub const ILLEGAL_BODY: Self = Self(11);
}

macro_rules! commands {
    ($($name:ident = $code:literal, $label:literal, $doc:literal;)*) => {
        /// What a request is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Command { $(#[doc = $doc] $name = $code,)* }

        impl Command {
            /// Every command but RESPONSE, which is a [frame](Frame::Response) of its own.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The command with this code, or `None` if the protocol has none.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// How timelines and messages call it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $label,)*
                }
            }
        }
    };
}

commands! {
    Login = 2, "login", "Login of old libraries: the token.";
    Ping = 6, "ping", "A sign of life, sent when there is nothing else to send.";
    Bridge = 15, "bridge", "A message to another device.";
    HwSync = 16, "sync", "Asks for the latest pin values.";
    Internal = 17, "internal", "Device info, time, and other matters of the library.";
    Property = 19, "property", "Sets a property of a widget.";
    Hardware = 20, "write", "Reads or writes a pin.";
    Group = 21, "group", "Begins or ends a set of writes.";
    HwLogin = 29, "login", "Login of current libraries: the token.";
    Redirect = 41, "redirect", "Sends the device to another server.";
    DebugPrint = 55, "debug print", "A text for the device's log.";
    EventLog = 64, "event", "Reports an event.";
    EventClear = 65, "event clear", "Clears an event.";
}

impl Command {
    /// The code on the wire.
    pub const fn code(self) -> u8 {
        self as u8
    }
}
