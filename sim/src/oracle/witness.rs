//! Holds the server's claims about sessions against what the links delivered, as the run goes.
//!
//! Owns which session speaks for a device, on which connection. What the deliveries of one connection say is
//! [`evidence`]; of a connection that ended nothing is kept.

mod evidence;

use std::collections::BTreeMap;

use blynk_core::id::{DeviceId, SessionId};
use blynk_core::time::{Duration, Instant};

use super::{Breach, Invariant};
use crate::device::Content;
use crate::network::{ConnectionId, ToServer};
use crate::plan::Plan;
use crate::timeline::{Close, Event};
use evidence::{Evidence, Rules, near};

/// Watches one run.
#[derive(Clone, Debug)]
pub struct Witness {
    lanes: Vec<Lane>,
    rules: Rules,
    /// Whether a login beside a live session is to be refused, and not to take over.
    refuses: bool,
    breaches: Vec<Breach>,
}

/// What is known of one device.
#[derive(Clone, Debug)]
struct Lane {
    template_heartbeat: Duration,
    /// The live connection, and those whose login the server has not accepted.
    connections: BTreeMap<ConnectionId, Connection>,
    live: Option<(SessionId, ConnectionId)>,
    newest_session: Option<SessionId>,
}

/// A connection that carried a login.
#[derive(Clone, Debug)]
struct Connection {
    login: Instant,
    /// Whether the server may have seen an older live session when it judged the login.
    may_be_refused: bool,
    evidence: Evidence,
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
            rules: Rules::of(plan),
            refuses: plan.refuses_second_logins(),
            breaches: Vec::new(),
        }
    }

    /// Something of a device, `length` bytes on the wire, reached the server.
    pub fn delivered(
        &mut self,
        now: Instant,
        device: DeviceId,
        id: ConnectionId,
        what: &ToServer,
        length: usize,
    ) {
        if let ToServer::Message(message) = what
            && let Content::Login(_) = message.content
            && !self.rules.forbid(length)
        {
            self.on_login(now, device, id);
        }
        let lane = &mut self.lanes[device.0 as usize];
        if let Some(connection) = lane.connections.get_mut(&id) {
            connection.evidence.delivered(now, what, length, &self.rules);
        }
    }

    /// The server recorded something at `at`, which became visible at `now`.
    pub fn recorded(&mut self, now: Instant, device: DeviceId, at: Instant, event: &Event) {
        if now.since(at) > self.rules.slack + Duration::MILLISECOND {
            self.breach(Invariant::NoLateNoEarly, device, now, format!("recorded {} late", now.since(at)));
        }
        match event {
            Event::LoggedIn { session, .. } => self.on_logged_in(device, at, *session),
            Event::Superseded { session, .. } => self.on_superseded(device, at, *session),
            Event::Announced { session, heartbeat: Some(heartbeat), .. } => {
                self.on_announced(device, at, *session, *heartbeat);
            }
            Event::Closed { session, close } => self.on_closed(device, at, *session, close),
            Event::Announced { heartbeat: None, .. }
            | Event::Interrupted { .. }
            | Event::Reported { .. }
            | Event::Status(_)
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }

    /// The server went up or down.
    pub fn server(&mut self, now: Instant, run: crate::timeline::Run) {
        let _ = (now, run);
    }

    /// What was wrong, including what should have happened by the end and did not.
    pub fn finish(&mut self, until: Instant) -> Vec<Breach> {
        for device in (0..).map(DeviceId).take(self.lanes.len()) {
            if let Some(live) = self.lanes[device.0 as usize].end() {
                self.believed_until(until, device, &live.evidence);
            }
            self.never_accepted(until, device);
        }
        std::mem::take(&mut self.breaches)
    }

    fn on_login(&mut self, now: Instant, device: DeviceId, id: ConnectionId) {
        let slack = self.rules.slack;
        let lane = &mut self.lanes[device.0 as usize];
        // Those that are refused are never spoken of.
        lane.connections.retain(|_, c| !c.may_be_refused || near(c.login, now, slack));
        let may_be_refused = self.refuses && lane.live.is_some();
        let evidence = Evidence::new(now, lane.template_heartbeat);
        lane.connections.insert(id, Connection { login: now, may_be_refused, evidence });
    }

    fn on_logged_in(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        let lane = &mut self.lanes[device.0 as usize];
        let second = lane.end().is_some();
        let reused = lane.newest_session.is_some_and(|newest| session <= newest);
        lane.newest_session = Some(session);
        let unheard = !lane.begin(at, session, self.refuses, self.rules.slack);
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
        if self.speaks(device, at, session)
            && let Some(older) = self.lanes[device.0 as usize].end()
        {
            self.believed_until(at, device, &older.evidence);
        }
        if self.refuses {
            let text = format!("session {session} was superseded by a login that is to be refused");
            self.breach(Invariant::OneLiveSession, device, at, text);
        }
    }

    fn on_announced(&mut self, device: DeviceId, at: Instant, session: SessionId, heartbeat: Duration) {
        if !self.speaks(device, at, session) {
            return;
        }
        let live = self.lanes[device.0 as usize].live_mut();
        if live.is_some_and(|connection| !connection.evidence.announces(heartbeat)) {
            let text = format!("recorded a heartbeat of {heartbeat} that was not announced");
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    fn on_closed(&mut self, device: DeviceId, at: Instant, session: SessionId, close: &Close) {
        if !self.speaks(device, at, session) {
            return;
        }
        let Some(Connection { evidence, .. }) = self.lanes[device.0 as usize].end() else { return };
        self.believed_until(at, device, &evidence);
        if evidence.contradicts(at, close.last_byte_at, &self.rules) {
            let text =
                format!("says the last byte came at {}, but one was delivered later", close.last_byte_at);
            self.breach(Invariant::NoFalseOffline, device, at, text);
        }
        if let Some(missing) = evidence.missing(at, close, &self.rules) {
            let text = format!("closed ({}), but {missing}", close.reason.name());
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
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

    /// The server believed in this connection all the time.
    fn believed_until(&mut self, now: Instant, device: DeviceId, evidence: &Evidence) {
        if let Some((due, what)) = evidence.overdue(now, &self.rules) {
            let text = format!("{what}, but was still believed to live");
            self.breach(Invariant::NoLateNoEarly, device, due, text);
        }
    }

    /// What is left when nobody speaks for the device are connections whose login was not accepted.
    fn never_accepted(&mut self, until: Instant, device: DeviceId) {
        for Connection { login, may_be_refused, .. } in
            std::mem::take(&mut self.lanes[device.0 as usize].connections).into_values()
        {
            if !may_be_refused && login + self.rules.slack < until {
                let text = "a login was delivered, but never accepted";
                self.breach(Invariant::NoLateNoEarly, device, login, text.into());
            }
        }
    }

    fn breach(&mut self, invariant: Invariant, device: DeviceId, at: Instant, text: String) {
        self.breaches.push(Breach { invariant, device, at, text });
    }
}

impl Lane {
    /// The connection that speaks for the device.
    fn live_mut(&mut self) -> Option<&mut Connection> {
        let (_, id) = self.live?;
        self.connections.get_mut(&id)
    }

    /// The session speaks on the connection whose login was delivered at that time. Returns whether there is one.
    fn begin(&mut self, at: Instant, session: SessionId, refuses: bool, slack: Duration) -> bool {
        let mut logins = self.connections.iter_mut().filter(|(_, c)| near(c.login, at, slack));
        self.live = logins.next().map(|(id, connection)| {
            connection.may_be_refused = false;
            (session, *id)
        });
        logins.for_each(|(_, beside)| beside.may_be_refused = refuses);
        self.live.is_some()
    }

    /// Nobody speaks for the device any more; of what was the live connection nothing will be said again.
    fn end(&mut self) -> Option<Connection> {
        let (_, id) = self.live.take()?;
        self.connections.remove(&id)
    }
}

#[cfg(test)]
mod tests;
