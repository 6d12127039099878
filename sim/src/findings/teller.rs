//! Tells the story of one device, or of the server: titles, labels, what came instead, and why.

use std::fmt;
use std::ops::Range;

use blynk_core::id::StatusIndex;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{Finding, Place};

use super::{counts, listed};
use crate::numerals;
use crate::oracle::expectations::{self, Item, Kind};
use crate::plan::{Engine, Plan, Span, When, Window};
use crate::shell;
use crate::timeline::causes::Reason;
use crate::timeline::{Entry, Subject, What, canonical, causes};

/// What came instead of the expected.
pub(super) enum Got {
    /// The entry at this place of the lane.
    Entry(usize),
    /// Nothing, in these words.
    Nothing(String),
    /// Nothing, in these words, though the change at this place of the lane called for it.
    Because(String, usize),
}

/// Of whom something is said.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// One device, or the server.
    One(&'a str),
    /// So many devices.
    Many(usize),
}

/// Tells the story of one device, or of the server.
pub(super) struct Teller<'a> {
    pub(super) plan: &'a Plan,
    pub(super) subject: Subject,
    pub(super) name: &'a str,
    pub(super) lane: &'a [&'a Entry],
}

impl<'a> Teller<'a> {
    pub(super) fn new(plan: &'a Plan, lanes: &'a [Vec<&'a Entry>], subject: Subject) -> Self {
        let lane = match subject {
            Subject::World => lanes.first().map_or(&[][..], Vec::as_slice),
            Subject::Device(device) => &*lanes[device.0 as usize],
        };
        Self { plan, subject, name: canonical::name(plan, subject), lane }
    }

    /// What is wrong. `off` says how far from its time something was.
    pub(super) fn title(&self, kind: &Kind, who: Who<'_>, off: &str) -> String {
        match *kind {
            Kind::OffTime { got, .. } => format!("{who} went {} {off}", self.entered(got)),
            Kind::Wrong { expected, got } => {
                format!("{who} went {}, not {}", self.entered(got), self.status(expected))
            }
            Kind::Missing { expected } => format!("{who} never went {}", self.status(expected)),
            Kind::Extra { got } => format!("{who} went {}, which is not expected", self.entered(got)),
            Kind::Sample { at, expected, got } => {
                let (at, got, expected) = (self.plan.clock.spell(at), self.word(got), self.word(expected));
                format!("{who} {} {got} at {at}, not {expected}", who.is())
            }
            Kind::Count { ref count, got } => counts::title(self.plan, count, got),
            Kind::Forbidden { got } => format!("{who} went {}, which must never be", self.entered(got)),
            Kind::Changes { got, ref bounds } => {
                format!("{who} changed {}, not {}", counts::times(got), bounds.written)
            }
            Kind::CloseOffTime { .. } => format!("the connection of {who} closed {off}"),
            Kind::CloseMissing => {
                let closes = self.lane.iter().any(|entry| entry.is_end());
                format!("the connection of {who} never closed{}", if closes { " again" } else { "" })
            }
            Kind::CloseExtra { .. } => format!("the connection of {who} closed once more"),
            Kind::ItemOffTime { ref item, .. } => listed::came(self, who, item, &format!(" {off}")),
            Kind::ItemMissing { window, ref item } => listed::missing(self, who, window, item),
            Kind::ItemExtra { ref item, .. } => listed::came(self, who, item, ", which is not expected"),
        }
    }

    /// What stands beside the marked place.
    pub(super) fn label(&self, kind: &Kind) -> String {
        match kind {
            Kind::OffTime { .. }
            | Kind::Wrong { .. }
            | Kind::Missing { .. }
            | Kind::CloseOffTime { .. }
            | Kind::CloseMissing => self.expected_here(),
            Kind::Extra { got } => self.complete(*got),
            Kind::Sample { .. } | Kind::Count { .. } | Kind::Changes { .. } => "expected here".into(),
            Kind::Forbidden { .. } => "forbidden here".into(),
            Kind::CloseExtra { .. } => "the last end that is expected".into(),
            Kind::ItemOffTime { item, .. } | Kind::ItemMissing { item, .. } => self.item_expected_here(item),
            Kind::ItemExtra { .. } => "expected as listed, and no more".into(),
        }
    }

    /// What came instead.
    pub(super) fn got(&self, kind: &Kind) -> Got {
        match kind {
            Kind::OffTime { got, .. }
            | Kind::Wrong { got, .. }
            | Kind::Extra { got }
            | Kind::Forbidden { got }
            | Kind::CloseOffTime { got, .. }
            | Kind::CloseExtra { got }
            | Kind::ItemOffTime { got, .. }
            | Kind::ItemExtra { got, .. } => Got::Entry(*got),
            Kind::Missing { .. } => {
                let last = expectations::status_at(self.lane, self.plan.until);
                Got::Nothing(format!("still {} at the end, {}", self.word(last), self.end()))
            }
            Kind::Sample { at, .. } => {
                self.last_change(*at).map_or(Got::Nothing("no login until then".into()), Got::Entry)
            }
            // Everybody who can be in it is.
            Kind::Count { .. } if self.subject == Subject::World => {
                Got::Nothing("the others have no such status".into())
            }
            Kind::Count { count, .. } => match count.when {
                When::At(at) => {
                    self.last_change(at).map_or(Got::Nothing("no login until then".into()), Got::Entry)
                }
                When::Ever => {
                    let never = format!("never went {}", count.status);
                    self.entry_into(&count.status).map_or(Got::Nothing(never), Got::Entry)
                }
            },
            Kind::Changes { .. } => {
                let last = self.last_change(self.plan.until);
                last.map_or(Got::Nothing("no login at all".into()), Got::Entry)
            }
            Kind::CloseMissing => Got::Nothing(format!("no close until the end, {}", self.end())),
            Kind::ItemMissing { window, item } => listed::instead(self, *window, item),
        }
    }

    /// How far from its time what came is, in milliseconds; negative is early.
    pub(super) fn off(&self, kind: &Kind) -> Option<i64> {
        match kind {
            Kind::OffTime { window, got }
            | Kind::CloseOffTime { window, got }
            | Kind::ItemOffTime { window, got, .. } => Some(off(*window, self.lane[*got].at)),
            Kind::Wrong { .. }
            | Kind::Missing { .. }
            | Kind::Extra { .. }
            | Kind::Sample { .. }
            | Kind::Count { .. }
            | Kind::Forbidden { .. }
            | Kind::Changes { .. }
            | Kind::CloseMissing
            | Kind::CloseExtra { .. }
            | Kind::ItemMissing { .. }
            | Kind::ItemExtra { .. } => None,
        }
    }

    pub(super) fn expected_here(&self) -> String {
        self.expected_within("a tick")
    }

    fn item_expected_here(&self, item: &Item) -> String {
        match item {
            Item::Command { .. } => self.expected_within("two ticks"),
            Item::Run { .. } | Item::Notification { .. } => self.expected_here(),
        }
    }

    fn expected_within(&self, ticks: &str) -> String {
        match (self.plan.tolerance, self.plan.granularity()) {
            (Duration::ZERO, Duration::ZERO) => "expected here".into(),
            (Duration::ZERO, tick) => format!("expected here, give or take {ticks} of {tick}"),
            (tolerance, Duration::ZERO) => format!("expected here, tolerance {tolerance}"),
            (tolerance, tick) => format!("expected here, tolerance {tolerance} and {ticks} of {tick}"),
        }
    }

    /// Beside the name of a device whose `extra` change is one too many.
    fn complete(&self, extra: usize) -> String {
        let first = self.lane[..extra].iter().all(|entry| entry.change().is_none());
        if first {
            "expected never to change".into()
        } else {
            "expected to change as listed, and no more".into()
        }
    }

    pub(super) fn end(&self) -> String {
        self.plan.clock.spell(self.plan.until)
    }

    fn entry_into(&self, status: &str) -> Option<usize> {
        let enters = |entry: &&Entry| entry.change().is_some_and(|change| self.status(change.to) == status);
        self.lane.iter().position(enters)
    }

    pub(super) fn last_change(&self, at: Instant) -> Option<usize> {
        (0..self.lane.len())
            .rev()
            .find(|&index| self.lane[index].at <= at && self.lane[index].change().is_some())
    }

    pub(super) fn place(&self, span: Span, label: String) -> Place {
        Place::locate(&self.plan.source.path, &self.plan.source.text, span, label)
    }

    /// Adds the story, of a long one what is about this moment, and how to see it again.
    pub(super) fn story(&self, finding: Finding, about: Instant) -> Finding {
        finding.note("history", self.history(about)).note("rerun", self.rerun())
    }

    pub(super) fn line(&self, index: usize) -> String {
        let entry = self.lane[index];
        let what = match entry.change() {
            Some(change) => self.status(change.to).to_owned(),
            None => canonical::describe(self.plan, entry),
        };
        format!("{} {what}", self.plan.clock.spell(entry.at))
    }

    pub(super) fn because(&self, finding: Finding, got: usize) -> Finding {
        match listed::led_by(self.lane, got) {
            Some(change) => self.reasons(finding, &causes::of_change(self.plan, self.lane, change)),
            None => finding,
        }
    }

    pub(super) fn reasons(&self, finding: Finding, reasons: &[Reason]) -> Finding {
        let spelt: Vec<_> =
            reasons.iter().map(|reason| (self.plan.clock.spell(reason.at), &reason.text)).collect();
        let width = spelt.iter().map(|(at, _)| at.len()).max().unwrap_or(0);
        finding.notes("because", spelt.iter().map(|(at, text)| format!("{at:<width$} {text}")).collect())
    }

    fn history(&self, about: Instant) -> String {
        let (is_told, none): (fn(&Entry) -> bool, _) = match self.subject {
            Subject::World => (|entry| matches!(entry.what, What::Run(_)), "up all the time"),
            Subject::Device(_) => (|entry| entry.change().is_some(), "no status at all"),
        };
        let all: Vec<_> = (0..self.lane.len()).filter(|index| is_told(self.lane[*index])).collect();
        let before = all.partition_point(|index| self.lane[*index].at <= about);
        let (mut told, mut next) = (Vec::new(), 0);
        for part in parts(all.len(), before) {
            let from = part.start.max(next);
            if from > next {
                told.push(format!("({} more)", numerals::grouped((from - next) as u64)));
            }
            next = part.end.max(from);
            told.extend(all[from..next].iter().map(|index| self.line(*index)));
        }
        if told.is_empty() { none.into() } else { told.join(" -> ") }
    }

    pub(super) fn rerun(&self) -> String {
        let Plan { source, seed, engine, .. } = self.plan;
        let rerun =
            format!("blynk-sim run {} --seed {}{}", shell::word(&source.path), seed.0, engine_flag(*engine));
        match self.subject {
            Subject::World => rerun,
            Subject::Device(_) => format!("{rerun} --trace {}", self.name),
        }
    }

    /// The same on the engines of this name.
    pub(super) fn rerun_on(&self, engines: &str) -> String {
        let Plan { source, seed, .. } = self.plan;
        let path = shell::word(&source.path);
        format!("blynk-sim run {path} --seed {} --engine {engines} --trace {}", seed.0, self.name)
    }

    /// The place of the change of this number, counted from 0.
    pub(super) fn change(&self, number: usize) -> Option<usize> {
        let mut changes = (0..self.lane.len()).filter(|index| self.lane[*index].change().is_some());
        changes.nth(number)
    }

    /// The status that the change in this entry entered.
    pub(super) fn entered(&self, index: usize) -> &'a str {
        self.status(self.lane[index].change().expect("only changes of status are matched").to)
    }

    /// As samples name it.
    pub(super) fn word(&self, status: Option<StatusIndex>) -> &'a str {
        status.map_or("new", |status| self.status(status))
    }

    pub(super) fn status(&self, status: StatusIndex) -> &'a str {
        match self.subject {
            Subject::World => unreachable!("only devices have statuses"),
            Subject::Device(device) => &self.plan.status(device, status).key,
        }
    }
}

impl Who<'_> {
    pub(super) const fn is(self) -> &'static str {
        match self {
            Self::One(_) => "is",
            Self::Many(_) => "are",
        }
    }

    pub(super) const fn was(self) -> &'static str {
        match self {
            Self::One(_) => "was",
            Self::Many(_) => "were",
        }
    }
}

impl fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(name) => f.write_str(name),
            Self::Many(count) => f.write_str(&numerals::count(*count as u64, "device")),
        }
    }
}

/// Nothing for the engine that runs everything unless somebody wants another.
const fn engine_flag(engine: Engine) -> &'static str {
    match engine {
        Engine::Turmoil => "",
        Engine::Events => " --engine events",
    }
}

/// What is told of so many changes, `before` of which came until the moment in question: all of a few, else the first
/// and those about that moment.
fn parts(changes: usize, before: usize) -> [Range<usize>; 3] {
    const FEW: usize = 20;
    const FIRST: usize = 3;
    const BEFORE: usize = 6;
    const AFTER: usize = 3;
    let first = if changes <= FEW { changes } else { FIRST };
    let about = before.saturating_sub(BEFORE)..changes.min(before + AFTER);
    [0..first, about, changes..changes]
}

/// How far from the window, in milliseconds; negative is before it.
fn off(window: Window, at: Instant) -> i64 {
    let millis = |length: Duration| i64::try_from(length.as_millis()).expect("a run of fewer than 2^63 ms");
    if at < window.from { -millis(window.from.since(at)) } else { millis(at.since(window.to)) }
}
