//! Why a connection ended. A vocabulary shared by sessions, the lifecycle and the timeline; decides nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::settings::Allowance;
use crate::time::Duration;

/// Why the connection of a device ended (`lifecycle` section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CloseReason {
    /// The peer sent FIN.
    Closed,
    /// The peer sent RST, or the transport failed.
    Reset,
    /// No byte for the allowance.
    Heartbeat {
        /// The heartbeat in force.
        heartbeat: Duration,
        /// The rule that made the allowance of it.
        rule: Allowance,
    },
    /// The peer broke the protocol.
    Protocol(Violation),
    /// More messages in a second than the limit.
    Flood,
    /// A newer login of the same device took over.
    Superseded,
    /// The device's token was replaced while it was connected.
    Revoked,
    /// The device was removed while it was connected.
    Removed,
    /// The server stopped.
    Server,
}

/// How a peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Violation {
    /// Message ids run from 1 to 65,535.
    IdZero,
    /// A command code that the protocol does not have.
    UnknownCommand(u8),
    /// A body longer than the server's limit.
    BodyTooLong(u16),
    /// A command other than login and ping before the login.
    NotLoggedIn,
}

impl CloseReason {
    /// The word used in timelines, reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Heartbeat { .. } => "heartbeat",
            Self::Protocol(_) => "protocol",
            Self::Flood => "flood",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::Removed => "removed",
            Self::Server => "server",
        }
    }
}

/// Why, in one line.
impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Closed => write!(f, "the device closed the connection"),
            Self::Reset => write!(f, "connection reset"),
            Self::Heartbeat { heartbeat, rule } => {
                let (silence, sum) = (rule.of(heartbeat).in_seconds(), rule.sum(heartbeat));
                write!(f, "no byte for {silence} ({sum}): connection closed")
            }
            Self::Protocol(violation) => write!(f, "illegal frame ({violation}): connection closed"),
            Self::Flood => write!(f, "too many messages in a second: connection closed"),
            Self::Superseded => write!(f, "superseded by a newer login"),
            Self::Revoked => write!(f, "its token was replaced: connection closed"),
            Self::Removed => write!(f, "the device was removed: connection closed"),
            Self::Server => write!(f, "the server stopped"),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdZero => write!(f, "message id 0"),
            Self::UnknownCommand(code) => write!(f, "unknown command {code}"),
            Self::BodyTooLong(length) => write!(f, "body of {length} bytes"),
            Self::NotLoggedIn => write!(f, "command before login"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reason: CloseReason, text: &str) {
        assert_eq!(reason.to_string(), text);
    }

    #[test]
    fn silence_is_told_with_the_sum_behind_it() {
        let silence =
            |rule, seconds| CloseReason::Heartbeat { heartbeat: Duration::from_secs(seconds), rule };
        check(silence(Allowance::Iot, 45), "no byte for 67s (1.5 x 45s): connection closed");
        check(silence(Allowance::Iot, 1), "no byte for 2s (1s + 1s): connection closed");
        check(silence(Allowance::Legacy, 10), "no byte for 23s (2.3 x 10s): connection closed");
    }

    #[test]
    fn a_violation_is_told_with_what_was_wrong() {
        let illegal = |violation| CloseReason::Protocol(violation);
        check(illegal(Violation::IdZero), "illegal frame (message id 0): connection closed");
        check(
            illegal(Violation::UnknownCommand(99)),
            "illegal frame (unknown command 99): connection closed",
        );
        check(
            illegal(Violation::BodyTooLong(5_000)),
            "illegal frame (body of 5000 bytes): connection closed",
        );
    }
}
