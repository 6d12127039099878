//! Some of the devices and their server, through the whole of a run.
//!
//! Owns the order of everything that happens at one instant ([`Course::live_through`]): first what the server has due and
//! over, then the plan's steps in their order, then what arrives, until nothing is left to say, and last what is due on
//! devices.

use blynk_core::id::DeviceId;
use blynk_core::store::{Memory, StoreError};
use blynk_core::time::{Instant, earlier};

use super::queue::{Alarm, Queue, Wake, Who};
use super::server::Server;
use super::shard::Shard;
use super::wire::{Arrival, Outside, Peer, Wire};
use crate::endpoint::{Endpoint, Input, Output, ServerChange, Timer};
use crate::engine::observations::{Login, Part, Seconds};
use crate::engine::observer::Observer;
use crate::engine::progress::Teller;
use crate::engine::timetable::remark;
use crate::engine::world::World;
use crate::engine::{Probe, Progress};
use crate::network::FromServer;
use crate::plan::{Deed, Plan, ServerAction, Step};
use crate::timeline::Run;

/// Runs what the plan does to a shard.
pub(super) fn run(plan: &Plan, shard: &Shard, probe: Probe, progress: &Progress) -> (Part, Seconds) {
    let observer = Observer::new(plan, shard.devices.clone(), probe);
    let mut course = Course {
        plan,
        shard,
        probe,
        world: World::new(plan, shard.devices.clone(), Memory::default(), &observer),
        observer,
        queue: Queue::default(),
        wire: Wire::default(),
        devices: shard.ids().map(|id| Device::new(plan, id)).collect(),
        server: None,
        restart_at: None,
        steps_done: 0,
        stirred: Vec::new(),
    };
    course.run(progress.teller(shard.devices.len()));
    course.observer.finish(plan.until)
}

struct Course<'p> {
    plan: &'p Plan,
    shard: &'p Shard,
    probe: Probe,
    observer: Observer,
    world: World,
    queue: Queue,
    wire: Wire,
    devices: Vec<Device>,
    /// While it runs.
    server: Option<Server>,
    /// The server starts then, because it was cut off and not because the plan says so.
    restart_at: Option<Instant>,
    /// How many of the shard's steps lie behind.
    steps_done: usize,
    /// Devices that were told something, and whose alarms may have to be set anew.
    stirred: Vec<DeviceId>,
}

/// One device, its lines, and when it wants to be woken.
struct Device {
    endpoint: Endpoint,
    alarm: Alarm,
    /// When the connection was dialled that the device is logged in on, as it was noted.
    live_since_dialling: Option<Instant>,
}

impl Device {
    fn new(plan: &Plan, id: DeviceId) -> Self {
        let (endpoint, alarm) = (Endpoint::new(plan, id), Alarm::default());
        Self { endpoint, alarm, live_since_dialling: None }
    }
}

impl<'p> Course<'p> {
    fn run(&mut self, mut teller: Teller<'_>) {
        self.start(Instant::ZERO);
        self.set_alarms(Instant::ZERO);
        let mut told = None;
        while let Some(now) = self.next_instant().filter(|now| *now <= self.plan.until) {
            self.live_through(now);
            let minute = now.as_millis() / 60_000;
            if told != Some(minute) {
                told = Some(minute);
                teller.tell(now, self.observer.online());
            }
        }
        // What is due at the end becomes visible once its millisecond is over.
        self.pass_deadlines(self.plan.until.when_over());
        teller.tell(self.plan.until, self.observer.online());
    }

    fn next_instant(&mut self) -> Option<Instant> {
        let step = self.next_step().map(|(_, step)| (step.at, ()));
        let queue = self.queue.next_at().map(|at| (at, ()));
        let restart = self.restart_at.map(|at| (at, ()));
        earlier(earlier(queue, step), restart).map(|(at, ())| at)
    }

    /// With its place in the plan.
    fn next_step(&self) -> Option<(usize, &'p Step)> {
        let place = *self.shard.steps.get(self.steps_done)? as usize;
        Some((place, &self.plan.steps[place]))
    }

    /// Everything that happens within one millisecond.
    fn live_through(&mut self, now: Instant) {
        self.pass_deadlines(now);
        self.take_steps(now);
        loop {
            self.pass_arrivals(now);
            self.set_alarms(now);
            match self.queue.pop_until(Wake { at: now, who: Who::LAST }) {
                Some(wake) => self.wake(now, wake),
                None => break,
            }
        }
    }

    /// What the server has due and over.
    fn pass_deadlines(&mut self, now: Instant) {
        let last = Wake { at: now, who: Who::LAST_OVER };
        while let Some(wake) = self.queue.pop_until(last) {
            if wake.who == Who::Hub {
                self.settle_server(now);
            }
            self.wake(now, wake);
            // What the last session says may be due at the hub, and over, as well.
            if !self.queue.has_until(last) {
                self.settle_server(now);
            }
        }
    }

    fn wake(&mut self, now: Instant, wake: Wake) {
        match wake.who {
            Who::Session(session) => {
                self.drive(now, |server, outside| {
                    server.on_session_over(now, wake, session, outside);
                    Ok(())
                });
            }
            Who::Hub => self.drive(now, |server, outside| server.on_hub_over(now, wake, outside)),
            Who::Delivery(attempt) => self.drive(now, |server, outside| {
                server.on_delivery_over(attempt);
                server.settle(now, outside)
            }),
            Who::Link(device) | Who::Device(device) => {
                // What was due may have been put off; then nothing is, and the alarm is set anew.
                if self.devices[self.shard.place(device)].alarm.rings(wake) {
                    self.tell(now, device, Input::Timeout, None);
                }
            }
        }
    }

    /// Everything that is under way, and what it calls forth, until nothing is left to say.
    fn pass_arrivals(&mut self, now: Instant) {
        while !self.wire.is_empty() {
            while let Some((peer, arrival)) = self.wire.to_server.pop_front() {
                self.reach_server(now, peer, &arrival);
            }
            self.settle_server(now);
            while let Some((peer, what)) = self.wire.to_devices.pop_front() {
                self.observer.arrived(now, peer.device, peer.connection, &what);
                self.tell(now, peer.device, Input::FromServer(peer.connection, what), None);
            }
        }
    }

    fn reach_server(&mut self, now: Instant, peer: Peer, arrival: &Arrival) {
        let Self { server, queue, wire, .. } = self;
        let outside = &mut Outside { queue, to_devices: &mut wire.to_devices };
        match (server, arrival) {
            (Some(server), Arrival::Dial) => server.on_dial(now, peer, outside),
            (Some(server), Arrival::Delivery(what)) => server.on_delivery(now, peer, what, outside),
            (Some(server), Arrival::Abandoned) => server.on_abandoned(peer),
            (None, Arrival::Dial) => outside.to_devices.push_back((peer, FromServer::Refused)),
            // A connection that the server does not know any more.
            (None, Arrival::Delivery(_) | Arrival::Abandoned) => {}
        }
    }

    fn settle_server(&mut self, now: Instant) {
        self.drive(now, |server, outside| server.settle(now, outside));
    }

    /// Lets the server do something, if it runs. Its store fails if the power is cut.
    fn drive(
        &mut self,
        now: Instant,
        what: impl FnOnce(&mut Server, &mut Outside<'_>) -> Result<(), StoreError>,
    ) {
        let Self { server, queue, wire, .. } = self;
        let outside = &mut Outside { queue, to_devices: &mut wire.to_devices };
        let done = server.as_mut().map_or(Ok(()), |server| what(server, outside));
        done.unwrap_or_else(|error| self.be_cut(now, &error));
    }

    fn be_cut(&mut self, now: Instant, error: &StoreError) {
        let cut = self.probe.cut.filter(|_| self.observer.was_cut());
        let cut = cut.unwrap_or_else(|| panic!("the disk of the simulated world failed: {error}"));
        self.go_down(now, ServerChange::Crashed, Run::Crashed);
        self.restart_at = Some(now + cut.down);
    }

    fn take_steps(&mut self, now: Instant) {
        if self.restart_at.take_if(|at| *at <= now).is_some() && self.server.is_none() {
            self.start_again(now);
        }
        while let Some((place, step)) = self.next_step().filter(|(_, step)| step.at <= now) {
            self.steps_done += 1;
            match &step.deed {
                Deed::Device(device, action) => {
                    self.tell(now, *device, Input::Action(action), Some(place));
                }
                Deed::Server(_) | Deed::Receiver(_) => self.perform(now, place, &step.deed),
            }
        }
    }

    /// Does something to the world.
    fn perform(&mut self, now: Instant, step: usize, deed: &Deed) {
        let remark = remark(deed, self.server.is_some());
        self.observer.stepped(now, None, step, remark);
        match deed {
            Deed::Server(action) if remark.is_none() => self.change(now, *action),
            Deed::Receiver(receiver) => self.world.set_receiver(*receiver),
            Deed::Server(_) => {}
            Deed::Device(..) => unreachable!("devices are told of their steps themselves"),
        }
    }

    fn change(&mut self, now: Instant, action: ServerAction) {
        match action {
            ServerAction::Crash => self.go_down(now, ServerChange::Crashed, Run::Crashed),
            ServerAction::Kill => self.go_down(now, ServerChange::Killed, Run::Killed),
            ServerAction::Stop => self.stop(now),
            ServerAction::Start => self.start_again(now),
        }
    }

    /// Sessions and hub are gone, and so is what was under way.
    fn go_down(&mut self, now: Instant, change: ServerChange, run: Run) {
        self.server = None;
        self.wire.cut();
        self.announce(now, change, run);
    }

    /// The server says goodbye to everybody.
    fn stop(&mut self, now: Instant) {
        self.announce(now, ServerChange::Stopped, Run::Stopped);
        let Self { server, queue, wire, .. } = self;
        if let Some(server) = server.take() {
            server.stop(now, &mut Outside { queue, to_devices: &mut wire.to_devices });
        }
    }

    fn start_again(&mut self, now: Instant) {
        self.announce(now, ServerChange::Started, Run::Up);
        self.start(now);
    }

    fn start(&mut self, now: Instant) {
        let Self { plan, shard, observer, world, queue, wire, .. } = self;
        let outside = &mut Outside { queue, to_devices: &mut wire.to_devices };
        match Server::start(now, plan, shard, observer, world, outside) {
            Ok(server) => self.server = Some(server),
            Err(error) => self.be_cut(now, &error),
        }
    }

    /// Links learn what becomes of the server, in the order of the devices.
    fn announce(&mut self, now: Instant, change: ServerChange, run: Run) {
        self.observer.ran(now, run);
        for device in self.shard.ids() {
            self.tell(now, device, Input::Server(change), None);
        }
    }

    /// Tells a device, and does what it wants; the step of the plan, if it is one, has this place.
    fn tell(&mut self, now: Instant, id: DeviceId, input: Input<'_>, step: Option<usize>) {
        let Self { shard, devices, observer, wire, .. } = self;
        let device = &mut devices[shard.place(id)];
        device.endpoint.handle_input(now, input);
        device.note_login(now, id, observer);
        while let Some(output) = device.endpoint.poll_output() {
            let mut send = |connection, arrival| {
                wire.to_server.push_back((Peer { device: id, connection }, arrival));
            };
            match output {
                Output::Dial(connection) => {
                    observer.traced(now, id, connection, &"SYN");
                    send(connection, Arrival::Dial);
                }
                Output::Deliver(connection, what) => send(connection, Arrival::Delivery(what)),
                Output::Abandon(connection) => {
                    observer.traced(now, id, connection, &"given up without a goodbye");
                    send(connection, Arrival::Abandoned);
                }
                Output::Acted(remark) => {
                    let step = step.expect("only a step of the plan is acted");
                    observer.stepped(now, Some(id), step, remark);
                }
                Output::Noted(noted) => observer.noted(now, id, noted),
            }
        }
        if self.stirred.last() != Some(&id) {
            self.stirred.push(id);
        }
    }

    fn set_alarms(&mut self, now: Instant) {
        let Self { shard, devices, queue, stirred, .. } = self;
        for id in stirred.drain(..) {
            let device = &mut devices[shard.place(id)];
            if let Some((at, timer)) = device.endpoint.poll_timeout() {
                let who = match timer {
                    Timer::Network => Who::Link(id),
                    Timer::Party(_) => Who::Device(id),
                };
                device.alarm.set(queue, Wake { at: at.max(now), who });
            }
        }
    }
}

impl Device {
    /// Notes a login that was accepted by what the endpoint has just heard.
    fn note_login(&mut self, now: Instant, id: DeviceId, observer: &Observer) {
        let dialled_at = self.endpoint.live_since_dialling();
        if dialled_at == self.live_since_dialling {
            return;
        }
        self.live_since_dialling = dialled_at;
        if let Some(dialled_at) = dialled_at {
            observer.logged_in(Login { device: id, dialled_at, answered_at: now });
        }
    }
}
