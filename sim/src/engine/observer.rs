//! What an engine reports while it runs: the server's records, the steps of the plan, the deliveries of the links.

use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;
use blynk_core::timeline;

use crate::network::{ConnectionId, ToServer};
use crate::oracle::{Breach, Witness};
use crate::plan::Plan;
use crate::timeline::{Entry, Subject, Timeline, What};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Observations {
    /// Everything that happened.
    pub timeline: Timeline,
    /// What the deliveries contradict.
    pub breaches: Vec<Breach>,
    /// The traced device in detail.
    pub trace: Vec<TraceLine>,
}

/// Something on a connection of the traced device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When.
    pub at: Instant,
    /// On which connection.
    pub connection: ConnectionId,
    /// What: a message that reached the server, or what the device did about the connection.
    pub text: &'static str,
}

/// Shared by everything that runs in the simulated world. One thread runs it all, so nobody ever waits for the lock.
#[derive(Clone, Debug)]
pub(super) struct Observer(Arc<Mutex<Log>>);

#[derive(Debug)]
struct Log {
    entries: Vec<Entry>,
    witness: Witness,
    traced: Option<DeviceId>,
    trace: Vec<TraceLine>,
}

impl Observer {
    pub(super) fn new(plan: &Plan, traced: Option<DeviceId>) -> Self {
        let log = Log { entries: Vec::new(), witness: Witness::new(plan), traced, trace: Vec::new() };
        Self(Arc::new(Mutex::new(log)))
    }

    /// A step of the plan was done.
    pub(super) fn stepped(&self, at: Instant, device: DeviceId, step: usize, remark: Option<&'static str>) {
        let subject = Subject::Device(device);
        self.log().entries.push(Entry { at, subject, what: What::Step { step, remark } });
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
        self.traced(now, device, connection, name(what));
    }

    /// Something that is worth a line if this device is traced.
    pub(super) fn traced(&self, at: Instant, device: DeviceId, connection: ConnectionId, text: &'static str) {
        let mut log = self.log();
        if log.traced == Some(device) {
            log.trace.push(TraceLine { at, connection, text });
        }
    }

    /// The server recorded an entry; the clock shows `now`.
    pub(super) fn recorded(&self, now: Instant, device: DeviceId, entry: &timeline::Entry) {
        let mut log = self.log();
        log.witness.recorded(now, device, entry.at, &entry.event);
        let subject = Subject::Device(device);
        log.entries.push(Entry { at: entry.at, subject, what: What::Server(entry.event.clone()) });
    }

    /// The run is over.
    pub(super) fn finish(&self, until: Instant) -> Observations {
        let mut log = self.log();
        let entries = std::mem::take(&mut log.entries);
        Observations {
            timeline: Timeline::new(entries.into_iter().filter(|entry| entry.at <= until).collect()),
            breaches: log.witness.finish(until),
            trace: std::mem::take(&mut log.trace),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().expect("a panic in the simulated world ends the run")
    }
}

fn name(what: &ToServer) -> &'static str {
    match what {
        ToServer::Message(message) => message.content.name(),
        ToServer::Fin => "FIN",
        ToServer::Reset => "RST",
    }
}
