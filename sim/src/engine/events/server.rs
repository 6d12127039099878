//! The server from one start to its end: sessions, the hub, and the loop between them.
//!
//! Performs what the machines decide, in the order of the server's own driver: what the hub says is durable before anybody
//! is told of it. Sessions are found by slots, which are reused; session numbers are not.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use blynk_core::hub::{self, Call, CallId, Hub, Output, Refusal, Reply};
use blynk_core::id::{DeviceId, NotificationId, SessionId, Token};
use blynk_core::notification::{Failure, Notification};
use blynk_core::server::{PATIENCE, Undelivered};
use blynk_core::session::{Input, Word};
use blynk_core::settings::Settings;
use blynk_core::store::StoreError;
use blynk_core::time::Instant;

use super::connection::{Connection, Next, Speech};
use super::http;
use super::queue::{Alarm, Attempt, Wake, Who};
use super::shard::Shard;
use super::wire::{Outside, Peer};
use crate::device::{Content, Message};
use crate::engine::observer::Observer;
use crate::engine::world::World;
use crate::network::{ConnectionId, FromServer, ToServer};
use crate::plan::Plan;

/// A running server.
pub(super) struct Server {
    observer: Observer,
    world: World,
    settings: Arc<Settings>,
    operators: Token,
    /// The device that the hub gives the number zero.
    first: DeviceId,
    hub: Hub,
    hub_alarm: Alarm,
    connections: Vec<Option<Connection>>,
    free: Vec<Slot>,
    /// The open connections of each device, in their order: one nearly always.
    by_device: Vec<Vec<(ConnectionId, Slot)>>,
    sessions: BTreeMap<SessionId, Slot>,
    next_session: SessionId,
    /// Connections that may have something to send.
    stirred: Vec<Slot>,
    mail: Mail,
    /// Calls that the hub has heard and not answered.
    calls: BTreeMap<CallId, Peer>,
    next_call: CallId,
    /// Deliveries that the receiver does not answer in time.
    slow: BTreeMap<Attempt, NotificationId>,
    /// What is read from a connection, or written to one. Empty in between, but for its memory.
    bytes: Vec<u8>,
}

/// A place for a connection.
type Slot = usize;

/// What waits for the hub.
#[derive(Default)]
struct Mail {
    words: VecDeque<(Instant, SessionId, Word)>,
    calls: VecDeque<(CallId, Call)>,
    /// Which notifications were delivered, or were not, and why.
    deliveries: Vec<(NotificationId, Result<(), Undelivered>)>,
}

impl Server {
    /// Starts, and does what it makes of a restart.
    pub(super) fn start(
        now: Instant,
        plan: &Plan,
        shard: &Shard,
        observer: &Observer,
        world: &World,
        outside: &mut Outside<'_>,
    ) -> Result<Self, StoreError> {
        let settings = Arc::new(plan.server);
        let hub = Hub::new(now, settings.clone(), world.load()?);
        let mut server = Self {
            observer: observer.clone(),
            world: world.clone(),
            settings,
            operators: plan.operator_token(),
            first: DeviceId(shard.devices.start),
            next_session: hub.first_session(),
            hub,
            hub_alarm: Alarm::default(),
            connections: Vec::new(),
            free: Vec::new(),
            by_device: vec![Vec::new(); shard.devices.len()],
            sessions: BTreeMap::new(),
            stirred: Vec::new(),
            mail: Mail::default(),
            calls: BTreeMap::new(),
            next_call: CallId(0),
            slow: BTreeMap::new(),
            bytes: Vec::new(),
        };
        server.perform(now, outside)?;
        server.settle(now, outside)?;
        Ok(server)
    }

    /// SYN: somebody is let in.
    pub(super) fn on_dial(&mut self, now: Instant, peer: Peer, outside: &mut Outside<'_>) {
        let session = self.next_session;
        self.next_session = SessionId(session.0 + 1);
        let mut connection = Connection::new(now, session, peer, self.settings.clone());
        connection.set_alarm(now, outside.queue);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        self.connections[slot] = Some(connection);
        let own = self.connections_of(peer.device);
        own.reserve_exact(1);
        own.push((peer.connection, slot));
        self.sessions.insert(session, slot);
        outside.to_devices.push_back((peer, FromServer::Connected));
    }

    /// Something reaches the server. What is sent on a connection that it has ended is heard by nobody.
    pub(super) fn on_delivery(
        &mut self,
        now: Instant,
        peer: Peer,
        what: &ToServer,
        outside: &mut Outside<'_>,
    ) {
        let Some(slot) = self.slot(peer) else { return };
        self.bytes.clear();
        what.encode(&mut self.bytes);
        self.observer.delivered(now, peer.device, peer.connection, what, self.bytes.len());
        let connection = self.connections[slot].as_mut().expect("an open connection has its slot");
        match what {
            ToServer::Message(message) => match connection.speech(&self.bytes) {
                Speech::Device => connection.on_bytes(now, &self.bytes),
                Speech::Http => return self.on_http(slot, message, outside),
            },
            ToServer::Fin => {
                connection.is_heard = false;
                connection.on_fin(now);
            }
            ToServer::Reset => {
                connection.is_heard = false;
                connection.on_reset(now);
            }
        }
        self.go_on(now, slot, outside);
    }

    /// Nobody is at the other end of a connection any more.
    pub(super) fn on_abandoned(&mut self, peer: Peer) {
        if let Some(slot) = self.slot(peer)
            && let Some(connection) = &mut self.connections[slot]
        {
            connection.is_heard = false;
        }
    }

    /// A session is woken.
    pub(super) fn on_session_over(
        &mut self,
        now: Instant,
        wake: Wake,
        id: SessionId,
        outside: &mut Outside<'_>,
    ) {
        let Some(slot) = self.sessions.get(&id).copied() else { return };
        let connection = self.connections[slot].as_mut().expect("a session has its slot");
        if !connection.rings(wake) {
            return;
        }
        if connection.is_over(now) {
            connection.hear(now, Input::Timeout);
            self.go_on(now, slot, outside);
        } else {
            // What was due has been put off since.
            connection.set_alarm(now, outside.queue);
        }
    }

    /// The hub is woken.
    pub(super) fn on_hub_over(
        &mut self,
        now: Instant,
        wake: Wake,
        outside: &mut Outside<'_>,
    ) -> Result<(), StoreError> {
        if self.hub_alarm.rings(wake) {
            self.hub.handle_input(now, hub::Input::Timeout);
            self.perform(now, outside)?;
            self.settle(now, outside)?;
        }
        Ok(())
    }

    /// A receiver took longer than the server waits.
    pub(super) fn on_delivery_over(&mut self, attempt: Attempt) {
        if let Some(notification) = self.slow.remove(&attempt) {
            self.mail.deliveries.push((notification, Err(Undelivered::Timeout(PATIENCE))));
        }
    }

    /// Sends each peer a FIN. Who is connected now did not disconnect.
    pub(super) fn stop(mut self, now: Instant, outside: &mut Outside<'_>) {
        let slots: Vec<Slot> = self.sessions.values().copied().collect();
        for slot in slots {
            let connection = self.connections[slot].as_mut().expect("a session has its slot");
            connection.hear(now, Input::Stop);
            self.go_on(now, slot, outside);
        }
    }

    /// Lets sessions and hub talk until neither has anything left to say.
    pub(super) fn settle(&mut self, now: Instant, outside: &mut Outside<'_>) -> Result<(), StoreError> {
        self.write(outside);
        self.hand_over(now);
        while !self.mail.is_empty() {
            self.hear_mail(now);
            self.perform(now, outside)?;
            self.write(outside);
            self.hand_over(now);
        }
        if let Some((deadline, _)) = self.hub.poll_timeout() {
            let at = deadline.when_over().max(now);
            self.hub_alarm.set(outside.queue, Wake { at, who: Who::Hub });
        }
        Ok(())
    }

    /// Passes on what a session says, and sees to its end.
    fn go_on(&mut self, now: Instant, slot: Slot, outside: &mut Outside<'_>) {
        let connection = self.connections[slot].as_mut().expect("only open connections go on");
        let id = connection.id();
        loop {
            match connection.next() {
                Next::Say(at, word) => self.mail.words.push_back((at, id, word)),
                Next::Close => return self.close(slot, outside),
                Next::Wait => break,
            }
        }
        connection.set_alarm(now, outside.queue);
        self.stirred.push(slot);
    }

    /// The last bytes, then FIN.
    fn close(&mut self, slot: Slot, outside: &mut Outside<'_>) {
        let mut connection = self.forget(slot);
        if connection.is_heard {
            let last = connection.written(&mut self.bytes).map(FromServer::Bytes);
            let ends = last.into_iter().chain([FromServer::Fin]);
            outside.to_devices.extend(ends.map(|what| (connection.peer, what)));
        }
    }

    fn forget(&mut self, slot: Slot) -> Connection {
        let connection = self.connections[slot].take().expect("a connection is open until it is forgotten");
        self.free.push(slot);
        self.sessions.remove(&connection.id());
        self.connections_of(connection.peer.device).retain(|(_, other)| *other != slot);
        connection
    }

    /// Whoever speaks HTTP needs no session, and is answered within this instant.
    fn on_http(&mut self, slot: Slot, message: &Message, outside: &mut Outside<'_>) {
        let peer = self.forget(slot).peer;
        match self.call(message, peer) {
            Ok(call) => {
                let id = self.next_call;
                self.next_call = CallId(id.0 + 1);
                self.calls.insert(id, peer);
                self.mail.calls.push_back((id, call));
            }
            Err(code) => answer(peer, http::head(code), outside),
        }
    }

    fn call(&self, message: &Message, peer: Peer) -> Result<Call, u16> {
        match &message.content {
            Content::Request(request) => http::call(request, peer.address(), self.operators, self.first),
            // It began with a capital letter all the same.
            Content::Login(_)
            | Content::OldLogin(_)
            | Content::Announce(_)
            | Content::Info { .. }
            | Content::Sync
            | Content::Ping
            | Content::Write { .. }
            | Content::Status(_)
            | Content::Garbage(..)
            | Content::IdZero(_) => Err(http::BAD_REQUEST),
        }
    }

    /// What sessions have to send, one chunk each: they write when there is nothing left to read.
    fn write(&mut self, outside: &mut Outside<'_>) {
        let Self { connections, bytes: buffer, .. } = self;
        for slot in &self.stirred {
            if let Some(connection) = &mut connections[*slot]
                && let Some(bytes) = connection.written(buffer)
                && connection.is_heard
            {
                outside.to_devices.push_back((connection.peer, FromServer::Bytes(bytes)));
            }
        }
    }

    /// A device has a command when its bytes are written, and not before.
    fn hand_over(&mut self, now: Instant) {
        for slot in self.stirred.drain(..) {
            if let Some(connection) = &mut self.connections[slot] {
                let id = connection.id();
                while let Some(command) = connection.handed() {
                    self.mail.words.push_back((now, id, Word::Handed(command)));
                }
            }
        }
    }

    /// All of it: where a batch ends would depend on how many devices there are.
    fn hear_mail(&mut self, now: Instant) {
        let Mail { words, calls, deliveries } = &mut self.mail;
        for (at, session, word) in words.drain(..) {
            self.hub.handle_input(at, hub::Input::Word(session, word));
        }
        for (id, call) in calls.drain(..) {
            self.hub.handle_input(now, hub::Input::Call(id, call));
        }
        for (id, outcome) in deliveries.drain(..) {
            let input = match outcome {
                Ok(()) => hub::Input::Delivered(id),
                Err(why) => hub::Input::Undelivered(id, Failure::from(&why)),
            };
            self.hub.handle_input(now, input);
        }
    }

    /// Makes durable what the hub says, in one step; then tells of it. If the store fails, nobody is told anything.
    fn perform(&mut self, now: Instant, outside: &mut Outside<'_>) -> Result<(), StoreError> {
        let (writes, others) = self.hub.poll_outputs();
        if !writes.is_empty() {
            self.world.commit(now, &writes)?;
        }
        others.into_iter().for_each(|output| self.tell(now, output, outside));
        Ok(())
    }

    fn tell(&mut self, now: Instant, output: Output, outside: &mut Outside<'_>) {
        match output {
            Output::Write(_) => unreachable!("writes were made durable before"),
            Output::Login(session, answer) => self.tell_session(now, session, Input::Login(answer), outside),
            Output::Supersede(session) => self.tell_session(now, session, Input::Superseded, outside),
            Output::Answer(session, id, answer) => {
                self.tell_session(now, session, Input::Answer(id, answer), outside);
            }
            Output::Values(session, id, values) => {
                self.tell_session(now, session, Input::Values(id, &values), outside);
            }
            Output::Heartbeat(session, heartbeat) => {
                self.tell_session(now, session, Input::Heartbeat(heartbeat), outside);
            }
            Output::Reply(call, reply) => self.answer_call(call, &reply, outside),
            Output::Deliver(notification) => self.deliver(now, &notification, outside),
        }
    }

    /// It may have ended meanwhile.
    fn tell_session(
        &mut self,
        now: Instant,
        session: SessionId,
        input: Input<'_>,
        outside: &mut Outside<'_>,
    ) {
        if let Some(slot) = self.sessions.get(&session).copied() {
            let connection = self.connections[slot].as_mut().expect("a session has its slot");
            connection.hear(now, input);
            self.go_on(now, slot, outside);
        }
    }

    fn answer_call(&mut self, call: CallId, reply: &Result<Reply, Refusal>, outside: &mut Outside<'_>) {
        let peer = self.calls.remove(&call).expect("the hub answers each call once");
        answer(peer, http::answer(reply), outside);
    }

    fn deliver(&mut self, now: Instant, notification: &Notification, outside: &mut Outside<'_>) {
        match self.world.receive(now, notification) {
            Some(outcome) => self.mail.deliveries.push((notification.id, outcome)),
            None => {
                let attempt = outside.queue.attempt();
                self.slow.insert(attempt, notification.id);
                outside.queue.push(Wake { at: now + PATIENCE, who: Who::Delivery(attempt) });
            }
        }
    }

    fn connections_of(&mut self, device: DeviceId) -> &mut Vec<(ConnectionId, Slot)> {
        &mut self.by_device[(device.0 - self.first.0) as usize]
    }

    fn slot(&self, Peer { device, connection }: Peer) -> Option<Slot> {
        let own = &self.by_device[(device.0 - self.first.0) as usize];
        own.iter().find(|(known, _)| *known == connection).map(|(_, slot)| *slot)
    }
}

impl Mail {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.calls.is_empty() && self.deliveries.is_empty()
    }
}

fn answer(peer: Peer, bytes: Vec<u8>, outside: &mut Outside<'_>) {
    outside.to_devices.extend([(peer, FromServer::Bytes(bytes.into())), (peer, FromServer::Fin)]);
}
