//! When the run ends, and how fine its steps are.
//!
//! Owns the default end: late enough that what the last event causes can be seen. The choice of tick is
//! [`tick`]'s.

use blynk_core::id::StatusIndex;
use blynk_core::lifecycle::Template;
use blynk_core::settings::Settings;
use blynk_core::time::{Duration, Instant};

use super::fields::Fields;
use super::roster::Roster;
use super::times::Written;
use super::{Context, read};
use crate::plan::{Span, WallClock};
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::Entry;
use crate::scenario::tick;
use crate::scenario::units;

/// The author's own tick may be this coarse.
const COARSEST: Duration = Duration::SECOND;
/// Runs of more ticks than this take many minutes.
const MANY_TICKS: u64 = 100_000_000;

/// A notification that failed is tried again after this long; later tries are further apart.
const FIRST_RETRY: Duration = Duration::SECOND;

impl Context<'_> {
    pub(super) fn until(&mut self, fields: &Fields<'_>, roster: &Roster, server: &Settings) -> Instant {
        let clock = self.clock;
        let written = self.optional(fields, "until", |entry| moment(entry, clock));
        let Some((until, entry)) = written.zip(fields.find("until")) else {
            return self.default_until(roster, server);
        };
        self.written.moments.push(until);
        for (at, key) in std::mem::take(&mut self.written.keys) {
            if at > until {
                self.report(too_late(&key, &entry.value.span, until, clock));
            }
        }
        if let Some((by, key)) = self.written.settled.take().filter(|(by, _)| *by > until) {
            let (by, end) = (clock.spell(by), clock.spell(until));
            let title = format!("everybody is to be back by {by}, after the end of the run, {end}");
            self.report(Problem::error(&key, title).other(&entry.value.span, "until").help(
                "it counts from the last fault or the end of it; let `until` be later, or leave it out",
            ));
        }
        until
    }

    fn default_until(&self, roster: &Roster, server: &Settings) -> Instant {
        let first_wait = |template: &Template| {
            template.chain.after(StatusIndex::ONLINE).map_or(Duration::ZERO, |(_, status)| status.wait)
        };
        let waits = roster.kinds().map(|device| first_wait(&device.template));
        let allowance = server.allowance.of(self.written.heartbeat);
        let patience = allowance.max(server.restart_grace.unwrap_or_default());
        self.written.latest + patience + waits.max().unwrap_or_default()
    }

    pub(super) fn tick(&mut self, fields: &Fields<'_>, roster: &Roster, until: Instant) -> Duration {
        let waits = roster.kinds().flat_map(|device| device.template.chain.iter().map(|status| status.wait));
        self.written.lengths.extend(waits);
        if self.written.receiver_fails && roster.kinds().any(|device| notifies(&device.template)) {
            self.written.delays.push(FIRST_RETRY);
        }
        let wished = self.optional(fields, "tick", |entry| {
            Ok((read::duration(entry, Duration::MILLISECOND..=COARSEST)?, &entry.value.span))
        });
        let Written { moments, lengths, delays, .. } = &self.written;
        let Some((tick, span)) = wished else {
            let tick = tick::choose(moments, lengths, delays, until);
            self.length(fields, until, tick);
            return tick;
        };
        if let Some(length) = tick::too_coarse(tick, lengths, delays) {
            self.report(too_coarse(span, tick, length));
        } else if let Some(time) = tick::misfit(tick, moments, lengths) {
            self.report(coarse_tick(span, tick, time));
        }
        self.length(fields, until, tick);
        tick
    }

    fn length(&mut self, fields: &Fields<'_>, until: Instant, tick: Duration) {
        let ticks = until.as_millis() / tick.as_millis();
        if ticks > MANY_TICKS {
            let entry = fields.find("until").or_else(|| fields.find("timeline")).or_else(|| fields.first());
            let place = entry.map_or(0..0, |entry| entry.key_span.clone());
            let title =
                format!("a run of {until} at a tick of {tick} is {} million ticks", ticks / 1_000_000);
            self.report(
                Problem::warning(&place, title).help("each costs 5 us and more; let the run end earlier"),
            );
        }
    }
}

fn notifies(template: &Template) -> bool {
    template.chain.iter().any(|status| status.notify.is_some())
}

fn too_coarse(span: &Span, tick: Duration, length: Duration) -> Problem {
    Problem::error(
        span,
        format!("a tick of {tick} is too coarse for {length}, a time of this scenario or its devices"),
    )
    .help("what takes fewer than three ticks goes wrong; leave `tick` out to have it chosen")
}

fn coarse_tick(span: &Span, tick: Duration, time: Duration) -> Problem {
    Problem::warning(span, format!("a tick of {tick} does not divide {time}, a time of this file"))
        .help("what happens between two ticks is seen at the next; leave `tick` out to have it chosen")
}

fn moment(entry: &Entry, clock: WallClock) -> Result<Instant, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    units::moment(text, clock).map_err(|error| read::not_a_time(&entry.value.span, &error))
}

fn too_late(key: &Span, until: &Span, end: Instant, clock: WallClock) -> Problem {
    Problem::error(key, format!("this is after the end of the run, {}", clock.spell(end)))
        .other(until, "until")
        .help("let `until` be later, or leave it out")
}
