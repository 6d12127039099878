//! Templates: heartbeat, chain of statuses, contacts.
//!
//! Owns what belongs to a template. A chain is written in its [`short`] or its [`long`] form.

mod long;
pub(super) mod notify;
mod short;

use std::collections::BTreeMap;
use std::sync::Arc;

use blynk_core::lifecycle::{Chain, ChainError, Template};

use super::fields::{Fields, twice, wrong_kind};
use super::{Context, read};
use crate::plan::Span;
use crate::scenario::diagnostic::{Problem, nearest};
use crate::scenario::keys;
use crate::scenario::syntax::{Entry, Value};

/// More statuses than this are legal but cannot be made in the product's console.
const USUAL_STATUSES: usize = 4;

const FORMS_HELP: &str =
    "write `online -2m-> offline`, or a list of `- online:` and `- offline: { after: 2m }`";

/// The templates of a file; one that could not be read is there without content.
pub(super) struct Templates<'n> {
    /// What devices have that name none.
    pub(super) default: Option<Arc<Template>>,
    /// The others, with the entries that define them.
    pub(super) named: BTreeMap<&'n str, (&'n Entry, Option<Arc<Template>>)>,
    /// Who is to be notified, by template.
    recipients: Vec<(Arc<Template>, Vec<Recipient>)>,
}

/// Somebody whom a status notifies.
pub(super) struct Recipient {
    pub(super) name: String,
    /// The place under `to`.
    pub(super) span: Span,
}

impl Templates<'_> {
    /// Recipients that their template's contacts do not name.
    pub(super) fn unresolved(&self) -> impl Iterator<Item = (&Arc<Template>, &Recipient)> {
        let all =
            self.recipients.iter().flat_map(|(template, them)| them.iter().map(move |it| (template, it)));
        all.filter(|(template, recipient)| !template.contacts.contains_key(&recipient.name))
    }

    fn add(&mut self, read: Option<(Template, Vec<Recipient>)>) -> Option<Arc<Template>> {
        let (template, recipients) = read?;
        let template = Arc::new(template);
        self.recipients.push((Arc::clone(&template), recipients));
        Some(template)
    }
}

/// The names of the two statuses that every chain has.
const ONLINE: &str = "online";
const OFFLINE: &str = "offline";

/// What the template is called that devices have which name none.
const DEFAULT: &str = "default";

impl Context<'_> {
    pub(super) fn templates<'n>(&mut self, fields: &Fields<'n>) -> Templates<'n> {
        let mut templates = Templates { default: None, named: BTreeMap::new(), recipients: Vec::new() };
        templates.default = match fields.find("template") {
            Some(entry) => templates.add(self.template(DEFAULT, entry)),
            None => Some(Arc::new(default_template())),
        };
        let entries = fields.find("templates").map(|entry| self.map(entry, "meter: { heartbeat: 10m }"));
        for entry in entries.unwrap_or_default() {
            if let Some((first, _)) = templates.named.get(entry.key.as_str()) {
                self.report(twice(entry, first));
                continue;
            }
            let checked = self.keep(checked_name(entry));
            let template = self.template(&entry.key, entry).filter(|_| checked.is_some());
            let template = templates.add(template);
            templates.named.insert(&entry.key, (entry, template));
        }
        templates
    }

    fn template(&mut self, name: &str, entry: &Entry) -> Option<(Template, Vec<Recipient>)> {
        let entries = self.map(entry, "{ heartbeat: 45s, lifecycle: online -2m-> offline }");
        let fields = self.fields(entries, &keys::TEMPLATE);
        let heartbeat = self.optional(&fields, "heartbeat", read::heartbeat);
        let heartbeat = heartbeat.unwrap_or(Template::DEFAULT_HEARTBEAT);
        self.written.heartbeat(heartbeat);
        let offline_ignore = self.optional(&fields, "offline-ignore", read::any_length).unwrap_or_default();
        let contacts = self.contacts(&fields);
        let mut recipients = Vec::new();
        let chain = match fields.find("lifecycle") {
            Some(entry) => self.chain(entry, &mut recipients)?,
            None => Chain::default(),
        };
        let contacts = contacts.unwrap_or_else(|| reachable(&recipients));
        Some((Template { heartbeat, contacts, offline_ignore, ..Template::new(name, chain) }, recipients))
    }

    fn chain(&mut self, entry: &Entry, recipients: &mut Vec<Recipient>) -> Option<Chain> {
        let chain = match &entry.value.value {
            Value::List(items) => self.long_form(entry, items, recipients)?,
            Value::Text(_) => self.short_form(entry)?,
            Value::Null | Value::Map(_) => {
                self.report(
                    wrong_kind("lifecycle", "a chain or a list of statuses", &entry.value).help(FORMS_HELP),
                );
                return None;
            }
        };
        chain.iter().for_each(|status| self.written.length(status.wait));
        self.keep(unusual(entry, chain.iter().count()));
        Some(chain)
    }
}

/// What a recipient has where the file says nothing about contacts.
pub(super) fn example_address(name: &str) -> String {
    format!("{name}@example.com")
}

/// What devices have where the file says nothing.
pub(super) fn default_template() -> Template {
    Template::new(DEFAULT, Chain::default())
}

/// Without a word about contacts everybody who is named can be reached.
fn reachable(recipients: &[Recipient]) -> BTreeMap<String, String> {
    recipients.iter().map(|recipient| (recipient.name.clone(), example_address(&recipient.name))).collect()
}

fn checked_name(entry: &Entry) -> Result<(), Problem> {
    let refused = || {
        let title = format!("`{}` cannot be the name of a template", entry.key);
        Problem::error(&entry.key_span, title)
    };
    if entry.key == DEFAULT {
        return Err(refused().help("devices that name no template have it: write it under `template`"));
    }
    if read::is_name(&entry.key) { Ok(()) } else { Err(refused().help(read::NAME_HELP)) }
}

/// The name of a status, in a chain of the form that `form` tells of.
fn status_key(span: &Span, token: &str, form: &str) -> Result<String, Problem> {
    if token == "new" {
        return Err(Problem::error(span, "a status cannot be called `new`")
            .help("`new` is what a device is before its first login"));
    }
    if read::is_name(token) {
        return Ok(token.to_owned());
    }
    Err(Problem::error(span, format!("`{token}` cannot be the name of a status"))
        .help(read::NAME_HELP)
        .help(form))
}

/// A chain that lacks a status which every chain has, at the name that was probably meant to be it. `names` are those of the
/// chain, in order.
fn misspelt<'a>(error: &ChainError, names: impl IntoIterator<Item = (Span, &'a str)>) -> Option<Problem> {
    let mut names = names.into_iter();
    let first = names.next();
    let (meant, mut asked): (_, Vec<_>) = match error {
        // One of the two kinds is no slip of the pen for the other.
        ChainError::FirstNotOnline(_) => {
            (ONLINE, first.into_iter().filter(|(_, name)| *name != OFFLINE).collect())
        }
        ChainError::NoOffline => (OFFLINE, names.collect()),
        ChainError::Length(_)
        | ChainError::FirstHasWait
        | ChainError::FirstHasControls
        | ChainError::Duplicate(_) => return None,
    };
    asked.retain(|(_, name)| nearest(name, [meant]).is_some());
    let (span, name) = asked.first()?;
    Some(Problem::error(span, error.to_string()).did_you_mean(name, [meant]))
}

fn unusual(entry: &Entry, statuses: usize) -> Result<(), Problem> {
    if statuses <= USUAL_STATUSES {
        return Ok(());
    }
    let place = match entry.value.value {
        Value::List(_) => &entry.key_span,
        Value::Null | Value::Text(_) | Value::Map(_) => &entry.value.span,
    };
    let title = format!("a chain of {statuses} statuses is more than the product's console allows");
    Err(Problem::warning(place, title).help("it allows two beside `online` and `offline`"))
}
