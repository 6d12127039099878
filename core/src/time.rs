//! Instants and durations in whole milliseconds.
//!
//! Owns the arithmetic and the text of times. Reads no clock: an instant is always an argument.
//!
//! **A millisecond is a moment in which several things can happen.** What arrives within it comes before what is due
//! at it, so a deadline is *over* only when its millisecond is ([`Instant::is_over`]). Drivers therefore call a machine's
//! timeout one millisecond after the deadline, and the machine records the deadline itself.

use std::fmt;
use std::ops::{Add, Div, Mul, Sub};

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the driver's epoch (zero of a scenario, or the Unix epoch of a served process).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

/// A length of time in whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duration(u64);

impl Instant {
    /// The driver's epoch.
    pub const ZERO: Self = Self(0);

    /// The instant this many milliseconds after the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The time from the epoch to this instant.
    pub const fn since_zero(self) -> Duration {
        Duration(self.0)
    }

    /// The time since `earlier`, or zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }

    /// Whether the millisecond of this deadline has passed at `now`, so that nothing can arrive within it any more.
    pub fn is_over(self, now: Self) -> bool {
        now > self
    }

    /// The earliest instant at which this deadline [is over](Self::is_over).
    pub const fn when_over(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// One millisecond, the resolution of everything.
    pub const MILLISECOND: Self = Self(1);
    /// One second.
    pub const SECOND: Self = Self(1_000);
    /// One minute.
    pub const MINUTE: Self = Self(60_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000);
    /// One day.
    pub const DAY: Self = Self(86_400_000);

    /// This many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// This many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The length spelt in seconds alone, as allowances are spoken of: `67s`, `129600s`.
    pub fn in_seconds(self) -> String {
        seconds(self.0)
    }

    /// The difference to `other`, or zero if `other` is longer.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Mul<u64> for Duration {
    type Output = Self;
    fn mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Div<u64> for Duration {
    type Output = Self;
    fn div(self, divisor: u64) -> Self {
        Self(self.0 / divisor)
    }
}

/// The shortest spelling that the scenario language reads back: `500ms`, `2.5s`, `67s`, `2m`, `1d2h`.
/// Below two minutes seconds are not split, because heartbeats and allowances are spoken of that way.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ZERO => f.pad("0s"),
            Self::MINUTE => f.pad("1m"),
            short if short < Self::SECOND => f.pad(&format!("{}ms", short.0)),
            short if short < Self::MINUTE * 2 => f.pad(&seconds(short.0)),
            long => f.pad(&units(long.0)),
        }
    }
}

fn units(mut millis: u64) -> String {
    let mut text = String::new();
    for (unit, name) in [(Duration::DAY, "d"), (Duration::HOUR, "h"), (Duration::MINUTE, "m")]
        .map(|(u, n)| (u.as_millis(), n))
    {
        if millis >= unit {
            text += &format!("{}{name}", millis / unit);
            millis %= unit;
        }
    }
    if millis > 0 { text + &seconds(millis) } else { text }
}

/// Seconds with as many decimals as needed: `2s`, `2.5s`, `0.001s`.
fn seconds(millis: u64) -> String {
    let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The offset from the epoch as scenarios name moments: `500ms`, `7.5s`, `1m7s`, `1d2h`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since_zero() {
            early if early < Duration::MINUTE => early.fmt(f),
            late => f.pad(&units(late.0)),
        }
    }
}

/// The earlier of two timeouts of one machine; of equal ones the first.
#[inline]
pub fn earlier<T>(one: Option<(Instant, T)>, other: Option<(Instant, T)>) -> Option<(Instant, T)> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.0 < one.0 { other } else { one }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        let check = |millis, text: &str| assert_eq!(Duration::from_millis(millis).to_string(), text);
        check(0, "0s");
        check(1, "1ms");
        check(2_500, "2.5s");
        check(60_000, "1m");
        check(67_000, "67s");
        check(119_999, "119.999s");
        check(120_000, "2m");
        check(150_001, "2m30.001s");
        check(86_400_000, "1d");
        check(93_600_000, "1d2h");
        check(86_400_001, "1d0.001s");
    }

    #[test]
    fn moments_read_as_scenarios_name_them() {
        let check = |millis, text: &str| assert_eq!(Instant::from_millis(millis).to_string(), text);
        check(0, "0s");
        check(500, "500ms");
        check(59_999, "59.999s");
        check(60_000, "1m");
        check(67_000, "1m7s");
        check(90_000_500, "1d1h0.5s");
    }

    #[test]
    fn a_deadline_is_over_only_after_its_millisecond() {
        let deadline = Instant::from_millis(10);
        assert!(!deadline.is_over(Instant::from_millis(10)));
        assert!(deadline.is_over(deadline.when_over()));
    }

    #[test]
    fn arithmetic_saturates_instead_of_wrapping() {
        assert_eq!(Instant::ZERO - Duration::SECOND, Instant::ZERO);
        assert_eq!(Instant::from_millis(u64::MAX) + Duration::DAY, Instant::from_millis(u64::MAX));
        assert_eq!(Instant::ZERO.since(Instant::from_millis(5)), Duration::ZERO);
    }
}
