//! What the server records of a device: entries of its timeline, each with its reason.
//!
//! Owns the shape of an entry. Keeps none: entries leave the [hub](crate::hub) as outputs, a shell stores or shows them.

use std::fmt;
use std::net::SocketAddr;

use crate::close::CloseReason;
use crate::id::{SessionId, StatusIndex};
use crate::protocol::Command;
use crate::time::{Duration, Instant};

/// One line of a device's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened: the instant of the input, or the deadline that was reached.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// What can happen to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A session logged in and now speaks for the device.
    LoggedIn {
        /// The new live session.
        session: SessionId,
        /// Where it came from.
        address: SocketAddr,
    },
    /// The device announced how often it will be heard.
    Announced {
        /// The session that said so.
        session: SessionId,
        /// The new effective heartbeat.
        heartbeat: Duration,
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
    /// The device's status changed.
    Status(Change),
}

/// The end of a session that spoke for its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Why.
    pub reason: CloseReason,
    /// When its last byte arrived. The entry's instant minus this is the close latency.
    pub last_byte_at: Instant,
    /// The last whole message that arrived on it.
    pub last_command: Command,
}

/// A change of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The status left; none at the first login.
    pub from: Option<StatusIndex>,
    /// The status entered.
    pub to: StatusIndex,
    /// Why.
    pub cause: Cause,
}

/// Why a status changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A login sets Online.
    Login,
    /// A data transaction sets Online.
    Data,
    /// The wait of the entered status is over.
    Wait {
        /// What the wait counts from: the close, the last byte, or the previous change.
        base: Instant,
        /// The configured wait.
        wait: Duration,
        /// When the server learned that the device is gone: no change comes before it.
        detected: Instant,
    },
}

/// Why, in one line.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Login => write!(f, "login"),
            Self::Data => write!(f, "data"),
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
}
