//! What firmware keeps in mind while a stream is open, and when something is due on it.

use blynk_core::time::{Duration, Instant, earlier};

use super::manners::{Again, GivesUp, LoginPatience, Manners, Pings};
use crate::device::Timer;

/// An open stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) dialled_at: Instant,
    /// When the login was sent.
    pub(super) opened_at: Instant,
    pub(super) last_in: Instant,
    pub(super) last_out: Instant,
    /// Before the first ping the login, and then the answer to it.
    pub(super) last_ping: Instant,
    pub(super) stage: Stage,
    /// How the server ended it, unknown to the library.
    pub(super) unnoticed: Option<Loss>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The login is sent.
    LoggingIn,
    /// The login is accepted; nothing else is done before the answer to the device info, or this.
    Introducing { until: Instant },
    /// Logged in.
    Live {
        /// When the application writes of its own accord.
        next_write: Option<Instant>,
    },
}

/// How a stream ends from the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    Fin,
    Reset,
}

impl Open {
    /// A login is sent on a new stream.
    pub(super) fn new(now: Instant, dialled_at: Instant) -> Self {
        Self {
            dialled_at,
            opened_at: now,
            last_in: now,
            last_out: now,
            last_ping: now,
            stage: Stage::LoggingIn,
            unnoticed: None,
        }
    }

    /// The server accepts the login.
    pub(super) fn accepted(self, now: Instant, stage: Stage) -> Self {
        Self { last_in: now, last_out: now, last_ping: now, stage, ..self }
    }

    /// A message is written.
    pub(super) fn write(&mut self, now: Instant, is_ping: bool) {
        self.last_out = now;
        if is_ping {
            self.last_ping = now;
        }
        // The system at the other end answers with RST what is written after its FIN.
        self.unnoticed = self.unnoticed.map(|_| Loss::Reset);
    }

    /// What will be due first. At one instant giving up comes first, and what the application writes last.
    pub(super) fn next_timer(&self, manners: &Manners, heartbeat: Duration) -> Option<(Instant, Timer)> {
        let over = |at| Some((at, Timer::AttemptOver));
        match (self.stage, manners.login_patience) {
            (
                Stage::LoggingIn,
                LoginPatience::FromDialling(patience) | LoginPatience::RoundFromDialling(patience),
            ) => over(self.dialled_at + patience),
            (Stage::LoggingIn, LoginPatience::FromLogin(patience)) => over(self.opened_at + patience),
            (Stage::LoggingIn, LoginPatience::AsForAnyByte) => self.next_beat(manners, heartbeat),
            (Stage::Introducing { until }, _) => over(until),
            (Stage::Live { next_write }, _) => {
                let write = next_write.map(|at| (at, Timer::Write));
                earlier(self.next_beat(manners, heartbeat), write)
            }
        }
    }

    fn next_beat(&self, manners: &Manners, heartbeat: Duration) -> Option<(Instant, Timer)> {
        let give_up = self.gives_up_at(manners, heartbeat).map(|at| (at, Timer::GiveUp));
        let ping = self.pings_at(manners, heartbeat).map(|at| (at, Timer::Ping));
        earlier(give_up, ping)
    }

    fn pings_at(&self, manners: &Manners, heartbeat: Duration) -> Option<Instant> {
        let again = match manners.pings {
            Pings::AtIntervals => return None,
            Pings::WhenIdle(Again::Heartbeat) => heartbeat,
            Pings::WhenIdle(Again::Tenth) => heartbeat / 10,
            Pings::WhenIdle(Again::After(pause)) => pause,
        };
        Some((self.last_in.min(self.last_out) + heartbeat).max(self.last_ping + again))
    }

    /// When the library loses its patience with the session.
    pub(super) fn gives_up_at(&self, manners: &Manners, heartbeat: Duration) -> Option<Instant> {
        match manners.gives_up {
            GivesUp::OneAndAHalf => Some(self.last_in + heartbeat * 3 / 2),
            GivesUp::HeartbeatAnd(more) => Some(self.last_in + heartbeat + more),
            GivesUp::Never => None,
        }
    }

    /// Whether what is said on it ends with the patience for any byte.
    pub(super) fn is_watched(&self, manners: &Manners) -> bool {
        match self.stage {
            Stage::LoggingIn => manners.login_patience == LoginPatience::AsForAnyByte,
            Stage::Introducing { .. } => false,
            Stage::Live { .. } => true,
        }
    }
}
