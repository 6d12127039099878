//! The accepted timeline of a scenario: a summary that people can read, and for fleets a digest of every change.
//!
//! Owns the text and what is said of one that differs. Reads and writes no file: that is the command line's.

use std::collections::BTreeMap;
use std::fmt::Write;

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;
use blynk_reports::model::{Finding, Place};
use sha2::{Digest, Sha256};

use crate::numerals::grouped;
use crate::plan::{Group, Plan, Span, WallClock};
use crate::timeline::{Cause, Entry, Timeline, canonical, causes};

/// What stands behind the name of the file.
pub const EXTENSION: &str = "timeline";
/// What stands behind the name of a snapshot that nobody has accepted yet.
pub const PENDING: &str = "new";

/// The snapshot of a run: a fleet's changes in rows, a single device's one by one.
pub fn text(plan: &Plan, timeline: &Timeline) -> String {
    let mut text = canonical::head(plan, timeline);
    let lanes = timeline.by_device(plan.devices.len());
    let (mut rows, mut digest) = (Vec::new(), None);
    for group in &plan.groups {
        if group.is_fleet {
            let digest = digest.get_or_insert_with(Sha256::new);
            rows.extend(fleet_rows(plan, group, &lanes, digest));
        } else {
            rows.extend(group.ids().flat_map(|id| single_rows(plan, id, &lanes[id.0 as usize])));
        }
    }
    // In order of time; what begins at one instant stays in the order of groups and changes.
    rows.sort_by_key(|row| row.from);
    write_rows(&mut text, plan.clock, &rows);
    if let Some(digest) = digest {
        writeln!(text, "digest {}", canonical::hexadecimal(&digest.finalize()))
            .expect("a string takes all text");
    }
    text
}

/// What happened to one device, or to many members of a fleet in the same way.
struct Row {
    from: Instant,
    to: Instant,
    name: String,
    /// How many devices; nothing for a single one.
    count: String,
    status: String,
    why: String,
}

/// The same turn of their histories, to the same status, for the same reason: one row.
fn fleet_rows(plan: &Plan, group: &Group, lanes: &[Vec<&Entry>], digest: &mut Sha256) -> Vec<Row> {
    let mut rows: BTreeMap<(usize, &str, &str), (u64, Instant, Instant)> = BTreeMap::new();
    for id in group.ids() {
        let lane = &lanes[id.0 as usize];
        for (turn, (place, entry)) in changes(lane).enumerate() {
            let line =
                format!("{} {} {}\n", entry.at, plan.device(id).name, canonical::describe(plan, entry));
            digest.update(line);
            let (status, why) = told(plan, id, lane, place, turn);
            let row = rows.entry((turn, status, why)).or_insert((0, entry.at, entry.at));
            *row = (row.0 + 1, row.1.min(entry.at), row.2.max(entry.at));
        }
    }
    let row = |((_, status, why), (count, from, to)): ((_, &str, &str), _)| Row {
        from,
        to,
        name: group.name.clone(),
        count: grouped(count),
        status: status.into(),
        why: why.into(),
    };
    rows.into_iter().map(row).collect()
}

fn single_rows(plan: &Plan, id: DeviceId, lane: &[&Entry]) -> Vec<Row> {
    let row = |(_, entry): (usize, &&Entry)| {
        let change = entry.change()?;
        Some(Row {
            from: entry.at,
            to: entry.at,
            name: plan.device(id).name.clone(),
            count: String::new(),
            status: plan.status(id, change.to).key.clone(),
            why: change.cause.to_string(),
        })
    };
    changes(lane).filter_map(row).collect()
}

fn changes<'l>(lane: &'l [&'l Entry]) -> impl Iterator<Item = (usize, &'l &'l Entry)> {
    lane.iter().enumerate().filter(|(_, entry)| entry.change().is_some())
}

/// The status that a change enters, and its reason in a word; nothing for the first login.
fn told<'p>(
    plan: &'p Plan,
    id: DeviceId,
    lane: &[&Entry],
    place: usize,
    turn: usize,
) -> (&'p str, &'static str) {
    let change = lane[place].change().expect("only changes are told");
    let why = match change.cause {
        Cause::Login if turn == 0 => "",
        Cause::Login => "reconnect",
        Cause::Data => "data",
        Cause::Set(_) => "set",
        Cause::Wait { .. } | Cause::Grace => causes::disconnect_name(lane, place),
    };
    (&plan.status(id, change.to).key, why)
}

fn write_rows(text: &mut String, clock: WallClock, rows: &[Row]) {
    let window = |row: &Row| match row.from == row.to {
        true => clock.spell(row.from),
        false => format!("{}..{}", clock.spell(row.from), clock.spell(row.to)),
    };
    let windows: Vec<String> = rows.iter().map(window).collect();
    let widest = |width: &dyn Fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
    let (name, count) = (widest(&|row| row.name.chars().count()), widest(&|row| row.count.len()));
    let status = widest(&|row| row.status.chars().count());
    let time = windows.iter().map(String::len).max().unwrap_or(0);
    for (row, window) in rows.iter().zip(&windows) {
        let Row { name: whose, count: number, status: entered, why, .. } = row;
        let line = format!("{whose:<name$}  {number:>count$}  {window:<time$}  {entered:<status$}  {why}");
        writeln!(text, "{}", line.trim_end()).expect("a string takes all text");
    }
}

/// What is said of a timeline that is not the accepted one; `span` is the key that demands it.
pub fn judge(plan: &Plan, span: &Span, accepted: Option<&str>, got: &str) -> Option<Finding> {
    let place = |label| Some(Place::locate(&plan.source.path, &plan.source.text, span.clone(), label));
    let Some(accepted) = accepted else {
        let title = format!("there is no accepted timeline {}.{EXTENSION}", plan.source.path);
        return Some(Finding::error(title, place("demanded here")));
    };
    if accepted.lines().eq(got.lines()) {
        return None;
    }
    let (got, wanted) = first_difference(got, accepted);
    let is_summary_the_same = [got, wanted].iter().flatten().all(|line| line.starts_with("digest "));
    let title = if is_summary_the_same {
        "the timeline is not the accepted one, though its summary is: single devices went other ways"
    } else {
        "the timeline is not the accepted one"
    };
    let finding = Finding::error(title, place("accepted otherwise"))
        .note("got", got.unwrap_or("nothing more"))
        .note("accepted", wanted.unwrap_or("nothing more"));
    Some(finding)
}

/// The first lines that differ, where there is a choice not of the heads: those only count.
fn first_difference<'t>(got: &'t str, accepted: &'t str) -> (Option<&'t str>, Option<&'t str>) {
    let (mut ours, mut theirs) = (got.lines(), accepted.lines());
    let pairs = std::iter::from_fn(|| {
        let pair = (ours.next(), theirs.next());
        (pair != (None, None)).then_some(pair)
    });
    let mut differing = pairs.filter(|(ours, theirs)| ours != theirs);
    let first = differing.next().expect("the texts differ in a line");
    let is_head = first.0.is_some_and(|line| line.starts_with('#'));
    if is_head { differing.next().unwrap_or(first) } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_differs_says_more_than_the_head() {
        assert_eq!(first_difference("# 1\na\n", "# 2\nb\n"), (Some("a"), Some("b")));
        assert_eq!(first_difference("# 1\na\n", "# 2\na\n"), (Some("# 1"), Some("# 2")));
        assert_eq!(first_difference("# 1\na\n", "# 1\n"), (Some("a"), None));
    }
}
