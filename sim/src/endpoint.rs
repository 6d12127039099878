//! A device behind its link, and whoever else speaks in its name: what an engine drives.
//!
//! Owns how the scenario's actions, the machines that speak and their links meet: each has a [line] of its own. An engine
//! supplies streams and time, nothing else, so that all engines give a device the same life.

mod freeze;
mod identity;
mod line;

use blynk_core::id::{DeviceId, Pin};
use blynk_core::queue::Queue;
use blynk_core::time::{Instant, earlier};

use crate::device::{self, Caller, Errand, Noted, Order};
use crate::network::{ConnectionId, FromServer, Link, ToServer};
use crate::plan::{Action, FaultId, Garbage, Impairment, Plan};
use crate::random::{Purpose, Stream};
use crate::timeline::Setter;
use freeze::Freeze;
use identity::Identity;
use line::{Line, Party, Place};

pub use crate::network::ServerChange;

/// The machine of one device and its lines.
#[derive(Debug)]
pub struct Endpoint {
    identity: Identity,
    /// The device's own line. It is always there: what covers it covers every line from the same place.
    device: Line,
    /// Everybody else, in the order in which they came. Those who are done are dropped.
    others: Vec<Line>,
    /// How many lines there ever were.
    lines: u32,
    /// Clones that have not been ended, and their lines.
    clones: Vec<(FaultId, u32)>,
    freeze: Freeze,
    garbage: Stream,
    outputs: Queue<Output>,
}

/// What an endpoint hears.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The scenario makes something happen.
    Action(&'a Action),
    /// Something happens to the server.
    Server(ServerChange),
    /// Something comes back on a stream.
    FromServer(ConnectionId, FromServer),
    /// Time has passed.
    Timeout,
}

/// What an endpoint wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a stream under this name.
    Dial(ConnectionId),
    /// Put this on the stream now: it reaches the server.
    Deliver(ConnectionId, ToServer),
    /// Keep the stream open, say nothing on it and hear nothing.
    Abandon(ConnectionId),
    /// The action that was the input was done, or changed nothing for this reason.
    Acted(Option<&'static str>),
    /// Somebody learned something that belongs on the timeline.
    Noted(Noted),
}

/// Why an endpoint wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Something that is under way arrives at one end of a link.
    Network,
    /// For a reason of one who speaks.
    Party(device::Timer),
}

impl Endpoint {
    /// A device of the plan as it is at the start, and a link without faults.
    pub fn new(plan: &Plan, id: DeviceId) -> Self {
        let planned = plan.device(id);
        let link = Link::new(planned.network, plan.seed.stream(id, Purpose::Network).up_to(u64::MAX));
        let identity = Identity::of(plan, id);
        let party = identity.party(planned);
        Self {
            identity,
            device: Line::new(Place::Device, party, link),
            others: Vec::new(),
            lines: 1,
            clones: Vec::new(),
            freeze: Freeze::default(),
            garbage: plan.seed.stream(id, Purpose::Garbage),
            outputs: Queue::new(),
        }
    }

    /// Takes one input. At one instant: first what the scenario does, to the server or to the device, then what arrives,
    /// then [`Input::Timeout`].
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Action(action) => {
                let remark = self.on_action(now, action);
                self.outputs.push_back(Output::Acted(remark));
            }
            Input::Server(change) => self.on_server_change(now, change),
            Input::FromServer(connection, what) => self.on_from_server(now, connection, what),
            Input::Timeout => self.lines_mut().for_each(|line| line.time_out(now)),
        }
        self.settle(now);
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why. After a freeze, or where an engine stamps early, this may be an
    /// instant that is past: then at once. Each call does one thing on each line.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.others.iter().map(Line::poll_timeout).fold(self.device.poll_timeout(), earlier)
    }

    /// When the device dialled the connection that it is logged in on.
    pub fn live_since_dialling(&self) -> Option<Instant> {
        self.device.live_since_dialling()
    }

    fn on_action(&mut self, now: Instant, action: &Action) -> Option<&'static str> {
        match action {
            Action::Impair(impairment, fault) => self.impair(*impairment, *fault),
            Action::Relieve(_, fault) => self.relieve(now, *fault),
            Action::Heal => self.heal(now),
            Action::Reset => self.reset(now),
            Action::Connect => self.order(now, Order::Connect),
            Action::Disconnect => self.order(now, Order::Disconnect),
            Action::PowerOff => self.power_off(now),
            Action::PowerOn => self.device.order(now, Order::PowerOn),
            Action::Send { pin, value } => self.order(now, Order::Write { pin: *pin, value }),
            Action::SetHeartbeat(heartbeat) => self.order(now, Order::SetHeartbeat(*heartbeat)),
            Action::Garbage(kind) => self.garble(now, *kind),
            Action::Hang(fault) => self.hang(*fault),
            Action::Resume(fault) => self.resume(now, *fault),
            Action::Clone(fault) => self.clone_device(now, *fault),
            Action::EndClone(fault) => self.end_clone(now, *fault),
            Action::BadToken => self.log_in_with_bad_token(now),
            Action::SetStatus { to, by: Setter::Device } => self.order(now, Order::SetStatus(to)),
            Action::SetStatus { to, by: Setter::Operator } => self.set_status_by_operator(now, to),
            Action::Sleep { to } => self.order(now, Order::Sleep(to)),
            Action::Command { pin, value } => self.command(now, *pin, value),
        }
    }

    fn impair(&mut self, impairment: Impairment, fault: FaultId) -> Option<&'static str> {
        self.lines_from_here().for_each(|line| line.impair(impairment, fault));
        None
    }

    fn relieve(&mut self, now: Instant, fault: FaultId) -> Option<&'static str> {
        let mut was_there = false;
        self.lines_from_here().for_each(|line| was_there |= line.relieve(now, fault));
        (!was_there).then_some("healed before")
    }

    fn heal(&mut self, now: Instant) -> Option<&'static str> {
        let mut was_impaired = false;
        self.lines_from_here().for_each(|line| was_impaired |= line.heal(now));
        (!was_impaired).then_some("nothing to heal")
    }

    /// Tears what the device itself has open.
    fn reset(&mut self, now: Instant) -> Option<&'static str> {
        let mut was_open = false;
        self.lines_of_device().for_each(|line| was_open |= line.reset(now));
        (!was_open).then_some("not connected")
    }

    /// What the owner wants of the application; returns its remark if that changes nothing.
    fn order(&mut self, now: Instant, order: Order<'_>) -> Option<&'static str> {
        if self.freeze.is_over() { self.device.order(now, order) } else { self.freeze.order(&order) }
    }

    /// Ends every freeze as well: what is frozen needs power.
    fn power_off(&mut self, now: Instant) -> Option<&'static str> {
        let remark = self.device.lose_power(now);
        let requests = self.others.iter_mut().filter(|line| line.place() == Place::Device);
        requests.for_each(|line| _ = line.lose_power(now));
        // Without power an intention is all that comes of this order.
        if let Some(order) = self.freeze.end() {
            self.device.order(now, order);
        }
        remark
    }

    fn garble(&mut self, now: Instant, kind: Garbage) -> Option<&'static str> {
        let mut random = [0; 16];
        self.garbage.fill(&mut random);
        self.order(now, Order::Garbage(kind, random))
    }

    fn hang(&mut self, fault: FaultId) -> Option<&'static str> {
        if !self.device.is_powered() {
            return Some("no power");
        }
        self.freeze.begin(fault);
        self.lines_of_device().for_each(Line::freeze);
        None
    }

    fn resume(&mut self, now: Instant, fault: FaultId) -> Option<&'static str> {
        if !self.freeze.resume(fault) {
            return Some("over before");
        }
        if self.freeze.is_over() {
            self.thaw(now);
        }
        None
    }

    /// As at any instant: what the owner wants comes first, then what arrived; what is due follows by the clock.
    fn thaw(&mut self, now: Instant) {
        if let Some(order) = self.freeze.end() {
            self.device.order(now, order);
        }
        self.lines_of_device().for_each(|line| line.thaw(now));
    }

    /// A second connection with the same token, from elsewhere. It keeps the heartbeat that the server expects of those
    /// who announce none.
    fn clone_device(&mut self, now: Instant, fault: FaultId) -> Option<&'static str> {
        let line = self.open(Place::Elsewhere, self.identity.clone_of_device());
        line.order(now, Order::Connect);
        self.clones.push((fault, self.lines - 1));
        None
    }

    fn end_clone(&mut self, now: Instant, fault: FaultId) -> Option<&'static str> {
        let Some(place) = self.clones.iter().position(|(clone, _)| *clone == fault) else {
            return Some("gone before");
        };
        let (_, number) = self.clones.remove(place);
        let clone = self.others.iter_mut().find(|line| line.number() == number);
        clone.expect("a clone has a line").order(now, Order::Disconnect)
    }

    fn log_in_with_bad_token(&mut self, now: Instant) -> Option<&'static str> {
        let errand = self.identity.log_in_with_bad_token();
        self.call(now, Place::SameAddress, errand);
        None
    }

    fn set_status_by_operator(&mut self, now: Instant, status: &str) -> Option<&'static str> {
        let request = self.identity.set_status_by_operator(status);
        self.call(now, Place::Elsewhere, Errand::Request(request));
        None
    }

    fn command(&mut self, now: Instant, pin: Pin, value: &str) -> Option<&'static str> {
        let request = self.identity.command(pin, value);
        self.call(now, Place::Elsewhere, Errand::Request(request));
        None
    }

    /// Sends somebody on an errand.
    fn call(&mut self, now: Instant, place: Place, errand: Errand) {
        self.open(place, Party::Caller(Caller::new(now, errand))).settle(now);
    }

    /// Opens a line for somebody.
    fn open(&mut self, place: Place, party: Party) -> &mut Line {
        let link = match place {
            Place::Device | Place::SameAddress => self.device.link().beside(self.lines),
            Place::Elsewhere => self.device.link().elsewhere(self.lines),
        };
        self.lines += 1;
        self.others.push(Line::new(place, party, link));
        self.others.last_mut().expect("just pushed")
    }

    fn on_server_change(&mut self, now: Instant, change: ServerChange) {
        self.lines_mut().for_each(|line| line.server_changes(now, change));
    }

    fn on_from_server(&mut self, now: Instant, connection: ConnectionId, what: FromServer) {
        // The line may be gone; then this is nobody's.
        if let Some(line) = self.lines_mut().find(|line| line.number() == connection.line) {
            line.on_from_server(now, connection, what);
        }
    }

    /// Hands on what the lines want done, and lets go of those that are done.
    fn settle(&mut self, now: Instant) {
        while let Some(output) = self.poll_line() {
            match output {
                line::Output::Dial(connection) => self.outputs.push_back(Output::Dial(connection)),
                line::Output::Deliver(connection, what) => {
                    self.outputs.push_back(Output::Deliver(connection, what));
                }
                line::Output::Abandon(connection) => self.outputs.push_back(Output::Abandon(connection)),
                line::Output::Noted(noted) => self.outputs.push_back(Output::Noted(noted)),
                line::Output::Request(request) => self.call(now, Place::Device, Errand::Request(*request)),
            }
        }
        // Hardly ever is there anybody else.
        if !self.others.is_empty() {
            let Self { others, clones, .. } = self;
            others.retain(|line| !line.is_over());
            clones.retain(|(_, clone)| others.iter().any(|line| line.number() == *clone));
        }
    }

    fn poll_line(&mut self) -> Option<line::Output> {
        self.device.poll_output().or_else(|| self.others.iter_mut().find_map(Line::poll_output))
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        [&mut self.device].into_iter().chain(&mut self.others)
    }

    /// Those that share the device's network.
    fn lines_from_here(&mut self) -> impl Iterator<Item = &mut Line> {
        self.lines_mut().filter(|line| line.place() != Place::Elsewhere)
    }

    /// Those that the device itself speaks on.
    fn lines_of_device(&mut self) -> impl Iterator<Item = &mut Line> {
        self.lines_mut().filter(|line| line.place() == Place::Device)
    }
}

#[cfg(test)]
mod tests;
