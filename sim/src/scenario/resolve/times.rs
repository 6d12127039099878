//! Which times a file names.
//!
//! Owns the reading of time keys and keeps what the end of the run and the tick depend on. Decides neither.

use std::collections::BTreeMap;

use blynk_core::time::{Duration, Instant};

use super::fields::twice;
use super::{Context, read};
use crate::plan::{Client, Reconnect, Span, Window};
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::Entry;
use crate::scenario::units;

/// No client library waits less for anything.
const SHORTEST_OF_LIBRARIES: Duration = Duration::SECOND;

/// The times of a file.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Every moment, both ends of windows.
    pub(super) moments: Vec<Instant>,
    /// Every length of time that decides when something happens.
    pub(super) lengths: Vec<Duration>,
    /// Lengths that need no moment of their own: the shortest before each device dials again, and before a retry.
    pub(super) delays: Vec<Duration>,
    /// Whether the receiver of notifications is ever anything else than up.
    pub(super) receiver_fails: bool,
    /// The longest heartbeat.
    pub(super) heartbeat: Duration,
    /// The last moment, the ends of `for` among them.
    pub(super) latest: Instant,
    /// When everybody must be back, and the key that says so.
    pub(super) settled: Option<(Instant, Span)>,
    /// Keys with their last moments: none may be after the end.
    pub(super) keys: Vec<(Instant, Span)>,
}

impl Written {
    pub(super) fn length(&mut self, length: Duration) {
        self.lengths.push(length);
    }

    pub(super) fn heartbeat(&mut self, heartbeat: Duration) {
        self.lengths.push(heartbeat);
        self.heartbeat = self.heartbeat.max(heartbeat);
    }

    /// A length that needs no moment of its own.
    pub(super) fn delay(&mut self, delay: Duration) {
        self.delays.push(delay);
    }

    /// Random delays have a bound but no moment of their own, so they do not count as lengths.
    pub(super) fn client(&mut self, client: Client) {
        match client {
            Client::Plain(Reconnect::Never) => {}
            Client::Plain(Reconnect::Every(delay)) => {
                self.lengths.push(delay);
                self.delays.push(delay);
            }
            Client::Plain(Reconnect::Backoff { first, .. }) => self.delays.push(first),
            Client::Cpp | Client::Cpp0 | Client::Js | Client::Python | Client::PythonLegacy => {
                self.delays.push(SHORTEST_OF_LIBRARIES);
            }
        }
    }

    /// Something is undone then at the latest.
    pub(super) fn undone_by(&mut self, latest: Instant) {
        self.latest = self.latest.max(latest);
    }

    /// Everybody must be back by then.
    pub(super) fn settled(&mut self, by: Instant, span: &Span) {
        self.latest = self.latest.max(by);
        self.settled = Some((by, span.clone()));
    }

    fn key(&mut self, window: Window, span: &Span) {
        self.moments.extend([window.from, window.to]);
        self.latest = self.latest.max(window.to);
        self.keys.push((window.to, span.clone()));
    }
}

/// The time keys of one map, to find two spellings of one time.
#[derive(Default)]
pub(super) struct TimeKeys<'n>(BTreeMap<Window, &'n Entry>);

impl Context<'_> {
    /// A key that is a moment or a window.
    pub(super) fn window_key<'n>(&mut self, entry: &'n Entry, seen: &mut TimeKeys<'n>) -> Option<Window> {
        let window = units::window(&entry.key, self.clock);
        self.time_key(entry, window, seen)
    }

    /// A key that is a moment.
    pub(super) fn moment_key<'n>(&mut self, entry: &'n Entry, seen: &mut TimeKeys<'n>) -> Option<Instant> {
        let moment = units::moment(&entry.key, self.clock).map(Window::moment);
        Some(self.time_key(entry, moment, seen)?.from)
    }

    fn time_key<'n>(
        &mut self,
        entry: &'n Entry,
        window: Result<Window, units::TimeError>,
        seen: &mut TimeKeys<'n>,
    ) -> Option<Window> {
        let window = self.keep(window.map_err(|error| read::not_a_time(&entry.key_span, &error)))?;
        self.written.key(window, &entry.key_span);
        if let Some(first) = seen.0.get(&window) {
            self.report(same_time(entry, first));
            return None;
        }
        seen.0.insert(window, entry);
        Some(window)
    }
}

fn same_time(entry: &Entry, first: &Entry) -> Problem {
    if entry.key == first.key {
        return twice(entry, first).help("put both under one key, as a list");
    }
    Problem::error(&entry.key_span, format!("`{}` and `{}` are one time", entry.key, first.key))
        .other(&first.key_span, "first")
        .help("put both under one key, as a list")
}
