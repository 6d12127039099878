//! The accepted timeline of a scenario: a summary that people can read, and for fleets a digest of every change and a
//! mark of each device.
//!
//! | part | module |
//! |---|---|
//! | the summary, in rows | `rows` |
//! | a few characters for each member of a fleet, by which the ones that differ are found | `marks` |
//! | a text, read back | `parsed` |
//! | two texts, and what differs in statuses | [`difference`] |
//! | which scenario one that waits comes from | `origin` |
//!
//! Owns the text and what is said of one that differs. Reads and writes no file: that is the command line's.

pub mod difference;
mod marks;
mod origin;
mod parsed;
mod rows;

use blynk_core::id::DeviceId;
use blynk_reports::model::{Finding, Place};
use sha2::{Digest, Sha256};

use crate::numerals::{grouped, some};
use crate::plan::{Plan, Span};
use crate::timeline::{Entry, Timeline, canonical};
use difference::{Difference, Other};
pub use origin::{of_scenario, with_origin, without_origin};

/// What stands behind the name of the file.
pub const EXTENSION: &str = "timeline";
/// What stands behind the name of a snapshot that nobody has accepted yet.
pub const PENDING: &str = "new";

/// More of what differs is left to `review`.
const MOST_LINES: usize = 20;
/// Of so many devices that went other ways it is told how.
const MOST_DEVICES: usize = 10;

const OTHER_WAYS: &str =
    "the timeline is not the accepted one, though its summary is: single devices went other ways";
const OTHER_MARKS: &str = "the accepted timeline was changed by hand, or is of another version";

/// The snapshot of a run.
pub fn text(plan: &Plan, timeline: &Timeline) -> String {
    let lanes = timeline.by_device(plan.devices.len());
    summary_of(plan, timeline, &lanes) + &marks::text(plan, &lanes)
}

/// As much of it as people read.
pub fn summary(plan: &Plan, timeline: &Timeline) -> String {
    summary_of(plan, timeline, &timeline.by_device(plan.devices.len()))
}

fn summary_of(plan: &Plan, timeline: &Timeline, lanes: &[Vec<&Entry>]) -> String {
    let fleets: Vec<_> = plan.groups.iter().filter(|group| group.is_fleet).collect();
    let mut text = canonical::head(plan, timeline) + &rows::text(plan, lanes);
    if !fleets.is_empty() {
        let mut digest = Sha256::new();
        fleets.iter().flat_map(|group| group.ids()).for_each(|id| digest.update(story(plan, id, lanes)));
        text += &format!("digest {}\n", canonical::hexadecimal(&digest.finalize()));
    }
    text
}

/// Every change of a device: what the digest and its mark are made of.
fn story(plan: &Plan, id: DeviceId, lanes: &[Vec<&Entry>]) -> String {
    let name = &plan.device(id).name;
    let line = |entry: &Entry| format!("{} {name} {}\n", entry.at, canonical::describe(plan, entry));
    changes(&lanes[id.0 as usize]).map(|(_, entry)| line(entry)).collect()
}

fn changes<'l>(lane: &'l [&'l Entry]) -> impl Iterator<Item = (usize, &'l &'l Entry)> {
    lane.iter().enumerate().filter(|(_, entry)| entry.change().is_some())
}

/// What is said of a run that is not the accepted one; `span` is the key that demands it, `got` the run's own text.
pub fn judge(
    plan: &Plan,
    timeline: &Timeline,
    span: &Span,
    accepted: Option<&str>,
    got: &str,
) -> Option<Finding> {
    let place = |label| Some(Place::locate(&plan.source.path, &plan.source.text, span.clone(), label));
    let Some(accepted) = accepted else {
        let title = format!("there is no accepted timeline {}.{EXTENSION}", plan.source.path);
        return Some(Finding::error(title, place("demanded here")));
    };
    if accepted.lines().eq(got.lines()) {
        return None;
    }
    if !is_snapshot(accepted) {
        let title = format!("{}.{EXTENSION} holds no timeline: it is empty or damaged", plan.source.path);
        let help = "put it back as it was, or accept this run in its place";
        return Some(Finding::error(title, place("accepted there")).note("help", help));
    }
    let difference = Difference::between(accepted, got);
    let (title, name, lines) = match difference.is_of_members_only() {
        true if difference.is_of_digest => {
            (OTHER_WAYS, "devices", others(plan, timeline, &difference.others))
        }
        true => (
            OTHER_MARKS,
            "because",
            vec!["the digest is the accepted one, the marks below it are not".into()],
        ),
        false => ("the timeline is not the accepted one", "differs", told(&difference)),
    };
    let finding = Finding::error(title, place("accepted otherwise"));
    Some(if lines.is_empty() { finding } else { finding.notes(name, lines) })
}

/// Whether a text is the like of a snapshot: it has its first line.
pub fn is_snapshot(text: &str) -> bool {
    text.starts_with("# ")
}

/// The part of a snapshot's text that people read.
pub fn without_marks(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| !line.starts_with(marks::HEADING))
}

/// As `review` tells it, and not more than can be read here.
fn told(difference: &Difference) -> Vec<String> {
    let mut lines: Vec<String> = difference.lines.iter().map(ToString::to_string).collect();
    let more = lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        lines.truncate(MOST_LINES);
        lines.push(format!("and {} more lines", grouped(more as u64)));
    }
    lines
}

/// The first members whose marks differ, and what became of them now; what had been accepted of them nobody knows.
fn others(plan: &Plan, timeline: &Timeline, others: &[Other]) -> Vec<String> {
    let told = others.iter().take(MOST_DEVICES).map(|other| match other.single(plan) {
        Some(id) => history(plan, timeline, id),
        None => format!("some of {other}"),
    });
    let mut lines: Vec<String> = told.collect();
    let names: Vec<String> = others.iter().skip(MOST_DEVICES).map(|other| other.name(plan)).collect();
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        lines.push(format!("and {}", some(&names)));
    }
    lines
}

/// `home-0017: 15.7s online -> 12m45.7s offline`
fn history(plan: &Plan, timeline: &Timeline, id: DeviceId) -> String {
    let lane = timeline.lane(id);
    let turn = |(_, entry): (usize, &&Entry)| {
        let status = &plan.status(id, entry.change()?.to).key;
        Some(format!("{} {status}", plan.clock.spell(entry.at)))
    };
    let turns: Vec<String> = changes(&lane).filter_map(turn).collect();
    let turns = if turns.is_empty() { "no change".into() } else { turns.join(" -> ") };
    format!("{}: {turns}", plan.device(id).name)
}
