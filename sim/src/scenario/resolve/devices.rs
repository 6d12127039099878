//! The devices by name.
//!
//! Owns what each device is made of, and how the members of a fleet are called. Does not know what happens to them. How a
//! device keeps its connection is [`client`]; what lies between it and the server is [`network`].

mod client;
mod network;

use std::collections::BTreeMap;
use std::sync::Arc;

use blynk_core::lifecycle::Template;
use blynk_core::time::Duration;

use super::fields::{Fields, twice, wrong_kind};
use super::roster::{MOST, Roster};
use super::template::{Templates, default_template};
use super::{Context, read};
use crate::plan::{Device, Span};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::{self, RESERVED_NAMES};
use crate::scenario::syntax::{Entry, Value};
use crate::scenario::units;

pub(super) use network::SLOWEST;

impl Context<'_> {
    pub(super) fn devices(&mut self, fields: &Fields<'_>, templates: &Templates<'_>) -> Roster {
        let mut roster = Roster::default();
        let entries = self.keep(device_entries(fields)).unwrap_or_default();
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(&entry.key, entry) {
                self.report(twice(entry, first));
            } else if self.keep(checked_name(entry)).is_some() {
                self.group(entry, templates, &mut roster);
            }
        }
        roster
    }

    /// What stands under one name: a device, or many that are alike.
    fn group(&mut self, entry: &Entry, templates: &Templates<'_>, roster: &mut Roster) {
        let entries = self.keep(settings(entry)).unwrap_or_default();
        let fields = self.fields(entries, &keys::DEVICE);
        let (device, template_known) = self.device(&fields, templates);
        let mut members = self.names(entry, &fields);
        if roster.len() as usize + members.len() > MOST as usize {
            let title = format!("the scenario has more than {MOST} devices");
            self.report(Problem::error(&entry.key_span, title).help("let `count` be smaller"));
            members.truncate(1);
        }
        if self.keep(nobody_is_called_so(entry, &members, roster)).is_some() {
            roster.add(&entry.key, members, &device, template_known);
        }
    }

    /// What the devices under one name are called: the one like its group, the members of a fleet by their numbers.
    fn names(&mut self, entry: &Entry, fields: &Fields<'_>) -> Vec<String> {
        let Some(count_entry) = fields.find("count") else {
            if let Some(id) = fields.find("id") {
                let title = "`id` names the members of a fleet, and this is one device";
                self.report(Problem::error(&id.key_span, title).help("write `count: 100` beside it"));
            }
            return vec![entry.key.clone()];
        };
        let count = self.keep(read::number(count_entry, 1..=MOST.into())).unwrap_or(1);
        let pattern = self.optional(fields, "id", pattern).unwrap_or((entry.key.as_str(), "-", 4));
        let (name, dash, width) = pattern;
        (0..count).map(|number| format!("{name}{dash}{number:0width$}")).collect()
    }

    fn device(&mut self, fields: &Fields<'_>, templates: &Templates<'_>) -> (Device, bool) {
        let template = match fields.find("template") {
            Some(entry) => self.keep(named(entry, templates)).flatten(),
            None => templates.default.clone(),
        };
        let known = template.is_some();
        let template = template.unwrap_or_else(|| Arc::new(default_template()));
        let (protocol, heartbeat) = self.protocol(fields, template.heartbeat);
        let sends = self.optional(fields, "sends", sends);
        sends.iter().for_each(|period| self.written.length(*period));
        let device = Device {
            name: String::new(),
            heartbeat,
            protocol,
            has_right_token: self
                .optional(fields, "token", |entry| read::word(entry, &keys::TOKENS))
                .unwrap_or(true),
            network: self.network(fields, protocol),
            sends,
            contacts: Arc::new(self.contacts(fields).unwrap_or_default()),
            template,
        };
        (device, known)
    }
}

const DEVICES_HELP: &str = "name at least one under `devices:`, such as `sensor:`";
const SENDS_HELP: &str = "write `every` and a length of time, such as `every 10m`";

fn device_entries<'n>(fields: &Fields<'n>) -> Result<&'n [Entry], Problem> {
    let nobody = |place: &Span| Problem::error(place, "the scenario has no devices").help(DEVICES_HELP);
    let Some(entry) = fields.find("devices") else {
        return Err(nobody(&fields.first().map_or(0..0, |first| first.key_span.clone())));
    };
    match &entry.value.value {
        Value::Map(entries) if !entries.is_empty() => Ok(entries),
        Value::Map(_) | Value::Null => Err(nobody(&entry.key_span)),
        Value::Text(_) | Value::List(_) => {
            Err(wrong_kind("devices", "a map of names", &entry.value).help(DEVICES_HELP))
        }
    }
}

fn checked_name(entry: &Entry) -> Result<(), Problem> {
    let name = &entry.key;
    let refused = Problem::error(&entry.key_span, format!("a device cannot be called `{name}`"));
    if RESERVED_NAMES.contains(&name.as_str()) {
        return Err(refused.help(format!("{} have a meaning of their own", listed(RESERVED_NAMES))));
    }
    if read::is_name(name) { Ok(()) } else { Err(refused.help(read::NAME_HELP)) }
}

fn settings(entry: &Entry) -> Result<&[Entry], Problem> {
    match &entry.value.value {
        Value::Null => Ok(&[]),
        Value::Map(entries) => Ok(entries),
        Value::Text(_) | Value::List(_) => {
            Err(wrong_kind(&entry.key, "a map of settings, or nothing", &entry.value)
                .help(format!("write `{0}:` or `{0}: {{ heartbeat: 30s }}`", entry.key)))
        }
    }
}

/// `dev-0000`: what the digits at the end are preceded by, and how many there are.
fn pattern(entry: &Entry) -> Result<(&str, &'static str, usize), Problem> {
    const HELP: &str = "write a name that ends with the digits of the first member, such as `dev-0000`";
    let text = read::text(&entry.key, &entry.value)?;
    let name = text.trim_end_matches('0');
    let refused = |title: String| Err(Problem::error(&entry.value.span, title).help(HELP));
    if name.len() == text.len() || name.ends_with(|c: char| c.is_ascii_digit()) {
        return refused(format!("`{text}` does not end with zeros: members count from 0"));
    }
    if !read::is_name(text) {
        return refused(format!("`{text}` cannot be a name"));
    }
    Ok((name, "", text.len() - name.len()))
}

/// No two devices or groups may go by one name.
fn nobody_is_called_so(entry: &Entry, members: &[String], roster: &Roster) -> Result<(), Problem> {
    let is_taken = |name: &str| roster.is_taken(name);
    if is_taken(&entry.key) {
        let title = format!("`{}` is already the name of a member of a fleet", entry.key);
        return Err(Problem::error(&entry.key_span, title).help("give it another name"));
    }
    let Some(member) = members.iter().find(|member| is_taken(member)) else { return Ok(()) };
    let title = format!("a member of `{}` is called `{member}`, and so is another device", entry.key);
    Err(Problem::error(&entry.key_span, title).help("set the pattern of its members' names with `id`"))
}

fn named(entry: &Entry, templates: &Templates<'_>) -> Result<Option<Arc<Template>>, Problem> {
    let name = read::text(&entry.key, &entry.value)?;
    if let Some((_, template)) = templates.named.get(name) {
        return Ok(template.clone());
    }
    let names = || templates.named.keys().copied();
    Err(Problem::error(&entry.value.span, format!("unknown template `{name}`"))
        .did_you_mean(name, names())
        .help(format!("the `templates` of this file: {}", listed(names()))))
}

fn sends(entry: &Entry) -> Result<Duration, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let ["every", period] = words.as_slice() else {
        return Err(Problem::error(&entry.value.span, format!("`sends` cannot be `{text}`")).help(SENDS_HELP));
    };
    match units::duration(period) {
        Ok(Duration::ZERO) => {
            Err(Problem::error(&entry.value.span, format!("a period of {period} is too short"))
                .help("a device that sends again at once would never let time pass"))
        }
        Ok(period) => Ok(period),
        Err(error) => Err(read::not_a_time(&entry.value.span, &error)),
    }
}
