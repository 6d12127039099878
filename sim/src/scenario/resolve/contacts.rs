//! Who has which address.
//!
//! Owns the shape of an address, and the warning of recipients that have none. What is owed to whom is the server's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::notification::{Stage, Undeliverable};

use super::fields::{Fields, twice};
use super::roster::Roster;
use super::template::{Recipient, Templates, example_address};
use super::{Context, read};
use crate::plan::{Expectation, Notifications};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::syntax::Entry;

/// Longest address, in bytes.
const LONGEST_ADDRESS: usize = 2_048;

const ADDRESS_HELP: &str = "write a mail address, a URL or a phone number: `owner@example.com`, `https://example.com/hook`, `+15550100`";

impl Context<'_> {
    /// Names with addresses; `None` if the author says nothing about them.
    pub(super) fn contacts(&mut self, fields: &Fields<'_>) -> Option<BTreeMap<String, String>> {
        let entry = fields.find("contacts")?;
        let mut contacts: BTreeMap<&str, (&Entry, String)> = BTreeMap::new();
        for entry in self.map(entry, "{ owner: owner@example.com }") {
            if let Some((first, _)) = contacts.get(entry.key.as_str()) {
                self.report(twice(entry, first));
                continue;
            }
            self.keep(checked_name(entry));
            let address = self.keep(address(entry)).unwrap_or_default();
            contacts.insert(&entry.key, (entry, address));
        }
        Some(contacts.into_iter().map(|(name, (_, address))| (name.to_owned(), address)).collect())
    }

    /// Recipients without an address: their notifications are dead letters, unless the scenario expects just that.
    pub(super) fn unreachable(
        &mut self,
        templates: &Templates<'_>,
        roster: &Roster,
        expectations: &[Expectation],
    ) {
        let expected = expected_dead_letters(expectations);
        for (template, recipient) in templates.unresolved() {
            let theirs = |id: &DeviceId| roster.template(*id).is_some_and(|its| Arc::ptr_eq(its, template));
            let lacks = |id: &DeviceId| !roster.device(*id).contacts.contains_key(&recipient.name);
            let unexpected = |id: &DeviceId| !expected.contains(&(*id, recipient.name.as_str()));
            let lost = roster.ids().filter(|id| theirs(id) && lacks(id) && unexpected(id));
            let devices: Vec<&str> = lost.map(|id| roster.device(id).name.as_str()).collect();
            if !devices.is_empty() {
                self.report(dead_letter(recipient, &devices));
            }
        }
    }
}

fn checked_name(entry: &Entry) -> Result<(), Problem> {
    if read::is_name(&entry.key) {
        return Ok(());
    }
    let title = format!("`{}` cannot be the name of a contact", entry.key);
    Err(Problem::error(&entry.key_span, title).help(read::NAME_HELP))
}

fn address(entry: &Entry) -> Result<String, Problem> {
    let text = read::text(&entry.key, &entry.value).map_err(|problem| problem.help(ADDRESS_HELP))?;
    let legal =
        text.len() <= LONGEST_ADDRESS && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if legal && (is_url(text) || is_mail(text) || is_phone(text)) {
        return Ok(text.to_owned());
    }
    Err(Problem::error(&entry.value.span, format!("`{text}` is no address")).help(ADDRESS_HELP))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
}

fn is_mail(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains(['@', '/', ':']))
}

fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn expected_dead_letters(expectations: &[Expectation]) -> BTreeSet<(DeviceId, &str)> {
    let told = expectations.iter().filter_map(|expectation| match expectation {
        Expectation::Notifications(Notifications { device, expected, .. }) => Some((*device, expected)),
        Expectation::History(_)
        | Expectation::Sample(_)
        | Expectation::Count(_)
        | Expectation::Never(_)
        | Expectation::Changes(_)
        | Expectation::Closes(_)
        | Expectation::Runs(_)
        | Expectation::Commands(_) => None,
    });
    let dead = |stage: Stage| stage == Stage::Dead(Undeliverable::NoContact);
    told.flat_map(|(device, expected)| {
        expected.iter().filter(move |it| dead(it.stage)).map(move |it| (device, it.to.as_str()))
    })
    .collect()
}

fn dead_letter(recipient: &Recipient, devices: &[&str]) -> Problem {
    let Recipient { name, span } = recipient;
    Problem::warning(
        span,
        format!("`{name}` has no address: what is owed to it is a dead letter, `no-contact`"),
    )
    .help(format!("so for {}", listed(devices.iter().copied())))
    .help(format!("add `contacts: {{ {name}: {} }}` to the template or the device", example_address(name)))
}
