//! What the figures of a run must be, all in virtual time.

use blynk_core::time::{Duration, Instant};

use super::Span;

/// A bound of one figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which figure.
    pub metric: Metric,
    /// How it compares with the value.
    pub comparison: Comparison,
    /// The value: milliseconds of a time, otherwise a number.
    pub value: u64,
    /// The key under `limits`.
    pub span: Span,
}

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Of all times of that kind.
    Time(Measure, Statistic),
    /// Accepted logins in the busiest whole second.
    LoginsPerSecond,
    /// Messages of devices that reached the server in the busiest whole second.
    MessagesPerSecond,
    /// Notifications that were owed.
    Notifications,
    /// Changes to Offline of devices that were there all the time: from the base of the wait on, nothing was wrong with
    /// them, with their links or with the server.
    FalseOffline,
    /// Bytes of the protocol, both ways.
    BytesPerDeviceAndDay,
}

/// A kind of time that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// From the base of the wait, that is the last byte or the close, to Offline.
    Detection,
    /// From the last byte to the server's close.
    Close,
    /// From dialling to the answer that the login is accepted.
    Login,
    /// From the return of link, power, application or server to being connected and Online, of those who were missed.
    Recovery,
}

/// What is taken of many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// Half of them are at most this.
    P50,
    /// 90 of 100 are at most this.
    P90,
    /// 99 of 100 are at most this.
    P99,
    /// All are at most this.
    Max,
}

/// How a figure compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `at most`
    AtMost,
    /// `at least`
    AtLeast,
    /// `under`
    Under,
    /// `over`
    Over,
}

/// The demand that a scenario comes to rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// When every device that has power and intends to be connected must be online.
    pub by: Instant,
    /// How long after the last fault, the end of it, or the last `connect` that is.
    pub within: Duration,
    /// The key `settle`.
    pub span: Span,
}

impl Comparison {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::AtMost, Self::AtLeast, Self::Under, Self::Over];

    /// As a scenario spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
            Self::Under => "under",
            Self::Over => "over",
        }
    }

    /// Whether a figure compares like this with a value.
    pub const fn holds(self, figure: u64, value: u64) -> bool {
        match self {
            Self::AtMost => figure <= value,
            Self::AtLeast => figure >= value,
            Self::Under => figure < value,
            Self::Over => figure > value,
        }
    }
}
