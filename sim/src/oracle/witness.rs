//! Holds the server's claims about connections against what the links delivered, as the run goes. Keeps the last
//! delivery of a connection and stores none.

use std::collections::{BTreeMap, VecDeque};

use blynk_core::id::{DeviceId, SessionId};
use blynk_core::time::{Duration, Instant};

use super::{Breach, Invariant};
use crate::device::Content;
use crate::network::{ConnectionId, ToServer};
use crate::plan::Plan;
use crate::timeline::{Close, CloseReason, Event};

/// Watches one run.
#[derive(Clone, Debug)]
pub struct Witness {
    lanes: Vec<Lane>,
    /// How far the clocks of link and server may be apart: the engine's granularity.
    slack: Duration,
    allowance: fn(Duration) -> Duration,
    /// Whether a login may be refused because an older session lives.
    may_refuse: bool,
    breaches: Vec<Breach>,
}

/// What is known of one device.
#[derive(Clone, Debug)]
struct Lane {
    template_heartbeat: Duration,
    connections: BTreeMap<ConnectionId, Connection>,
    live: Option<(SessionId, ConnectionId)>,
    newest_session: Option<SessionId>,
}

/// What was delivered on one connection.
#[derive(Clone, Debug)]
struct Connection {
    login: Instant,
    claimed: bool,
    heartbeat: Duration,
    /// Announcements that the server has not recorded yet.
    announced: VecDeque<Duration>,
    last: Instant,
    garbage: Option<Instant>,
    fin: Option<Instant>,
    reset: Option<Instant>,
}

impl Witness {
    /// A witness of a run that has not begun.
    pub fn new(plan: &Plan) -> Self {
        let lane = |heartbeat| Lane {
            template_heartbeat: heartbeat,
            connections: BTreeMap::new(),
            live: None,
            newest_session: None,
        };
        Self {
            lanes: plan.devices.iter().map(|device| lane(device.template.heartbeat)).collect(),
            slack: plan.granularity(),
            allowance: super::reference::allowance(plan),
            may_refuse: plan.refuses_second_logins(),
            breaches: Vec::new(),
        }
    }

    /// Something of a device reached the server.
    pub fn delivered(&mut self, now: Instant, device: DeviceId, id: ConnectionId, what: &ToServer) {
        let lane = &mut self.lanes[device.0 as usize];
        if let ToServer::Message(message) = what
            && let Content::Login(_) = message.content
        {
            lane.connections.insert(id, Connection::new(now, lane.template_heartbeat));
        }
        if let Some(connection) = lane.connections.get_mut(&id) {
            connection.delivered(now, what);
        }
    }

    /// The server recorded something at `at`, which became visible at `now`.
    pub fn recorded(&mut self, now: Instant, device: DeviceId, at: Instant, event: &Event) {
        if now.since(at) > self.slack + Duration::MILLISECOND {
            self.breach(Invariant::NoLateNoEarly, device, now, format!("recorded {} late", now.since(at)));
        }
        match event {
            Event::LoggedIn { session, .. } => self.on_logged_in(device, at, *session),
            Event::Superseded { session, .. } => self.on_superseded(device, at, *session),
            Event::Announced { session, heartbeat } => self.on_announced(device, at, *session, *heartbeat),
            Event::Closed { session, close } => self.on_closed(device, at, *session, close),
            Event::Status(_) => {}
        }
    }

    /// What was wrong, including what should have happened by the end and did not.
    pub fn finish(&mut self, until: Instant) -> Vec<Breach> {
        for index in 0..self.lanes.len() {
            let device = DeviceId(u32::try_from(index).expect("fewer than 2^32 devices"));
            for (at, text) in self.overdue(&self.lanes[index], until) {
                self.breach(Invariant::NoLateNoEarly, device, at, text);
            }
        }
        std::mem::take(&mut self.breaches)
    }

    fn on_logged_in(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        let slack = self.slack;
        let lane = &mut self.lanes[device.0 as usize];
        let second = lane.live.is_some();
        let reused = lane.newest_session.is_some_and(|newest| session <= newest);
        lane.newest_session = Some(session);
        let login = lane.connections.iter_mut().find(|(_, c)| !c.claimed && near(c.login, at, slack));
        let unheard = login.is_none();
        lane.live = login.map(|(id, connection)| {
            connection.claimed = true;
            (session, *id)
        });
        self.forget_ended(device);
        if second {
            self.breach(Invariant::OneLiveSession, device, at, "logged in beside a live session".into());
        }
        if reused {
            self.breach(Invariant::OneLiveSession, device, at, format!("session {session} was used before"));
        }
        if unheard {
            self.breach(Invariant::NoLateNoEarly, device, at, "logged in, but no login was delivered".into());
        }
    }

    fn on_superseded(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        if self.speaks(device, at, session) {
            self.lanes[device.0 as usize].live = None;
        }
    }

    fn on_announced(&mut self, device: DeviceId, at: Instant, session: SessionId, heartbeat: Duration) {
        let Some(connection) = self.spoken_on(device, at, session) else { return };
        if connection.announced.pop_front() != Some(heartbeat) {
            let text = format!("recorded a heartbeat of {heartbeat} that was not announced");
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    fn on_closed(&mut self, device: DeviceId, at: Instant, session: SessionId, close: &Close) {
        let Some(connection) = self.spoken_on(device, at, session).cloned() else { return };
        self.lanes[device.0 as usize].live = None;
        if !near(connection.last, close.last_byte_at, self.slack) && connection.last <= at {
            let text =
                format!("says the last byte came at {}, but one was delivered later", close.last_byte_at);
            self.breach(Invariant::NoFalseOffline, device, at, text);
        }
        let allowance = (self.allowance)(connection.heartbeat);
        let (evident, missing) = match close.reason {
            CloseReason::Closed => (self.is_near(connection.fin, at), "no FIN was delivered"),
            CloseReason::Reset => (self.is_near(connection.reset, at), "no RST was delivered"),
            CloseReason::Protocol(_) => {
                (self.is_near(connection.garbage, at), "nothing illegal was delivered")
            }
            CloseReason::Heartbeat { .. } => {
                (at == close.last_byte_at + allowance, "the allowance was not over, or over before")
            }
            CloseReason::Flood | CloseReason::Server | CloseReason::Superseded => (true, ""),
        };
        if !evident {
            let text = format!("closed ({}), but {missing}", close.reason.name());
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    fn is_near(&self, delivered: Option<Instant>, claimed: Instant) -> bool {
        delivered.is_some_and(|delivered| near(delivered, claimed, self.slack))
    }

    /// Whether this session speaks for the device; if not, that is a breach.
    fn speaks(&mut self, device: DeviceId, at: Instant, session: SessionId) -> bool {
        let speaks = self.lanes[device.0 as usize].live.is_some_and(|(live, _)| live == session);
        if !speaks {
            let text = format!("session {session} speaks, but is not the live one");
            self.breach(Invariant::OneLiveSession, device, at, text);
        }
        speaks
    }

    fn spoken_on(&mut self, device: DeviceId, at: Instant, session: SessionId) -> Option<&mut Connection> {
        if !self.speaks(device, at, session) {
            return None;
        }
        let lane = &mut self.lanes[device.0 as usize];
        lane.live.and_then(|(_, id)| lane.connections.get_mut(&id))
    }

    /// Connections that were claimed once and are not live any more will not be spoken of again.
    fn forget_ended(&mut self, device: DeviceId) {
        let lane = &mut self.lanes[device.0 as usize];
        let live = lane.live.map(|(_, id)| id);
        lane.connections.retain(|id, connection| !connection.claimed || Some(*id) == live);
    }

    fn overdue(&self, lane: &Lane, until: Instant) -> Vec<(Instant, String)> {
        let live = lane.live.map(|(_, live)| live);
        let missed =
            lane.connections.iter().filter_map(|(id, connection)| self.missed(connection, live == Some(*id)));
        missed.filter(|(at, _)| *at + self.slack + Duration::MILLISECOND <= until).collect()
    }

    /// What should have been recorded of a connection, and was not.
    fn missed(&self, connection: &Connection, is_live: bool) -> Option<(Instant, String)> {
        if is_live {
            let ended = connection.fin.or(connection.reset);
            let silent = connection.last + (self.allowance)(connection.heartbeat);
            let due = ended.unwrap_or(silent);
            return Some((due, "the connection is gone, but still believed to live".into()));
        }
        let unheard = !connection.claimed && !self.may_refuse;
        unheard.then(|| (connection.login, "a login was delivered, but never accepted".into()))
    }

    fn breach(&mut self, invariant: Invariant, device: DeviceId, at: Instant, text: String) {
        self.breaches.push(Breach { invariant, device, at, text });
    }
}

impl Connection {
    fn new(now: Instant, heartbeat: Duration) -> Self {
        Self {
            login: now,
            claimed: false,
            heartbeat,
            announced: VecDeque::new(),
            last: now,
            garbage: None,
            fin: None,
            reset: None,
        }
    }

    fn delivered(&mut self, now: Instant, what: &ToServer) {
        match what {
            ToServer::Message(message) => {
                self.last = now;
                self.heard(now, &message.content);
            }
            ToServer::Fin => self.fin = Some(now),
            ToServer::Reset => self.reset = Some(now),
        }
    }

    fn heard(&mut self, now: Instant, content: &Content) {
        match content {
            Content::Announce(heartbeat) => {
                self.heartbeat = *heartbeat;
                self.announced.push_back(*heartbeat);
            }
            Content::Garbage(..) => self.garbage = Some(now),
            Content::Login(_) | Content::Sync | Content::Ping | Content::Write { .. } => {}
        }
    }
}

fn near(a: Instant, b: Instant, slack: Duration) -> bool {
    a.since(b) <= slack && b.since(a) <= slack
}

#[cfg(test)]
mod tests;
