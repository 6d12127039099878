//! What must be true of a run, device by device or in numbers of devices.

use std::sync::Arc;

use blynk_core::id::{DeviceId, Pin, StatusIndex};
use blynk_core::notification::{Channel, Stage};
use blynk_core::time::{Duration, Instant};

use super::Span;
use crate::numerals::grouped;

/// A moment, or all moments from one to another; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The first moment.
    pub from: Instant,
    /// The last moment; equal to `from` for a single one.
    pub to: Instant,
}

/// Something that must be true of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The complete history of each of these devices.
    History(History),
    /// The status of each of these devices at one moment.
    Sample(Sample),
    /// How many devices are, or ever were, in a status.
    Count(Count),
    /// None of these devices is ever in a status.
    Never(Never),
    /// How often each of these devices changes its status.
    Changes(Changes),
    /// The complete list of ended live sessions of each of these devices.
    Closes(Closes),
    /// The complete list of the server's starts and ends, the start at zero left out.
    Runs(Runs),
    /// Notifications of one device.
    Notifications(Notifications),
    /// Users' commands to one device.
    Commands(Commands),
}

/// Devices in their order; shared, since many expectations may be about one fleet.
pub type Devices = Arc<[DeviceId]>;

/// The complete history of statuses, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whose; all of one template.
    pub devices: Devices,
    /// Exactly these changes.
    pub changes: Vec<ExpectedChange>,
    /// The name under `expect`.
    pub span: Span,
}

/// One change of an expected history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedChange {
    /// When.
    pub window: Window,
    /// To which status.
    pub to: StatusIndex,
    /// The time key that it stands under.
    pub span: Span,
}

/// An expected status at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Whose; all of one template.
    pub devices: Devices,
    /// When, exactly.
    pub at: Instant,
    /// Which; `None` is `new`, before the first login.
    pub status: Option<StatusIndex>,
    /// The time key under `at`.
    pub span: Span,
}

/// How many devices must be in a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// When it counts.
    pub when: When,
    /// Of so many devices.
    pub total: u64,
    /// Those who can be in the status, template by template.
    pub among: Vec<Among>,
    /// The status's key.
    pub status: String,
    /// How many.
    pub bounds: Bounds,
    /// The status, where the file demands it.
    pub span: Span,
}

/// When devices are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this moment, exactly.
    At(Instant),
    /// At any moment of the run: a device counts once.
    Ever,
}

/// Devices of one template, and a status of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Among {
    /// Whose.
    pub devices: Devices,
    /// Which; `None` is `new`, before the first login.
    pub status: Option<StatusIndex>,
}

/// A number from the one to the other, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// As the file demands it, such as `at least 99%`.
    pub written: String,
}

/// A status that must not occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Never {
    /// Whose; all of one template.
    pub devices: Devices,
    /// Which.
    pub status: StatusIndex,
    /// The status, where the file forbids it.
    pub span: Span,
}

/// How often the status of each device must change; the first login is a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// Whose.
    pub devices: Devices,
    /// How often.
    pub bounds: Bounds,
    /// The key `changes`.
    pub span: Span,
}

/// The expected ends of live sessions of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closes {
    /// Whose.
    pub device: DeviceId,
    /// When each session ended, and the time key that says so.
    pub windows: Vec<(Window, Span)>,
}

/// The expected starts and ends of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// When, whether it is up from then on, and the time key that says so; in order of time.
    pub windows: Vec<(Window, bool, Span)>,
}

/// What is expected of the notifications of one device. The list of those that are owed is complete; so is that of the
/// delivered, or of the dead letters, if it names any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Whose.
    pub device: DeviceId,
    /// In order of time.
    pub expected: Vec<ExpectedNotification>,
    /// The device's name under `notifications`.
    pub span: Span,
}

/// One expected stage of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedNotification {
    /// When.
    pub window: Window,
    /// How far it is then.
    pub stage: Stage,
    /// About which status.
    pub status: StatusIndex,
    /// By which way.
    pub channel: Channel,
    /// To whom.
    pub to: String,
    /// The place that says so.
    pub span: Span,
}

/// The complete list of what is expected of users' commands to one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// To whom.
    pub device: DeviceId,
    /// In order of time.
    pub expected: Vec<ExpectedCommand>,
    /// The device's name under `commands`.
    pub span: Span,
}

/// One expected turn of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCommand {
    /// When.
    pub window: Window,
    /// What became of it.
    pub turn: Turn,
    /// For which pin.
    pub pin: Pin,
    /// The place that says so.
    pub span: Span,
}

/// What becomes of a command. One that a connected device is handed at once is applied and never pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It waits until the device is back.
    Pending,
    /// It was written to the device.
    Applied,
    /// The device's status blocks it.
    Blocked,
}

impl Expectation {
    /// The place in the file that demands it, if it has one of its own.
    pub fn span(&self) -> Option<&Span> {
        match self {
            Self::History(it) => Some(&it.span),
            Self::Sample(it) => Some(&it.span),
            Self::Count(it) => Some(&it.span),
            Self::Never(it) => Some(&it.span),
            Self::Changes(it) => Some(&it.span),
            Self::Closes(it) => it.windows.first().map(|(_, span)| span),
            Self::Runs(it) => it.windows.first().map(|(.., span)| span),
            Self::Notifications(it) => Some(&it.span),
            Self::Commands(it) => Some(&it.span),
        }
    }
}

impl Turn {
    /// As scenarios and reports spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Blocked => "blocked",
        }
    }
}

impl Bounds {
    /// What it comes to: `205 to 275`, `at least 4,750`, `at most 3`, `7`. No number is above `all`.
    pub fn of(&self, all: u64) -> String {
        let Self { least, most, .. } = *self;
        match (least, most) {
            (least, most) if least == most => grouped(least),
            (0, most) => format!("at most {}", grouped(most)),
            (least, most) if most == all => format!("at least {}", grouped(least)),
            (least, most) => format!("{} to {}", grouped(least), grouped(most)),
        }
    }

    /// Whether the number lies within.
    pub const fn contain(&self, number: u64) -> bool {
        self.least <= number && number <= self.most
    }
}

impl Window {
    /// A single moment.
    pub const fn moment(at: Instant) -> Self {
        Self { from: at, to: at }
    }

    /// From the first moment to the last.
    pub const fn length(&self) -> Duration {
        self.to.since(self.from)
    }

    /// How far `at` is from the window.
    pub fn apart(&self, at: Instant) -> Duration {
        // One of them is nothing: no instant is on both sides.
        self.from.since(at) + at.since(self.to)
    }

    /// Whether `at` lies in the window, or within `slack` of it.
    pub fn contains(&self, at: Instant, slack: Duration) -> bool {
        self.from - slack <= at && at <= self.to + slack
    }
}
