//! The long form of a chain: a list of statuses, each with its settings.
//!
//! Owns what may be set on a status, and where. What makes a chain whole is the server's own rule, [`Chain::new`].

use std::collections::BTreeMap;

use blynk_core::lifecycle::{Chain, ChainError, Look, Status};
use blynk_core::time::Duration;

use super::{Recipient, misspelt, status_key};
use crate::scenario::diagnostic::Problem;
use crate::scenario::keys;
use crate::scenario::resolve::fields::{Fields, twice};
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node, Value};

const LIST_HELP: &str = "write a list of statuses: `- online:`, and then `- offline: { after: 1m }`";

/// Longest label of a status, in characters.
const LONGEST_LABEL: usize = 64;

impl Context<'_> {
    /// The chain, if the name of every status is known: what is wrong with a status's settings leaves the chain whole.
    pub(super) fn long_form(
        &mut self,
        entry: &Entry,
        items: &[Node],
        recipients: &mut Vec<Recipient>,
    ) -> Option<Chain> {
        let entries: Vec<Option<&Entry>> = items.iter().map(|item| self.keep(named(item))).collect();
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut statuses = Vec::new();
        for (place, named) in entries.iter().copied().enumerate() {
            let Some(named) = named else { continue };
            if let Some(first) = seen.insert(&named.key, named) {
                self.report(duplicate(named, first));
            }
            statuses.push(self.long_status(named, place, recipients));
        }
        let statuses: Vec<Status> = statuses.into_iter().collect::<Option<_>>()?;
        if statuses.len() < items.len() || seen.len() < items.len() {
            return None;
        }
        let named: Vec<&Entry> = entries.into_iter().flatten().collect();
        self.keep(Chain::new(statuses).map_err(|error| broken(entry, &named, &error)))
    }

    fn long_status(
        &mut self,
        entry: &Entry,
        place: usize,
        recipients: &mut Vec<Recipient>,
    ) -> Option<Status> {
        let key = self.keep(status_key(&entry.key_span, &entry.key, LIST_HELP));
        let entries = self.keep(settings(entry)).unwrap_or_default();
        let fields = self.fields(entries, &keys::STATUS);
        let wait = if place == 0 { self.nothing_before(&fields) } else { self.wait(entry, &fields) };
        let status = Status::new(key?, wait);
        Some(Status {
            look: self.look(&fields),
            notify: fields.find("notify").and_then(|entry| self.notify(entry, recipients)),
            on_timeline: self
                .optional(&fields, "timeline", |entry| read::word(entry, &keys::SHOWN))
                .unwrap_or(status.on_timeline),
            controls: self
                .optional(&fields, "controls", |entry| read::word(entry, &keys::CONTROLS))
                .filter(|_| place > 0)
                .unwrap_or(status.controls),
            ..status
        })
    }

    /// The first status is entered by a login: it has no wait and allows commands.
    fn nothing_before(&mut self, fields: &Fields<'_>) -> Duration {
        for (key, error) in [("after", ChainError::FirstHasWait), ("controls", ChainError::FirstHasControls)]
        {
            if let Some(entry) = fields.find(key) {
                let problem = Problem::error(&entry.key_span, error.to_string());
                self.report(
                    problem.help(format!("leave `{key}` out here; it is for the statuses after the first")),
                );
            }
        }
        Duration::ZERO
    }

    fn wait(&mut self, status: &Entry, fields: &Fields<'_>) -> Duration {
        if fields.find("after").is_none() {
            let name = &status.key;
            let title = format!("`{name}` does not say how long after the previous status it is entered");
            self.report(
                Problem::error(&status.key_span, title)
                    .help(format!("write `- {name}: {{ after: 1m }}`, or `after: 0s` for at once")),
            );
        }
        self.optional(fields, "after", read::any_length).unwrap_or_default()
    }

    fn look(&mut self, fields: &Fields<'_>) -> Look {
        Look {
            label: self.optional(fields, "label", label),
            color: self.optional(fields, "color", color),
            icon: self.optional(fields, "icon", icon),
        }
    }
}

/// The one entry of an item of the list.
fn named(item: &Node) -> Result<&Entry, Problem> {
    match item.entries() {
        [entry] => Ok(entry),
        [_, second, ..] => Err(Problem::error(&second.key_span, "one item of the list names two statuses")
            .help("begin each status with a dash, and indent its settings: `- offline: { after: 1m }`")),
        [] => {
            let title = format!("a status is a name with its settings, and this is {}", item.kind());
            Err(Problem::error(&item.span, title).help(LIST_HELP))
        }
    }
}

fn settings(entry: &Entry) -> Result<&[Entry], Problem> {
    match &entry.value.value {
        Value::Null => Ok(&[]),
        Value::Map(entries) => Ok(entries),
        Value::Text(_) | Value::List(_) => {
            let title =
                format!("`{}` needs a map of settings, and this is {}", entry.key, entry.value.kind());
            Err(Problem::error(&entry.value.span, title)
                .help(format!("such as `- {}: {{ after: 1m, label: Away }}`", entry.key)))
        }
    }
}

fn duplicate(entry: &Entry, first: &Entry) -> Problem {
    twice(entry, first).help("give each status a name of its own")
}

fn broken(list: &Entry, named: &[&Entry], error: &ChainError) -> Problem {
    let first = named.first().map_or(&list.key_span, |first| &first.key_span);
    let (place, help) = match error {
        ChainError::FirstNotOnline(_) | ChainError::FirstHasWait | ChainError::FirstHasControls => {
            (first, "put `- online:` first; other statuses stand anywhere after it")
        }
        ChainError::NoOffline => {
            (&list.key_span, "add `- offline: { after: 1m }`; other statuses may stand before and after it")
        }
        ChainError::Length(_) | ChainError::Duplicate(_) => (&list.key_span, LIST_HELP),
    };
    let names = named.iter().map(|entry| (entry.key_span.clone(), entry.key.as_str()));
    misspelt(error, names).unwrap_or_else(|| Problem::error(place, error.to_string())).help(help)
}

fn label(entry: &Entry) -> Result<String, Problem> {
    let text = read::text(&entry.key, &entry.value)?.trim();
    let wrong = |title: String| {
        Problem::error(&entry.value.span, title)
            .help(format!("write 1 to {LONGEST_LABEL} characters on one line, such as `label: Reporting`"))
    };
    match text.chars().count() {
        0 => Err(wrong("this label is empty".into())),
        _ if text.contains(char::is_control) => Err(wrong("this label has more than one line".into())),
        length if length > LONGEST_LABEL => Err(wrong(format!("a label of {length} characters is too long"))),
        _ => Ok(text.to_owned()),
    }
}

const COLOR_HELP: &str = "write a name such as `green`, or six digits in quotes: `\"#23c48e\"`";

fn color(entry: &Entry) -> Result<String, Problem> {
    // What follows a space and `#` is a comment to YAML: the author may well see a value here.
    if matches!(&entry.value.value, Value::Null) {
        return Err(Problem::error(&entry.key_span, "`color` needs a value").help(COLOR_HELP));
    }
    let text = read::text(&entry.key, &entry.value)?;
    let shaped = match text.strip_prefix('#') {
        Some(digits) => digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphabetic()),
    };
    if shaped {
        return Ok(text.to_owned());
    }
    Err(Problem::error(&entry.value.span, format!("`{text}` is not a colour")).help(COLOR_HELP))
}

fn icon(entry: &Entry) -> Result<String, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    if read::is_name(text) {
        return Ok(text.to_owned());
    }
    Err(Problem::error(&entry.value.span, format!("`{text}` cannot be the name of an icon"))
        .help(read::NAME_HELP))
}
