//! Templates and contacts as JSON: read with a word about each mistake, and written the same way.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NEVER_SEEN, Problem};
use crate::command::Controls;
use crate::lifecycle::{Chain, Look, Status, Template};
use crate::notification::{Channel, Notify};
use crate::notify::is_url;
use crate::time::Duration;

/// Names of people and systems, with the address or URL of each.
pub(super) type Contacts = BTreeMap<String, String>;

const LONGEST_NAME: usize = 100;
const LONGEST_TEXT: usize = 1_000;
const MOST_CONTACTS: usize = 100;
/// A hundred years: sums of a few can be neither lost nor wrapped.
const LONGEST_SECONDS: u64 = 36_525 * 86_400;
const HEARTBEATS: std::ops::RangeInclusive<u64> = 1..=86_400;

/// A template: heartbeat, and the chain of statuses that its devices pass through.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TemplateShape {
    #[schema(example = "Thermostat")]
    pub(super) name: String,
    /// In seconds, 1 to 86,400: of devices that announce none.
    #[serde(default = "default_heartbeat")]
    #[schema(example = 45)]
    heartbeat: u64,
    /// In seconds: a disconnect shorter than this is not shown.
    #[serde(default)]
    offline_ignore: u64,
    #[serde(default)]
    contacts: Contacts,
    /// 2 to 16. The first is `online`, exactly one later one is `offline`.
    statuses: Vec<StatusShape>,
    /// How many devices follow it: heard and left alone, so that what was shown can be changed and put back.
    #[serde(default, rename = "devices", skip_serializing)]
    #[schema(ignore)]
    _devices: Option<u64>,
}

/// A status of a chain.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusShape {
    #[schema(example = "offline")]
    key: String,
    /// In seconds: how long after the status before it is entered. The first has none.
    #[serde(default)]
    after: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// A name, or `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    /// Whether users may command a device in it: `allow`, `warn` or `block`.
    #[serde(default)]
    #[schema(value_type = String, example = "warn")]
    controls: Controls,
    /// Whether the timeline shows the change to it.
    #[serde(default = "yes")]
    timeline: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify: Option<NotifyShape>,
}

/// Who is told when a device enters a status.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotifyShape {
    /// `email`, `push`, `sms`, `webhook`.
    #[schema(value_type = Vec<String>, example = json!(["webhook"]))]
    channels: Vec<Channel>,
    /// Names, which contacts resolve to addresses.
    #[schema(example = json!(["owner"]))]
    to: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// In seconds: at most one in this time.
    #[serde(default)]
    limit: u64,
    /// Only every n-th entry notifies.
    #[serde(default = "one")]
    #[schema(value_type = u32)]
    every: NonZeroU32,
}

fn default_heartbeat() -> u64 {
    Template::DEFAULT_HEARTBEAT.as_millis() / 1_000
}

const fn yes() -> bool {
    true
}

const fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl TryFrom<TemplateShape> for Template {
    type Error = Problem;

    fn try_from(shape: TemplateShape) -> Result<Self, Problem> {
        let label = name("name", shape.name)?;
        if label.is_empty() {
            return wrong("name", "a template needs one");
        }
        if !HEARTBEATS.contains(&shape.heartbeat) {
            return wrong("heartbeat", "it is 1 to 86400 seconds");
        }
        let statuses = shape.statuses.into_iter().enumerate().map(|(place, status)| status.read(place));
        let statuses = statuses.collect::<Result<Vec<_>, _>>()?;
        let chain = Chain::new(statuses).map_err(|error| field("statuses", &error.to_string()))?;
        let template = Self {
            name: label.into(),
            heartbeat: Duration::from_secs(shape.heartbeat),
            chain,
            contacts: contacts(shape.contacts)?,
            offline_ignore: seconds("offlineIgnore", shape.offline_ignore)?,
        };
        check_webhooks(&template.chain, &template.contacts)?;
        Ok(template)
    }
}

impl StatusShape {
    fn read(self, place: usize) -> Result<Status, Problem> {
        let at = |field: &str| format!("statuses[{place}].{field}");
        let line =
            |field: &str, text: Option<String>| text.map(|text| one_line(&at(field), text)).transpose();
        if !is_name(&self.key) {
            return wrong(&at("key"), "a key is 1 to 40 letters, digits, `-` and `_`");
        }
        if self.key == NEVER_SEEN {
            return wrong(&at("key"), "`new` is what devices are that were never seen");
        }
        if self.color.as_deref().is_some_and(|color| !is_color(color)) {
            return wrong(&at("color"), "a colour is a name such as `green`, or `#rrggbb`");
        }
        let (label, icon) = (line("label", self.label)?, line("icon", self.icon)?);
        Ok(Status {
            wait: seconds(&at("after"), self.after)?,
            look: Look { label, color: self.color, icon },
            notify: self.notify.map(|notify| notify.read(&at("notify"))).transpose()?,
            on_timeline: self.timeline,
            controls: self.controls,
            key: self.key,
        })
    }
}

impl NotifyShape {
    fn read(self, at: &str) -> Result<Notify, Problem> {
        if self.channels.is_empty() || has_twice(&self.channels) {
            return wrong(&format!("{at}.channels"), "name at least one, and each once");
        }
        if self.to.is_empty() || has_twice(&self.to) || !self.to.iter().all(|name| is_name(name)) {
            return wrong(&format!("{at}.to"), "name at least one contact, and each once");
        }
        if self
            .text
            .as_ref()
            .is_some_and(|text| text.trim().is_empty() || text.chars().count() > LONGEST_TEXT)
        {
            return wrong(&format!("{at}.text"), "it has 1 to 1000 characters, or is left out");
        }
        let limit = seconds(&format!("{at}.limit"), self.limit)?;
        Ok(Notify { channels: self.channels, to: self.to, text: self.text, limit, every: self.every })
    }
}

impl From<&Template> for TemplateShape {
    fn from(template: &Template) -> Self {
        Self {
            name: template.name.clone(),
            heartbeat: in_seconds(template.heartbeat),
            offline_ignore: in_seconds(template.offline_ignore),
            contacts: template.contacts.clone(),
            statuses: template.chain.iter().map(StatusShape::from).collect(),
            _devices: None,
        }
    }
}

impl From<&Status> for StatusShape {
    fn from(status: &Status) -> Self {
        let Look { label, color, icon } = status.look.clone();
        Self {
            key: status.key.clone(),
            after: in_seconds(status.wait),
            label,
            color,
            icon,
            controls: status.controls,
            timeline: status.on_timeline,
            notify: status.notify.as_ref().map(NotifyShape::from),
        }
    }
}

impl From<&Notify> for NotifyShape {
    fn from(notify: &Notify) -> Self {
        let Notify { channels, to, text, limit, every } = notify.clone();
        Self { channels, to, text, limit: in_seconds(limit), every }
    }
}

const fn in_seconds(length: Duration) -> u64 {
    length.as_millis() / 1_000
}

/// What people call something: one line, and not long.
pub(super) fn name(at: &str, text: String) -> Result<Box<str>, Problem> {
    let text = text.trim();
    if text.chars().count() > LONGEST_NAME || text.contains(char::is_control) {
        return wrong(at, "it is one line of at most 100 characters");
    }
    Ok(text.into())
}

fn one_line(at: &str, text: String) -> Result<String, Problem> {
    let text = name(at, text)?;
    if text.is_empty() { wrong(at, "it is empty; leave it out") } else { Ok(text.into()) }
}

/// Checks contacts.
pub(super) fn contacts(contacts: Contacts) -> Result<Contacts, Problem> {
    if contacts.len() > MOST_CONTACTS {
        return wrong("contacts", "there are at most 100");
    }
    for (name, address) in &contacts {
        if !is_name(name) {
            return wrong("contacts", "a name is 1 to 40 letters, digits, `-` and `_`");
        }
        if address.trim().is_empty()
            || address.chars().count() > LONGEST_TEXT
            || address.contains(char::is_control)
        {
            return wrong(&format!("contacts.{name}"), "an address is one line of 1 to 1000 characters");
        }
    }
    Ok(contacts)
}

/// A webhook that no try can reach is found now, and not when it is needed.
pub(super) fn check_webhooks(chain: &Chain, contacts: &Contacts) -> Result<(), Problem> {
    let notified = chain.iter().filter_map(|status| status.notify.as_ref());
    let by_webhook = notified.filter(|notify| notify.channels.contains(&Channel::Webhook));
    for name in by_webhook.flat_map(|notify| &notify.to) {
        if contacts.get(name).is_some_and(|address| !is_url(address)) {
            return wrong(
                &format!("contacts.{name}"),
                "it is told by webhook, so its address has to be a URL of http or https",
            );
        }
    }
    Ok(())
}

fn seconds(at: &str, seconds: u64) -> Result<Duration, Problem> {
    if seconds > LONGEST_SECONDS {
        wrong(at, "it is longer than a hundred years")
    } else {
        Ok(Duration::from_secs(seconds))
    }
}

fn is_name(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_color(text: &str) -> bool {
    match text.strip_prefix('#') {
        Some(digits) => digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic()),
    }
}

fn has_twice<T: PartialEq>(list: &[T]) -> bool {
    list.iter().enumerate().any(|(place, item)| list[..place].contains(item))
}

fn wrong<T>(at: &str, why: &str) -> Result<T, Problem> {
    Err(field(at, why))
}

fn field(at: &str, why: &str) -> Problem {
    Problem::WrongField { field: at.into(), why: why.into() }
}

/// A value of a pin in a line: several are joined by a comma.
pub(super) fn readable(value: &str) -> String {
    value.replace('\0', ", ")
}
