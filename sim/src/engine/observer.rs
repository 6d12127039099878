//! What an engine reports while it runs: the server's records, the steps of the plan, the deliveries of the links.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::notification::Notification;
use blynk_core::store::Write;
use blynk_core::time::Instant;
use blynk_core::timeline;

use super::observations::{Busiest, Login, Observations, TraceLine, Traffic};
use super::{Cut, Probe};
use crate::device::Noted;
use crate::network::{ConnectionId, FromServer, ToServer};
use crate::oracle::Witness;
use crate::plan::Plan;
use crate::timeline::{Entry, Event, Run, Subject, Timeline, What};

/// Shared by everything that runs in the simulated world. One thread runs it all, so nobody ever waits for the lock.
#[derive(Clone, Debug)]
pub(super) struct Observer(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    entries: Vec<Entry>,
    witness: Witness,
    probe: Probe,
    trace: Vec<TraceLine>,
    commits: u64,
    /// By the devices' numbers.
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
    pub(super) fn new(plan: &Plan, probe: Probe) -> Self {
        Self(Arc::new(Mutex::new(Log {
            entries: Vec::new(),
            witness: Witness::new(plan),
            probe,
            trace: Vec::new(),
            commits: 0,
            traffic: vec![Traffic::default(); plan.devices.len()],
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
        log.witness.server(at, run);
        log.entries.push(Entry { at, subject: Subject::World, what: What::Run(run) });
    }

    /// The receiver took a notification.
    pub(super) fn received(&self, at: Instant, notification: &Notification, again: bool) {
        let (subject, notification) = (Subject::Device(notification.device), Box::new(notification.clone()));
        self.log().entries.push(Entry { at, subject, what: What::Received { notification, again } });
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

    /// The server made this durable; the clock shows `now`.
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
        log.witness.delivered(now, device, connection, what, length);
        if now <= log.until {
            let traffic = &mut log.traffic[device.0 as usize];
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
                log.traffic[device.0 as usize].bytes_to_device += bytes.len() as u64;
            }
            FromServer::Fin | FromServer::Reset => log.witness.ended(now, device, connection),
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

    /// The run is over.
    pub(super) fn finish(&self, until: Instant) -> Observations {
        let mut log = self.log();
        let entries = std::mem::take(&mut log.entries);
        Observations {
            timeline: Timeline::new(entries.into_iter().filter(|entry| entry.at <= until).collect()),
            breaches: log.witness.finish(until),
            trace: std::mem::take(&mut log.trace),
            traffic: std::mem::take(&mut log.traffic),
            busiest: log.seconds.busiest,
            logins: std::mem::take(&mut log.logins),
            commits: log.commits,
            out_of_ports: log.out_of_ports,
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("a panic in the simulated world ends the run")
    }
}

/// How many messages there were in each whole second of late, and in the busiest. The clocks of sites are less than two
/// seconds apart: a tick is a second at most.
#[derive(Debug, Default)]
struct Seconds {
    recent: BTreeMap<u64, u64>,
    busiest: Busiest,
}

impl Seconds {
    fn count(&mut self, now: Instant) {
        let second = now.as_millis() / 1_000;
        let messages = self.recent.entry(second).or_default();
        *messages += 1;
        self.busiest.count(second, *messages);
        while self.recent.first_key_value().is_some_and(|(first, _)| first + 2 < second) {
            self.recent.pop_first();
        }
    }
}

impl Log {
    fn recorded(&mut self, now: Instant, device: DeviceId, entry: &timeline::Entry) {
        self.witness.recorded(now, device, entry.at, &entry.event);
        self.count(&entry.event);
        let what = What::Server(entry.event.clone());
        self.entries.push(Entry { at: entry.at, subject: Subject::Device(device), what });
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
