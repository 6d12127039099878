//! Words what the oracle found, for people.
//!
//! Owns titles, labels and notes of [findings](Finding). Judges nothing and draws nothing.

mod listed;

use std::collections::BTreeMap;

use blynk_core::id::StatusIndex;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{Finding, Place};

use crate::oracle::Breach;
use crate::oracle::expectations::{self, Item, Kind, Mismatch};
use crate::plan::{Plan, Span, Window};
use crate::timeline::{Entry, Subject, What, canonical, causes};

/// How often one place of a scenario is told; the rest are counted.
const TOLD: usize = 5;

/// All expectations that were not met, in the order of the scenario. A place that fails for a whole group of devices is
/// told for the first few.
pub fn mismatches(plan: &Plan, lanes: &[Vec<&Entry>], found: &[Mismatch]) -> Vec<Finding> {
    let mut places: BTreeMap<(usize, usize), Vec<&Mismatch>> = BTreeMap::new();
    for mismatch in found {
        places.entry((mismatch.span.start, mismatch.span.end)).or_default().push(mismatch);
    }
    let mut findings = Vec::new();
    for mismatches in places.values() {
        findings.extend(mismatches.iter().take(TOLD).map(|told| mismatch(plan, lanes, told)));
        if let (Some(last), Some(untold @ 1..)) = (findings.last_mut(), mismatches.len().checked_sub(TOLD)) {
            *last = last.clone().note("more", format!("and {untold} more here"));
        }
    }
    findings
}

/// An expectation that was not met.
fn mismatch(plan: &Plan, lanes: &[Vec<&Entry>], mismatch: &Mismatch) -> Finding {
    let teller = Teller::new(plan, lanes, mismatch.subject);
    let (title, label, got) = teller.mismatch(&mismatch.kind);
    let place = teller.place(mismatch.span.clone(), label);
    let finding = Finding::error(title, Some(place));
    teller.story(match got {
        Got::Entry(got) => teller.because(finding.note("got", teller.line(got)), got),
        Got::Nothing(words) => finding.note("got", words),
        Got::Because(words, led) => teller.because(finding.note("got", words), led),
    })
}

/// An invariant that was not kept.
pub fn breach(plan: &Plan, lanes: &[Vec<&Entry>], breach: &Breach) -> Finding {
    let teller = Teller::new(plan, lanes, Subject::Device(breach.device));
    let at = plan.clock.spell(breach.at);
    let finding = Finding::error(format!("oracle: {} at {at}: {}", teller.name, breach.text), None)
        .note("invariant", breach.invariant.to_string());
    teller.story(finding)
}

/// Two runs of one plan that differ.
pub fn difference(plan: &Plan, first: &str, second: &str) -> Finding {
    let same = first.lines().zip(second.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("nothing more").to_owned();
    Finding::error(format!("{}: two runs with seed {} differ", plan.source.path, plan.seed.0), None)
        .note("first", line(first))
        .note("second", line(second))
}

/// What came instead of the expected.
enum Got {
    /// The entry at this place of the lane.
    Entry(usize),
    /// Nothing, in these words.
    Nothing(String),
    /// Nothing, in these words, though the change at this place of the lane called for it.
    Because(String, usize),
}

/// Tells the story of one device, or of the server.
struct Teller<'a> {
    plan: &'a Plan,
    subject: Subject,
    name: &'a str,
    lane: &'a [&'a Entry],
}

impl<'a> Teller<'a> {
    fn new(plan: &'a Plan, lanes: &'a [Vec<&'a Entry>], subject: Subject) -> Self {
        let lane = match subject {
            Subject::World => lanes.first().map_or(&[][..], Vec::as_slice),
            Subject::Device(device) => &*lanes[device.0 as usize],
        };
        Self { plan, subject, name: canonical::name(plan, subject), lane }
    }

    /// Title, label of the marked place, and what came instead.
    fn mismatch(&self, kind: &Kind) -> (String, String, Got) {
        let (name, expected_here) = (self.name, self.expected_here());
        match *kind {
            Kind::OffTime { window, got } => {
                let (to, off) = (self.entered(got), off(window, self.lane[got]));
                (format!("{name} went {to} {off}"), expected_here, Got::Entry(got))
            }
            Kind::Wrong { expected, got } => {
                let (to, expected) = (self.entered(got), self.status(expected));
                (format!("{name} went {to}, not {expected}"), expected_here, Got::Entry(got))
            }
            Kind::Missing { expected } => {
                let last = expectations::status_at(self.lane, self.plan.until);
                let still = format!("still {} at the end, {}", self.word(last), self.end());
                (format!("{name} never went {}", self.status(expected)), expected_here, Got::Nothing(still))
            }
            Kind::Extra { got } => {
                let title = format!("{name} went {}, which is not expected", self.entered(got));
                (title, self.complete(got), Got::Entry(got))
            }
            Kind::Sample { at, expected, got } => {
                let since =
                    self.last_change(at).map_or(Got::Nothing("no login until then".into()), Got::Entry);
                let (at, got, expected) = (self.plan.clock.spell(at), self.word(got), self.word(expected));
                (format!("{name} is {got} at {at}, not {expected}"), "expected here".into(), since)
            }
            Kind::CloseOffTime { window, got } => {
                let off = off(window, self.lane[got]);
                (format!("the connection of {name} closed {off}"), expected_here, Got::Entry(got))
            }
            Kind::CloseMissing => {
                let closes = self.lane.iter().any(|entry| entry.is_end());
                let title =
                    format!("the connection of {name} never closed{}", if closes { " again" } else { "" });
                (title, expected_here, Got::Nothing(format!("no close until the end, {}", self.end())))
            }
            Kind::CloseExtra { got } => {
                let title = format!("the connection of {name} closed once more");
                (title, "the last end that is expected".into(), Got::Entry(got))
            }
            Kind::ItemOffTime { window, ref item, got } => {
                let off = off(window, self.lane[got]);
                (listed::came(self, item, &off), self.item_expected_here(item), Got::Entry(got))
            }
            Kind::ItemMissing { window, ref item } => {
                let label = self.item_expected_here(item);
                (listed::never_came(self, item), label, listed::instead(self, window, item))
            }
            Kind::ItemExtra { ref item, got } => {
                let title = listed::came(self, item, "which is not expected");
                (title, "expected as listed, and no more".into(), Got::Entry(got))
            }
        }
    }

    fn expected_here(&self) -> String {
        self.expected_within("a tick")
    }

    fn item_expected_here(&self, item: &Item) -> String {
        match item {
            Item::Command { .. } => self.expected_within("two ticks"),
            Item::Run { .. } | Item::Notification { .. } => self.expected_here(),
        }
    }

    fn expected_within(&self, ticks: &str) -> String {
        let tick = self.plan.granularity();
        match self.plan.tolerance {
            Duration::ZERO => format!("expected here, give or take {ticks} of {tick}"),
            tolerance => format!("expected here, tolerance {tolerance} and {ticks} of {tick}"),
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

    fn end(&self) -> String {
        self.plan.clock.spell(self.plan.until)
    }

    fn last_change(&self, at: Instant) -> Option<usize> {
        (0..self.lane.len())
            .rev()
            .find(|&index| self.lane[index].at <= at && self.lane[index].change().is_some())
    }

    fn place(&self, span: Span, label: String) -> Place {
        Place::locate(&self.plan.source.path, &self.plan.source.text, span, label)
    }

    /// Adds the whole story, and how to see it again.
    fn story(&self, finding: Finding) -> Finding {
        finding.note("history", self.history()).note("rerun", self.rerun())
    }

    fn line(&self, index: usize) -> String {
        let entry = self.lane[index];
        let what = match entry.change() {
            Some(change) => self.status(change.to).to_owned(),
            None => canonical::describe(self.plan, entry),
        };
        format!("{} {what}", self.plan.clock.spell(entry.at))
    }

    fn because(&self, finding: Finding, got: usize) -> Finding {
        let Some(change) = listed::led_by(self.lane, got) else { return finding };
        let reasons = causes::of_change(self.plan, self.lane, change);
        let spelt: Vec<_> =
            reasons.iter().map(|reason| (self.plan.clock.spell(reason.at), &reason.text)).collect();
        let width = spelt.iter().map(|(at, _)| at.len()).max().unwrap_or(0);
        finding.notes("because", spelt.iter().map(|(at, text)| format!("{at:<width$} {text}")).collect())
    }

    fn history(&self) -> String {
        let (is_told, none): (fn(&Entry) -> bool, _) = match self.subject {
            Subject::World => (|entry| matches!(entry.what, What::Run(_)), "up all the time"),
            Subject::Device(_) => (|entry| entry.change().is_some(), "no status at all"),
        };
        let told = (0..self.lane.len()).filter(|index| is_told(self.lane[*index]));
        let told: Vec<_> = told.map(|index| self.line(index)).collect();
        if told.is_empty() { none.into() } else { told.join(" -> ") }
    }

    fn rerun(&self) -> String {
        let Plan { source, seed, .. } = self.plan;
        let rerun = format!("blynk-sim run {} --seed {}", source.path, seed.0);
        match self.subject {
            Subject::World => rerun,
            Subject::Device(_) => format!("{rerun} --trace {}", self.name),
        }
    }

    /// The status that the change in this entry entered.
    fn entered(&self, index: usize) -> &'a str {
        self.status(self.lane[index].change().expect("only changes of status are matched").to)
    }

    /// As samples name it.
    fn word(&self, status: Option<StatusIndex>) -> &'a str {
        status.map_or("new", |status| self.status(status))
    }

    fn status(&self, status: StatusIndex) -> &'a str {
        match self.subject {
            Subject::World => unreachable!("only devices have statuses"),
            Subject::Device(device) => &self.plan.status(device, status).key,
        }
    }
}

/// `2.5s early`, `1m late`.
fn off(window: Window, entry: &Entry) -> String {
    if entry.at < window.from {
        format!("{} early", window.from.since(entry.at))
    } else {
        format!("{} late", entry.at.since(window.to))
    }
}

#[cfg(test)]
mod tests;
