//! Settings of the server and their defaults. Read by sessions and the hub; decides nothing.

use serde::{Deserialize, Serialize};

use crate::time::Duration;

/// What an operator can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a connection may be silent, given its heartbeat.
    pub allowance: Allowance,
    /// What a login does to an older session of the same device.
    pub takeover: Takeover,
    /// How long a connection may take to log in.
    pub login_timeout: Duration,
    /// The most connections at one time, of devices and of requests. Further ones are closed as they arrive.
    pub connection_limit: u32,
    /// The most connections of one address at one time, if that is limited; further ones are closed as they arrive. Not
    /// limited by default: a network that is simulated, like a proxy, may give many devices one address.
    pub connections_per_address: Option<u32>,
    /// The longest body of a message, in bytes.
    pub body_limit: u16,
    /// The most messages of a session in any trailing second, every message counting. The limit is a session's and not
    /// its device's (ours): what a device sends again after a close is no part of the flood that was answered with it.
    pub messages_per_second: u16,
    /// The longest value of a pin, in bytes.
    pub value_limit: u16,
    /// How long devices have to come back after a restart of the server; by default one allowance each.
    pub restart_grace: Option<Duration>,
    /// The most failed logins of one token from one address in any trailing minute. Further ones are not answered until
    /// the login timeout.
    pub login_failures_per_minute: u16,
    /// The most failures of one address to prove a right in any trailing minute, if that is limited: logins with wrong
    /// tokens, whichever they are, and, counted for themselves, requests. Further ones are not answered until the login
    /// timeout.
    pub failures_per_address: Option<u16>,
    /// The most notifications that a device may cause in a day, which begins with its first.
    pub notifications_per_day: u16,
    /// A device's entries into one status that are closer together than this notify once; what the later ones would have told
    /// are dead letters.
    pub notification_gap: Duration,
    /// How often a notification is tried before it is a dead letter.
    pub notification_tries: u16,
    /// The most notifications that may wait to be delivered.
    pub outbox_limit: u32,
}

impl Settings {
    /// How long a device with this heartbeat has to come back after a restart of the server.
    pub fn grace(&self, heartbeat: Duration) -> Duration {
        self.restart_grace.unwrap_or_else(|| self.allowance.of(heartbeat))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allowance: Allowance::Iot,
            takeover: Takeover::Accept,
            login_timeout: Duration::from_secs(10),
            connection_limit: 100_000,
            connections_per_address: None,
            body_limit: 4_096,
            messages_per_second: 50,
            value_limit: 1_024,
            restart_grace: None,
            login_failures_per_minute: 5,
            failures_per_address: None,
            notifications_per_day: 100,
            notification_gap: Duration::from_secs(5),
            notification_tries: 10,
            outbox_limit: 10_000,
        }
    }
}

/// The rule from a heartbeat to the silence it allows (`lifecycle` section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Allowance {
    /// 1.5 heartbeats, rounded down to whole seconds, but at least one second more than the heartbeat.
    Iot,
    /// 2.3 heartbeats, rounded up to whole seconds: what the open-source server of 2016 to 2021 did.
    Legacy,
}

impl Allowance {
    /// The longest silence that is still in time.
    pub fn of(self, heartbeat: Duration) -> Duration {
        match self {
            Self::Iot => Self::whole_seconds(heartbeat * 3 / 2).max(heartbeat + Duration::SECOND),
            Self::Legacy => Self::whole_seconds(heartbeat * 23 / 10 + Duration::from_millis(999)),
        }
    }

    /// The sum behind [`of`](Self::of), for messages: `1.5 x 45s`, or `1s + 1s` where the second term decides.
    pub fn sum(self, heartbeat: Duration) -> String {
        match self {
            Self::Iot if heartbeat < Duration::from_secs(4) => format!("{heartbeat} + 1s"),
            Self::Iot => format!("1.5 x {heartbeat}"),
            Self::Legacy => format!("2.3 x {heartbeat}"),
        }
    }

    fn whole_seconds(length: Duration) -> Duration {
        Duration::from_secs(length.as_millis() / 1_000)
    }
}

/// What a login does to an older session of the same device (`lifecycle` section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// The older session is superseded.
    Accept,
    /// The newer login is refused.
    Reject,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowances_are_whole_seconds_and_longer_than_the_heartbeat() {
        let check = |rule: Allowance, heartbeat, allowance| {
            assert_eq!(rule.of(Duration::from_secs(heartbeat)), Duration::from_secs(allowance));
        };
        check(Allowance::Iot, 45, 67);
        check(Allowance::Iot, 10, 15);
        check(Allowance::Iot, 1, 2);
        check(Allowance::Iot, 2, 3);
        check(Allowance::Iot, 3, 4);
        check(Allowance::Iot, 86_400, 129_600);
        check(Allowance::Legacy, 10, 23);
        check(Allowance::Legacy, 45, 104);
        check(Allowance::Legacy, 1, 3);
    }
}
