//! What the server records of a device: entries of its timeline, each with its reason.
//!
//! Owns the shape of an entry, and what people are [shown] of them. Keeps none: entries leave the [hub](crate::hub) as
//! writes, for the [store](crate::store).

mod view;

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
pub use view::shown;

use crate::close::CloseReason;
use crate::command::{self, Verdict};
use crate::id::{CommandId, Pin, SessionId, StatusIndex};
use crate::notification::{Failure, Notification, Stage};
use crate::protocol::Command;
use crate::time::{Duration, Instant};

/// One line of a device's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it happened: the instant of the input, or the deadline that was reached.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// What can happen to a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A session logged in and now speaks for the device.
    LoggedIn {
        /// The new live session.
        session: SessionId,
        /// Where it came from.
        address: SocketAddr,
    },
    /// The device told about itself.
    Announced {
        /// The session that said so.
        session: SessionId,
        /// The new effective heartbeat, if it announced one.
        heartbeat: Option<Duration>,
        /// Library, hardware and firmware, as far as it named them.
        client: Box<str>,
    },
    /// A newer login took over. The device was there all along: this is no disconnect.
    Superseded {
        /// The older session.
        session: SessionId,
        /// The newer one.
        by: SessionId,
    },
    /// The device's live connection ended.
    Closed {
        /// The session that ended.
        session: SessionId,
        /// How.
        close: Close,
    },
    /// The server went down with this session, and is up again now. The device did not disconnect.
    Interrupted {
        /// The session that ended.
        session: SessionId,
    },
    /// The device, which is not connected, sent data by a request.
    Reported {
        /// Where it came from.
        address: SocketAddr,
    },
    /// The device's status changed.
    Status(Change),
    /// A user commanded the device.
    Commanded {
        /// What.
        command: command::Command,
        /// What the user was told.
        verdict: Verdict,
    },
    /// The device's live session was handed a command that was kept or sent.
    Applied {
        /// Which.
        command: CommandId,
        /// Its pin.
        pin: Pin,
    },
    /// A notification came to be, or to its end.
    Notified {
        /// Which.
        notification: Box<Notification>,
        /// How far it is.
        stage: Stage,
        /// Of a dead letter: what the last try met, if one failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<Failure>,
    },
}

/// The end of a session that spoke for its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Close {
    /// Why.
    pub reason: CloseReason,
    /// When its last byte arrived. The entry's instant minus this is the close latency.
    pub last_byte_at: Instant,
    /// The last whole message that arrived on it.
    pub last_command: Command,
}

/// A change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The status left; none at the first login, and where a changed chain has lost it.
    pub from: Option<StatusIndex>,
    /// The status entered.
    pub to: StatusIndex,
    /// Why.
    pub cause: Cause,
}

/// Why a status changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// A login sets Online.
    Login,
    /// A data transaction sets Online.
    Data,
    /// Somebody set it.
    Set(Setter),
    /// The template changed: it lost the status that the device was in, or cut its wait.
    Template,
    /// The wait of the entered status is over.
    Wait {
        /// What the wait counts from: the close, the last byte, or the previous change.
        base: Instant,
        /// The configured wait.
        wait: Duration,
        /// When the server learned that the device is gone: no change comes before it.
        detected: Instant,
    },
    /// The wait was over before, and now the grace after a restart of the server is too.
    Grace,
}

impl Cause {
    /// Whether nothing was heard for long enough, and so it is by itself that the status was entered.
    pub const fn is_wait(self) -> bool {
        match self {
            Self::Wait { .. } | Self::Grace => true,
            Self::Login | Self::Data | Self::Set(_) | Self::Template => false,
        }
    }
}

/// Who sets a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setter {
    /// The device itself, by message or request.
    Device,
    /// An operator.
    Operator,
}

/// Why, in one line.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Login => write!(f, "login"),
            Self::Data => write!(f, "data"),
            Self::Set(Setter::Device) => write!(f, "set by the device"),
            Self::Set(Setter::Operator) => write!(f, "set by an operator"),
            Self::Template => write!(f, "the template changed"),
            Self::Grace => write!(f, "the grace after the server's restart is over"),
            Self::Wait { wait: Duration::ZERO, .. } => write!(f, "no wait"),
            Self::Wait { base, wait, detected } if detected <= base => write!(f, "the {wait} wait is over"),
            Self::Wait { base, wait, detected } if detected < base + wait => {
                write!(f, "rest of the {wait} wait is over")
            }
            Self::Wait { wait, .. } => write!(f, "the {wait} wait was over when the silence was noticed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wait of two minutes that counts from this second, of a device whose end was learned of at that one.
    fn check(base: u64, detected: u64, text: &str) {
        let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        let cause = Cause::Wait { base: at(base), wait: Duration::from_secs(120), detected: at(detected) };
        assert_eq!(cause.to_string(), text);
    }

    #[test]
    fn a_wait_says_how_much_of_it_passed_unnoticed() {
        check(100, 100, "the 2m wait is over");
        check(300, 100, "the 2m wait is over");
        check(100, 167, "rest of the 2m wait is over");
        check(100, 219, "rest of the 2m wait is over");
        check(100, 220, "the 2m wait was over when the silence was noticed");
    }

    #[test]
    fn every_other_cause_is_told_in_a_few_words() {
        let check = |cause: Cause, text: &str| assert_eq!(cause.to_string(), text);
        check(Cause::Login, "login");
        check(Cause::Data, "data");
        check(Cause::Set(Setter::Device), "set by the device");
        check(Cause::Set(Setter::Operator), "set by an operator");
        check(Cause::Template, "the template changed");
        check(Cause::Grace, "the grace after the server's restart is over");
        let now = Instant::ZERO;
        check(Cause::Wait { base: now, wait: Duration::ZERO, detected: now }, "no wait");
    }
}
