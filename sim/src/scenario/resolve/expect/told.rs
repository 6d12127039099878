//! Texts with a time: what is expected of the notifications and of the commands of a device.
//!
//! Owns their two shapes, `{ TIME: TEXT }` and `[ TIME: TEXT ]`, and what may stand under a time. Does not read the
//! texts.

use blynk_core::id::DeviceId;

use crate::plan::Window;
use crate::scenario::diagnostic::Problem;
use crate::scenario::resolve::Context;
use crate::scenario::resolve::fields::wrong_kind;
use crate::scenario::resolve::roster::Roster;
use crate::scenario::resolve::times::TimeKeys;
use crate::scenario::syntax::{Entry, Node, Value};

/// What one kind of text is like.
pub(super) struct Kind {
    /// A text of this kind, for messages.
    pub(super) example: &'static str,
    /// How to write one.
    pub(super) help: &'static str,
}

/// What is expected of one or of several devices, in order of time.
pub(super) struct Told<'n> {
    /// The name that it stands under.
    pub(super) name: &'n Entry,
    pub(super) devices: Vec<DeviceId>,
    pub(super) texts: Vec<(Window, &'n Node)>,
}

impl Context<'_> {
    /// The names of a section with what stands under each. A device's own name replaces its group's for it, and a group's `all`.
    pub(super) fn told<'n>(&mut self, section: &'n Entry, kind: &Kind, roster: &Roster) -> Vec<Told<'n>> {
        let entries = self.map(section, &format!("{}: {{ sensor: [ 2m: {} ] }}", section.key, kind.example));
        let written = super::Written::of(entries, roster);
        let mut told = Vec::new();
        for name in self.each_once(entries) {
            let devices = self.devices_of(name, &written, roster);
            told.push(Told { name, devices, texts: self.timed_texts(name, kind) });
        }
        told
    }

    /// In a map a time stands once; in a list of maps it may stand again.
    fn timed_texts<'n>(&mut self, name: &'n Entry, kind: &Kind) -> Vec<(Window, &'n Node)> {
        let mut texts = Vec::new();
        for node in self.keep(maps(name, kind)).unwrap_or_default() {
            let mut seen = TimeKeys::default();
            for entry in self.keep(times(name, node, kind)).unwrap_or_default() {
                let window = self.window_key(entry, &mut seen);
                let nodes = self.keep(self::texts(entry, kind.help)).unwrap_or_default();
                texts.extend(nodes.iter().filter_map(|node| Some((window?, node))));
            }
        }
        texts.sort_by_key(|(window, _)| *window);
        texts
    }
}

fn maps<'n>(name: &'n Entry, kind: &Kind) -> Result<&'n [Node], Problem> {
    match &name.value.value {
        Value::Map(_) => Ok(std::slice::from_ref(&name.value)),
        Value::List(items) => Ok(items),
        Value::Null | Value::Text(_) => {
            Err(wrong_kind(&name.key, "a map or a list of times", &name.value).help(help(name, kind)))
        }
    }
}

fn times<'n>(name: &Entry, node: &'n Node, kind: &Kind) -> Result<&'n [Entry], Problem> {
    match &node.value {
        Value::Map(entries) => Ok(entries),
        Value::Null | Value::Text(_) | Value::List(_) => {
            let title = format!("a time with what is expected is needed here, and this is {}", node.kind());
            Err(Problem::error(&node.span, title).help(help(name, kind)))
        }
    }
}

fn help(name: &Entry, kind: &Kind) -> String {
    format!("write `{0}: [ 2m: {1} ]`, or `{0}: []` for none ever", name.key, kind.example)
}

/// One text under a time, or several.
pub(super) fn texts<'n>(entry: &'n Entry, help: &str) -> Result<&'n [Node], Problem> {
    match &entry.value.value {
        Value::Text(_) => Ok(std::slice::from_ref(&entry.value)),
        Value::List(items) if !items.is_empty() => Ok(items),
        Value::Null | Value::List(_) => {
            Err(Problem::error(&entry.key_span, "nothing is expected at this time").help(help))
        }
        Value::Map(_) => Err(wrong_kind(&entry.key, "a text or a list of texts", &entry.value).help(help)),
    }
}
