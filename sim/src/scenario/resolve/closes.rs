//! What must become of the server's sessions.
//!
//! Owns `closed NAME` under `server`: complete for the devices that it names.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;

use super::devices::Roster;
use super::fields::wrong_kind;
use super::target::unknown_device;
use super::times::TimeKeys;
use super::{Context, read};
use crate::plan::{Closes, Expectation, Span, Window};
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::{Entry, Node, Value};

const HELP: &str = "write `closed` and the name of a device, such as `closed sensor`";

impl Context<'_> {
    pub(super) fn closes(&mut self, entry: &Entry, roster: &Roster) -> Vec<Expectation> {
        let mut seen = TimeKeys::default();
        let mut closes: BTreeMap<DeviceId, Vec<(Window, Span)>> = BTreeMap::new();
        for entry in self.map(entry, "server: { 2m: closed sensor }") {
            let window = self.window_key(entry, &mut seen);
            for node in self.keep(events(entry)).unwrap_or_default() {
                let device = self.keep(closed(entry, node, roster));
                let Some((window, device)) = window.zip(device) else { continue };
                closes.entry(device).or_default().push((window, entry.key_span.clone()));
            }
        }
        closes.into_iter().map(|(device, windows)| in_order(device, windows)).collect()
    }
}

fn in_order(device: DeviceId, mut windows: Vec<(Window, Span)>) -> Expectation {
    windows.sort_by_key(|(window, _)| *window);
    Expectation::Closes(Closes { device, windows })
}

fn events(entry: &Entry) -> Result<&[Node], Problem> {
    match &entry.value.value {
        Value::Text(_) => Ok(std::slice::from_ref(&entry.value)),
        Value::List(items) if !items.is_empty() => Ok(items),
        Value::Null | Value::List(_) => {
            Err(Problem::error(&entry.key_span, "nothing is expected at this time").help(HELP))
        }
        Value::Map(_) => Err(wrong_kind(&entry.key, "an event of the server", &entry.value).help(HELP)),
    }
}

fn closed(entry: &Entry, node: &Node, roster: &Roster) -> Result<DeviceId, Problem> {
    let text = read::text(&entry.key, node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["closed", name] => roster.find(name).ok_or_else(|| unknown_device(&node.span, name, roster)),
        ["up" | "down"] => Err(Problem::not_supported(&node.span, text, HELP)),
        _ => Err(Problem::error(&node.span, format!("unknown event `{text}` of the server"))
            .did_you_mean(words.first().copied().unwrap_or_default(), ["closed"])
            .help(HELP)),
    }
}
