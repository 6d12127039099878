//! What an engine reports while it runs: the server's records, the steps of the plan, the deliveries of the links.

use std::fmt::Display;
use std::mem;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::notification::Notification;
use blynk_core::store::Write;
use blynk_core::time::Instant;
use blynk_core::timeline;

use super::observations::{Login, Part, Seconds, TraceLine, Traffic};
use super::{Cut, Probe};
use crate::device::Noted;
use crate::network::{ConnectionId, FromServer, ToServer};
use crate::oracle::Witness;
use crate::plan::Plan;
use crate::timeline::{Entry, Event, Run, Subject, What};

/// Shared by everything that it watches in the simulated world. One thread runs all that, so nobody ever waits for the lock.
#[derive(Clone, Debug)]
pub(super) struct Observer(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    /// The first of the devices that are watched.
    first: DeviceId,
    entries: Vec<Entry>,
    /// Unless nobody shall.
    witness: Option<Witness>,
    probe: Probe,
    trace: Vec<TraceLine>,
    commits: u64,
    /// Of the devices that are watched, in their order.
    traffic: Vec<Traffic>,
    seconds: Seconds,
    logins: Vec<Login>,
    /// When it happened first.
    out_of_ports: Option<Instant>,
    /// How many devices are online.
    online: u64,
    /// What passes later is not counted.
    until: Instant,
}

impl Observer {
    /// Watches these devices of the plan.
    pub(super) fn new(plan: &Plan, devices: Range<u32>, probe: Probe) -> Self {
        Self(Arc::new(Mutex::new(Log {
            first: DeviceId(devices.start),
            entries: Vec::new(),
            traffic: vec![Traffic::default(); devices.len()],
            witness: (!probe.unwatched).then(|| Witness::new(plan, devices)),
            probe,
            trace: Vec::new(),
            commits: 0,
            seconds: Seconds::default(),
            logins: Vec::new(),
            out_of_ports: None,
            online: 0,
            until: plan.until,
        })))
    }

    /// A step of the plan was done to a device, or to the world.
    pub(super) fn stepped(
        &self,
        at: Instant,
        device: Option<DeviceId>,
        step: usize,
        remark: Option<&'static str>,
    ) {
        let subject = device.map_or(Subject::World, Subject::Device);
        self.log().entries.push(Entry { at, subject, what: What::Step { step, remark } });
    }

    /// The server went up or down.
    pub(super) fn ran(&self, at: Instant, run: Run) {
        let mut log = self.log();
        log.witness.iter_mut().for_each(|witness| witness.server(at, run));
        log.entries.push(Entry { at, subject: Subject::World, what: What::Run(run) });
    }

    /// The receiver took a notification. Whose it is, is named as the server names it.
    pub(super) fn received(&self, at: Instant, notification: &Notification, again: bool) {
        let mut log = self.log();
        let notification = Box::new(log.told_of(notification));
        let subject = Subject::Device(notification.device);
        log.entries.push(Entry { at, subject, what: What::Received { notification, again } });
    }

    /// The device learned something.
    pub(super) fn noted(&self, at: Instant, device: DeviceId, noted: Noted) {
        self.log().entries.push(Entry { at, subject: Subject::Device(device), what: What::Noted(noted) });
    }

    /// The server is about to commit. Returns the power cut that comes with it, if one does.
    pub(super) fn commit_begins(&self) -> Option<Cut> {
        let mut log = self.log();
        log.commits += 1;
        log.probe.cut.filter(|cut| cut.commit == log.commits)
    }

    /// Whether the power was cut, at whatever commit.
    pub(super) fn was_cut(&self) -> bool {
        let log = self.log();
        log.probe.cut.is_some_and(|cut| cut.commit <= log.commits)
    }

    /// The server made this durable; the clock shows `now`. It counts the devices that are watched from zero.
    pub(super) fn committed(&self, now: Instant, writes: &[Write]) {
        let mut log = self.log();
        for write in writes {
            if let Write::Entry(device, entry) = write {
                log.recorded(now, *device, entry);
            }
        }
    }

    /// Something of the device, this many bytes, reaches the server now.
    pub(super) fn delivered(
        &self,
        now: Instant,
        device: DeviceId,
        connection: ConnectionId,
        what: &ToServer,
        length: usize,
    ) {
        let mut log = self.log();
        if let Some(witness) = &mut log.witness {
            witness.delivered(now, device, connection, what, length);
        }
        if now <= log.until {
            let traffic = log.traffic_of(device);
            traffic.bytes_to_server += length as u64;
            if let ToServer::Message(_) = what {
                traffic.messages += 1;
                log.seconds.count(now);
            }
        }
        log.trace(now, device, connection, &name(what));
    }

    /// Something comes from the server on a connection of the device.
    pub(super) fn arrived(
        &self,
        now: Instant,
        device: DeviceId,
        connection: ConnectionId,
        what: &FromServer,
    ) {
        let mut log = self.log();
        match what {
            FromServer::Bytes(bytes) if now <= log.until => {
                log.traffic_of(device).bytes_to_device += bytes.len() as u64;
            }
            FromServer::Fin | FromServer::Reset => {
                log.witness.iter_mut().for_each(|witness| witness.ended(now, device, connection));
            }
            FromServer::Bytes(_) | FromServer::Connected | FromServer::Refused => {}
        }
        log.trace(now, device, connection, what);
    }

    /// The device was told that its login is accepted.
    pub(super) fn logged_in(&self, login: Login) {
        let mut log = self.log();
        if login.answered_at <= log.until {
            log.logins.push(login);
        }
    }

    /// A device wanted to dial, and its host had no port left.
    pub(super) fn out_of_ports(&self, now: Instant) {
        self.log().out_of_ports.get_or_insert(now);
    }

    /// How many devices are online.
    pub(super) fn online(&self) -> u64 {
        self.log().online
    }

    /// Something that is worth a line if this device is traced.
    pub(super) fn traced(&self, at: Instant, device: DeviceId, connection: ConnectionId, text: &dyn Display) {
        self.log().trace(at, device, connection, text);
    }

    /// The run is over: what was seen, and how many messages there were in each second.
    pub(super) fn finish(&self, until: Instant) -> (Part, Seconds) {
        let mut log = self.log();
        let mut entries = mem::take(&mut log.entries);
        entries.retain(|entry| entry.at <= until);
        let part = Part {
            entries,
            breaches: log.witness.as_mut().map(|witness| witness.finish(until)).unwrap_or_default(),
            trace: mem::take(&mut log.trace),
            traffic: mem::take(&mut log.traffic),
            logins: mem::take(&mut log.logins),
            commits: log.commits,
            out_of_ports: log.out_of_ports,
        };
        (part, mem::take(&mut log.seconds))
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("a panic in the simulated world ends the run")
    }
}

impl Log {
    fn recorded(&mut self, now: Instant, device: DeviceId, entry: &timeline::Entry) {
        let (at, device, mut event) = (entry.at, self.told(device), entry.event.clone());
        if let Event::Notified { notification, .. } = &mut event {
            notification.device = device;
        }
        if let Some(witness) = &mut self.witness {
            witness.recorded(now, device, at, &event);
        }
        self.count(&event);
        self.entries.push(Entry { at, subject: Subject::Device(device), what: What::Server(event) });
    }

    /// The device that the server gives this number.
    fn told(&self, device: DeviceId) -> DeviceId {
        DeviceId(self.first.0 + device.0)
    }

    fn told_of(&self, notification: &Notification) -> Notification {
        Notification { device: self.told(notification.device), ..notification.clone() }
    }

    fn traffic_of(&mut self, device: DeviceId) -> &mut Traffic {
        &mut self.traffic[(device.0 - self.first.0) as usize]
    }

    fn count(&mut self, event: &Event) {
        if let Event::Status(change) = event {
            let (came, went) = (change.to == StatusIndex::ONLINE, change.from == Some(StatusIndex::ONLINE));
            self.online = (self.online + u64::from(came)).saturating_sub(went.into());
        }
    }

    fn trace(&mut self, at: Instant, device: DeviceId, connection: ConnectionId, text: &dyn Display) {
        if self.probe.traced == Some(device) {
            self.trace.push(TraceLine { at, connection, text: text.to_string() });
        }
    }
}

fn name(what: &ToServer) -> &'static str {
    match what {
        ToServer::Message(message) => message.content.name(),
        ToServer::Fin => "FIN",
        ToServer::Reset => "RST",
    }
}
