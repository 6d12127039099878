//! What must become of the server and of its sessions.
//!
//! Owns `up` and `down`, complete if one of them is written at all, and `closed NAME`, complete for the devices that it
//! names.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;

use crate::plan::{Closes, Expectation, Runs, Span, Window};
use crate::scenario::diagnostic::Problem;
use crate::scenario::resolve::roster::{Roster, unknown_name};
use crate::scenario::resolve::times::TimeKeys;
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node};

const HELP: &str =
    "write `up`, `down`, or `closed` and the name of a device or group, such as `closed sensor`";

/// Something that happens to the server.
enum Event {
    Up,
    Down,
    /// The end of the live session of each of these devices.
    Closed(Vec<DeviceId>),
}

impl Context<'_> {
    pub(super) fn server_events(&mut self, entry: &Entry, roster: &Roster) -> Vec<Expectation> {
        let mut seen = TimeKeys::default();
        let mut closes: BTreeMap<DeviceId, Vec<(Window, Span)>> = BTreeMap::new();
        let mut runs: Vec<(Window, bool, Span)> = Vec::new();
        for entry in self.map(entry, "server: { 2m: closed sensor }") {
            let window = self.window_key(entry, &mut seen);
            for node in self.keep(super::told::texts(entry, HELP)).unwrap_or_default() {
                let event = self.keep(event(entry, node, roster));
                let Some((window, event)) = window.zip(event) else { continue };
                let span = entry.key_span.clone();
                match event {
                    Event::Up => runs.push((window, true, span)),
                    Event::Down => runs.push((window, false, span)),
                    Event::Closed(devices) => {
                        for device in devices {
                            closes.entry(device).or_default().push((window, span.clone()));
                        }
                    }
                }
            }
        }
        in_order(runs).into_iter().chain(closes.into_iter().map(each_in_order)).collect()
    }
}

fn in_order(mut windows: Vec<(Window, bool, Span)>) -> Option<Expectation> {
    windows.sort_by_key(|(window, ..)| *window);
    (!windows.is_empty()).then_some(Expectation::Runs(Runs { windows }))
}

fn each_in_order((device, mut windows): (DeviceId, Vec<(Window, Span)>)) -> Expectation {
    windows.sort_by_key(|(window, _)| *window);
    Expectation::Closes(Closes { device, windows })
}

fn event(entry: &Entry, node: &Node, roster: &Roster) -> Result<Event, Problem> {
    let text = read::text(&entry.key, node)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["up"] => Ok(Event::Up),
        ["down"] => Ok(Event::Down),
        ["closed", name] => {
            let devices = roster.named(name).ok_or_else(|| unknown_name(&node.span, name, roster));
            devices.map(Event::Closed)
        }
        _ => Err(Problem::error(&node.span, format!("unknown event `{text}` of the server"))
            .did_you_mean(words.first().copied().unwrap_or_default(), ["up", "down", "closed"])
            .help(HELP)),
    }
}
