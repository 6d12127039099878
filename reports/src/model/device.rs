//! The life of one device.

use serde::{Deserialize, Serialize};

/// One device of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// The name under `devices` that it belongs to.
    pub group: String,
    /// Whether a finding is about it.
    pub failing: bool,
    /// Its status at the end: a key of its template, or `new`.
    pub status: String,
    /// How often its status changed.
    pub changes: u64,
    /// How much of the time it was in a status of the Offline kind, in milliseconds.
    pub offline: u64,
    /// The longest time that it took to notice that it was gone, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detection: Option<u64>,
    /// The longest time that it took to come back, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recovery: Option<u64>,
    /// The first digits of the SHA-256 of its history: two devices with the same one went the same way.
    pub digest: String,
    /// Every change of its status, in order; nothing if it is left out of the report.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub history: Option<Vec<Change>>,
    /// From when to when it was connected; empty if its history is left out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub connected: Vec<(u64, u64)>,
}

/// A change of status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When, in milliseconds.
    pub at: u64,
    /// The same for people.
    pub time: String,
    /// The status that it left; nothing for the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// The status that it entered.
    pub to: String,
    /// Why.
    pub reason: String,
    /// What led to it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<Cause>,
}

/// Something that led to a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// When, in milliseconds.
    pub at: u64,
    /// The same for people.
    pub time: String,
    /// What.
    pub text: String,
}
