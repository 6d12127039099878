//! The timeline of a run: the only truth that digest, verdict and reports are made of.
//!
//! Owns the order of entries and what they look like as text ([`canonical`]) and as explanation ([`causes`]). Judges nothing.

pub mod canonical;
pub mod causes;

pub use blynk_core::close::CloseReason;
pub use blynk_core::command::{Command, Verdict};
use blynk_core::id::DeviceId;
pub use blynk_core::notification::{Channel, Notification, Stage, Undeliverable};
use blynk_core::time::Instant;
pub use blynk_core::timeline::{Cause, Change, Close, Event, Setter};

pub use crate::device::Noted;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// To whom.
    pub subject: Subject,
    /// What.
    pub what: What,
}

/// Whom an entry is about. What happens to the server at an instant comes before what happens to devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The server, or the receiver of its notifications: everybody.
    World,
    /// One device.
    Device(DeviceId),
}

impl Subject {
    /// The device, if it is one.
    pub const fn device(self) -> Option<DeviceId> {
        match self {
            Self::World => None,
            Self::Device(device) => Some(device),
        }
    }
}

/// Who says so, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The scenario: a step of the plan, by its place, and why it changed nothing, if so.
    Step {
        /// Its place in the plan's steps.
        step: usize,
        /// Why it changed nothing.
        remark: Option<&'static str>,
    },
    /// The server's own record.
    Server(Event),
    /// The server is up, or down from now on.
    Run(Run),
    /// The receiver got a notification of the device.
    Received {
        /// Which.
        notification: Box<Notification>,
        /// Whether it had got it before.
        again: bool,
    },
    /// Something that the virtual device, or somebody in its name, learned and that the server need not record.
    Noted(Noted),
}

/// Whether the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// It has started.
    Up,
    /// It has lost power: nothing goes out any more.
    Crashed,
    /// Its process is gone.
    Killed,
    /// It has stopped gracefully.
    Stopped,
}

/// All entries of a run: by instant, then by device, then in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    /// Brings entries into the one order that does not depend on engine and threads.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| (entry.at, entry.subject));
        Self { entries }
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries of each device, for `devices` devices, with the server's starts and ends among them.
    pub fn by_device(&self, devices: usize) -> Vec<Vec<&Entry>> {
        let mut lanes = vec![Vec::new(); devices];
        for entry in &self.entries {
            match entry.subject {
                Subject::World if matches!(entry.what, What::Run(_)) => {
                    lanes.iter_mut().for_each(|lane: &mut Vec<_>| lane.push(entry));
                }
                Subject::World => {}
                Subject::Device(device) => lanes[device.0 as usize].push(entry),
            }
        }
        lanes
    }

    /// The entries of one device, with what happened to everybody among them.
    pub fn lane(&self, device: DeviceId) -> Vec<&Entry> {
        let is_its = |entry: &&Entry| [Subject::World, Subject::Device(device)].contains(&entry.subject);
        self.entries.iter().filter(is_its).collect()
    }

    /// How often any device changed its status.
    pub fn changes(&self) -> usize {
        self.entries.iter().filter(|entry| entry.change().is_some()).count()
    }
}

impl Entry {
    /// The device that it is about, if it is about one.
    pub const fn device(&self) -> Option<DeviceId> {
        if let Subject::Device(device) = self.subject { Some(device) } else { None }
    }

    /// The change of status that this entry records, if it records one.
    pub fn change(&self) -> Option<&Change> {
        if let What::Server(Event::Status(change)) = &self.what { Some(change) } else { None }
    }

    /// The end of a live session that this entry records, if it records one.
    pub fn close(&self) -> Option<&Close> {
        if let What::Server(Event::Closed { close, .. }) = &self.what { Some(close) } else { None }
    }

    /// Whether this entry records that a live session ended, superseded ones left out.
    pub fn is_end(&self) -> bool {
        matches!(self.what, What::Server(Event::Closed { .. } | Event::Interrupted { .. }))
    }

    /// Whether this entry records a login.
    pub fn is_login(&self) -> bool {
        matches!(self.what, What::Server(Event::LoggedIn { .. }))
    }
}
