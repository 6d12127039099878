//! A line: somebody who speaks, and the link to the server.
//!
//! Owns how the two meet, and what waits unread while an application is frozen. Does not decide who speaks.

use std::collections::VecDeque;

use blynk_core::queue::Queue;
use blynk_core::time::{Instant, earlier};

use super::Timer;
use crate::device::{self, Arrival, Caller, Firmware, Input, Noted, Order, Reporter, Request};
use crate::network::{self, ConnectionId, FromServer, Link, ServerChange, ToServer};
use crate::plan::{FaultId, Impairment};

/// The machine of one line.
#[derive(Debug)]
pub(super) struct Line {
    place: Place,
    party: Party,
    link: Link,
    application: Application,
    outputs: Queue<Output>,
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// From the device itself.
    Device,
    /// From its address: over the same network, but no part of the device.
    SameAddress,
    /// From somewhere else.
    Elsewhere,
}

/// Who speaks.
#[derive(Debug)]
pub(super) enum Party {
    Firmware(Box<Firmware>),
    Reporter(Reporter),
    Caller(Caller),
}

#[derive(Debug)]
enum Application {
    Running,
    /// It is frozen; this has arrived meanwhile.
    Frozen(VecDeque<FromServer>),
}

/// What a line wants done.
#[derive(Debug)]
pub(super) enum Output {
    Dial(ConnectionId),
    Deliver(ConnectionId, ToServer),
    Abandon(ConnectionId),
    Noted(Noted),
    /// Open a line from the same place for this.
    Request(Box<Request>),
}

impl Line {
    pub(super) fn new(place: Place, party: Party, link: Link) -> Self {
        Self { place, party, link, application: Application::Running, outputs: Queue::new() }
    }

    pub(super) fn number(&self) -> u32 {
        self.link.line()
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    pub(super) fn is_powered(&self) -> bool {
        self.party.is_powered()
    }

    /// When the party dialled the connection that it is logged in on.
    pub(super) fn live_since_dialling(&self) -> Option<Instant> {
        match &self.party {
            Party::Firmware(firmware) => firmware.live_since_dialling(),
            Party::Reporter(_) | Party::Caller(_) => None,
        }
    }

    /// Whether nothing will ever happen on it again.
    pub(super) fn is_over(&self) -> bool {
        self.party.is_over() && self.link.is_idle()
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// What is next. At one instant what arrives comes before what is due. Timers of a frozen application do not run.
    pub(super) fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let network = self.link.poll_timeout().map(|at| (at, Timer::Network));
        let party = match self.application {
            Application::Running => self.party.poll_timeout().map(|(at, timer)| (at, Timer::Party(timer))),
            Application::Frozen(_) => None,
        };
        earlier(network, party)
    }

    /// Does the next thing if its time has come. What arrives, arrives at its own instant, however late the engine is:
    /// no device shall feel the grain of an engine. A timer of the party runs out when the party is told.
    pub(super) fn time_out(&mut self, now: Instant) {
        match self.poll_timeout().filter(|(at, _)| *at <= now) {
            Some((at, Timer::Network)) => {
                self.link.time_out(at);
                self.settle(at);
            }
            Some((_, Timer::Party(_))) => {
                self.tell(now, Input::Timeout);
                self.settle(now);
            }
            None => {}
        }
    }

    /// Tells the party what its owner wants; returns its remark if that changes nothing.
    pub(super) fn order(&mut self, now: Instant, order: Order<'_>) -> Option<&'static str> {
        let remark = self.tell(now, Input::Order(order));
        self.settle(now);
        remark
    }

    pub(super) fn on_from_server(&mut self, now: Instant, connection: ConnectionId, what: FromServer) {
        self.link.from_server(now, connection, what);
        self.settle(now);
    }

    pub(super) fn server_changes(&mut self, now: Instant, change: ServerChange) {
        self.link.server_changes(now, change);
        self.settle(now);
    }

    pub(super) fn impair(&mut self, impairment: Impairment, fault: FaultId) {
        self.link.impair(impairment, fault);
    }

    pub(super) fn relieve(&mut self, now: Instant, fault: FaultId) -> bool {
        let was_there = self.link.relieve(now, fault);
        self.settle(now);
        was_there
    }

    pub(super) fn heal(&mut self, now: Instant) -> bool {
        let was_impaired = self.link.heal(now);
        self.settle(now);
        was_impaired
    }

    pub(super) fn reset(&mut self, now: Instant) -> bool {
        let was_open = self.link.reset(now);
        self.settle(now);
        was_open
    }

    pub(super) fn freeze(&mut self) {
        if matches!(self.application, Application::Running) {
            self.application = Application::Frozen(VecDeque::new());
        }
    }

    /// Reads what arrived meanwhile, in order.
    pub(super) fn thaw(&mut self, now: Instant) {
        while let Application::Frozen(unread) = &mut self.application
            && let Some(what) = unread.pop_front()
        {
            self.read(now, &what);
        }
        self.application = Application::Running;
        self.settle(now);
    }

    /// The power of the device is gone, and with it what it knew. Returns the party's remark if that changes nothing.
    pub(super) fn lose_power(&mut self, now: Instant) -> Option<&'static str> {
        self.application = Application::Running;
        let remark = self.tell(now, Input::Order(Order::PowerOff));
        self.link.abandon_all();
        self.settle(now);
        remark
    }

    /// Lets party and link talk until neither has anything left to say.
    pub(super) fn settle(&mut self, now: Instant) {
        self.pass_party_outputs(now);
        while let Some(output) = self.link.poll_output() {
            match output {
                network::Output::Dial(connection) => self.outputs.push_back(Output::Dial(connection)),
                network::Output::Deliver(connection, what) => {
                    self.outputs.push_back(Output::Deliver(connection, what));
                }
                network::Output::Abandon(connection) => self.outputs.push_back(Output::Abandon(connection)),
                network::Output::Arrive(what) => self.arrive(now, what),
            }
        }
    }

    fn arrive(&mut self, now: Instant, what: FromServer) {
        match &mut self.application {
            Application::Running => self.read(now, &what),
            Application::Frozen(unread) => unread.push_back(what),
        }
    }

    fn read(&mut self, now: Instant, what: &FromServer) {
        let arrival = match what {
            FromServer::Connected => Arrival::Connected,
            FromServer::Refused => Arrival::Refused,
            FromServer::Bytes(bytes) => Arrival::Bytes(bytes),
            FromServer::Fin => Arrival::Fin,
            FromServer::Reset => Arrival::Reset,
        };
        self.party.handle_input(now, Input::Arrival(arrival));
        if self.party.is_live() {
            self.link.established();
        }
        self.pass_party_outputs(now);
    }

    fn tell(&mut self, now: Instant, input: Input<'_>) -> Option<&'static str> {
        self.party.handle_input(now, input);
        self.pass_party_outputs(now)
    }

    fn pass_party_outputs(&mut self, now: Instant) -> Option<&'static str> {
        let mut remark = None;
        while let Some(output) = self.party.poll_output() {
            match output {
                device::Output::Dial => self.link.dial(now),
                device::Output::Send(message) => self.link.send(now, message),
                device::Output::Close => self.let_go(|link| link.close(now)),
                device::Output::Abandon => self.let_go(Link::abandon),
                device::Output::Request(request) => self.outputs.push_back(Output::Request(request)),
                device::Output::Noted(noted) => self.outputs.push_back(Output::Noted(noted)),
                device::Output::Remark(text) => remark = Some(text),
            }
        }
        remark
    }

    /// The party is done with its connection: what it has not read of it is nobody's.
    fn let_go(&mut self, how: impl FnOnce(&mut Link)) {
        how(&mut self.link);
        if let Application::Frozen(unread) = &mut self.application {
            unread.clear();
        }
    }
}

impl Party {
    fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match self {
            Self::Firmware(firmware) => firmware.handle_input(now, input),
            Self::Reporter(reporter) => reporter.handle_input(now, input),
            Self::Caller(caller) => caller.handle_input(now, input),
        }
    }

    fn poll_output(&mut self) -> Option<device::Output> {
        match self {
            Self::Firmware(firmware) => firmware.poll_output(),
            Self::Reporter(reporter) => reporter.poll_output(),
            Self::Caller(caller) => caller.poll_output(),
        }
    }

    fn poll_timeout(&self) -> Option<(Instant, device::Timer)> {
        match self {
            Self::Firmware(firmware) => firmware.poll_timeout(),
            Self::Reporter(reporter) => reporter.poll_timeout(),
            Self::Caller(caller) => caller.poll_timeout(),
        }
    }

    fn is_live(&self) -> bool {
        match self {
            Self::Firmware(firmware) => firmware.live_since_dialling().is_some(),
            Self::Reporter(_) | Self::Caller(_) => false,
        }
    }

    /// Whether it will do nothing any more unless somebody gives an order.
    fn is_over(&self) -> bool {
        match self {
            Self::Firmware(firmware) => firmware.is_idle(),
            Self::Reporter(_) => false,
            Self::Caller(caller) => caller.is_over(),
        }
    }

    fn is_powered(&self) -> bool {
        match self {
            Self::Firmware(firmware) => firmware.is_powered(),
            Self::Reporter(reporter) => reporter.is_powered(),
            Self::Caller(_) => true,
        }
    }
}
