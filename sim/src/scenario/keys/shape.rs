//! What may stand behind a key.
//!
//! Owns the kinds of values, for those who describe the language; the resolver reads each value more closely, and has the
//! last word.

use super::Section;

/// A kind of value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Any single value, as it is typed.
    Text,
    /// `true` or `false`.
    Truth,
    /// A whole number of at least this.
    Number(u64),
    /// A name: letters, digits, `-` and `_`.
    Name,
    /// A list of names.
    Names,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A list of these words.
    WordList(fn() -> Vec<&'static str>),
    /// A length of time: `45s`.
    Length,
    /// A length that may be drawn: `30s..5m`, `exp 2m`.
    Lasting,
    /// A time of day.
    TimeOfDay,
    /// A time of day, or an offset.
    Moment,
    /// `2%`
    Share,
    /// `V0` to `V255`
    Pin,
    /// `every 10m`
    Period,
    /// `never`, `every 5s` or `backoff 1s..60s`
    Reconnect,
    /// `dev-0000`
    Pattern,
    /// A profile's name, or a map.
    Network,
    /// A map with a closed list of keys.
    Map(&'static Section),
    /// Names, each with such a map.
    Named(&'static Section),
    /// Names, each with such a map or with nothing.
    NamedOrNothing(&'static Section),
    /// Names with addresses.
    Addresses,
    /// A chain in its short form, or a list of statuses.
    Lifecycle,
    /// Moments and windows with actions.
    Timeline,
    /// Names with what must come of them.
    Expectations,
    /// Metrics with bounds.
    Limits,
    /// A status, or a list of them.
    Statuses,
    /// Moments with a status, or with numbers of devices.
    Samples,
    /// Statuses with numbers of devices.
    Counts,
    /// A number of changes.
    Changes,
}
