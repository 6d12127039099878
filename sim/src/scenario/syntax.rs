//! YAML text to a tree of nodes that know their place.
//!
//! Owns what a scalar's text is: what the author typed, not what YAML makes of it (`0052`, `5_000`, `10:50:00` and
//! `yes` stay as they are), unless it is quoted or a block. Maps keep order and duplicates. A merge key (`<<`) is
//! already merged, an alias already followed; a node's place is then where it is written, not where it is used.
//! Does not decide what any key means.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, Options, Spanned};

use super::diagnostic::{Problem, Problems};
use crate::plan::{Source, Span};

/// Nodes of a file, at most: about half a million lines of timeline.
const MAX_NODES: usize = 2_000_000;

/// A value and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) value: Value,
}

/// What a value is, before anybody asks what it means.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Node,
}

impl Node {
    /// The entries of a map, none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Text(_) | Value::List(_) => &[],
        }
    }

    /// Every scalar below `path`, in the order of the file.
    pub(crate) fn scalars(&self, path: &str, found: &mut Vec<(String, String)>) {
        match &self.value {
            Value::Null => found.push((path.to_owned(), String::new())),
            Value::Text(text) => found.push((path.to_owned(), text.clone())),
            Value::List(items) => items.iter().for_each(|item| item.scalars(&format!("{path}/-"), found)),
            Value::Map(entries) => {
                entries.iter().for_each(|entry| entry.value.scalars(&format!("{path}/{}", entry.key), found));
            }
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// Reads a file. An error of syntax ends the reading and is alone; what YAML silently mangles is reported to `problems`.
pub(crate) fn parse(source: &Source, problems: &mut Problems) -> Result<Node, Problem> {
    let raw: Raw = serde_saphyr::from_str_with_options(&source.text, options())
        .map_err(|error| syntax_error(&source.text, &error))?;
    Ok(Tree { text: &source.text, problems }.node(raw))
}

fn options() -> Options {
    serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        reject_unsupported_tags: true,
        with_snippet: false,
        budget: serde_saphyr::budget! { max_nodes: MAX_NODES, max_events: MAX_NODES * 4 },
    }
}

/// A node as the parser hands it over. Of numbers and booleans only the place is kept: their text is in the source.
struct Raw {
    span: Span,
    value: RawValue,
}

enum RawValue {
    Null,
    Typed,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<RawValue>::deserialize(deserializer)?;
        Ok(Self { span: byte_span(spanned.defined), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<RawValue, E> {
        Ok(RawValue::Typed)
    }

    fn visit_u64<E>(self, _: u64) -> Result<RawValue, E> {
        Ok(RawValue::Typed)
    }

    fn visit_i64<E>(self, _: i64) -> Result<RawValue, E> {
        Ok(RawValue::Typed)
    }

    fn visit_f64<E>(self, _: f64) -> Result<RawValue, E> {
        Ok(RawValue::Typed)
    }

    fn visit_str<E>(self, text: &str) -> Result<RawValue, E> {
        Ok(RawValue::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(RawValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawValue, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(RawValue::Map(entries))
    }
}

fn byte_span(location: Location) -> Span {
    let at = |bytes: Option<u64>| usize::try_from(bytes.unwrap_or(0)).unwrap_or(0);
    let start = at(location.span().byte_offset());
    start..start + at(location.span().byte_len())
}

/// From parsed nodes to ours: text from the source, marks that cover what they mean.
struct Tree<'a> {
    text: &'a str,
    problems: &'a mut Problems,
}

impl Tree<'_> {
    fn node(&mut self, raw: Raw) -> Node {
        let value = match raw.value {
            RawValue::Null => Value::Null,
            RawValue::Typed => Value::Text(self.written(&raw.span)),
            RawValue::Text(text) => Value::Text(text),
            RawValue::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            RawValue::Map(entries) => {
                Value::Map(entries.into_iter().filter_map(|(k, v)| self.entry(k, v)).collect())
            }
        };
        Node { span: self.covering(raw.span, &value), value }
    }

    fn entry(&mut self, key: Raw, value: Raw) -> Option<Entry> {
        let key_span = key.span.clone();
        let text = match key.value {
            RawValue::Text(text) => text,
            RawValue::Typed | RawValue::Null => self.written(&key_span),
            RawValue::List(_) | RawValue::Map(_) => {
                self.problems.report(Problem::error(&key_span, "a key must be a single value"));
                return None;
            }
        };
        let mut value = self.node(value);
        self.refuse_empty_block(&key_span, &value);
        if value.span.is_empty() {
            value.span = key_span.clone();
        }
        Some(Entry { key: text, key_span, value })
    }

    fn written(&self, span: &Span) -> String {
        self.text.get(span.clone()).unwrap_or_default().to_owned()
    }

    /// `limit: >5` is not a comparison but a block of text, and an empty one.
    fn refuse_empty_block(&mut self, key: &Span, value: &Node) {
        let Value::Text(text) = &value.value else { return };
        let line = self.text.get(key.end..).unwrap_or_default().lines().next().unwrap_or_default();
        let header = line.trim_start_matches([':', ' ', '\'', '"']);
        if text.trim().is_empty() && header.starts_with(['>', '|']) {
            let start = key.end + (line.len() - header.len());
            let header = header.split([' ', '#']).next().unwrap_or_default();
            self.problems.report(
                Problem::error(
                    &(start..start + header.len()),
                    format!("`{header}` begins a block of text, and the block is empty"),
                )
                .help(format!("write words, such as `at most {}`", header[1..].trim_start_matches('=')))
                .help(format!("or quote it: \"{header}\"")),
            );
        }
    }

    /// The parser marks only the first character of a list or map: extend it to the last child and the bracket.
    fn covering(&self, span: Span, value: &Value) -> Span {
        let end = match value {
            Value::Null | Value::Text(_) => return span,
            Value::List(items) => items.last().map(|item| item.span.end),
            Value::Map(entries) => entries.last().map(|entry| entry.value.span.end),
        };
        let end = end.unwrap_or(0).max(span.end);
        let closing = self.text.get(end..).unwrap_or_default().trim_start_matches([' ', ',']);
        let closed = !span.is_empty() && closing.starts_with([']', '}']);
        span.start..if closed { self.text.len() - closing.len() + 1 } else { end }
    }
}

fn syntax_error(text: &str, error: &Error) -> Problem {
    let span = error_span(text, error);
    if matches!(error, Error::MultipleDocuments { .. }) {
        return Problem::error(&span, "a file holds one scenario, and here a second one begins")
            .help("remove the `---`, or move the rest to a file of its own");
    }
    let first = text[span.start..].chars().next();
    if let Some(problem) = control_character(text, span.start) {
        return problem;
    }
    if matches!(error, Error::RecursiveReferencesRequireWeakTypes { .. }) {
        return Problem::error(&span, "this alias stands within what it is an alias of")
            .help("`*name` repeats what `&name` marks, and cannot be a part of it");
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if let Some(title) = too_much(first, message) {
        return Problem::error(&span, title).help("no scenario needs that; is this a scenario file?");
    }
    let problem = Problem::error(&span, format!("this cannot be read as YAML: {message}"));
    match way_out(first, message) {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// The parser stops there, or at the beginning of the word.
fn control_character(text: &str, start: usize) -> Option<Problem> {
    let line = text[start..].lines().next()?;
    let (offset, odd) =
        line.char_indices().find(|(_, letter)| letter.is_control() && !letter.is_whitespace())?;
    let title = format!("a scenario is text, and here stands the control character U+{:04X}", u32::from(odd));
    let help = match odd {
        '\0' => "is the file UTF-16? Save it as UTF-8".into(),
        odd => format!("remove it, or write `\"\\x{:02x}\"` where it is meant", u32::from(odd)),
    };
    Some(Problem::error(&(start + offset..start + offset + odd.len_utf8()), title).help(help))
}

/// What a file has more of than is ever read. The parser tells these apart in its words only, and counts what an alias
/// repeats as if it stood there.
fn too_much(first: Option<char>, message: &str) -> Option<&'static str> {
    const ALIASES: &str = "aliases of aliases stand for too many values here";
    let long = if first == Some('*') { ALIASES } else { "the file is too long" };
    let titles = [
        ("budget breached: Depth", "lists and maps are nested too deeply here"),
        ("recursion limit", "lists and maps are nested too deeply here"),
        ("budget breached", long),
        ("alias replay", ALIASES),
    ];
    titles.into_iter().find(|(words, _)| message.starts_with(words)).map(|(_, title)| title)
}

fn way_out(first: Option<char>, message: &str) -> Option<String> {
    match first {
        _ if message.starts_with("tabs") => Some("indent with spaces".to_owned()),
        _ if message.contains("tag `!") || message.contains("!!") => {
            Some("a scenario needs no tags such as `!name`: leave it out, or quote the value".to_owned())
        }
        Some('*') => Some("`*` begins an alias; if it is not meant as one, quote the value".to_owned()),
        Some(first @ ('%' | '@' | '`' | '&' | '!' | '|' | '>')) => {
            Some(format!("a plain value cannot begin with `{first}`: quote it, or use words"))
        }
        Some(':') if message.starts_with("mapping values") => {
            Some("a value that contains `: ` must be quoted; entries of a map are indented alike".to_owned())
        }
        _ => None,
    }
}

/// One character, at the line and column of the error: parser errors carry no byte offset.
fn error_span(text: &str, error: &Error) -> Span {
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let (line, column) = error.location().map_or((0, 0), |l| (place(l.line()), place(l.column())));
    let line_start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line - 1).map_or(text.len(), |(newline, _)| newline + 1),
    };
    let rest = &text[line_start..];
    let start = line_start + rest.char_indices().nth(column).map_or(rest.len(), |(offset, _)| offset);
    start..start + text[start..].chars().next().map_or(0, char::len_utf8)
}
