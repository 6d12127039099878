//! Judges what the scenario's author expects: complete histories, samples, numbers, ended sessions, and what is [listed].
//!
//! Owns what fits and what does not. Does not word it: those are the [findings](crate::findings).

mod counts;
pub mod listed;
mod pairing;

use blynk_core::id::StatusIndex;
use blynk_core::time::{Duration, Instant};

use crate::plan::{Bounds, Closes, Count, Expectation, History, Plan, Sample, Span, Window};
use crate::timeline::{Entry, Subject};
pub use listed::Item;

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Whose.
    pub subject: Subject,
    /// The place in the scenario that says otherwise.
    pub span: Span,
    /// How.
    pub kind: Kind,
}

/// How a run differs from an expectation. `got` is the place of the entry in the device's lane; what happened to the
/// server stands in every lane, and is counted in the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The right change at the wrong time.
    OffTime {
        /// When it was expected.
        window: Window,
        /// The change.
        got: usize,
    },
    /// Another change than the expected one.
    Wrong {
        /// The expected status.
        expected: StatusIndex,
        /// The change.
        got: usize,
    },
    /// No such change.
    Missing {
        /// The expected status.
        expected: StatusIndex,
    },
    /// A change that nobody expects.
    Extra {
        /// The change.
        got: usize,
    },
    /// Another status at a moment.
    Sample {
        /// When.
        at: Instant,
        /// The expected status; `None` is `new`.
        expected: Option<StatusIndex>,
        /// The status that it had.
        got: Option<StatusIndex>,
    },
    /// Another number of devices than allowed; the subject is the first device that makes it so, if one does.
    Count {
        /// What was demanded.
        count: Box<Count>,
        /// How many there were.
        got: u64,
    },
    /// A status that must not be entered.
    Forbidden {
        /// The first change to it.
        got: usize,
    },
    /// Too many changes, or too few.
    Changes {
        /// How many there were.
        got: u64,
        /// How many are allowed.
        bounds: Bounds,
    },
    /// A session ended at the wrong time.
    CloseOffTime {
        /// When it was expected to end.
        window: Window,
        /// The end.
        got: usize,
    },
    /// No session ended.
    CloseMissing,
    /// A session ended that nobody expects to end.
    CloseExtra {
        /// The end.
        got: usize,
    },
    /// Something listed came at the wrong time.
    ItemOffTime {
        /// When it was expected.
        window: Window,
        /// What.
        item: Item,
        /// The entry.
        got: usize,
    },
    /// Something listed never came.
    ItemMissing {
        /// When it was expected.
        window: Window,
        /// What.
        item: Item,
    },
    /// Something came that a complete list leaves out.
    ItemExtra {
        /// What.
        item: Item,
        /// The entry.
        got: usize,
    },
}

/// Everything that differs, with the place of the expectation among the plan's. `lanes` holds the entries of each device.
pub fn judge(plan: &Plan, lanes: &[Vec<&Entry>]) -> Vec<(usize, Mismatch)> {
    let expectations = plan.expectations.iter().enumerate();
    let judged = expectations.flat_map(|(place, expectation)| {
        judge_one(plan, expectation, lanes).into_iter().map(move |mismatch| (place, mismatch))
    });
    judged.collect()
}

fn judge_one(plan: &Plan, expectation: &Expectation, lanes: &[Vec<&Entry>]) -> Vec<Mismatch> {
    let slack = plan.tolerance + plan.granularity();
    let mut mismatches = Vec::new();
    match expectation {
        Expectation::History(history) => judge_histories(history, slack, lanes, &mut mismatches),
        Expectation::Sample(sample) => judge_samples(sample, lanes, &mut mismatches),
        Expectation::Count(count) => mismatches.extend(counts::judge_count(count, lanes)),
        Expectation::Never(never) => counts::judge_never(never, lanes, &mut mismatches),
        Expectation::Changes(changes) => counts::judge_changes(changes, lanes, &mut mismatches),
        Expectation::Closes(closes) => judge_closes(closes, slack, lanes, &mut mismatches),
        Expectation::Runs(runs) => mismatches.extend(listed::judge_runs(runs, slack, lanes)),
        Expectation::Notifications(expected) => {
            mismatches.extend(listed::judge_notifications(expected, slack, lanes));
        }
        Expectation::Commands(expected) => {
            // A device is handed what it asks for after its login: two exchanges with the server, a tick each.
            let slack = slack + plan.granularity();
            mismatches.extend(listed::judge_commands(expected, slack, lanes));
        }
    }
    mismatches
}

fn judge_histories(
    history: &History,
    slack: Duration,
    lanes: &[Vec<&Entry>],
    mismatches: &mut Vec<Mismatch>,
) {
    for &device in history.devices.iter() {
        let lane = &lanes[device.0 as usize];
        let subject = Subject::Device(device);
        let found = judge_history(history, slack, lane).into_iter();
        mismatches.extend(found.map(|(span, kind)| Mismatch { subject, span, kind }));
    }
}

/// Changes are compared place by place. What follows a wrong, missing or unexpected change says nothing new.
fn judge_history(history: &History, slack: Duration, lane: &[&Entry]) -> Vec<(Span, Kind)> {
    let mut found = Vec::new();
    let mut recorded = (0..lane.len()).filter_map(|got| Some((got, lane[got].at, lane[got].change()?.to)));
    for change in &history.changes {
        match recorded.next() {
            Some((_, at, to)) if to == change.to && change.window.contains(at, slack) => {}
            Some((got, _, to)) if to == change.to => {
                found.push((change.span.clone(), Kind::OffTime { window: change.window, got }));
            }
            Some((got, ..)) => {
                found.push((change.span.clone(), Kind::Wrong { expected: change.to, got }));
                return found;
            }
            None => {
                found.push((change.span.clone(), Kind::Missing { expected: change.to }));
                return found;
            }
        }
    }
    found.extend(recorded.next().map(|(got, ..)| (history.span.clone(), Kind::Extra { got })));
    found
}

fn judge_samples(sample: &Sample, lanes: &[Vec<&Entry>], mismatches: &mut Vec<Mismatch>) {
    for &device in sample.devices.iter() {
        let got = status_at(&lanes[device.0 as usize], sample.at);
        if got != sample.status {
            let kind = Kind::Sample { at: sample.at, expected: sample.status, got };
            let subject = Subject::Device(device);
            mismatches.push(Mismatch { subject, span: sample.span.clone(), kind });
        }
    }
}

/// The status after everything that happened at `at`.
pub fn status_at(lane: &[&Entry], at: Instant) -> Option<StatusIndex> {
    let past = lane.iter().take_while(|entry| entry.at <= at);
    past.filter_map(|entry| entry.change()).last().map(|change| change.to)
}

fn judge_closes(closes: &Closes, slack: Duration, lanes: &[Vec<&Entry>], mismatches: &mut Vec<Mismatch>) {
    let lane = &lanes[closes.device.0 as usize];
    let mut recorded = (0..lane.len()).filter(|got| lane[*got].is_end());
    let subject = Subject::Device(closes.device);
    let mut mismatch = |span: &Span, kind| mismatches.push(Mismatch { subject, span: span.clone(), kind });
    for (window, span) in &closes.windows {
        match recorded.next() {
            Some(got) if window.contains(lane[got].at, slack) => {}
            Some(got) => mismatch(span, Kind::CloseOffTime { window: *window, got }),
            None => return mismatch(span, Kind::CloseMissing),
        }
    }
    if let (Some(got), Some((_, span))) = (recorded.next(), closes.windows.last()) {
        mismatch(span, Kind::CloseExtra { got });
    }
}

#[cfg(test)]
mod tests;
