//! The machine of one device: logins, data and closes in, changes of status out.
//!
//! Owns when a status is entered (`lifecycle` sections 3, 4, 7 and 8). Does not decide whether a connection is gone: that is
//! the [session](crate::session); nor which session speaks for the device: that is the [hub](crate::hub).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::template::Template;
use crate::close::CloseReason;
use crate::id::{SessionId, StatusIndex};
use crate::time::{Duration, Instant};
use crate::timeline::{Cause, Change, Setter};

/// The lifecycle of one device.
#[derive(Clone, Debug)]
pub struct Machine {
    template: Arc<Template>,
    state: State,
    change: Option<(Instant, Change)>,
}

/// Where one device is in its life: what must survive a restart of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The raw truth.
    pub connection: Connection,
    /// The status; `None` before the first login or data.
    pub standing: Option<Standing>,
    /// What the newest session announced, if it did.
    pub announced: Option<Duration>,
    /// The grace after a restart of the server, until the device comes back: it is not moved along its chain before.
    pub grace_until: Instant,
    /// The highest session that ever spoke for it: no number up to it may be used again.
    pub newest_session: Option<SessionId>,
}

/// What the server knows about the connection of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connection {
    /// It never logged in and never sent data.
    Never,
    /// A session speaks for it.
    Connected {
        /// The live session.
        session: SessionId,
        /// When it logged in.
        since: Instant,
    },
    /// The last that is known of it is the end of a session.
    Disconnected {
        /// When the server learned of it.
        at: Instant,
        /// Why.
        reason: CloseReason,
        /// When its last byte arrived.
        last_byte_at: Instant,
    },
    /// The last that is known of it is data without a session.
    Reported {
        /// When it sent them.
        at: Instant,
    },
}

/// Where a device stands in its template's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The status.
    pub status: StatusIndex,
    /// When it was entered.
    pub since: Instant,
}

/// Why the machine wants to be woken: this status is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due(pub StatusIndex);

/// What the machine hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A session logged in as this device.
    LoggedIn(SessionId),
    /// Its live session announced a heartbeat.
    Announced(Duration),
    /// Its live session carried a data transaction.
    Data,
    /// It sent data without a connection.
    Reported,
    /// Somebody set a status that stands later in its chain.
    Set(StatusIndex, Setter),
    /// Its live session ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// When its last byte arrived.
        last_byte_at: Instant,
    },
    /// The server was down and is up again, and gives the device this long to come back.
    Restarted {
        /// From now on.
        grace: Duration,
    },
    /// Time has passed.
    Timeout,
}

impl State {
    /// Of a device that was never seen.
    pub const NEW: Self = Self {
        connection: Connection::Never,
        standing: None,
        announced: None,
        grace_until: Instant::ZERO,
        newest_session: None,
    };
}

impl Connection {
    /// The session that speaks for the device, if one does.
    pub const fn live_session(&self) -> Option<SessionId> {
        match self {
            Self::Connected { session, .. } => Some(*session),
            Self::Never | Self::Disconnected { .. } | Self::Reported { .. } => None,
        }
    }

    /// What the first wait counts from, of a device that is gone: the close, except that silence counts from the last
    /// byte, so that the time which the server needed to notice it is subtracted.
    pub const fn wait_base(&self) -> Option<Instant> {
        let Self::Disconnected { at, reason, last_byte_at } = *self else { return self.gone_at() };
        Some(match reason {
            CloseReason::Heartbeat { .. } => last_byte_at,
            CloseReason::Closed
            | CloseReason::Reset
            | CloseReason::Protocol(_)
            | CloseReason::Flood
            | CloseReason::Superseded
            | CloseReason::Revoked
            | CloseReason::Removed
            | CloseReason::Server => at,
        })
    }

    /// When the server learned that the device is gone, if it is.
    const fn gone_at(&self) -> Option<Instant> {
        match self {
            Self::Never | Self::Connected { .. } => None,
            Self::Disconnected { at, .. } | Self::Reported { at } => Some(*at),
        }
    }
}

impl Machine {
    /// A device in this state.
    pub fn new(template: Arc<Template>, state: State) -> Self {
        Self { template, state, change: None }
    }

    /// The template that the device follows.
    pub fn template(&self) -> &Arc<Template> {
        &self.template
    }

    /// What must survive a restart.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The raw truth.
    pub fn connection(&self) -> Connection {
        self.state.connection
    }

    /// The status; `None` before the first login.
    pub fn standing(&self) -> Option<Standing> {
        self.state.standing
    }

    /// The heartbeat in force: announced, or else the template's.
    pub fn heartbeat(&self) -> Duration {
        self.state.announced.unwrap_or(self.template.heartbeat)
    }

    /// Takes one input. At most one change comes of it; take it with [`poll_output`](Self::poll_output).
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::LoggedIn(session) => self.on_logged_in(now, session),
            Input::Announced(heartbeat) => self.state.announced = Some(heartbeat),
            Input::Data => self.enter_online(now, Cause::Data),
            Input::Reported => self.on_reported(now),
            Input::Set(to, by) => self.on_set(now, to, by),
            Input::Closed { reason, last_byte_at } => self.on_closed(now, reason, last_byte_at),
            Input::Restarted { grace } => self.on_restarted(now, grace),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// The device follows another template, or a changed one, from now on. It keeps its status; if the chain lost that, it
    /// is in the next one that the chain still has, as it would be later, or in Online if a session speaks for it. What is
    /// overdue by the new waits is entered now, not in the past.
    pub fn change_template(&mut self, now: Instant, template: Arc<Template>) {
        let before = std::mem::replace(&mut self.template, template);
        let Some(Standing { status, since }) = self.state.standing else { return };
        let kept = self.template.chain.find(&before.chain.status(status).key);
        if let Some(status) = kept {
            self.state.standing = Some(Standing { status, since });
            if let Some((due, change)) = self.upcoming()
                && due < now
            {
                self.enter(now, Change { cause: Cause::Template, ..change });
            }
            return;
        }
        let is_connected = self.state.connection.live_session().is_some();
        let later =
            before.chain.later_than(status).find_map(|(_, later)| self.template.chain.find(&later.key));
        let to = if is_connected { StatusIndex::ONLINE } else { later.unwrap_or(self.template.chain.last()) };
        self.enter(now, Change { from: None, to, cause: Cause::Template });
    }

    /// The change that the last input made, with its instant.
    pub fn poll_output(&mut self) -> Option<(Instant, Change)> {
        self.change.take()
    }

    /// When the next status is due, and which.
    pub fn poll_timeout(&self) -> Option<(Instant, Due)> {
        let (due, change) = self.upcoming()?;
        Some((due, Due(change.to)))
    }

    fn on_logged_in(&mut self, now: Instant, session: SessionId) {
        self.state.connection = Connection::Connected { session, since: now };
        // A connection that was opened earlier may log in later.
        self.state.newest_session = self.state.newest_session.max(Some(session));
        // Other firmware may have logged in, which announces none.
        self.state.announced = None;
        self.state.grace_until = Instant::ZERO;
        self.enter_online(now, Cause::Login);
    }

    /// Data without a connection counts as one that ended at once; a live one is left alone.
    fn on_reported(&mut self, now: Instant) {
        if self.state.connection.live_session().is_none() {
            self.state.connection = Connection::Reported { at: now };
            self.state.grace_until = Instant::ZERO;
        }
        self.enter_online(now, Cause::Data);
    }

    fn on_set(&mut self, now: Instant, to: StatusIndex, by: Setter) {
        let from = self.state.standing.map(|standing| standing.status);
        self.enter(now, Change { from, to, cause: Cause::Set(by) });
    }

    fn on_closed(&mut self, now: Instant, reason: CloseReason, last_byte_at: Instant) {
        self.state.connection = Connection::Disconnected { at: now, reason, last_byte_at };
    }

    /// Who was connected did not disconnect: its waits count from now. Nobody is moved along before the grace is over.
    fn on_restarted(&mut self, now: Instant, grace: Duration) {
        if self.state.connection.live_session().is_some() {
            self.on_closed(now, CloseReason::Server, now);
        }
        self.state.grace_until = now + grace;
    }

    fn enter_online(&mut self, now: Instant, cause: Cause) {
        let from = self.state.standing.map(|standing| standing.status);
        if from != Some(StatusIndex::ONLINE) {
            self.enter(now, Change { from, to: StatusIndex::ONLINE, cause });
        }
    }

    fn on_timeout(&mut self, now: Instant) {
        if let Some((due, change)) = self.upcoming()
            && due.is_over(now)
        {
            self.enter(due, change);
        }
    }

    fn enter(&mut self, at: Instant, change: Change) {
        self.state.standing = Some(Standing { status: change.to, since: at });
        self.change = Some((at, change));
    }

    /// The change that comes if nothing is heard. One rule covers the first wait and all later ones: the wait counts
    /// from the previous change or the base of the disconnect, whichever is later, and ends no sooner than the server
    /// learned of the disconnect, and than the grace after a restart is over.
    fn upcoming(&self) -> Option<(Instant, Change)> {
        let detected = self.state.connection.gone_at()?;
        let Standing { status, since } = self.state.standing?;
        let (next, entered) = self.template.chain.after(status)?;
        let base = since.max(self.state.connection.wait_base()?);
        let (due, grace) = (detected.max(base + entered.wait), self.state.grace_until);
        let cause =
            if due < grace { Cause::Grace } else { Cause::Wait { base, wait: entered.wait, detected } };
        Some((due.max(grace), Change { from: Some(status), to: next, cause }))
    }
}

#[cfg(test)]
mod tests;
