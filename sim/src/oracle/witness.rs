//! Holds the server's claims against what the links delivered, as the run goes.
//!
//! Owns whom it asks. Which session speaks for a device, and on which connection, is [`sessions`] and [`lane`]; what the
//! deliveries of one connection say is [`evidence`]; what they demand of the device as a whole is [`heard`]; what becomes
//! of commands is [`commands`]; when the server runs is [`server`]. Of a connection that ended nothing is kept.

mod commands;
mod evidence;
mod heard;
mod lane;
mod server;
mod sessions;
mod standing;

use std::collections::BTreeSet;
use std::ops::Range;

use blynk_core::id::{DeviceId, SessionId, Token};
use blynk_core::time::{Duration, Instant};

use super::{Breach, Invariant, near};
use crate::device::Content;
use crate::network::{ConnectionId, ToServer};
use crate::plan::Plan;
use crate::timeline::{Cause, Change, Event, Run};
use evidence::Rules;
use heard::{Demand, Heard};
use lane::{Lane, Lanes};
use server::Server;

/// Watches one run.
#[derive(Clone, Debug)]
pub struct Witness {
    lanes: Lanes,
    rules: Rules,
    /// Whether a login beside a live session is to be refused, and not to take over.
    refuses: bool,
    /// What operators and users prove their right with.
    operator: Token,
    /// All that ever logged in: none may do so twice.
    sessions: BTreeSet<SessionId>,
    server: Server,
    breaches: Vec<Breach>,
}

impl Witness {
    /// A witness of what happens to these devices in a run that has not begun. The server is up.
    pub fn new(plan: &Plan, devices: Range<u32>) -> Self {
        Self {
            lanes: Lanes::new(plan, devices),
            rules: Rules::of(plan),
            refuses: plan.refuses_second_logins(),
            operator: plan.operator_token(),
            sessions: BTreeSet::new(),
            server: Server::default(),
            breaches: Vec::new(),
        }
    }

    /// Something of the device, or about it, `length` bytes on the wire, reached the server.
    pub fn delivered(
        &mut self,
        now: Instant,
        device: DeviceId,
        id: ConnectionId,
        what: &ToServer,
        length: usize,
    ) {
        self.settle(now, device);
        if let ToServer::Message(message) = what {
            match &message.content {
                // A wrong token is nobody's login.
                Content::Login(token) | Content::OldLogin(token)
                    if *token == self.lane(device).token && !self.rules.forbid(length) =>
                {
                    self.on_login(now, device, id);
                }
                Content::Request(request) => return self.on_request(now, device, id, request),
                Content::Login(_) | Content::OldLogin(_) => {}
                Content::Ping => {
                    let most = self.rules.messages_per_second;
                    self.lane_mut(device).on_ping(now, id, most);
                }
                Content::Announce(_)
                | Content::Info { .. }
                | Content::Sync
                | Content::Write { .. }
                | Content::Status(_)
                | Content::Garbage(..)
                | Content::IdZero(_) => self.lane_mut(device).on_word(id),
            }
        }
        let lane = &mut self.lanes[device];
        if let Some(connection) = lane.connections.get_mut(&id) {
            connection.evidence.delivered(now, what, length, &self.rules);
            if let ToServer::Message(message) = what {
                lane.hear(now, id, &message.content);
            }
        }
    }

    /// The device hears that the server ended this connection.
    pub fn ended(&mut self, now: Instant, device: DeviceId, id: ConnectionId) {
        self.lane_mut(device).on_end_heard(now, id);
    }

    /// The server recorded something at `at`, which became visible at `now`.
    pub fn recorded(&mut self, now: Instant, device: DeviceId, at: Instant, event: &Event) {
        self.settle(now, device);
        if now.since(at) > self.rules.slack + Duration::MILLISECOND {
            self.breach(Invariant::NoLateNoEarly, device, now, format!("recorded {} late", now.since(at)));
        }
        if let Event::Interrupted { session } = event {
            return self.on_interrupted(device, at, *session);
        }
        if !self.server.may_be_up(at, self.rules.slack) {
            let text = "something was recorded while the server was down";
            self.breach(Invariant::NoLateNoEarly, device, at, text.into());
        }
        match event {
            Event::LoggedIn { session, .. } => self.on_logged_in(device, at, *session),
            Event::Superseded { session, .. } => self.on_superseded(device, at, *session),
            Event::Announced { session, heartbeat, .. } => {
                self.on_announced(device, at, *session, *heartbeat);
            }
            Event::Closed { session, close } => self.on_closed(device, at, *session, close),
            Event::Reported { .. } => self.on_reported(device, at),
            Event::Status(change) => self.on_status(device, at, change),
            Event::Commanded { command, verdict } => self.on_commanded(device, at, command, *verdict),
            Event::Applied { command, pin } => self.on_applied(device, at, *command, *pin),
            // Nothing is delivered for it; the record itself is judged in the end.
            Event::Notified { .. } => {}
            Event::Interrupted { .. } => unreachable!("was heard before"),
        }
    }

    /// From now on the server is up or down.
    pub fn server(&mut self, now: Instant, run: Run) {
        match run {
            Run::Up => self.on_up(now),
            Run::Crashed | Run::Killed | Run::Stopped => self.server.went_down(now),
        }
    }

    /// What was wrong, including what should have happened by the end and did not.
    pub fn finish(&mut self, until: Instant) -> Vec<Breach> {
        for device in self.lanes.ids() {
            self.settle(until, device);
            self.believed_until(self.server.up_until(until), device);
            self.never_accepted(until, device);
        }
        std::mem::take(&mut self.breaches)
    }

    fn on_reported(&mut self, device: DeviceId, at: Instant) {
        let slack = self.rules.slack;
        let lane = self.lane_mut(device);
        let is_live = lane.live.is_some();
        let is_delivered = lane.explain(at, slack, |heard| matches!(heard.demand, Demand::Report));
        if is_live {
            let text = "recorded data of a request as a connection of its own, beside a live session";
            self.breach(Invariant::OneLiveSession, device, at, text.into());
        }
        if !is_delivered {
            let text = "recorded data of a request, but none was delivered";
            self.breach(Invariant::OneChangeOneReason, device, at, text.into());
        }
    }

    fn on_status(&mut self, device: DeviceId, at: Instant, change: &Change) {
        let slack = self.rules.slack;
        let lane = self.lane_mut(device);
        let text = match change.cause {
            Cause::Data => {
                let is_heard = lane.has_data_near(at, slack);
                (!is_heard).then(|| "entered online because of data, but none was delivered".into())
            }
            Cause::Set(by) => {
                let wanted = Demand::Set { to: change.to, by };
                let is_heard = lane.explain(at, slack, |heard| heard.demand == wanted);
                let status = &lane.template.chain.status(change.to).key;
                (!is_heard).then(|| format!("{status} was {}, but nothing delivered did that", change.cause))
            }
            // The record itself holds the login or the disconnect.
            Cause::Login | Cause::Wait { .. } | Cause::Grace | Cause::Template => None,
        };
        lane.standing.entered(at, change.to, slack);
        if let Some(text) = text {
            self.breach(Invariant::OneChangeOneReason, device, at, text);
        }
    }

    /// What was delivered so long ago that its effects must be seen by now.
    fn settle(&mut self, now: Instant, device: DeviceId) {
        let slack = self.rules.slack;
        self.not_interrupted(self.server.up_until(now), device);
        while let Some(heard) = self.lane_mut(device).next_settled(now, slack) {
            if self.server.must_be_up(heard.at, slack) {
                let missed = self.lane(device).missed(&heard, &self.rules);
                self.missed(device, &heard, missed);
            }
        }
    }

    /// What was delivered on the live connection before its FIN, the server has read when it sees the FIN.
    fn settle_connection(&mut self, device: DeviceId) {
        let slack = self.rules.slack;
        for heard in self.lane_mut(device).take_said() {
            if self.server.must_be_up(heard.at, slack) {
                let missed = self.lane(device).missed(&heard, &self.rules);
                self.missed(device, &heard, missed);
            }
        }
    }

    fn missed(&mut self, device: DeviceId, heard: &Heard, missed: Option<String>) {
        if let Some(text) = missed {
            self.breach(Invariant::NoLateNoEarly, device, heard.at, text);
        }
    }

    fn lane(&self, device: DeviceId) -> &Lane {
        &self.lanes[device]
    }

    fn lane_mut(&mut self, device: DeviceId) -> &mut Lane {
        &mut self.lanes[device]
    }

    fn breach(&mut self, invariant: Invariant, device: DeviceId, at: Instant, text: String) {
        self.breaches.push(Breach { invariant, device, at, text });
    }
}

#[cfg(test)]
mod tests;
