//! What is known of one device: its connections, and which of them speaks for it.
//!
//! Logins that arrive within a tick may be accepted in any order, and the record names no connection. So a session has
//! candidates: what it says is true if it is true of one of them, and it must do only what all of them demand.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::ops::{Index, IndexMut, Range};
use std::sync::Arc;

use blynk_core::id::{DeviceId, Pin, SessionId, Token};
use blynk_core::time::{Duration, Instant};

use super::commands::Waiting;
use super::evidence::{Evidence, Rules};
use super::heard::Heard;
use super::near;
use super::standing::Standing;
use crate::network::ConnectionId;
use crate::plan::{Plan, Template};

/// What is known of each device that is watched.
#[derive(Clone, Debug)]
pub(super) struct Lanes {
    first: DeviceId,
    lanes: Vec<Lane>,
}

impl Lanes {
    pub(super) fn new(plan: &Plan, devices: Range<u32>) -> Self {
        let first = DeviceId(devices.start);
        let lane = |id| Lane::new(plan.token(id), &plan.device(id).template);
        Self { first, lanes: devices.map(DeviceId).map(lane).collect() }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = DeviceId> + use<> {
        (self.first.0..).map(DeviceId).take(self.lanes.len())
    }
}

impl Index<DeviceId> for Lanes {
    type Output = Lane;

    fn index(&self, device: DeviceId) -> &Lane {
        &self.lanes[(device.0 - self.first.0) as usize]
    }
}

impl IndexMut<DeviceId> for Lanes {
    fn index_mut(&mut self, device: DeviceId) -> &mut Lane {
        &mut self.lanes[(device.0 - self.first.0) as usize]
    }
}

/// What is known of one device.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) token: Token,
    pub(super) template: Arc<Template>,
    /// The live connection, and those whose login the server has not accepted. Boxed: a map has room for eleven at once,
    /// and nearly every device has one.
    pub(super) connections: BTreeMap<ConnectionId, Box<Connection>>,
    /// The newest connection of each line that said something before its login.
    early: BTreeMap<u32, Early>,
    pub(super) live: Option<Live>,
    /// When a session ended last.
    pub(super) ended: Option<Instant>,
    /// The session that was live when the server went down, until the record says so.
    pub(super) interrupted: Option<SessionId>,
    pub(super) standing: Standing,
    /// Deliveries whose effects may not be seen yet, oldest first.
    pub(super) heard: VecDeque<Heard>,
    /// Commands that the device was not handed yet.
    pub(super) waiting: BTreeMap<Pin, Waiting>,
}

/// What was said on a connection before its login.
#[derive(Clone, Debug)]
struct Early {
    id: ConnectionId,
    /// Something was said that only those may say who have logged in: the connection is to be closed, and what follows on
    /// it is nobody's.
    is_spoilt: bool,
    /// The newest pings: they count as messages like any other.
    pings: VecDeque<Instant>,
}

/// The session that speaks for the device.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) session: SessionId,
    pub(super) since: Instant,
    /// The connections that it may be; nearly always one.
    pub(super) candidates: Vec<ConnectionId>,
}

/// A connection that carried a login.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) login: Instant,
    /// Whether the server may have seen an older live session when it judged the login.
    may_be_refused: bool,
    is_accepted: bool,
    pub(super) evidence: Evidence,
}

impl Connection {
    /// Whether the login must be accepted, and is not. A device that goes away with its login may have learned that the
    /// server had closed the connection before.
    pub(super) fn waits(&self, slack: Duration) -> bool {
        !self.is_accepted && !self.may_be_refused && !self.is_taken_back(slack)
    }

    fn is_taken_back(&self, slack: Duration) -> bool {
        self.evidence.gone().is_some_and(|gone| near(gone, self.login, slack))
    }
}

impl Lane {
    pub(super) fn new(token: Token, template: &Arc<Template>) -> Self {
        Self {
            token,
            template: Arc::clone(template),
            connections: BTreeMap::new(),
            early: BTreeMap::new(),
            live: None,
            ended: None,
            interrupted: None,
            standing: Standing::default(),
            heard: VecDeque::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Something is said that only those may say who have logged in.
    pub(super) fn on_word(&mut self, id: ConnectionId) {
        if let Some(early) = self.before_login(id) {
            early.is_spoilt = true;
        }
    }

    /// A ping; a second may bring at most so many messages.
    pub(super) fn on_ping(&mut self, now: Instant, id: ConnectionId, most: usize) {
        if let Some(early) = self.before_login(id) {
            early.pings.push_back(now);
            if early.pings.len() > most {
                early.pings.pop_front();
            }
        }
    }

    /// What was said on this connection so far, if it brought no login yet.
    fn before_login(&mut self, id: ConnectionId) -> Option<&mut Early> {
        if self.connections.contains_key(&id) {
            return None;
        }
        let new = || Early { id, is_spoilt: false, pings: VecDeque::new() };
        let early = self.early.entry(id.line).or_insert_with(new);
        if early.id != id {
            *early = new();
        }
        Some(early)
    }

    /// Whether nothing can come of a login on this connection.
    pub(super) fn is_spoilt(&self, id: ConnectionId) -> bool {
        self.early.get(&id.line).is_some_and(|early| early.id == id && early.is_spoilt)
    }

    pub(super) fn on_login(&mut self, now: Instant, id: ConnectionId, refuses: bool, rules: &Rules) {
        let (slack, most) = (rules.slack, rules.messages_per_second);
        let live = self.live.as_ref().map_or(&[][..], |live| &live.candidates);
        // Those that are refused are never spoken of, and those that were superseded no more.
        self.connections.retain(|id, it| it.waits(slack) || near(it.login, now, slack) || live.contains(id));
        let early = self.early.get_mut(&id.line).filter(|early| early.id == id);
        let pings = early.map(|early| mem::take(&mut early.pings)).unwrap_or_default();
        // It may be one message too many itself.
        let may_be_refused = (refuses && self.live.is_some()) || pings.len() >= most;
        let evidence = Evidence::new(now, self.template.heartbeat, pings);
        let connection = Connection { login: now, may_be_refused, is_accepted: false, evidence };
        self.connections.insert(id, connection.into());
    }

    /// The server ended this connection, and the device hears of it now. What it said at the same instant may have met
    /// the end.
    pub(super) fn on_end_heard(&mut self, now: Instant, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id).filter(|it| it.login == now) {
            connection.may_be_refused = true;
        }
        self.heard.retain(|heard| heard.at != now || heard.said_on != id);
    }

    /// The session speaks on the connection whose login was delivered at that time. Returns whether there is one.
    pub(super) fn begin(&mut self, at: Instant, session: SessionId, refuses: bool, slack: Duration) -> bool {
        let mut logins: Vec<_> =
            self.connections.iter_mut().filter(|(_, it)| near(it.login, at, slack)).collect();
        let first = logins
            .iter_mut()
            .filter(|(_, it)| !it.is_accepted)
            .min_by_key(|(_, it)| (it.is_taken_back(slack), it.login));
        let Some((_, first)) = first else { return false };
        first.is_accepted = true;
        let beside = logins.iter_mut().filter(|(_, it)| !it.is_accepted);
        beside.for_each(|(_, beside)| beside.may_be_refused = refuses);
        let candidates = logins.into_iter().map(|(id, _)| *id).collect();
        self.live = Some(Live { session, since: at, candidates });
        true
    }

    /// Nobody speaks for the device any more; of what may have been the live connection nothing will be said again.
    pub(super) fn end(&mut self, at: Instant) -> Vec<Connection> {
        let Some(live) = self.live.take() else { return Vec::new() };
        self.ended = Some(at);
        live.candidates.iter().filter_map(|id| self.connections.remove(id)).map(|it| *it).collect()
    }

    /// The live connection closed: the one of which `fits` is true. The other candidates wait on.
    pub(super) fn close(&mut self, at: Instant, fits: impl Fn(&Connection) -> bool) -> Vec<Connection> {
        let fitting = self.live.as_ref().and_then(|live| {
            live.candidates.iter().find(|id| self.connections.get(id).is_some_and(|it| fits(it))).copied()
        });
        let Some((live, id)) = self.live.take_if(|_| fitting.is_some()).zip(fitting) else {
            return self.end(at);
        };
        self.ended = Some(at);
        let closed = self.connections.remove(&id).map(|it| *it);
        // As many logins were accepted as before, whichever they are.
        if let Some(closed) = closed.as_ref().filter(|it| !it.is_accepted) {
            let other = live.candidates.iter().find(|id| self.connections.contains_key(id));
            if let Some(other) = other.and_then(|id| self.connections.get_mut(id)) {
                other.is_accepted = false;
                other.may_be_refused |= closed.may_be_refused;
            }
        }
        closed.into_iter().collect()
    }

    /// A newer login took over. Which of several candidates ended is not known.
    pub(super) fn end_superseded(&mut self, at: Instant) {
        match &self.live {
            Some(live) if live.candidates.len() > 1 => {
                self.live = None;
                self.ended = Some(at);
            }
            Some(_) | None => drop(self.end(at)),
        }
    }

    /// The connections that may speak for the device.
    pub(super) fn candidates(&self) -> impl Iterator<Item = &Connection> {
        let ids = self.live.iter().flat_map(|live| &live.candidates);
        ids.filter_map(|id| self.connections.get(id)).map(Box::as_ref)
    }

    /// Takes note of a heartbeat that the live session recorded. Returns whether it can have been announced.
    pub(super) fn announces(&mut self, heartbeat: Duration) -> bool {
        let Some(live) = &self.live else { return false };
        let mut may_be_announced = false;
        for id in &live.candidates {
            let candidate = self.connections.get_mut(id);
            may_be_announced |= candidate.is_some_and(|it| it.evidence.announces(heartbeat));
        }
        may_be_announced
    }

    /// The only connection that can speak for the device.
    pub(super) fn speaker(&self) -> Option<(ConnectionId, &Connection)> {
        match self.live.as_ref()?.candidates.as_slice() {
            [id] => Some((*id, self.connections.get(id)?)),
            _ => None,
        }
    }

    /// Whether a message on that connection may have been heard as the device's.
    pub(super) fn may_speak(&self, id: ConnectionId) -> bool {
        self.live.as_ref().is_some_and(|live| live.candidates.contains(&id))
    }

    /// Whether a session may have been live when something arrived at that time.
    pub(super) fn may_have_been_live(&self, at: Instant, slack: Duration) -> bool {
        self.live.as_ref().is_some_and(|live| live.since <= at + slack)
            || self.ended.is_some_and(|ended| at <= ended + slack)
    }
}
