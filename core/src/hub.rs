//! The hub: what sessions and calls say becomes the truth about devices.
//!
//! Owns who speaks for a device: one live session each, the newest login wins or is refused as the
//! [settings](crate::settings) say, and a superseded session is heard no more (`lifecycle` section 6). Composes
//! [registry], [control](crate::control), [outbox] and [timeline](crate::timeline), and says what must be durable before
//! anybody is told. Does not see bytes, pings or sockets.

mod call;
mod order;
mod retry;
mod word;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub use crate::throttle::REMEMBERED_FAILURES;
pub use call::{About, Call, CallId, Refusal, Reply, Wish};
pub use order::{Changes, Order};

use crate::control::{Control, Pins};
use crate::id::{DeviceId, NotificationId, Pin, SessionId, StatusIndex, Token};
use crate::lifecycle::{self, Connection, Template};
use crate::notification::{Failure, Notification, Undeliverable};
use crate::origin::Origin;
use crate::outbox::{self, Outbox};
use crate::protocol::{Answer, MessageId};
use crate::registry::{self, Registry, StatusChanged};
use crate::session::{LoginAnswer, PinValue, Word};
use crate::settings::Settings;
use crate::store::{Identity, Stored, Write};
use crate::throttle::Throttle;
use crate::time::{Duration, Instant};
use crate::timeline::{Entry, Event, Setter};

/// The machine behind all sessions.
#[derive(Debug)]
pub struct Hub {
    settings: Arc<Settings>,
    registry: Registry,
    control: Control,
    outbox: Outbox,
    /// Failed logins of a token from an address.
    failures: Throttle<(Origin, Token)>,
    /// Failed logins from an address, whatever the token.
    failures_of_origins: Option<Throttle<Origin>>,
    templates: BTreeMap<String, Arc<Template>>,
    /// What each device is, by its number; none where one was removed.
    identities: Vec<Option<Identity>>,
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
    /// An operator changes what there is.
    Order(CallId, Order),
    /// A receiver took a notification.
    Delivered(NotificationId),
    /// A receiver did not take a notification, or did not say so in time: this is what the try met.
    Undelivered(NotificationId, Failure),
    /// A receiver will never take a notification: this is what it said.
    Refused(NotificationId, Failure),
    /// No receiver will ever take a notification, for this reason.
    Undeliverable(NotificationId, Undeliverable),
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
    /// The template of this session's device has another heartbeat. One that the device announced goes before it.
    Heartbeat(SessionId, Duration),
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
        let newest_session = stored.devices.iter().map(|device| device.state.newest_session).max().flatten();
        let newest_session = newest_session.max(stored.newest_removed_session);
        let mut hub = Self {
            registry: Registry::default(),
            control: Control::new(stored.newest_command),
            outbox: Outbox::new(settings.clone(), stored.newest_notification),
            failures: Throttle::new(settings.login_failures_per_minute),
            failures_of_origins: settings.failures_per_address.map(Throttle::new),
            templates: stored.templates,
            identities: Vec::with_capacity(stored.devices.len()),
            live: BTreeMap::new(),
            first_session: SessionId(newest_session.map_or(1, |newest| newest.0 + 1)),
            outputs: VecDeque::new(),
            settings,
        };
        for device in stored.devices {
            let template = hub.templates.get(&device.identity.template);
            let template = template.expect("a device's template is stored before the device").clone();
            hub.pass_over(device.id.0 as usize);
            let id = hub.registry.add(device.identity.token, template, device.state);
            hub.control.restore(id, Pins { values: device.values, pending: device.pending });
            hub.outbox.restore(id, device.ledger);
            hub.identities.push(Some(device.identity));
        }
        hub.pass_over(stored.newest_removed.map_or(0, |newest| newest.0 as usize + 1));
        for (notification, progress) in stored.owed {
            hub.outbox.resume(notification, progress);
        }
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

    /// All templates, by name.
    pub fn templates(&self) -> &BTreeMap<String, Arc<Template>> {
        &self.templates
    }

    /// What a device is.
    pub fn identity(&self, device: DeviceId) -> Option<&Identity> {
        self.identities.get(device.0 as usize)?.as_ref()
    }

    /// The latest values of a device, and commands that wait for it.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Notifications that are owed.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Takes one input. For a word, `now` is the instant at which it became true. Words of different
    /// sessions may come out of order by as much as their driver is late; no entry is ever taken back.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        // What was due before a word became true comes before it, however late the driver is.
        self.settle(now);
        match input {
            Input::Word(session, word) => self.on_word(now, session, word),
            Input::Call(id, call) => self.on_call(now, id, call),
            Input::Order(id, order) => self.on_order(now, id, order),
            Input::Delivered(id) => self.tell_outbox(now, outbox::Input::Delivered(id)),
            Input::Undelivered(id, failure) => {
                self.tell_outbox(now, outbox::Input::Undelivered(id, &failure));
            }
            Input::Refused(id, failure) => self.tell_outbox(now, outbox::Input::Refused(id, &failure)),
            Input::Undeliverable(id, why) => self.tell_outbox(now, outbox::Input::Undeliverable(id, why)),
            Input::Timeout => {}
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Everything to do by now, in the two steps in which a driver does it: what must be durable, and what is told after
    /// that.
    pub fn poll_outputs(&mut self) -> (Vec<Write>, Vec<Output>) {
        let (mut writes, mut others) = (Vec::new(), Vec::new());
        while let Some(output) = self.poll_output() {
            if let Output::Write(write) = output {
                writes.push(write);
            } else {
                others.push(output);
            }
        }
        (writes, others)
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let status = self.registry.poll_timeout().map(|(at, device)| (at, Timer::Status(device)));
        let notification = self.outbox.poll_timeout().map(|at| (at, Timer::Notification));
        status.into_iter().chain(notification).min_by_key(|(at, _)| *at)
    }

    /// Numbers below this one that no device has were those of devices that are gone.
    fn pass_over(&mut self, number: usize) {
        while self.registry.numbers() < number {
            self.registry.pass_over();
            self.identities.push(None);
        }
    }

    /// The server is up again.
    fn restart(&mut self, now: Instant) {
        for device in self.registry.devices().collect::<Vec<_>>() {
            let machine = self.registry.machine(device);
            let grace = self.settings.grace(machine.heartbeat());
            match machine.connection() {
                Connection::Never => {}
                Connection::Connected { session, .. } => {
                    self.record(now, device, Event::Interrupted { session });
                    self.tell(now, device, lifecycle::Input::Restarted { grace });
                }
                // The next restart gives it a grace again, so that this one need not be remembered.
                Connection::Disconnected { .. } | Connection::Reported { .. } => {
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

    /// The session that speaks for a device, if one does.
    fn live_session(&self, device: DeviceId) -> Option<SessionId> {
        self.registry.machine(device).connection().live_session()
    }

    fn set_status(&mut self, now: Instant, device: DeviceId, key: &str, by: Setter) -> Result<(), Refusal> {
        let to = self.settable(device, key)?;
        self.tell(now, device, lifecycle::Input::Set(to, by));
        Ok(())
    }

    /// The status of this key, if it stands later in the chain than the current one (`lifecycle` section 8).
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

    fn write_value(&mut self, device: DeviceId, pin: Pin, value: Box<str>) {
        self.control.write(device, pin, value.clone());
        self.write(Write::Value(device, pin, value));
    }

    /// Tells a device's machine, and says at once what changes: nobody is told of what is not to be durable first.
    fn tell(&mut self, now: Instant, device: DeviceId, input: lifecycle::Input) {
        let before = *self.registry.machine(device).state();
        self.registry.handle_input(now, registry::Input::Device(device, input));
        let after = *self.registry.machine(device).state();
        // A change of status is written together with its entry.
        if after != before && after.standing == before.standing {
            self.write(Write::State(device, after));
        }
        self.record_changes();
    }

    fn record_changes(&mut self) {
        while let Some(StatusChanged { at, device, change }) = self.registry.poll_output() {
            self.record(at, device, Event::Status(change));
            self.write(Write::State(device, *self.registry.machine(device).state()));
            self.notify(at, device, change.to);
        }
    }

    /// What a change of status owes becomes durable in the same step as the change.
    fn notify(&mut self, at: Instant, device: DeviceId, status: StatusIndex) {
        let template = self.registry.machine(device).template();
        let entered = template.chain.status(status);
        if let Some(notify) = &entered.notify {
            let identity = self.identities[device.0 as usize].as_ref().expect("a device has an identity");
            let contacts = [&identity.contacts, &template.contacts];
            let (key, label) = (&*entered.key, entered.label());
            let entered = outbox::Entered { device, place: status, key, label: &label, notify, contacts };
            self.outbox.handle_input(at, outbox::Input::Entered(entered));
            self.pass_outbox_outputs();
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
