//! The machine of one device: logins, data and closes in, changes of status out.
//!
//! Owns when a status is entered (`lifecycle` sections 3 and 4). Does not decide whether a connection is gone: that is
//! the [session](crate::session); nor which session speaks for the device: that is the [hub](crate::hub).

use std::sync::Arc;

use super::template::Template;
use crate::close::CloseReason;
use crate::id::{SessionId, StatusIndex};
use crate::time::Instant;
use crate::timeline::{Cause, Change};

/// The lifecycle of one device.
#[derive(Clone, Debug)]
pub struct Machine {
    template: Arc<Template>,
    connection: Connection,
    standing: Option<Standing>,
    change: Option<(Instant, Change)>,
}

/// What the server knows about the connection of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// It never logged in.
    Never,
    /// A session speaks for it.
    Connected {
        /// The live session.
        session: SessionId,
        /// When it logged in.
        since: Instant,
    },
    /// Its last session ended.
    Disconnected {
        /// When the server learned of it.
        at: Instant,
        /// Why.
        reason: CloseReason,
        /// When its last byte arrived.
        last_byte_at: Instant,
    },
}

/// Where a device stands in its template's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Its live session carried a data transaction.
    Data,
    /// Its live session ended.
    Closed {
        /// Why.
        reason: CloseReason,
        /// When its last byte arrived.
        last_byte_at: Instant,
    },
    /// Time has passed.
    Timeout,
}

impl Machine {
    /// A device that was never seen.
    pub fn new(template: Arc<Template>) -> Self {
        Self { template, connection: Connection::Never, standing: None, change: None }
    }

    /// The template that the device follows.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The raw truth.
    pub fn connection(&self) -> Connection {
        self.connection
    }

    /// The status; `None` before the first login.
    pub fn standing(&self) -> Option<Standing> {
        self.standing
    }

    /// Takes one input. At most one change comes of it; take it with [`poll_output`](Self::poll_output).
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::LoggedIn(session) => self.on_logged_in(now, session),
            Input::Data => self.enter_online(now, Cause::Data),
            Input::Closed { reason, last_byte_at } => {
                self.connection = Connection::Disconnected { at: now, reason, last_byte_at };
            }
            Input::Timeout => self.on_timeout(now),
        }
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
        self.connection = Connection::Connected { session, since: now };
        self.enter_online(now, Cause::Login);
    }

    fn enter_online(&mut self, now: Instant, cause: Cause) {
        let from = self.standing.map(|standing| standing.status);
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
        self.standing = Some(Standing { status: change.to, since: at });
        self.change = Some((at, change));
    }

    /// The change that comes if nothing is heard. One rule covers the first wait and all later ones: the wait counts
    /// from the previous change or the base of the disconnect, whichever is later, and ends no sooner than the server
    /// learned of the disconnect.
    fn upcoming(&self) -> Option<(Instant, Change)> {
        let Connection::Disconnected { at: detected, reason, last_byte_at } = self.connection else {
            return None;
        };
        let Standing { status, since } = self.standing?;
        let (next, entered) = self.template.chain.after(status)?;
        let base = since.max(wait_base(detected, reason, last_byte_at));
        let cause = Cause::Wait { base, wait: entered.wait, detected };
        Some((detected.max(base + entered.wait), Change { from: Some(status), to: next, cause }))
    }
}

/// What the first wait counts from: the close, except that silence counts from the last byte, so that the time which
/// the server needed to notice it is subtracted.
fn wait_base(detected: Instant, reason: CloseReason, last_byte_at: Instant) -> Instant {
    match reason {
        CloseReason::Heartbeat { .. } => last_byte_at,
        CloseReason::Closed
        | CloseReason::Reset
        | CloseReason::Protocol(_)
        | CloseReason::Flood
        | CloseReason::Superseded
        | CloseReason::Server => detected,
    }
}

#[cfg(test)]
mod tests;
