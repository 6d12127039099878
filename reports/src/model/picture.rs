//! What a run looked like: its devices, what was done to them, and how long it took to notice and to come back.

use serde::{Deserialize, Serialize};

use super::Device;

/// What a run looked like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its last instant, in milliseconds.
    pub until: u64,
    /// The same for people.
    pub end: String,
    /// The time of day at its beginning, in milliseconds, if the scenario names one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start: Option<u64>,
    /// Round moments of it, for an axis.
    pub ticks: Vec<Tick>,
    /// The names under `devices`.
    pub groups: Vec<Group>,
    /// What was wrong with the server, the network and the devices; the server first, then in order of time.
    pub disturbances: Vec<Disturbance>,
    /// How long things took, a kind each.
    pub times: Vec<Times>,
    /// The devices, those first that a finding is about.
    pub devices: Vec<Device>,
    /// SHA-256 of the histories of all devices, also of those that are left out.
    pub digest: String,
    /// How many devices are left out, because there are too many.
    pub devices_left_out: u64,
    /// Of how many of the devices here the history is left out.
    pub histories_left_out: u64,
}

/// A moment that is spelt on an axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When, in milliseconds.
    pub at: u64,
    /// The same for people.
    pub time: String,
}

/// A device, or a fleet of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many devices it has.
    pub devices: u64,
    /// Whether it is a fleet: a number of devices with names of their own.
    pub fleet: bool,
    /// The statuses that its devices can have, `new` first.
    pub statuses: Vec<Status>,
    /// How many were in which, over time; for fleets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counts: Option<Counts>,
}

/// A status of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its name in the scenario.
    pub key: String,
    /// How it is drawn.
    pub tone: Tone,
}

/// Kinds of statuses, as far as drawing them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Before the first login.
    New,
    /// The Online kind.
    Online,
    /// Anything else.
    Custom,
    /// The Offline kind.
    Offline,
}

/// How many devices were in which status. Of each equal part of the run the moment is shown at which the fewest were
/// online, so that no dip is lost between two moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// The length of a part, in milliseconds; the last may be shorter.
    pub every: u64,
    /// For each part a number for each status of the group.
    pub devices: Vec<Vec<u64>>,
}

/// Something that was wrong for a while, or for a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disturbance {
    /// Whose: `server`, a device, a fleet.
    pub who: String,
    /// What: `drop`, `down: power lost`, ...
    pub what: String,
    /// How many devices had it at some time in between; 0 for the server.
    pub devices: u64,
    /// When it began, in milliseconds.
    pub from: u64,
    /// When it was over, in milliseconds; a mere moment ends as it begins.
    pub to: u64,
    /// Both for people.
    pub time: String,
}

/// How long something took, each time that it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// `detection`, `recovery`, ...
    pub name: String,
    /// From what to what.
    pub about: String,
    /// How often it happened.
    pub count: u64,
    /// Figures of them all by their names, `p50` to `max`, for people.
    pub figures: Vec<(String, String)>,
    /// How many took how long: equal bars from the first to the last that is not empty.
    pub bars: Vec<Bar>,
}

/// One bar of a histogram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// The least of it, in milliseconds.
    pub from: u64,
    /// What is no longer of it, in milliseconds.
    pub to: u64,
    /// Both for people.
    pub time: (String, String),
    /// How many.
    pub count: u64,
}
