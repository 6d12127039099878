//! Single values: text, numbers, words, lengths of time.
//!
//! Owns the shape of a value. Does not know which key it belongs to beyond the key's name.

use std::ops::RangeInclusive;

use blynk_core::protocol::HEARTBEAT_RANGE;
use blynk_core::time::Duration;

use super::fields::wrong_kind;
use crate::plan::{Share, Source, Span};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::syntax::{Entry, Node, Value};
use crate::scenario::units::{self, LONGEST, TimeError};

/// A single value as text.
pub(super) fn text<'n>(what: &str, node: &'n Node) -> Result<&'n str, Problem> {
    match &node.value {
        Value::Text(text) => Ok(text),
        Value::Null => Err(Problem::error(&node.span, format!("`{what}` needs a value"))),
        Value::List(_) | Value::Map(_) => Err(wrong_kind(what, "a single value", node)),
    }
}

/// A list of single values, each with its node.
pub(super) fn list(entry: &Entry) -> Result<&[Node], Problem> {
    match &entry.value.value {
        Value::List(items) => Ok(items),
        Value::Null | Value::Text(_) | Value::Map(_) => {
            Err(wrong_kind(&entry.key, "a list", &entry.value).help("such as `[a, b]`"))
        }
    }
}

/// One of a few words.
pub(super) fn word<T: Copy>(entry: &Entry, words: &[(&'static str, T)]) -> Result<T, Problem> {
    let names = || words.iter().map(|(name, _)| *name);
    let one_of = || format!("it is one of {}", listed(names()));
    let text = text(&entry.key, &entry.value).map_err(|problem| problem.help(one_of()))?;
    words.iter().find(|(name, _)| *name == text).map(|(_, meaning)| *meaning).ok_or_else(|| {
        Problem::error(&entry.value.span, format!("`{}` cannot be `{text}`", entry.key))
            .did_you_mean(text, names())
            .help(one_of())
    })
}

/// `true` or `false`.
pub(super) fn truth(entry: &Entry) -> Result<bool, Problem> {
    word(entry, &[("true", true), ("false", false)])
}

/// A whole number within a range.
pub(super) fn number(entry: &Entry, range: RangeInclusive<u64>) -> Result<u64, Problem> {
    let text = text(&entry.key, &entry.value)?;
    let wrong = |title: String| {
        Problem::error(&entry.value.span, title).help(format!(
            "write a number from {} to {}",
            range.start(),
            range.end()
        ))
    };
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong(format!("`{}` needs a whole number, and this is `{text}`", entry.key)));
    }
    let out_of_range = || wrong(format!("`{}` cannot be {text}", entry.key));
    text.parse().ok().filter(|value| range.contains(value)).ok_or_else(out_of_range)
}

/// A length of time within a range.
pub(super) fn duration(entry: &Entry, range: RangeInclusive<Duration>) -> Result<Duration, Problem> {
    let text = text(&entry.key, &entry.value)?;
    let length = units::duration(text).map_err(|error| not_a_time(&entry.value.span, &error))?;
    if range.contains(&length) {
        return Ok(length);
    }
    Err(Problem::error(&entry.value.span, format!("`{}` cannot be {text}", entry.key)).help(format!(
        "it is between {} and {}",
        range.start(),
        range.end()
    )))
}

/// Any length of time, none included.
pub(super) fn any_length(entry: &Entry) -> Result<Duration, Problem> {
    duration(entry, Duration::ZERO..=LONGEST)
}

/// How many messages are lost.
pub(super) fn loss(entry: &Entry) -> Result<Share, Problem> {
    const MOST: Share = Share::from_millionths(900_000).expect("less than all");
    let text = text(&entry.key, &entry.value)?;
    let wrong = |title: String| Problem::error(&entry.value.span, title);
    match units::share(text) {
        Some(loss) if loss <= MOST => Ok(loss),
        Some(_) => Err(wrong(format!("a loss of {text} is too much")).help(format!(
            "at most {MOST}; a network that loses everything is silent: `drop` or `partition`"
        ))),
        None => {
            Err(wrong(format!("`{}` cannot be `{text}`", entry.key)).help("write per cent, such as `2%`"))
        }
    }
}

/// A heartbeat: whole seconds, because that is how devices announce it.
pub(super) fn heartbeat(entry: &Entry) -> Result<Duration, Problem> {
    let heartbeat = duration(entry, HEARTBEAT_RANGE)?;
    if heartbeat.as_millis().is_multiple_of(Duration::SECOND.as_millis()) {
        return Ok(heartbeat);
    }
    Err(Problem::error(&entry.value.span, format!("a heartbeat of {heartbeat} cannot be announced"))
        .help("devices announce it in whole seconds"))
}

/// The complaint about a time.
pub(super) fn not_a_time(span: &Span, error: &TimeError) -> Problem {
    let problem = Problem::error(span, error.to_string());
    match error.help() {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// Whether a text can be a name: letters, digits, `-` and `_`, not a digit or `-` first.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The way out for what is not a name.
pub(super) const NAME_HELP: &str = "a name has letters, digits, `-` and `_`, and begins with a letter or `_`";

/// The place of a part of a node's text; the whole node where the file spells it in another way.
pub(super) fn part(source: &Source, node: &Node, text: &str, part: Span) -> Span {
    let written = |start: usize| source.text.get(start..start + text.len()) == Some(text);
    let start = node.span.start;
    match [start, start + 1].into_iter().find(|start| written(*start)) {
        Some(start) => start + part.start..start + part.end,
        None => node.span.clone(),
    }
}
