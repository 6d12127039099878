//! Who is told when a device enters a status.
//!
//! Owns the reading of `notify`. Who has which address is [`contacts`](crate::scenario::resolve::contacts)'.

use std::num::NonZeroU32;

use blynk_core::notification::{Channel, Notify};

use super::Recipient;
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys;
use crate::scenario::resolve::fields::{self, Fields};
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node, Value};

const EXAMPLE: &str = "notify: { channels: [email], to: [owner] }";

/// Longest text of a notification, in characters.
const LONGEST_TEXT: usize = 1_000;

impl Context<'_> {
    pub(super) fn notify(&mut self, entry: &Entry, recipients: &mut Vec<Recipient>) -> Option<Notify> {
        let entries = self.keep(fields::map(entry, EXAMPLE))?;
        let fields = self.fields(entries, &keys::NOTIFY);
        let channels = self.members(entry, &fields, "channels", channel);
        let to = self.members(entry, &fields, "to", recipient);
        let notify = Notify {
            channels: channels.into_iter().map(|(channel, _)| channel).collect(),
            to: to.iter().map(|(name, _)| name.clone()).collect(),
            text: self.optional(&fields, "text", text),
            limit: self.optional(&fields, "limit", read::any_length).unwrap_or_default(),
            every: self.optional(&fields, "every", every).unwrap_or(NonZeroU32::MIN),
        };
        recipients.extend(to.into_iter().map(|(name, node)| Recipient { name, span: node.span.clone() }));
        Some(notify)
    }

    /// The members of a list that must be there and not empty, each once.
    fn members<'n, T: PartialEq>(
        &mut self,
        notify: &Entry,
        fields: &Fields<'n>,
        key: &str,
        read: impl Fn(&Node) -> Result<T, Problem>,
    ) -> Vec<(T, &'n Node)> {
        let mut members: Vec<(T, &Node)> = Vec::new();
        for node in self.keep(listing(notify, fields, key)).unwrap_or_default() {
            let Some(member) = self.keep(read(node)) else { continue };
            match members.iter().find(|(first, _)| *first == member) {
                Some((_, first)) => self.report(
                    Problem::error(&node.span, "this stands twice in the list").other(&first.span, "first"),
                ),
                None => members.push((member, node)),
            }
        }
        members
    }
}

fn listing<'n>(notify: &Entry, fields: &Fields<'n>, key: &str) -> Result<&'n [Node], Problem> {
    let (missing, help) = match key {
        "channels" => {
            ("by which channels", "write `channels: [email]`; there are `email`, `push`, `sms`, `webhook`")
        }
        _ => ("whom", "write names, such as `to: [owner]`; `contacts` resolve them to addresses"),
    };
    let Some(entry) = fields.find(key) else {
        let title = format!("`notify` does not say {missing}");
        return Err(Problem::error(&notify.key_span, title).help(help));
    };
    match &entry.value.value {
        Value::List(items) if !items.is_empty() => Ok(items),
        Value::List(_) | Value::Null => {
            Err(Problem::error(&entry.key_span, format!("`{key}` is empty")).help(help))
        }
        Value::Text(_) | Value::Map(_) => Err(fields::wrong_kind(key, "a list", &entry.value).help(help)),
    }
}

/// A way to reach somebody.
fn channel(node: &Node) -> Result<Channel, Problem> {
    let text = read::text("channels", node)?;
    parse_channel(text).ok_or_else(|| unknown_channel(node, text))
}

/// The channel of this name.
pub(in crate::scenario::resolve) fn parse_channel(text: &str) -> Option<Channel> {
    Channel::ALL.into_iter().find(|channel| channel.name() == text)
}

/// The complaint about a word that is no channel.
pub(in crate::scenario::resolve) fn unknown_channel(node: &Node, text: &str) -> Problem {
    let names = || Channel::ALL.iter().map(|channel| channel.name());
    Problem::error(&node.span, format!("unknown channel `{text}`"))
        .did_you_mean(text, names())
        .help(format!("the channels are {}", listed(names())))
}

fn recipient(node: &Node) -> Result<String, Problem> {
    let text = read::text("to", node)?;
    if read::is_name(text) {
        return Ok(text.to_owned());
    }
    Err(Problem::error(&node.span, format!("`{text}` cannot be the name of a recipient"))
        .help("write a name, such as `owner`, and its address under `contacts`"))
}

fn text(entry: &Entry) -> Result<String, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    let wrong = |title: String| {
        Problem::error(&entry.value.span, title).help(format!(
            "write 1 to {LONGEST_TEXT} characters, or leave `text` out: it then names device and status"
        ))
    };
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(wrong("this text is empty".into())),
        length if length > LONGEST_TEXT => Err(wrong(format!("a text of {length} characters is too long"))),
        _ => Ok(text.to_owned()),
    }
}

fn every(entry: &Entry) -> Result<NonZeroU32, Problem> {
    let number = read::number(entry, 1..=1_000_000)?;
    let number = u32::try_from(number).ok().and_then(NonZeroU32::new);
    Ok(number.expect("the range begins at one and ends within 32 bits"))
}
