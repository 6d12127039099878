//! The hub: what sessions say becomes the truth about devices.
//!
//! Owns who speaks for a device: one live session each, the newest login wins or is refused as the
//! [settings](crate::settings) say, and a superseded session is heard no more (`lifecycle` section 6). Composes the
//! [registry](crate::registry) and the [timeline](crate::timeline). Does not see bytes, pings or sockets.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::id::{DeviceId, SessionId, Token};
use crate::lifecycle::{self, Connection, Template};
use crate::protocol::Answer;
use crate::registry::{self, Registry, StatusChanged};
use crate::session::{LoginAnswer, Word};
use crate::settings::{Settings, Takeover};
use crate::time::{Duration, Instant};
use crate::timeline::{Close, Entry, Event};

/// The machine behind all sessions.
#[derive(Debug)]
pub struct Hub {
    settings: Arc<Settings>,
    registry: Registry,
    /// The device that each live session speaks for.
    live: BTreeMap<SessionId, DeviceId>,
    outputs: VecDeque<Output>,
}

/// What the hub hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A session says something.
    Word(SessionId, Word),
    /// Time has passed.
    Timeout,
}

/// What the hub wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Answer the login of this session.
    Answer(SessionId, LoginAnswer),
    /// Tell this session that a newer one took over.
    Supersede(SessionId),
    /// Append to the timeline of a device.
    Record(DeviceId, Entry),
}

/// Why the hub wants to be woken: the next status of this device is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusDue(pub DeviceId);

impl Hub {
    /// A hub without devices.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings, registry: Registry::default(), live: BTreeMap::new(), outputs: VecDeque::new() }
    }

    /// The settings that its sessions share.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// All devices and where they stand.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Adds a device that was never seen.
    ///
    /// # Panics
    /// If the token belongs to another device.
    pub fn add_device(&mut self, token: Token, template: Arc<Template>) -> DeviceId {
        self.registry.add(token, template)
    }

    /// Takes one input. For a word, `now` is the instant at which it became true. Words of different
    /// sessions may come out of order by as much as their driver is late; no entry is ever taken back.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        // What was due before a word became true comes before it, however late the driver is.
        self.tell(now, registry::Input::Timeout);
        match input {
            Input::Word(session, word) => self.on_word(now, session, word),
            Input::Timeout => {}
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, StatusDue)> {
        self.registry.poll_timeout().map(|(deadline, device)| (deadline, StatusDue(device)))
    }

    fn on_word(&mut self, now: Instant, session: SessionId, word: Word) {
        match word {
            Word::Login { token, address } => self.on_login(now, session, token, address),
            Word::Announced(heartbeat) => self.on_announced(now, session, heartbeat),
            Word::Data => self.on_data(now, session),
            Word::Closed(close) => self.on_closed(now, session, close),
        }
    }

    fn on_login(&mut self, now: Instant, session: SessionId, token: Token, address: SocketAddr) {
        let Some(device) = self.registry.find(&token) else {
            return self.refuse(session, Answer::INVALID_TOKEN);
        };
        if let Connection::Connected { session: older, .. } = self.registry.machine(device).connection() {
            match self.settings.takeover {
                Takeover::Reject => return self.refuse(session, Answer::NOT_ALLOWED),
                Takeover::Accept => self.supersede(now, device, older, session),
            }
        }
        self.accept(now, device, session, address);
    }

    fn refuse(&mut self, session: SessionId, answer: Answer) {
        self.outputs.push_back(Output::Answer(session, LoginAnswer::Refused(answer)));
    }

    fn supersede(&mut self, now: Instant, device: DeviceId, older: SessionId, newer: SessionId) {
        self.live.remove(&older);
        self.record(now, device, Event::Superseded { session: older, by: newer });
        self.outputs.push_back(Output::Supersede(older));
    }

    fn accept(&mut self, now: Instant, device: DeviceId, session: SessionId, address: SocketAddr) {
        let heartbeat = self.registry.machine(device).template().heartbeat;
        self.live.insert(session, device);
        self.record(now, device, Event::LoggedIn { session, address });
        self.tell(now, registry::Input::Device(device, lifecycle::Input::LoggedIn(session)));
        self.outputs.push_back(Output::Answer(session, LoginAnswer::Accepted { heartbeat }));
    }

    fn on_announced(&mut self, now: Instant, session: SessionId, heartbeat: Duration) {
        if let Some(device) = self.speaks_for(session) {
            self.record(now, device, Event::Announced { session, heartbeat });
        }
    }

    fn on_data(&mut self, now: Instant, session: SessionId) {
        if let Some(device) = self.speaks_for(session) {
            self.tell(now, registry::Input::Device(device, lifecycle::Input::Data));
        }
    }

    fn on_closed(&mut self, now: Instant, session: SessionId, close: Close) {
        if let Some(device) = self.speaks_for(session) {
            self.live.remove(&session);
            self.record(now, device, Event::Closed { session, close });
            let Close { reason, last_byte_at, .. } = close;
            let closed = lifecycle::Input::Closed { reason, last_byte_at };
            self.tell(now, registry::Input::Device(device, closed));
        }
    }

    /// The device of a live session. A superseded session reports late; it no longer speaks for the device.
    fn speaks_for(&self, session: SessionId) -> Option<DeviceId> {
        self.live.get(&session).copied()
    }

    /// Tells the registry, and records at once what changes: nobody is told of what is not recorded yet.
    fn tell(&mut self, now: Instant, input: registry::Input) {
        self.registry.handle_input(now, input);
        while let Some(StatusChanged { at, device, change }) = self.registry.poll_output() {
            self.record(at, device, Event::Status(change));
        }
    }

    fn record(&mut self, at: Instant, device: DeviceId, event: Event) {
        self.outputs.push_back(Output::Record(device, Entry { at, event }));
    }
}

#[cfg(test)]
mod tests;
