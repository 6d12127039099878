//! What an engine reports while it runs: the server's records, the steps of the plan, the deliveries of the links.

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::DeviceId;
use blynk_core::notification::Notification;
use blynk_core::store::Write;
use blynk_core::time::Instant;
use blynk_core::timeline;

use super::{Cut, Probe, Traffic};
use crate::device::Noted;
use crate::network::{ConnectionId, ToServer};
use crate::oracle::{Breach, Witness};
use crate::plan::Plan;
use crate::timeline::{Entry, Run, Subject, Timeline, What};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Observations {
    /// Everything that happened.
    pub timeline: Timeline,
    /// What the deliveries contradict.
    pub breaches: Vec<Breach>,
    /// The traced device in detail.
    pub trace: Vec<TraceLine>,
    /// How often the server wrote to its store.
    pub commits: u64,
    /// What went over the links in all.
    pub traffic: Traffic,
}

/// Something on a connection of the traced device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When.
    pub at: Instant,
    /// On which connection.
    pub connection: ConnectionId,
    /// What: a message that reached the server or came from it, or what the device did about the connection.
    pub text: String,
}

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
}

impl Observer {
    pub(super) fn new(plan: &Plan, probe: Probe) -> Self {
        let (entries, trace) = (Vec::new(), Vec::new());
        Self(Arc::new(Mutex::new(Log { entries, witness: Witness::new(plan), probe, trace, commits: 0 })))
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
        self.log().witness.delivered(now, device, connection, what, length);
        self.traced(now, device, connection, &name(what));
    }

    /// Something that is worth a line if this device is traced.
    pub(super) fn traced(&self, at: Instant, device: DeviceId, connection: ConnectionId, text: &dyn Display) {
        let mut log = self.log();
        if log.probe.traced == Some(device) {
            log.trace.push(TraceLine { at, connection, text: text.to_string() });
        }
    }

    /// The run is over.
    pub(super) fn finish(&self, until: Instant) -> Observations {
        let mut log = self.log();
        let entries = std::mem::take(&mut log.entries);
        Observations {
            timeline: Timeline::new(entries.into_iter().filter(|entry| entry.at <= until).collect()),
            breaches: log.witness.finish(until),
            trace: std::mem::take(&mut log.trace),
            commits: log.commits,
            traffic: Traffic::default(),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("a panic in the simulated world ends the run")
    }
}

impl Log {
    fn recorded(&mut self, now: Instant, device: DeviceId, entry: &timeline::Entry) {
        self.witness.recorded(now, device, entry.at, &entry.event);
        let what = What::Server(entry.event.clone());
        self.entries.push(Entry { at: entry.at, subject: Subject::Device(device), what });
    }
}

fn name(what: &ToServer) -> &'static str {
    match what {
        ToServer::Message(message) => message.content.name(),
        ToServer::Fin => "FIN",
        ToServer::Reset => "RST",
    }
}
