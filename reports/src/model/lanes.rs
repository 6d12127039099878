//! The lives of devices, ready to be drawn in a terminal.

use super::Tone;

/// The lives of devices over the time of a run, as lanes. Times are fractions of the run: 0.0 to 1.0.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// How the beginning is spelt.
    pub from: String,
    /// How the end is spelt.
    pub to: String,
    /// One for each device.
    pub lanes: Vec<Lane>,
}

/// The life of one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The device.
    pub name: String,
    /// Each status from its beginning; it lasts until the next.
    pub statuses: Vec<(f64, LaneStatus)>,
    /// From when to when it was connected.
    pub connected: Vec<(f64, f64)>,
    /// Every change with its moment and reason, a line each.
    pub changes: Vec<String>,
}

/// What a lane shows of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    /// Its name.
    pub label: String,
    /// How it is drawn.
    pub tone: Tone,
}
