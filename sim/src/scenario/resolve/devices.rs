//! The devices by name.
//!
//! Owns who there is and what each device is made of. Does not know what happens to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::Template;
use blynk_core::time::Duration;

use super::fields::{Fields, twice, wrong_kind};
use super::template::{Templates, default_template};
use super::{Context, read};
use crate::plan::{Client, Device, Group, Protocol, Quality, Reconnect, Span};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::{self, RESERVED_NAMES};
use crate::scenario::syntax::{Entry, Value};
use crate::scenario::units;

/// What devices do that say nothing about it.
const DEFAULT_RECONNECT: Reconnect = Reconnect::Backoff { first: Duration::SECOND, most: Duration::MINUTE };

/// The devices of a file.
#[derive(Default)]
pub(super) struct Roster {
    devices: Vec<Device>,
    ids: BTreeMap<String, DeviceId>,
    /// Their template could not be read: what depends on it is not judged.
    doubtful: BTreeSet<DeviceId>,
}

impl Roster {
    pub(super) fn find(&self, name: &str) -> Option<DeviceId> {
        self.ids.get(name).copied()
    }

    pub(super) fn device(&self, id: DeviceId) -> &Device {
        &self.devices[id.0 as usize]
    }

    /// The template, if it is known.
    pub(super) fn template(&self, id: DeviceId) -> Option<&Arc<Template>> {
        (!self.doubtful.contains(&id)).then(|| &self.device(id).template)
    }

    /// All of them, in the order of the file.
    pub(super) fn ids(&self) -> impl Iterator<Item = DeviceId> + use<> {
        (0..u32::try_from(self.devices.len()).expect("a file has fewer nodes than that")).map(DeviceId)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.devices.iter().map(|device| device.name.as_str())
    }

    /// The names of the file, each for a device.
    pub(super) fn groups(&self) -> Vec<Group> {
        let group = |(place, device): (u32, &Device)| Group {
            name: device.name.clone(),
            members: place..place + 1,
            is_fleet: false,
        };
        (0..).zip(&self.devices).map(group).collect()
    }

    pub(super) fn into_devices(self) -> Vec<Device> {
        self.devices
    }

    fn add(&mut self, device: Device, template_known: bool) {
        let id = DeviceId(u32::try_from(self.devices.len()).expect("a file has fewer nodes than that"));
        self.ids.insert(device.name.clone(), id);
        self.devices.push(device);
        if !template_known {
            self.doubtful.insert(id);
        }
    }
}

impl Context<'_> {
    pub(super) fn devices(&mut self, fields: &Fields<'_>, templates: &Templates<'_>) -> Roster {
        let mut roster = Roster::default();
        let entries = self.keep(device_entries(fields)).unwrap_or_default();
        let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in entries {
            if let Some(first) = seen.insert(&entry.key, entry) {
                self.report(twice(entry, first));
            } else if self.keep(checked_name(entry)).is_some() {
                let (device, template_known) = self.device(entry, templates);
                roster.add(device, template_known);
            }
        }
        roster
    }

    fn device(&mut self, entry: &Entry, templates: &Templates<'_>) -> (Device, bool) {
        let entries = self.keep(settings(entry)).unwrap_or_default();
        let fields = self.fields(entries, &keys::DEVICE);
        self.optional(&fields, "network", ideal_network);
        let template = match fields.find("template") {
            Some(entry) => self.keep(named(entry, templates)).flatten(),
            None => templates.default.clone(),
        };
        let known = template.is_some();
        let template = template.unwrap_or_else(|| Arc::new(default_template()));
        let heartbeat = self.optional(&fields, "heartbeat", read::heartbeat).unwrap_or(template.heartbeat);
        self.written.heartbeat(heartbeat);
        let protocol = self.protocol(&fields);
        let sends = self.optional(&fields, "sends", sends);
        sends.iter().for_each(|period| self.written.length(*period));
        let contacts = self.contacts(&fields).unwrap_or_default();
        let device = Device {
            name: entry.key.clone(),
            template,
            heartbeat,
            protocol,
            has_right_token: true,
            network: Quality::IDEAL,
            sends,
            contacts: Arc::new(contacts),
        };
        (device, known)
    }

    /// What belongs to a connection that is kept is refused where there is none.
    fn protocol(&mut self, fields: &Fields<'_>) -> Protocol {
        let is_http = self.optional(fields, "protocol", |entry| read::word(entry, &PROTOCOLS)) == Some(true);
        let reconnect = self.optional(fields, "reconnect", reconnect).unwrap_or(DEFAULT_RECONNECT);
        if !is_http {
            self.written.reconnect(reconnect);
            return Protocol::Hardware(Client::Plain(reconnect));
        }
        for key in ["heartbeat", "reconnect"] {
            if let Some(entry) = fields.find(key) {
                let title = format!("`{key}` belongs to a connection, and over HTTP there is none");
                let help =
                    "leave it out: each message is a request of its own; `sends: every 10m` repeats it";
                self.report(Problem::error(&entry.key_span, title).help(help));
            }
        }
        Protocol::Http
    }
}

/// Whether a word means HTTP.
const PROTOCOLS: [(&str, bool); 2] = [("hardware", false), ("http", true)];

const DEVICES_HELP: &str = "name at least one under `devices:`, such as `sensor:`";
const SENDS_HELP: &str = "write `every` and a length of time, such as `every 10m`";
const RECONNECT_HELP: &str = "write `never`, `every 5s` or `backoff 1s..60s`";

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

fn ideal_network(entry: &Entry) -> Result<(), Problem> {
    match read::text(&entry.key, &entry.value) {
        Ok("ideal") => Ok(()),
        Ok(other) => Err(Problem::not_supported(&entry.value.span, &format!("network: {other}"), IDEAL_HELP)),
        Err(_) => Err(Problem::not_supported(&entry.value.span, "network: {...}", IDEAL_HELP)),
    }
}

const IDEAL_HELP: &str = "leave it out: the network is `ideal`, without latency";

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

fn reconnect(entry: &Entry) -> Result<Reconnect, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["never"] => Ok(Reconnect::Never),
        ["every", delay] => Ok(Reconnect::Every(delay_of(entry, delay)?)),
        ["backoff", range] => backoff(entry, range),
        _ => Err(Problem::error(&entry.value.span, format!("`reconnect` cannot be `{text}`"))
            .did_you_mean(text, ["never"])
            .help(RECONNECT_HELP)),
    }
}

fn backoff(entry: &Entry, range: &str) -> Result<Reconnect, Problem> {
    let wrong = |title: String| Problem::error(&entry.value.span, title).help(RECONNECT_HELP);
    let Some((first, most)) = range.split_once("..") else {
        return Err(wrong(format!(
            "`backoff` needs the bounds of the first and of the last delay, not `{range}`"
        )));
    };
    let (first, most) = (delay_of(entry, first)?, delay_of(entry, most)?);
    if most < first {
        return Err(wrong(format!("the delays of `backoff` cannot shrink from {first} to {most}")));
    }
    Ok(Reconnect::Backoff { first, most })
}

fn delay_of(entry: &Entry, text: &str) -> Result<Duration, Problem> {
    let delay = units::duration(text).map_err(|error| read::not_a_time(&entry.value.span, &error))?;
    if delay.is_zero() {
        return Err(Problem::error(&entry.value.span, format!("a delay of {text} is too short"))
            .help("a device that dials again at once would never let time pass"));
    }
    Ok(delay)
}
