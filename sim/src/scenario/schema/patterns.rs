//! The forms of single values, as regular expressions that JavaScript, Python and Rust understand.
//!
//! Owns nothing but the forms; the grammar itself is in [`units`](crate::scenario::units) and beside each key.

use crate::scenario::keys;

/// A length of time. The look ahead keeps it from being nothing at all.
macro_rules! length {
    () => {
        r"(?=[0-9])(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+(?:\.[0-9]+)?s)?(?:[0-9]+ms)?"
    };
}

macro_rules! time_of_day {
    () => {
        r"[0-2][0-9]:[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    };
}

macro_rules! moment {
    () => {
        concat!("(?:", time_of_day!(), "|", length!(), ")")
    };
}

macro_rules! name {
    () => {
        "[A-Za-z_][A-Za-z0-9_-]*"
    };
}

/// A share of all.
macro_rules! share {
    () => {
        r"[0-9]+(?:\.[0-9]{1,4})?%"
    };
}

macro_rules! comparison {
    () => {
        "(?:(?:at least|at most|under|over) +)?"
    };
}

pub(super) const LENGTH: &str = length!();
pub(super) const TIME_OF_DAY: &str = time_of_day!();
pub(super) const MOMENT: &str = moment!();
/// A moment, or two with what lies between.
pub(super) const WINDOW: &str = concat!(moment!(), r"(?:\.\.", moment!(), ")?");
/// A length that may be drawn.
pub(super) const LASTING: &str = concat!(
    length!(),
    r"(?:\.\.",
    length!(),
    ")?|exp +",
    length!(),
    "|normal +",
    length!(),
    " +",
    length!(),
    "|pareto +",
    length!(),
    r" +[0-9.]+"
);
pub(super) const PERIOD: &str = concat!("every +", length!());
pub(super) const RECONNECT: &str =
    concat!("never|every +", length!(), "|backoff +", length!(), r"\.\.", length!());
pub(super) const NAME: &str = name!();
/// A name, or a member of a fleet by its number.
pub(super) const MEMBER: &str = concat!(name!(), "(?:/[0-9]+)?");
/// The name of a fleet's first member.
pub(super) const PATTERN: &str = concat!(name!(), "0");
pub(super) const SHARE: &str = share!();
pub(super) const PIN: &str = "[Vv]0*(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
/// How many devices.
pub(super) const COUNT: &str = concat!(
    "all|none|",
    comparison!(),
    "(?:",
    share!(),
    "|[0-9]+)|(?:",
    share!(),
    r"|[0-9]+)\.\.(?:",
    share!(),
    "|[0-9]+)"
);
/// How many changes.
pub(super) const CHANGES: &str = concat!(comparison!(), r"[0-9]+|[0-9]+\.\.[0-9]+");

/// `online -2m-> offline`
pub(super) fn chain() -> String {
    format!(r"\s*{NAME}(?:\s+-{LENGTH}->\s+{NAME})*\s*")
}

/// Names, members by number, picks.
pub(super) fn who() -> String {
    format!(r"{NAME}(?:/[0-9]+(?:\.\.[0-9]+)?)?|(?:{SHARE}|[0-9]+) +of +{NAME}")
}

pub(super) fn server_event() -> String {
    format!(r"up|down|closed\s+{MEMBER}")
}

pub(super) fn notification() -> String {
    let channels = keys::channels().join("|");
    let reasons = keys::REASONS.map(|reason| reason.name()).join("|");
    format!(r"{NAME}\s+(?:{channels})\s+{NAME}(?:\s+(?:delivered|dead\s+(?:{reasons})))?")
}

pub(super) fn command() -> String {
    let turns = keys::TURNS.map(|turn| turn.name()).join("|");
    format!(r"(?:{turns})\s+{PIN}")
}
