//! What must come of the scenario, device by device.
//!
//! Owns histories and samples, and whose they are: a device's own entry replaces that of `all` for it. The sections
//! `server`, `notifications` and `commands` have modules of their own. Does not judge whether an expectation can be met.

mod commands;
mod notifications;
mod server;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::lifecycle::Template;
use blynk_core::time::Instant;

use super::devices::Roster;
use super::fields::{Fields, twice, wrong_kind};
use super::target::unknown_device;
use super::times::TimeKeys;
use super::{Context, read};
use crate::plan::{Expectation, ExpectedChange, History, Sample, Span, Window};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys;
use crate::scenario::syntax::{Entry, Node, Value};

/// What a device is before its first login, in samples.
const NEW: &str = "new";

/// Devices of one template.
struct Group {
    template: Arc<Template>,
    devices: Vec<DeviceId>,
}

impl Context<'_> {
    pub(super) fn expectations(&mut self, fields: &Fields<'_>, roster: &Roster) -> Vec<Expectation> {
        let entries = match fields.find("expect") {
            Some(entry) => self.map(entry, "expect: { sensor: { 0s: online } }"),
            None => &[],
        };
        self.keep(something_expected(fields, entries));
        let own: BTreeSet<DeviceId> = entries.iter().filter_map(|entry| roster.find(&entry.key)).collect();
        let mut expectations = Vec::new();
        for entry in self.each_once(entries) {
            expectations.extend(match entry.key.as_str() {
                "server" => self.server_events(entry, roster),
                "notifications" => self.notifications(entry, roster),
                "commands" => self.commands(entry, roster),
                _ => self.lives(entry, &own, roster),
            });
        }
        expectations
    }

    /// The entries of a map whose keys are names.
    fn each_once<'n>(&mut self, entries: &'n [Entry]) -> Vec<&'n Entry> {
        let mut kept: BTreeMap<&str, &Entry> = BTreeMap::new();
        let mut order = Vec::new();
        for entry in entries {
            match kept.insert(&entry.key, entry) {
                Some(first) => self.report(twice(entry, first)),
                None => order.push(entry),
            }
        }
        order
    }

    /// The devices that an entry is about: one, or all that have no entry of their own.
    fn devices_of(&mut self, entry: &Entry, own: &BTreeSet<DeviceId>, roster: &Roster) -> Vec<DeviceId> {
        match entry.key.as_str() {
            "all" => roster.ids().filter(|id| !own.contains(id)).collect(),
            _ => self.keep(named(entry, roster)).into_iter().collect(),
        }
    }

    /// Histories and samples.
    fn lives(&mut self, entry: &Entry, own: &BTreeSet<DeviceId>, roster: &Roster) -> Vec<Expectation> {
        let groups = groups(&self.devices_of(entry, own, roster), roster);
        let entries = self.map(entry, "{ 0s: online, 2m: offline }");
        let (words, times): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| is_word(&entry.key));
        let mut expectations = Vec::new();
        if !times.is_empty() || words.is_empty() {
            expectations.extend(self.histories(entry, &times, &groups));
        }
        expectations.extend(self.samples(&words, &groups));
        expectations
    }

    /// One history for each template: the same keys, but indices of its own chain.
    fn histories(&mut self, name: &Entry, times: &[&Entry], groups: &[Group]) -> Vec<Expectation> {
        let mut seen = TimeKeys::default();
        let mut keyed = Vec::new();
        for entry in times {
            let window = self.window_key(entry, &mut seen);
            let nodes = self.keep(at_one_time(entry)).unwrap_or_default();
            keyed.push((window, *entry, nodes));
        }
        keyed.sort_by_key(|(window, ..)| *window);
        groups.iter().map(|group| Expectation::History(self.history(name, &keyed, group))).collect()
    }

    fn history(
        &mut self,
        name: &Entry,
        keyed: &[(Option<Window>, &Entry, &[Node])],
        group: &Group,
    ) -> History {
        let mut changes = Vec::new();
        for (window, entry, nodes) in keyed {
            for node in *nodes {
                let to = self.keep(status_at(entry, node, &group.template));
                let span = entry.key_span.clone();
                changes.extend(window.zip(to).map(|(window, to)| ExpectedChange { window, to, span }));
            }
        }
        History { devices: group.devices.as_slice().into(), changes, span: name.key_span.clone() }
    }

    fn samples(&mut self, words: &[&Entry], groups: &[Group]) -> Vec<Expectation> {
        let fields = self.fields(words.iter().copied(), &keys::EXPECT);
        let Some(at) = fields.find("at") else { return Vec::new() };
        let mut seen = TimeKeys::default();
        let mut samples = Vec::new();
        for entry in self.map(at, "at: { 30m: online }") {
            let moment = self.moment_key(entry, &mut seen);
            for group in groups {
                let status = self.keep(sampled(entry, &group.template));
                samples.extend(moment.zip(status).map(|(at, status)| sample(entry, at, status, group)));
            }
        }
        samples
    }
}

fn something_expected(fields: &Fields<'_>, entries: &[Entry]) -> Result<(), Problem> {
    let place = match fields.find("expect") {
        Some(entry) => entry.key_span.clone(),
        None => fields.first().map_or(0..0, |entry| entry.key_span.clone()),
    };
    let map_or_missing = fields.find("expect").is_none_or(|entry| matches!(entry.value.value, Value::Map(_)));
    if !entries.is_empty() || !map_or_missing {
        return Ok(());
    }
    Err(Problem::warning(&place, "the scenario expects nothing")
        .help("write each device's history under `expect`, or `sensor: {}` if it never changes"))
}

fn named(entry: &Entry, roster: &Roster) -> Result<DeviceId, Problem> {
    roster.find(&entry.key).ok_or_else(|| unknown_device(&entry.key_span, &entry.key, roster))
}

/// Devices by template, in device order. Those whose template could not be read are not judged.
fn groups(devices: &[DeviceId], roster: &Roster) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for &device in devices {
        let Some(template) = roster.template(device) else { continue };
        match groups.iter_mut().find(|group| Arc::ptr_eq(&group.template, template)) {
            Some(group) => group.devices.push(device),
            None => groups.push(Group { template: Arc::clone(template), devices: vec![device] }),
        }
    }
    groups
}

/// A time begins with a digit, or a sign that must be complained about as a time.
fn is_word(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic())
}

/// One status, or several that are entered one after the other at one time.
fn at_one_time(entry: &Entry) -> Result<&[Node], Problem> {
    match &entry.value.value {
        Value::Text(_) => Ok(std::slice::from_ref(&entry.value)),
        Value::List(items) if !items.is_empty() => Ok(items),
        Value::Null | Value::List(_) => {
            Err(Problem::error(&entry.key_span, "no status is expected at this time")
                .help(format!("write `{}: online`", entry.key)))
        }
        Value::Map(_) => Err(wrong_kind(&entry.key, "a status or a list of statuses", &entry.value)),
    }
}

fn status_at(entry: &Entry, node: &Node, template: &Template) -> Result<StatusIndex, Problem> {
    let key = read::text(&entry.key, node)?;
    if key == NEW {
        return Err(Problem::error(&node.span, "no device ever changes to `new`")
            .help("the first login is the change to `online`; `new` stands only under `at`"));
    }
    status(&node.span, key, template)
}

/// A status by its key.
pub(super) fn status(span: &Span, key: &str, template: &Template) -> Result<StatusIndex, Problem> {
    template.chain.find(key).ok_or_else(|| unknown_status(span, key, "its template", template))
}

/// The complaint about a status that somebody's template does not have.
pub(super) fn unknown_status(span: &Span, key: &str, whose: &str, template: &Template) -> Problem {
    let names = || template.chain.iter().map(|status| status.key.as_str());
    Problem::error(span, format!("unknown status `{key}`"))
        .did_you_mean(key, names())
        .help(format!("the statuses of {whose}: {}", listed(names())))
}

fn sampled(entry: &Entry, template: &Template) -> Result<Option<StatusIndex>, Problem> {
    if let Value::Map(_) = entry.value.value {
        let instead = "write one status for each device";
        return Err(Problem::not_supported(&entry.value.span, "at: {...: counts}", instead));
    }
    match read::text(&entry.key, &entry.value)? {
        NEW => Ok(None),
        key => status(&entry.value.span, key, template).map(Some),
    }
}

fn sample(entry: &Entry, at: Instant, status: Option<StatusIndex>, group: &Group) -> Expectation {
    Expectation::Sample(Sample {
        devices: group.devices.as_slice().into(),
        at,
        status,
        span: entry.key_span.clone(),
    })
}
