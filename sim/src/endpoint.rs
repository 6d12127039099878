//! A device behind its link: what an engine drives.
//!
//! Owns how the scenario's actions, the firmware and the link meet. An engine supplies streams and time, nothing else,
//! so that all engines give a device the same life.

use std::collections::VecDeque;

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;

use crate::device::{self, Device, Redial, Timer};
use crate::network::{self, ConnectionId, FromServer, Link, ToServer};
use crate::plan::{Action, Garbage, Plan};
use crate::random::{Purpose, Stream};

/// The machine of one device and its link.
#[derive(Debug)]
pub struct Endpoint {
    device: Device,
    link: Link,
    garbage: Stream,
    outputs: VecDeque<Output>,
}

/// What an endpoint hears.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The scenario makes something happen.
    Action(&'a Action),
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
}

impl Endpoint {
    /// A device of the plan as it is at the start, and a link without faults.
    pub fn new(plan: &Plan, id: DeviceId) -> Self {
        let planned = plan.device(id);
        let redial = Redial::new(planned.reconnect, plan.seed.stream(id, Purpose::Reconnect));
        Self {
            device: Device::new(plan.token(id), planned.heartbeat, redial),
            link: Link::default(),
            garbage: plan.seed.stream(id, Purpose::Garbage),
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input. At one instant: first actions, then what arrives, then [`Input::Timeout`].
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Action(action) => self.on_action(now, action),
            Input::FromServer(connection, what) => {
                self.link.from_server(connection, what);
                self.settle(now);
            }
            Input::Timeout => {
                self.device.handle_input(now, device::Input::Timeout);
                self.settle(now);
            }
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        self.device.poll_timeout()
    }

    fn on_action(&mut self, now: Instant, action: &Action) {
        let remark = match action {
            Action::Drop(fault) => {
                self.link.silence(*fault);
                None
            }
            Action::Restore(fault) => (!self.link.restore(*fault)).then_some("healed before"),
            Action::Heal => (!self.link.heal()).then_some("nothing to heal"),
            Action::Reset => (!self.link.reset()).then_some("not connected"),
            Action::Connect => self.tell(now, device::Input::Connect),
            Action::Disconnect => self.tell(now, device::Input::Disconnect),
            Action::PowerOff => self.power_off(now),
            Action::PowerOn => self.tell(now, device::Input::PowerOn),
            Action::Send { pin, value } => self.tell(now, device::Input::Write { pin: *pin, value }),
            Action::SetHeartbeat(heartbeat) => self.tell(now, device::Input::SetHeartbeat(*heartbeat)),
            Action::Garbage(kind) => self.garble(now, *kind),
            Action::Hang(_)
            | Action::Resume(_)
            | Action::Clone(_)
            | Action::EndClone(_)
            | Action::BadToken
            | Action::SetStatus { .. }
            | Action::Sleep { .. }
            | Action::Command { .. } => Some("not built"),
        };
        self.outputs.push_back(Output::Acted(remark));
        self.settle(now);
    }

    /// Tells the device; returns its remark if the input changed nothing.
    fn tell(&mut self, now: Instant, input: device::Input<'_>) -> Option<&'static str> {
        self.device.handle_input(now, input);
        self.pass_device_outputs()
    }

    fn power_off(&mut self, now: Instant) -> Option<&'static str> {
        let remark = self.tell(now, device::Input::PowerOff);
        self.link.abandon_all();
        remark
    }

    fn garble(&mut self, now: Instant, kind: Garbage) -> Option<&'static str> {
        let mut random = [0; 16];
        self.garbage.fill(&mut random);
        self.tell(now, device::Input::Garbage(kind, random))
    }

    /// Lets device and link talk until neither has anything left to say.
    fn settle(&mut self, now: Instant) {
        self.pass_device_outputs();
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
        let input = match &what {
            FromServer::Connected => device::Input::Connected,
            FromServer::Refused => device::Input::Refused,
            FromServer::Bytes(bytes) => device::Input::Bytes(bytes),
            FromServer::Fin => device::Input::Fin,
            FromServer::Reset => device::Input::Reset,
        };
        self.device.handle_input(now, input);
        if self.device.is_live() {
            self.link.established();
        }
        self.pass_device_outputs();
    }

    fn pass_device_outputs(&mut self) -> Option<&'static str> {
        let mut remark = None;
        while let Some(output) = self.device.poll_output() {
            match output {
                device::Output::Dial => self.link.dial(),
                device::Output::Send(message) => self.link.send(message),
                device::Output::Close => self.link.close(),
                device::Output::Abandon => self.link.abandon(),
                device::Output::Remark(text) => remark = Some(text),
            }
        }
        remark
    }
}
