//! What must come of the scenario, device by device.
//!
//! Owns histories and samples, and whose they are: a device's own entry replaces that of its group for it, and a group's
//! that of `all`. Numbers of devices are [`counts`]; the sections `server`, `notifications` and `commands` have modules of
//! their own. Does not judge whether an expectation can be met.

mod commands;
mod counts;
mod notifications;
mod server;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::lifecycle::Template;
use blynk_core::time::Instant;

use super::fields::{Fields, twice, wrong_kind};
use super::roster::{Roster, unknown_name};
use super::times::TimeKeys;
use super::{Context, read};
use crate::plan::{Devices, Expectation, ExpectedChange, History, Never, Sample, Span, When, Window};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys;
use crate::scenario::syntax::{Entry, Node, Value};

/// What a device is before its first login, in samples.
const NEW: &str = "new";

/// Devices of one template.
struct Kin {
    template: Arc<Template>,
    devices: Devices,
}

impl Context<'_> {
    pub(super) fn expectations(&mut self, fields: &Fields<'_>, roster: &Roster) -> Vec<Expectation> {
        let entries = match fields.find("expect") {
            Some(entry) => self.map(entry, "expect: { sensor: { 0s: online } }"),
            None => &[],
        };
        self.keep(something_expected(fields, entries));
        let written = Written::of(entries, roster);
        let mut expectations = Vec::new();
        for entry in self.each_once(entries) {
            expectations.extend(match entry.key.as_str() {
                "server" => self.server_events(entry, roster),
                "notifications" => self.notifications(entry, roster),
                "commands" => self.commands(entry, roster),
                _ => self.lives(entry, &written, roster),
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

    /// The devices that an entry is about: one, a group, or all, but for those that are written more closely.
    fn devices_of(&mut self, entry: &Entry, written: &Written<'_>, roster: &Roster) -> Vec<DeviceId> {
        let named = match entry.key.as_str() {
            "all" => Ok(roster.ids().collect()),
            name => roster.named(name).ok_or_else(|| unknown_name(&entry.key_span, name, roster)),
        };
        let mut devices: Vec<_> = self.keep(named).unwrap_or_default();
        let were_any = !devices.is_empty();
        match entry.key.as_str() {
            "all" => devices.retain(|id| !written.singly.contains(id) && !written.has_group_of(*id, roster)),
            name if roster.group(name).is_some_and(|group| group.is_fleet) => {
                devices.retain(|id| !written.singly.contains(id));
            }
            _ => {}
        }
        if were_any && devices.is_empty() {
            let title = format!("nobody is left for `{}`", entry.key);
            self.report(
                Problem::warning(&entry.key_span, title)
                    .help("each of these devices has a closer entry, which replaces this one; leave it out"),
            );
        }
        devices
    }

    /// Histories, samples and numbers.
    fn lives(&mut self, entry: &Entry, written: &Written<'_>, roster: &Roster) -> Vec<Expectation> {
        let kin = kin(&self.devices_of(entry, written, roster), roster);
        let entries = self.map(entry, "{ 0s: online, 2m: offline }");
        let (words, times): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| is_word(&entry.key));
        let mut expectations = Vec::new();
        if !times.is_empty() || words.is_empty() {
            expectations.extend(self.histories(entry, &times, &kin));
        }
        let fields = self.fields(words.iter().copied(), &keys::EXPECT);
        expectations.extend(self.samples(&fields, &kin));
        expectations.extend(
            fields
                .find("ever")
                .into_iter()
                .flat_map(|entry| self.counts(entry, "ever: { offline: 205..275 }", When::Ever, &kin)),
        );
        expectations.extend(self.never(&fields, &kin));
        expectations.extend(fields.find("changes").and_then(|entry| self.changes(entry, &kin)));
        expectations
    }

    /// One history for each template: the same keys, but indices of its own chain.
    fn histories(&mut self, name: &Entry, times: &[&Entry], kin: &[Kin]) -> Vec<Expectation> {
        let mut seen = TimeKeys::default();
        let mut keyed = Vec::new();
        for entry in times {
            let window = self.window_key(entry, &mut seen);
            let nodes = self.keep(texts(entry)).unwrap_or_default();
            keyed.push((window, *entry, nodes));
        }
        keyed.sort_by_key(|(window, ..)| *window);
        kin.iter().map(|kin| Expectation::History(self.history(name, &keyed, kin))).collect()
    }

    fn history(&mut self, name: &Entry, keyed: &[(Option<Window>, &Entry, &[Node])], kin: &Kin) -> History {
        let mut changes = Vec::new();
        for (window, entry, nodes) in keyed {
            for node in *nodes {
                let to = self.keep(status_at(entry, node, &kin.template));
                let span = entry.key_span.clone();
                changes.extend(window.zip(to).map(|(window, to)| ExpectedChange { window, to, span }));
            }
        }
        History { devices: kin.devices.clone(), changes, span: name.key_span.clone() }
    }

    fn samples(&mut self, fields: &Fields<'_>, kin: &[Kin]) -> Vec<Expectation> {
        let Some(at) = fields.find("at") else { return Vec::new() };
        let mut seen = TimeKeys::default();
        let mut samples = Vec::new();
        for entry in self.map(at, "at: { 30m: online }") {
            let moment = self.moment_key(entry, &mut seen);
            if let Value::Map(_) = entry.value.value {
                // Also without a moment its numbers are read, for their own mistakes.
                let when = When::At(moment.unwrap_or_default());
                samples.extend(self.counts(entry, "30m: { online: at least 99% }", when, kin));
                continue;
            }
            for kin in kin {
                let status = self.keep(sampled(entry, &kin.template));
                samples.extend(moment.zip(status).map(|(at, status)| sample(entry, at, status, kin)));
            }
        }
        samples
    }

    fn never(&mut self, fields: &Fields<'_>, kin: &[Kin]) -> Vec<Expectation> {
        let Some(entry) = fields.find("never") else { return Vec::new() };
        let mut never = Vec::new();
        for node in self.keep(texts(entry)).unwrap_or_default() {
            for kin in kin {
                let status = self.keep(status_at(entry, node, &kin.template));
                never.extend(status.map(|status| {
                    let (devices, span) = (kin.devices.clone(), node.span.clone());
                    Expectation::Never(Never { devices, status, span })
                }));
            }
        }
        never
    }
}

/// Who has an entry of the map.
struct Written<'n> {
    names: BTreeSet<&'n str>,
    /// Those who are named one by one.
    singly: BTreeSet<DeviceId>,
}

impl<'n> Written<'n> {
    fn of(entries: &'n [Entry], roster: &Roster) -> Self {
        let names: BTreeSet<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        let is_fleet = |name: &str| roster.group(name).is_some_and(|group| group.is_fleet);
        let single = names.iter().filter(|name| !is_fleet(name)).filter_map(|name| roster.named(name));
        let singly = single.flatten().collect();
        Self { names, singly }
    }

    fn has_group_of(&self, id: DeviceId, roster: &Roster) -> bool {
        self.names.contains(roster.group_of(id).name.as_str())
    }
}

fn something_expected(fields: &Fields<'_>, entries: &[Entry]) -> Result<(), Problem> {
    let place = match fields.find("expect") {
        Some(entry) => entry.key_span.clone(),
        None => fields.first().map_or(0..0, |entry| entry.key_span.clone()),
    };
    let map_or_missing = fields.find("expect").is_none_or(|entry| matches!(entry.value.value, Value::Map(_)));
    let demands_more = ["limits", "snapshot"].iter().any(|key| fields.find(key).is_some());
    if !entries.is_empty() || !map_or_missing || demands_more {
        return Ok(());
    }
    Err(Problem::warning(&place, "the scenario expects nothing")
        .help("write each device's history under `expect`, or `sensor: {}` if it never changes"))
}

/// Devices by template, in device order. Those whose template could not be read are not judged.
fn kin(devices: &[DeviceId], roster: &Roster) -> Vec<Kin> {
    let mut kin: Vec<(&Arc<Template>, Vec<DeviceId>)> = Vec::new();
    for &device in devices {
        let Some(template) = roster.template(device) else { continue };
        match kin.iter_mut().find(|(known, _)| Arc::ptr_eq(known, template)) {
            Some((_, devices)) => devices.push(device),
            None => kin.push((template, vec![device])),
        }
    }
    let shared = |(template, devices): (&Arc<Template>, Vec<_>)| Kin {
        template: Arc::clone(template),
        devices: devices.into(),
    };
    kin.into_iter().map(shared).collect()
}

/// A time begins with a digit, or a sign that must be complained about as a time.
fn is_word(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic())
}

/// One status, or several: under a time those that are entered one after the other.
fn texts(entry: &Entry) -> Result<&[Node], Problem> {
    match &entry.value.value {
        Value::Text(_) => Ok(std::slice::from_ref(&entry.value)),
        Value::List(items) if !items.is_empty() => Ok(items),
        Value::Null | Value::List(_) => {
            Err(Problem::error(&entry.key_span, format!("no status is named under `{}`", entry.key))
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
    match read::text(&entry.key, &entry.value)? {
        NEW => Ok(None),
        key => status(&entry.value.span, key, template).map(Some),
    }
}

fn sample(entry: &Entry, at: Instant, status: Option<StatusIndex>, kin: &Kin) -> Expectation {
    let (devices, span) = (kin.devices.clone(), entry.key_span.clone());
    Expectation::Sample(Sample { devices, at, status, span })
}
