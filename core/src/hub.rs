//! The hub: what sessions and calls say becomes the truth about devices.
//!
//! Owns who speaks for a device: one live session each, the newest login wins or is refused as the
//! [settings](crate::settings) say, and a superseded session is heard no more (`lifecycle` section 6). Composes
//! [registry](crate::registry), [control](crate::control), [outbox](crate::outbox) and
//! [timeline](crate::timeline), and says what must be durable before anybody is told. Does not see bytes, pings or
//! sockets.

mod call;
mod throttle;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

pub use call::{About, Call, CallId, Refusal, Reply, Wish};

use crate::command::{Controls, Verdict};
use crate::control::{Control, Pins};
use crate::id::{CommandId, DeviceId, NotificationId, Pin, SessionId, StatusIndex, Token};
use crate::lifecycle::{self, Connection, Status};
use crate::notification::Notification;
use crate::outbox::{self, Outbox};
use crate::protocol::{Answer, MessageId};
use crate::registry::{self, Registry, StatusChanged};
use crate::session::{LoginAnswer, PinValue, Word};
use crate::settings::{Settings, Takeover};
use crate::store::{Identity, Stored, StoredDevice, Write};
use crate::time::{Duration, Instant};
use crate::timeline::{Close, Entry, Event, Setter};
use throttle::Throttle;

/// The machine behind all sessions.
#[derive(Debug)]
pub struct Hub {
    settings: Arc<Settings>,
    registry: Registry,
    control: Control,
    outbox: Outbox,
    throttle: Throttle,
    /// What each device is, by its number.
    identities: Vec<Identity>,
    /// The device that each live session speaks for.
    live: BTreeMap<SessionId, DeviceId>,
    /// No older session will speak again.
    first_session: SessionId,
    outputs: VecDeque<Output>,
}

/// What the hub hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A session says something.
    Word(SessionId, Word),
    /// Somebody outside any session asks.
    Call(CallId, Call),
    /// A receiver took a notification.
    Delivered(NotificationId),
    /// A receiver did not take a notification, or did not say so in time.
    Undelivered(NotificationId),
    /// Time has passed.
    Timeout,
}

/// What the hub wants done. Writes come before what tells of them: a driver makes them durable first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Make this durable.
    Write(Write),
    /// Answer the login of this session.
    Login(SessionId, LoginAnswer),
    /// Tell this session that a newer one took over.
    Supersede(SessionId),
    /// Answer another request of this session.
    Answer(SessionId, MessageId, Answer),
    /// Hand this session values, as an answer or because a user commanded them.
    Values(SessionId, Option<MessageId>, Vec<PinValue>),
    /// Answer a call.
    Reply(CallId, Result<Reply, Refusal>),
    /// Try to deliver a notification to its address, and say how it went.
    Deliver(Notification),
}

/// Why the hub wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next status of this device is due.
    Status(DeviceId),
    /// A notification is to be tried.
    Notification,
}

impl Hub {
    /// A hub that goes on where a store ended; `now` is when. Devices that were connected did not disconnect: they, and
    /// those that were waiting, get a grace to come back (`lifecycle` section 7).
    ///
    /// # Panics
    /// If a device names a template that the store does not hold, or a token twice.
    pub fn new(now: Instant, settings: Arc<Settings>, stored: Stored) -> Self {
        let newest_session = |device: &StoredDevice| device.state.connection.newest_session();
        let newest_session = stored.devices.iter().filter_map(newest_session).max();
        let mut hub = Self {
            registry: Registry::default(),
            control: Control::new(stored.newest_command),
            outbox: Outbox::new(settings.clone(), stored.newest_notification),
            throttle: Throttle::new(settings.login_failures_per_minute),
            identities: Vec::with_capacity(stored.devices.len()),
            live: BTreeMap::new(),
            first_session: SessionId(newest_session.map_or(1, |newest| newest.0 + 1)),
            outputs: VecDeque::new(),
            settings,
        };
        for device in stored.devices {
            let template = stored.templates.get(&device.identity.template);
            let template = template.expect("a device's template is stored before the device").clone();
            let id = hub.registry.add(device.identity.token, template, device.state);
            hub.control.restore(id, Pins { values: device.values, pending: device.pending });
            hub.outbox.restore(id, device.ledger);
            hub.identities.push(device.identity);
        }
        stored
            .owed
            .into_iter()
            .for_each(|(notification, progress)| hub.outbox.resume(notification, progress));
        hub.restart(now);
        hub
    }

    /// The settings that its sessions share.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// The first number for new sessions. Those before were used.
    pub fn first_session(&self) -> SessionId {
        self.first_session
    }

    /// All devices and where they stand.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Takes one input. For a word, `now` is the instant at which it became true. Words of different
    /// sessions may come out of order by as much as their driver is late; no entry is ever taken back.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        // What was due before a word became true comes before it, however late the driver is.
        self.settle(now);
        match input {
            Input::Word(session, word) => self.on_word(now, session, word),
            Input::Call(id, call) => self.on_call(now, id, call),
            Input::Delivered(id) => self.tell_outbox(now, outbox::Input::Delivered(id)),
            Input::Undelivered(id) => self.tell_outbox(now, outbox::Input::Undelivered(id)),
            Input::Timeout => {}
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let status = self.registry.poll_timeout().map(|(at, device)| (at, Timer::Status(device)));
        let notification = self.outbox.poll_timeout().map(|at| (at, Timer::Notification));
        status.into_iter().chain(notification).min_by_key(|(at, _)| *at)
    }

    /// The server is up again.
    fn restart(&mut self, now: Instant) {
        for device in self.registry.devices() {
            let machine = self.registry.machine(device);
            let grace = self.settings.grace(machine.heartbeat());
            match machine.connection() {
                Connection::Never => {}
                Connection::Connected { session, .. } => {
                    self.record(now, device, Event::Interrupted { session });
                    self.tell(now, device, lifecycle::Input::Restarted { grace });
                }
                // The next restart gives it a grace again, so that this one need not be remembered.
                Connection::Disconnected { .. } => {
                    let input = registry::Input::Device(device, lifecycle::Input::Restarted { grace });
                    self.registry.handle_input(now, input);
                }
            }
        }
    }

    fn settle(&mut self, now: Instant) {
        self.registry.handle_input(now, registry::Input::Timeout);
        self.record_changes();
        self.tell_outbox(now, outbox::Input::Timeout);
    }

    fn on_word(&mut self, now: Instant, session: SessionId, word: Word) {
        if let Word::Login { token, address } = word {
            return self.on_login(now, session, token, address);
        }
        // A superseded session reports late; it no longer speaks for the device.
        let Some(device) = self.live.get(&session).copied() else { return };
        match word {
            Word::Login { .. } => unreachable!("logins speak for nobody yet"),
            Word::Announced { heartbeat, client } => {
                self.on_announced(now, device, session, heartbeat, client)
            }
            Word::Data => self.tell(now, device, lifecycle::Input::Data),
            Word::Wrote { pin, value } => self.on_wrote(now, device, pin, value),
            Word::Sync { id, pins } => {
                let values = self.control.wanted(device, &pins);
                self.outputs.push_back(Output::Values(session, Some(id), values));
            }
            Word::SetStatus { id, status } => self.on_set_status(now, device, session, id, &status),
            Word::Handed(command) => self.on_handed(now, device, command),
            Word::Closed(close) => self.on_closed(now, device, session, close),
        }
    }

    fn on_login(&mut self, now: Instant, session: SessionId, token: Token, address: SocketAddr) {
        let Some(device) = self.registry.find(&token) else {
            let answered = self.throttle.failed(now, address.ip(), token);
            let refused = LoginAnswer::Refused(Answer::INVALID_TOKEN);
            return self.answer_login(session, if answered { refused } else { LoginAnswer::Withheld });
        };
        if let Connection::Connected { session: older, .. } = self.registry.machine(device).connection() {
            match self.settings.takeover {
                Takeover::Reject => {
                    return self.answer_login(session, LoginAnswer::Refused(Answer::NOT_ALLOWED));
                }
                Takeover::Accept => self.supersede(now, device, older, session),
            }
        }
        self.accept(now, device, session, address);
    }

    fn answer_login(&mut self, session: SessionId, answer: LoginAnswer) {
        self.outputs.push_back(Output::Login(session, answer));
    }

    fn supersede(&mut self, now: Instant, device: DeviceId, older: SessionId, newer: SessionId) {
        self.live.remove(&older);
        self.record(now, device, Event::Superseded { session: older, by: newer });
        self.outputs.push_back(Output::Supersede(older));
    }

    fn accept(&mut self, now: Instant, device: DeviceId, session: SessionId, address: SocketAddr) {
        self.live.insert(session, device);
        self.record(now, device, Event::LoggedIn { session, address });
        self.tell(now, device, lifecycle::Input::LoggedIn(session));
        let heartbeat = self.registry.machine(device).heartbeat();
        self.answer_login(session, LoginAnswer::Accepted { heartbeat });
    }

    fn on_announced(
        &mut self,
        now: Instant,
        device: DeviceId,
        session: SessionId,
        heartbeat: Option<Duration>,
        client: Box<str>,
    ) {
        self.record(now, device, Event::Announced { session, heartbeat, client });
        if let Some(heartbeat) = heartbeat {
            self.tell(now, device, lifecycle::Input::Announced(heartbeat));
        }
    }

    fn on_wrote(&mut self, now: Instant, device: DeviceId, pin: Pin, value: Box<str>) {
        self.write_value(device, pin, value);
        self.tell(now, device, lifecycle::Input::Data);
    }

    fn write_value(&mut self, device: DeviceId, pin: Pin, value: Box<str>) {
        self.control.write(device, pin, value.clone());
        self.write(Write::Value(device, pin, value));
    }

    fn on_set_status(
        &mut self,
        now: Instant,
        device: DeviceId,
        session: SessionId,
        id: MessageId,
        status: &str,
    ) {
        let answer = match self.settable(device, status) {
            Ok(to) => {
                self.tell(now, device, lifecycle::Input::Set(to, Setter::Device));
                Answer::OK
            }
            Err(_) => Answer::NOT_ALLOWED,
        };
        self.outputs.push_back(Output::Answer(session, id, answer));
    }

    /// The status of this key, if it stands later in the chain than the current one.
    fn settable(&self, device: DeviceId, key: &str) -> Result<StatusIndex, Refusal> {
        let machine = self.registry.machine(device);
        let later = || {
            let standing = machine.standing().into_iter();
            standing.flat_map(|standing| machine.template().chain.later_than(standing.status))
        };
        later().find(|(_, status)| status.key == key).map(|(place, _)| place).ok_or_else(|| {
            let allowed = later().map(|(_, status)| status.key.as_str().into()).collect();
            Refusal::StatusNotAllowed { status: key.into(), allowed }
        })
    }

    fn on_handed(&mut self, now: Instant, device: DeviceId, command: CommandId) {
        if let Some(pin) = self.control.settle(device, command) {
            self.write(Write::Settled(device, command));
            self.record(now, device, Event::Applied { command, pin });
        }
    }

    fn on_closed(&mut self, now: Instant, device: DeviceId, session: SessionId, close: Close) {
        self.live.remove(&session);
        self.record(now, device, Event::Closed { session, close });
        let Close { reason, last_byte_at, .. } = close;
        self.tell(now, device, lifecycle::Input::Closed { reason, last_byte_at });
    }

    fn on_call(&mut self, now: Instant, id: CallId, Call { about, wish }: Call) {
        let reply = self.device(about).and_then(|device| self.grant(now, device, about, wish));
        self.outputs.push_back(Output::Reply(id, reply));
    }

    fn device(&self, about: About) -> Result<DeviceId, Refusal> {
        match about {
            About::Token(token) => self.registry.find(&token).ok_or(Refusal::InvalidToken),
            About::Device(id) if (id.0 as usize) < self.identities.len() => Ok(id),
            About::Device(id) => Err(Refusal::NoSuchDevice(id)),
        }
    }

    fn grant(&mut self, now: Instant, device: DeviceId, about: About, wish: Wish) -> Result<Reply, Refusal> {
        match wish {
            Wish::Report { values, address } => self.on_report(now, device, values, address),
            Wish::Get(pins) => self.on_get(device, &pins),
            Wish::IsConnected => {
                let connection = self.registry.machine(device).connection();
                Ok(Reply::Connected(matches!(connection, Connection::Connected { .. })))
            }
            Wish::SetStatus(status) => {
                let to = self.settable(device, &status)?;
                let by = match about {
                    About::Token(_) => Setter::Device,
                    About::Device(_) => Setter::Operator,
                };
                self.tell(now, device, lifecycle::Input::Set(to, by));
                Ok(Reply::Done)
            }
            Wish::Command(pin, value) => self.on_command(now, device, pin, value),
        }
    }

    fn on_report(
        &mut self,
        now: Instant,
        device: DeviceId,
        values: Vec<(Pin, Box<str>)>,
        address: SocketAddr,
    ) -> Result<Reply, Refusal> {
        values.iter().try_for_each(|(pin, value)| self.fits(*pin, value))?;
        values.into_iter().for_each(|(pin, value)| self.write_value(device, pin, value));
        if !matches!(self.registry.machine(device).connection(), Connection::Connected { .. }) {
            self.record(now, device, Event::Reported { address });
        }
        self.tell(now, device, lifecycle::Input::Reported);
        Ok(Reply::Done)
    }

    fn fits(&self, pin: Pin, value: &str) -> Result<(), Refusal> {
        let (length, limit) = (value.len(), self.settings.value_limit);
        if length <= usize::from(limit) { Ok(()) } else { Err(Refusal::ValueTooLong { pin, length, limit }) }
    }

    fn on_get(&self, device: DeviceId, pins: &[Pin]) -> Result<Reply, Refusal> {
        let known = self.control.values(device);
        let values: Vec<_> = known.filter(|(pin, _)| pins.is_empty() || pins.contains(pin)).collect();
        match pins.iter().find(|pin| !values.iter().any(|(known, _)| known == *pin)) {
            Some(pin) => Err(Refusal::NoValue(*pin)),
            None => Ok(Reply::Values(values.into_iter().map(|(pin, value)| (pin, value.into())).collect())),
        }
    }

    fn on_command(
        &mut self,
        now: Instant,
        device: DeviceId,
        pin: Pin,
        value: Box<str>,
    ) -> Result<Reply, Refusal> {
        self.fits(pin, &value)?;
        let command = self.control.number(pin, value);
        let id = command.id;
        let verdict = self.verdict(device);
        self.record(now, device, Event::Commanded { command: command.clone(), verdict });
        match verdict {
            Verdict::Blocked => {
                let status = self.status(device).map(Status::label).unwrap_or_default().into();
                return Err(Refusal::Blocked { status });
            }
            Verdict::Sent | Verdict::Pending | Verdict::Warned => {}
        }
        self.write_value(device, pin, command.value.clone());
        self.write(Write::Pending(device, command.clone()));
        if let Connection::Connected { session, .. } = self.registry.machine(device).connection() {
            self.outputs.push_back(Output::Values(session, None, vec![PinValue::from(&command)]));
        }
        self.control.keep(device, command);
        Ok(Reply::Commanded(id, verdict))
    }

    /// What a user who commands the device now is told.
    fn verdict(&self, device: DeviceId) -> Verdict {
        let connected = matches!(self.registry.machine(device).connection(), Connection::Connected { .. });
        match self.status(device).map_or(Controls::Allow, |status| status.controls) {
            Controls::Block => Verdict::Blocked,
            Controls::Allow | Controls::Warn if connected => Verdict::Sent,
            Controls::Allow => Verdict::Pending,
            Controls::Warn => Verdict::Warned,
        }
    }

    /// The status that the device is in.
    fn status(&self, device: DeviceId) -> Option<&Status> {
        let machine = self.registry.machine(device);
        Some(machine.template().chain.status(machine.standing()?.status))
    }

    /// Tells a device's machine, and says at once what changes: nobody is told of what is not to be durable first.
    fn tell(&mut self, now: Instant, device: DeviceId, input: lifecycle::Input) {
        let before = *self.registry.machine(device).state();
        self.registry.handle_input(now, registry::Input::Device(device, input));
        self.record_changes();
        let after = *self.registry.machine(device).state();
        if after != before {
            self.write(Write::State(device, after));
        }
    }

    fn record_changes(&mut self) {
        while let Some(StatusChanged { at, device, change }) = self.registry.poll_output() {
            self.record(at, device, Event::Status(change));
            let machine = self.registry.machine(device);
            let (state, template) = (*machine.state(), machine.template().clone());
            self.write(Write::State(device, state));
            if let Some(notify) = &template.chain.status(change.to).notify {
                let contacts = [&self.identities[device.0 as usize].contacts, &template.contacts];
                let entered = outbox::Entered { device, status: change.to, notify, contacts };
                self.outbox.handle_input(at, outbox::Input::Entered(entered));
                self.pass_outbox_outputs();
            }
        }
    }

    fn tell_outbox(&mut self, now: Instant, input: outbox::Input<'_>) {
        self.outbox.handle_input(now, input);
        self.pass_outbox_outputs();
    }

    fn pass_outbox_outputs(&mut self) {
        while let Some(output) = self.outbox.poll_output() {
            match output {
                outbox::Output::Write(write) => self.write(write),
                outbox::Output::Deliver(notification) => {
                    self.outputs.push_back(Output::Deliver(notification));
                }
            }
        }
    }

    fn record(&mut self, at: Instant, device: DeviceId, event: Event) {
        self.write(Write::Entry(device, Entry { at, event }));
    }

    fn write(&mut self, write: Write) {
        self.outputs.push_back(Output::Write(write));
    }
}

#[cfg(test)]
mod tests;
