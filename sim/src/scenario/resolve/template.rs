//! Templates: heartbeat and chain of statuses.
//!
//! Owns the short form of a chain, `online -2m-> offline`. What makes a chain whole is the server's own rule,
//! [`Chain::new`].

use std::collections::BTreeMap;
use std::sync::Arc;

use blynk_core::lifecycle::{Chain, ChainError, Status, Template};
use blynk_core::time::Duration;

use super::fields::{Fields, twice};
use super::{Context, read};
use crate::plan::Span;
use crate::scenario::diagnostic::Problem;
use crate::scenario::keys;
use crate::scenario::syntax::{Entry, Node, Value};
use crate::scenario::units;

/// More statuses than this are legal but cannot be made in the product's console.
const USUAL_STATUSES: usize = 4;

/// The templates of a file; one that could not be read is there without content.
pub(super) struct Templates<'n> {
    /// What devices have that name none.
    pub(super) default: Option<Arc<Template>>,
    /// The others, with the entries that define them.
    pub(super) named: BTreeMap<&'n str, (&'n Entry, Option<Arc<Template>>)>,
}

impl Context<'_> {
    pub(super) fn templates<'n>(&mut self, fields: &Fields<'n>) -> Templates<'n> {
        let default = match fields.find("template") {
            Some(entry) => self.template("default", entry),
            None => Some(Arc::new(default_template())),
        };
        let mut named: BTreeMap<&'n str, (&'n Entry, _)> = BTreeMap::new();
        let entries = fields.find("templates").map(|entry| self.map(entry, "meter: { heartbeat: 10m }"));
        for entry in entries.unwrap_or_default() {
            if let Some((first, _)) = named.get(entry.key.as_str()) {
                self.report(twice(entry, first));
                continue;
            }
            let checked = self.keep(checked_name(entry));
            let template = self.template(&entry.key, entry).filter(|_| checked.is_some());
            named.insert(&entry.key, (entry, template));
        }
        Templates { default, named }
    }

    fn template(&mut self, name: &str, entry: &Entry) -> Option<Arc<Template>> {
        let entries = self.map(entry, "{ heartbeat: 45s, lifecycle: online -2m-> offline }");
        let fields = self.fields(entries, &keys::TEMPLATE);
        let heartbeat = self.optional(&fields, "heartbeat", read::heartbeat);
        let chain = match fields.find("lifecycle") {
            Some(entry) => self.chain(entry)?,
            None => Chain::default(),
        };
        let heartbeat = heartbeat.unwrap_or(Template::DEFAULT_HEARTBEAT);
        self.written.heartbeat(heartbeat);
        Some(Arc::new(Template { heartbeat, ..Template::new(name, chain) }))
    }

    fn chain(&mut self, entry: &Entry) -> Option<Chain> {
        let text = self.keep(short_form(entry))?;
        let statuses = self.statuses(&entry.value, text)?;
        let chain = self.keep(Chain::new(statuses).map_err(|error| broken_chain(&entry.value, &error)))?;
        chain.iter().for_each(|status| self.written.length(status.wait));
        self.keep(unusual(entry, chain.iter().count()));
        Some(chain)
    }

    /// Statuses and arrows in turn; every one that is wrong is reported.
    fn statuses(&mut self, node: &Node, text: &str) -> Option<Vec<Status>> {
        let (mut statuses, mut wait, mut whole) = (Vec::new(), Some(Duration::ZERO), true);
        for (place, (span, token)) in tokens(text).enumerate() {
            let span = read::part(self.source, node, text, span);
            if !place.is_multiple_of(2) {
                wait = self.keep(arrow(&span, token));
                continue;
            }
            match (self.keep(status_key(&span, token)), wait) {
                (Some(key), Some(wait)) => statuses.push(Status::new(key, wait)),
                (None, _) | (_, None) => whole = false,
            }
        }
        if tokens(text).count().is_multiple_of(2) {
            let end = read::part(self.source, node, text, text.len().saturating_sub(1)..text.len());
            self.report(Problem::error(&end, "the chain does not end with a status").help(CHAIN_HELP));
            whole = false;
        }
        whole.then_some(statuses)
    }
}

const CHAIN_HELP: &str = "write statuses and waits in turn: `online -2m-> standby -1d-> offline`";

/// What devices have where the file says nothing.
pub(super) fn default_template() -> Template {
    Template::new("default", Chain::default())
}

fn checked_name(entry: &Entry) -> Result<(), Problem> {
    if read::is_name(&entry.key) {
        return Ok(());
    }
    let title = format!("`{}` cannot be the name of a template", entry.key);
    Err(Problem::error(&entry.key_span, title).help(read::NAME_HELP))
}

fn short_form(entry: &Entry) -> Result<&str, Problem> {
    match entry.value.value {
        Value::List(_) => Err(Problem::not_supported(
            &entry.key_span,
            "lifecycle: [...]",
            "the short form works: `lifecycle: online -2m-> offline`",
        )),
        Value::Null | Value::Text(_) | Value::Map(_) => read::text(&entry.key, &entry.value),
    }
}

/// The words of a text and where in it they stand.
fn tokens(text: &str) -> impl Iterator<Item = (Span, &str)> {
    text.split_whitespace().map(|token| {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        (start..start + token.len(), token)
    })
}

fn arrow(span: &Span, token: &str) -> Result<Duration, Problem> {
    let Some(wait) = token.strip_prefix('-').and_then(|rest| rest.strip_suffix("->")) else {
        return Err(Problem::error(span, format!("`{token}` is not a wait between two statuses"))
            .help("write the wait into an arrow, with spaces around it: `-2m->`, or `-0s->` for none"));
    };
    units::duration(wait).map_err(|error| read::not_a_time(span, &error))
}

fn status_key(span: &Span, token: &str) -> Result<String, Problem> {
    if token == "new" {
        return Err(Problem::error(span, "a status cannot be called `new`")
            .help("`new` is what a device is before its first login"));
    }
    if read::is_name(token) {
        return Ok(token.to_owned());
    }
    Err(Problem::error(span, format!("`{token}` cannot be the name of a status"))
        .help(read::NAME_HELP)
        .help(CHAIN_HELP))
}

fn broken_chain(node: &Node, error: &ChainError) -> Problem {
    Problem::error(&node.span, error.to_string()).help(match error {
        ChainError::Length(_) | ChainError::FirstHasWait => CHAIN_HELP,
        ChainError::FirstHasControls => "set `controls` on the statuses after the first",
        ChainError::FirstNotOnline(_) => "put `online` first; other statuses stand anywhere after it",
        ChainError::NoOffline => "end with `... -2m-> offline`; other statuses may stand before and after it",
        ChainError::Duplicate(_) => "give each status a name of its own",
    })
}

fn unusual(entry: &Entry, statuses: usize) -> Result<(), Problem> {
    if statuses <= USUAL_STATUSES {
        return Ok(());
    }
    let title = format!("a chain of {statuses} statuses is more than the product's console allows");
    Err(Problem::warning(&entry.value.span, title).help("it allows two beside `online` and `offline`"))
}
