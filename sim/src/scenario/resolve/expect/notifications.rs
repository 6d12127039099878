//! What must become of the notifications of a device.
//!
//! Owns `STATUS CHANNEL RECIPIENT`, and what may follow: `delivered`, or `dead` and a reason.

use std::collections::BTreeSet;

use blynk_core::lifecycle::Template;
use blynk_core::notification::{Stage, Undeliverable};

use super::told::Kind;
use crate::plan::{Expectation, ExpectedNotification, Notifications, Span, Window};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::REASONS;
use crate::scenario::resolve::roster::Roster;
use crate::scenario::resolve::template::notify::{parse_channel, unknown_channel};
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node};

const KIND: Kind = Kind {
    example: "offline email owner",
    help: "write status, channel and recipient, such as `offline email owner`; then `delivered` or `dead quota`",
};

impl Context<'_> {
    pub(super) fn notifications(&mut self, section: &Entry, roster: &Roster) -> Vec<Expectation> {
        let mut expectations = Vec::new();
        for told in self.told(section, &KIND, roster) {
            for device in told.devices {
                let Some(template) = roster.template(device) else { continue };
                let texts = told.texts.iter();
                let read = |(window, node): &(Window, &Node)| notification(*window, node, template);
                let expected = texts.filter_map(|text| self.keep(read(text))).collect();
                let span = told.name.key_span.clone();
                expectations.push(Expectation::Notifications(Notifications { device, expected, span }));
            }
        }
        expectations
    }
}

fn notification(window: Window, node: &Node, template: &Template) -> Result<ExpectedNotification, Problem> {
    let text = read::text("notifications", node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let (status, channel, to, ending) = match words.as_slice() {
        [status, channel, to, ending @ ..] => (*status, *channel, *to, ending),
        _ => return Err(malformed(node, text)),
    };
    let stage = match ending {
        [] => Stage::Owed,
        ["delivered"] => Stage::Delivered,
        ["dead", reason] => Stage::Dead(undeliverable(node, reason)?),
        _ => return Err(malformed(node, text)),
    };
    Ok(ExpectedNotification {
        window,
        stage,
        status: super::status(&node.span, status, template)?,
        channel: parse_channel(channel).ok_or_else(|| unknown_channel(node, channel))?,
        to: recipient(&node.span, to, template)?,
        span: node.span.clone(),
    })
}

fn malformed(node: &Node, text: &str) -> Problem {
    Problem::error(&node.span, format!("`{text}` is no notification")).help(KIND.help)
}

fn undeliverable(node: &Node, text: &str) -> Result<Undeliverable, Problem> {
    let names = || REASONS.iter().map(|reason| reason.name());
    REASONS.into_iter().find(|reason| reason.name() == text).ok_or_else(|| {
        Problem::error(&node.span, format!("unknown reason `{text}`"))
            .did_you_mean(text, names())
            .help(format!("a dead letter is one for {}", listed(names())))
    })
}

/// Somebody whom some status of the template notifies.
fn recipient(span: &Span, name: &str, template: &Template) -> Result<String, Problem> {
    let notifies = template.chain.iter().filter_map(|status| status.notify.as_ref());
    let known: BTreeSet<&str> = notifies.flat_map(|notify| notify.to.iter().map(String::as_str)).collect();
    if known.contains(name) {
        return Ok(name.to_owned());
    }
    let problem = Problem::error(span, format!("no status of its template notifies `{name}`"));
    Err(match known.is_empty() {
        true => problem
            .help("let one notify: `- offline: { after: 1m, notify: { channels: [email], to: [owner] } }`"),
        false => problem
            .did_you_mean(name, known.iter().copied())
            .help(format!("the statuses of its template notify {}", listed(known))),
    })
}
