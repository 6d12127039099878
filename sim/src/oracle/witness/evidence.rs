//! What the deliveries on one connection say about its end: that there was a cause, or that there must have been an end.
//!
//! Owns the judgement of causes. Keeps the newest deliveries of each kind and not their story.

use std::collections::VecDeque;

use blynk_core::time::{Duration, Instant};

use crate::device::{Content, Message};
use crate::network::ToServer;
use crate::oracle::{near, reference};
use crate::plan::{Garbage, Plan};
use crate::timeline::{Close, CloseReason};

/// Bytes of a message before its body.
const HEADER: usize = 5;

/// What the run's server goes by; the same for all connections.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// How far the clocks of link and server may be apart: the engine's granularity.
    pub(super) slack: Duration,
    allowance: fn(Duration) -> Duration,
    /// The most messages in any trailing second.
    pub(super) messages_per_second: usize,
    /// The longest body of a message, in bytes.
    body_limit: usize,
    /// The longest value that a request may bring, in bytes.
    pub(super) value_limit: usize,
}

/// What was delivered on one connection.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    heartbeat: Duration,
    /// Announcements that the server has not recorded yet.
    announced: VecDeque<Duration>,
    last: Instant,
    /// The newest messages, at most one more than a second may bring, none much older than a second.
    recent: VecDeque<Instant>,
    framing: Framing,
    illegal: Option<Instant>,
    /// When the server must have ended the connection first, and what for.
    intolerable: Option<(Instant, &'static str)>,
    fin: Option<Instant>,
    reset: Option<Instant>,
    has_synced: bool,
}

/// Whether an outsider can tell what the server takes for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// What is delivered as a message is read as one.
    Clear,
    /// A part of a message was delivered. The server waits for the rest and takes what comes for it: from now on any
    /// delivery may complete something illegal, or be no message, or several.
    Lost,
}

impl Rules {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            slack: plan.granularity(),
            allowance: reference::allowance(plan),
            messages_per_second: plan.server.messages_per_second.into(),
            body_limit: plan.server.body_limit.into(),
            value_limit: plan.server.value_limit.into(),
        }
    }

    /// Whether the server takes no message of this many bytes.
    pub(super) fn forbid(&self, length: usize) -> bool {
        length > HEADER + self.body_limit
    }
}

impl Evidence {
    /// Of a connection whose login arrives now, after these pings.
    pub(super) fn new(now: Instant, heartbeat: Duration, pings: VecDeque<Instant>) -> Self {
        Self {
            heartbeat,
            announced: VecDeque::new(),
            last: now,
            recent: pings,
            framing: Framing::Clear,
            illegal: None,
            intolerable: None,
            fin: None,
            reset: None,
            has_synced: false,
        }
    }

    pub(super) fn delivered(&mut self, now: Instant, what: &ToServer, length: usize, rules: &Rules) {
        match what {
            ToServer::Message(message) => self.message(now, message, length, rules),
            ToServer::Fin => self.fin = Some(now),
            ToServer::Reset => self.reset = Some(now),
        }
    }

    fn message(&mut self, now: Instant, message: &Message, length: usize, rules: &Rules) {
        self.last = now;
        self.count(now, rules);
        match message.content {
            Content::Announce(heartbeat) | Content::Info { heartbeat: Some(heartbeat), .. } => {
                self.announcement(heartbeat);
            }
            Content::Garbage(kind, _) => self.garbage(now, kind),
            Content::IdZero(_) => self.illegal(now),
            Content::Sync => self.has_synced = true,
            Content::Login(_)
            | Content::OldLogin(_)
            | Content::Info { heartbeat: None, .. }
            | Content::Ping
            | Content::Write { .. }
            | Content::Status(_)
            | Content::Request(_) => {}
        }
        if rules.forbid(length) {
            self.illegal(now);
        }
        if self.is_flooded(now, rules) {
            self.cannot_bear(now, "the connection brought more messages than a second may");
        }
    }

    fn count(&mut self, now: Instant, rules: &Rules) {
        let is_old = |message: &Instant| now.since(*message) > Duration::SECOND + rules.slack;
        while self.recent.len() > rules.messages_per_second || self.recent.front().is_some_and(is_old) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
    }

    fn announcement(&mut self, heartbeat: Duration) {
        match self.framing {
            Framing::Clear => {
                self.heartbeat = heartbeat;
                self.announced.push_back(heartbeat);
            }
            // Only the server can say whether it was heard.
            Framing::Lost => {}
        }
    }

    fn garbage(&mut self, now: Instant, kind: Garbage) {
        match kind {
            Garbage::IdZero | Garbage::UnknownCommand | Garbage::Oversize => self.illegal(now),
            Garbage::Truncated | Garbage::Random => self.framing = Framing::Lost,
        }
    }

    fn illegal(&mut self, now: Instant) {
        self.illegal = Some(now);
        self.cannot_bear(now, "the connection brought illegal bytes");
    }

    /// The server must end the connection, if this is what it reads.
    fn cannot_bear(&mut self, now: Instant, what: &'static str) {
        match self.framing {
            Framing::Clear => drop(self.intolerable.get_or_insert((now, what))),
            Framing::Lost => {}
        }
    }

    /// Takes note of a heartbeat that the server recorded. Returns whether it can have been announced.
    pub(super) fn announces(&mut self, heartbeat: Duration) -> bool {
        match self.framing {
            Framing::Clear => self.announced.pop_front() == Some(heartbeat),
            Framing::Lost => {
                self.heartbeat = heartbeat;
                true
            }
        }
    }

    /// When the device ended the connection.
    pub(super) fn gone(&self) -> Option<Instant> {
        self.fin.or(self.reset)
    }

    /// Whether the device asked for what it missed.
    pub(super) fn has_synced(&self) -> bool {
        self.has_synced
    }

    /// Whether only the server can say what it read.
    pub(super) fn is_unreadable(&self) -> bool {
        match self.framing {
            Framing::Clear => false,
            Framing::Lost => true,
        }
    }

    /// Whether the server must have read every message, as it came.
    pub(super) fn is_sound(&self, rules: &Rules) -> bool {
        !self.is_unreadable()
            && self.illegal.is_none()
            && self.intolerable.is_none()
            && self.excess_since(rules).is_none()
            && self.reset.is_none()
    }

    /// Whether another byte than that of `last_byte_at` was the last one at the close.
    pub(super) fn contradicts(&self, closed_at: Instant, last_byte_at: Instant, rules: &Rules) -> bool {
        !near(self.last, last_byte_at, rules.slack) && self.last <= closed_at
    }

    /// What a close for this reason would need, and was not delivered.
    pub(super) fn missing(&self, at: Instant, close: &Close, rules: &Rules) -> Option<&'static str> {
        let is_near = |delivered: Option<Instant>| delivered.is_some_and(|it| near(it, at, rules.slack));
        let (evident, missing) = match close.reason {
            CloseReason::Closed => (is_near(self.fin), "no FIN was delivered"),
            CloseReason::Reset => (is_near(self.reset), "no RST was delivered"),
            CloseReason::Protocol(_) => (is_near(self.perhaps_illegal()), "nothing illegal was delivered"),
            CloseReason::Heartbeat { .. } => (
                at == close.last_byte_at + (rules.allowance)(self.heartbeat),
                "the allowance was not over, or over before",
            ),
            CloseReason::Flood => (
                is_near(Some(self.last)) && self.perhaps_flooded(at, rules),
                "no more messages than allowed were delivered in a second",
            ),
            CloseReason::Server => (false, "the end of the server is no end of the device's connection"),
            CloseReason::Revoked => (false, "no scenario replaces a token"),
            CloseReason::Removed => (false, "no scenario removes a device"),
            CloseReason::Superseded => (false, "a takeover is no end of the device's connection"),
        };
        (!evident).then_some(missing)
    }

    /// The newest delivery that can have been illegal.
    fn perhaps_illegal(&self) -> Option<Instant> {
        match self.framing {
            Framing::Clear => self.illegal,
            Framing::Lost => Some(self.last),
        }
    }

    /// Whether the server can have counted more messages than allowed in the second before the close.
    fn perhaps_flooded(&self, closed_at: Instant, rules: &Rules) -> bool {
        match self.framing {
            Framing::Clear => self
                .excess_since(rules)
                .is_some_and(|oldest| closed_at.since(oldest) < Duration::SECOND + rules.slack),
            Framing::Lost => true,
        }
    }

    /// Whether the server must have counted more messages than allowed by now, whenever in their ticks it read them.
    fn is_flooded(&self, now: Instant, rules: &Rules) -> bool {
        let short = Duration::SECOND.saturating_sub(rules.slack);
        self.excess_since(rules).is_some_and(|oldest| now.since(oldest) < short)
    }

    /// When the oldest of the newest messages came of which one is too many for a second.
    fn excess_since(&self, rules: &Rules) -> Option<Instant> {
        let oldest = self.recent.front().copied();
        oldest.filter(|_| self.recent.len() > rules.messages_per_second)
    }

    /// When the server should have ended this connection, and why, if it believed in it until `now`.
    pub(super) fn overdue(&self, now: Instant, rules: &Rules) -> Option<(Instant, &'static str)> {
        let silent = self.last + (rules.allowance)(self.heartbeat);
        let gone = self.gone().map_or(silent, |ended| ended.min(silent));
        let due = self.intolerable.unwrap_or((gone, "the connection is gone"));
        // What is due is done when its millisecond is over.
        (due.0.when_over() + rules.slack < now).then_some(due)
    }
}
