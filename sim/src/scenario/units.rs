//! The grammar of times, shares and comparisons.
//!
//! Owns how a time is spelt and what is wrong with one that is not. Does not decide where which kind may stand.

use std::ops::RangeInclusive;

use blynk_core::time::{Duration, Instant};

use crate::plan::{Comparison, Share, WallClock, Window};

/// No time of a scenario may be longer: a hundred years, so that sums of a few can be neither lost nor wrapped.
pub(crate) const LONGEST: Duration = Duration::from_millis(36_525 * Duration::DAY.as_millis());

/// Largest first, which is also the order in which they may be combined.
const UNITS: [(&str, Duration); 6] = [
    ("w", Duration::from_millis(7 * Duration::DAY.as_millis())),
    ("d", Duration::DAY),
    ("h", Duration::HOUR),
    ("m", Duration::MINUTE),
    ("s", Duration::SECOND),
    ("ms", Duration::MILLISECOND),
];

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TimeError {
    #[error("\"{0}\" has no unit: write `{0}s` or `{0}m`")]
    NoUnit(String),
    #[error("\"{0}\" ends without a unit: write `{0}s`")]
    NoLastUnit(String),
    #[error("\"{0}\" is negative")]
    Negative(String),
    #[error("`{1}` in \"{0}\" is not a unit of time")]
    UnknownUnit(String, String),
    #[error("the units in \"{0}\" are not in order")]
    Order(String),
    #[error("\"{0}\" has decimals, which only seconds may have")]
    Decimals(String),
    #[error("\"{0}\" is finer than a millisecond")]
    TooFine(String),
    #[error("\"{0}\" is longer than a hundred years")]
    TooLong(String),
    #[error("\"{0}\" is not a time")]
    NotATime(String),
    #[error("\"{0}\" is not a length of time")]
    NotALength(String),
    #[error("\"{0}\" is not a time of day")]
    NotATimeOfDay(String),
    #[error("\"{0}\" is a time of day, but the scenario has no `start`")]
    NoStart(String),
    #[error("\"{0}\" is a time of day, and a length of time is needed here")]
    NotADuration(String),
    #[error("the window \"{0}\" ends before it begins")]
    Backwards(String),
    #[error("\"{0}\" is a window, and a single time is needed here")]
    NotAMoment(String),
}

impl TimeError {
    /// The way out, where the message does not name it already.
    pub(crate) const fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoUnit(_) | Self::NoLastUnit(_) | Self::TooLong(_) => None,
            Self::Negative(_) => Some("every time and every length is zero or more"),
            Self::UnknownUnit(..) => Some("the units are `ms`, `s`, `m`, `h`, `d` and `w`"),
            Self::Order(_) => Some("write the largest unit first and each once, such as `1h30m5s`"),
            Self::Decimals(_) => Some("combine units, such as `1m30s`"),
            Self::TooFine(_) => Some("a millisecond is the smallest step: `0.001s` or `1ms`"),
            Self::NotATime(_) => {
                Some("write an offset such as `90s` or `1m30s`, or a time of day `10:50:00`")
            }
            Self::NotATimeOfDay(_) => Some("write hours, minutes and seconds: `10:50:00` or `10:50:00.500`"),
            Self::NoStart(_) => {
                Some("name the time of day at zero, such as `start: 10:00:00`, or write an offset")
            }
            Self::NotALength(_) | Self::NotADuration(_) => {
                Some("write a length of time such as `45s` or `1m30s`")
            }
            Self::Backwards(_) => {
                Some("write the earlier time first; a time of day before `start` is the next day")
            }
            Self::NotAMoment(_) => Some("write one time, such as `90s`"),
        }
    }
}

/// `45s`, `1m30s`, `1m0.001s`, `90d`.
pub(crate) fn duration(text: &str) -> Result<Duration, TimeError> {
    let fail = |kind: fn(String) -> TimeError| Err(kind(text.to_owned()));
    match text {
        _ if text.starts_with('-') => return fail(TimeError::Negative),
        _ if text.contains("..") => return fail(TimeError::NotAMoment),
        _ if text.contains(':') => return fail(TimeError::NotADuration),
        _ if !text.starts_with(|c: char| c.is_ascii_digit()) => return fail(TimeError::NotALength),
        _ => {}
    }
    let (mut rest, mut total, mut allowed) = (text, Duration::ZERO, UNITS.as_slice());
    while !rest.is_empty() {
        let (number, unit, after) = term(rest).ok_or_else(|| TimeError::NotALength(text.to_owned()))?;
        let (place, unit) = unit_among(text, unit, allowed)?;
        total = total + length(text, number, unit)?;
        (rest, allowed) = (after, &allowed[place + 1..]);
    }
    if total > LONGEST { fail(TimeError::TooLong) } else { Ok(total) }
}

/// Digits and nothing else; what is beyond 32 bits is no number of anything.
pub(crate) fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// `17` or `0..99`, both included.
pub(crate) fn numbers(text: &str) -> Option<RangeInclusive<u32>> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    Some(number(first)?..=number(last)?)
}

/// `2%`, `2.5%`: at most four decimals.
pub(crate) fn share(text: &str) -> Option<Share> {
    let (whole, decimals) =
        text.strip_suffix('%').map(|number| number.split_once('.').unwrap_or((number, "0")))?;
    if decimals.is_empty() || decimals.len() > 4 {
        return None;
    }
    let (whole, decimals) = (number(whole)?, number(&format!("{decimals:0<4}"))?);
    Share::from_millionths(whole.checked_mul(10_000)?.checked_add(decimals)?)
}

/// `at most X`: the comparison, and `X`.
pub(crate) fn comparison(text: &str) -> Option<(Comparison, &str)> {
    Comparison::ALL.into_iter().find_map(|comparison| {
        let rest = text.strip_prefix(comparison.name())?;
        rest.starts_with(' ').then(|| (comparison, rest.trim()))
    })
}

/// `10:50:00` or `10:50:00.500`: the time since midnight.
pub(crate) fn time_of_day(text: &str) -> Result<Duration, TimeError> {
    let wrong = || TimeError::NotATimeOfDay(text.to_owned());
    let (clock, millis) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return Err(wrong()) };
    let number = |digits: &str, below: u64| {
        let two = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|value: &u64| two && *value < below).ok_or_else(wrong)
    };
    let whole = number(hours, 24)? * 3_600 + number(minutes, 60)? * 60 + number(seconds, 60)?;
    if millis.is_empty() {
        return Err(wrong());
    }
    let millis = thousandths(millis).ok_or_else(wrong)?;
    Ok(Duration::from_secs(whole) + Duration::from_millis(millis))
}

/// An offset from zero, or a time of day; one before the start is the next day's.
pub(crate) fn moment(text: &str, clock: WallClock) -> Result<Instant, TimeError> {
    if text.contains("..") {
        return Err(TimeError::NotAMoment(text.to_owned()));
    }
    if !text.contains(':') || text.starts_with('-') {
        return match duration(text) {
            Err(TimeError::NotALength(text)) => Err(TimeError::NotATime(text)),
            offset => Ok(Instant::ZERO + offset?),
        };
    }
    let time = time_of_day(text)?;
    let start = clock.start.ok_or_else(|| TimeError::NoStart(text.to_owned()))?;
    let days = if time < start { Duration::DAY } else { Duration::ZERO };
    Ok(Instant::ZERO + (time + days).saturating_sub(start))
}

/// `A..B`, or a single moment.
pub(crate) fn window(text: &str, clock: WallClock) -> Result<Window, TimeError> {
    let Some((from, to)) = text.split_once("..") else { return Ok(Window::moment(moment(text, clock)?)) };
    let window = Window { from: moment(from, clock)?, to: moment(to, clock)? };
    if window.to < window.from { Err(TimeError::Backwards(text.to_owned())) } else { Ok(window) }
}

/// A number, its unit, and what follows.
fn term(text: &str) -> Option<(&str, &str, &str)> {
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(unit);
    let next = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(next);
    let plain = number.starts_with(|c: char| c.is_ascii_digit()) && !number.ends_with('.');
    (plain && after.chars().next().is_none_or(|c| c.is_ascii_digit())).then_some((number, unit, after))
}

fn unit_among(text: &str, unit: &str, allowed: &[(&str, Duration)]) -> Result<(usize, Duration), TimeError> {
    if unit.is_empty() {
        let kind = if allowed.len() == UNITS.len() { TimeError::NoUnit } else { TimeError::NoLastUnit };
        return Err(kind(text.to_owned()));
    }
    match allowed.iter().position(|(name, _)| *name == unit) {
        Some(place) => Ok((place, allowed[place].1)),
        None if UNITS.iter().any(|(name, _)| *name == unit) => Err(TimeError::Order(text.to_owned())),
        None => Err(TimeError::UnknownUnit(text.to_owned(), unit.to_owned())),
    }
}

fn length(text: &str, number: &str, unit: Duration) -> Result<Duration, TimeError> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if number.contains('.') && unit != Duration::SECOND {
        return Err(TimeError::Decimals(text.to_owned()));
    }
    let decimals = thousandths(decimals).ok_or_else(|| TimeError::TooFine(text.to_owned()))?;
    let whole: u64 = whole.parse().map_err(|_| TimeError::TooLong(text.to_owned()))?;
    Ok(unit * whole + Duration::from_millis(decimals))
}

/// `5` is 500, `001` is 1; `None` if it is finer than that or no number.
fn thousandths(decimals: &str) -> Option<u64> {
    let digits = decimals.trim_end_matches('0');
    if digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<3}").parse().ok()
}

#[cfg(test)]
mod tests;
