//! What the server says of sessions, held against the connections that can be theirs (`lifecycle` sections 4 and 6).

use blynk_core::id::{DeviceId, SessionId};
use blynk_core::time::{Duration, Instant};

use super::lane::Connection;
use super::{Invariant, Witness};
use crate::network::ConnectionId;
use crate::timeline::{Close, CloseReason};

impl Witness {
    pub(super) fn on_login(&mut self, now: Instant, device: DeviceId, id: ConnectionId) {
        let lane = &mut self.lanes[device];
        if !lane.is_spoilt(id) {
            lane.on_login(now, id, self.refuses, &self.rules);
        }
    }

    pub(super) fn on_logged_in(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        let (slack, refuses) = (self.rules.slack, self.refuses);
        let reused = !self.sessions.insert(session);
        let lane = self.lane_mut(device);
        let second = lane.live.is_some();
        lane.end(at);
        let unheard = !lane.begin(at, session, refuses, slack);
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

    pub(super) fn on_superseded(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        if self.speaks(device, at, session) {
            self.believed_until(at, device);
            self.lane_mut(device).end_superseded(at);
        }
        if self.refuses {
            let text = format!("session {session} was superseded by a login that is to be refused");
            self.breach(Invariant::OneLiveSession, device, at, text);
        }
    }

    pub(super) fn on_announced(
        &mut self,
        device: DeviceId,
        at: Instant,
        session: SessionId,
        heartbeat: Option<Duration>,
    ) {
        let (true, Some(heartbeat)) = (self.speaks(device, at, session), heartbeat) else { return };
        if !self.lane_mut(device).announces(heartbeat) {
            let text = format!("recorded a heartbeat of {heartbeat} that was not announced");
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    pub(super) fn on_closed(&mut self, device: DeviceId, at: Instant, session: SessionId, close: &Close) {
        if !self.speaks(device, at, session) {
            return;
        }
        self.believed_until(at, device);
        if close.reason == CloseReason::Closed {
            self.settle_connection(device);
        }
        let rules = &self.rules;
        let contradicts = |it: &Connection| it.evidence.contradicts(at, close.last_byte_at, rules);
        let fits = |it: &Connection| it.evidence.missing(at, close, rules).is_none() && !contradicts(it);
        let ended = self.lanes[device].close(at, fits);
        let contradicted = !ended.is_empty() && ended.iter().all(contradicts);
        let missing: Option<Vec<_>> = ended.iter().map(|it| it.evidence.missing(at, close, rules)).collect();
        if contradicted {
            let text =
                format!("says the last byte came at {}, but one was delivered later", close.last_byte_at);
            self.breach(Invariant::NoFalseOffline, device, at, text);
        }
        if let Some([missing, ..]) = missing.as_deref() {
            let text = format!("closed ({}), but {missing}", close.reason.name());
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    /// Whether this session speaks for the device; if not, that is a breach.
    fn speaks(&mut self, device: DeviceId, at: Instant, session: SessionId) -> bool {
        let speaks = self.lane(device).live.as_ref().is_some_and(|live| live.session == session);
        if !speaks {
            let text = format!("session {session} speaks, but is not the live one");
            self.breach(Invariant::OneLiveSession, device, at, text);
        }
        speaks
    }

    /// The server believed in the live connection all the time.
    pub(super) fn believed_until(&mut self, now: Instant, device: DeviceId) {
        let overdue: Option<Vec<_>> =
            self.lane(device).candidates().map(|it| it.evidence.overdue(now, &self.rules)).collect();
        if let Some([(due, what), ..]) = overdue.as_deref() {
            let text = format!("{what}, but was still believed to live");
            self.breach(Invariant::NoLateNoEarly, device, *due, text);
        }
    }

    /// What is left beside the live connection are connections whose login was not accepted.
    pub(super) fn never_accepted(&mut self, until: Instant, device: DeviceId) {
        let slack = self.rules.slack;
        let is_missed = |it: &Connection| {
            it.waits(slack) && it.login + slack < until && self.server.must_be_up(it.login, slack)
        };
        let connections = self.lane(device).connections.values().map(Box::as_ref);
        let missed: Vec<_> = connections.filter(|it| is_missed(it)).map(|it| it.login).collect();
        for login in missed {
            let text = "a login was delivered, but never accepted";
            self.breach(Invariant::NoLateNoEarly, device, login, text.into());
        }
    }
}
