//! The summary: a fleet's changes in rows, a single device's one by one.
//!
//! Owns how rows are gathered and written. [`Parsed`](super::parsed::Parsed) reads them back.

use std::collections::BTreeMap;
use std::fmt::Write;

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;

use super::changes;
use crate::numerals::grouped;
use crate::plan::{Group, Plan, WallClock};
use crate::timeline::{Cause, Entry, causes};

/// The rows of a run, in order of time; what begins at one instant stays in the order of groups and changes.
pub(super) fn text(plan: &Plan, lanes: &[Vec<&Entry>]) -> String {
    let of_group = |group: &Group| match group.is_fleet {
        true => fleet_rows(plan, group, lanes),
        false => group.ids().flat_map(|id| single_rows(plan, id, &lanes[id.0 as usize])).collect(),
    };
    let mut rows: Vec<Row> = plan.groups.iter().flat_map(of_group).collect();
    rows.sort_by_key(|row| row.from);
    written(plan.clock, &rows)
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
fn fleet_rows(plan: &Plan, group: &Group, lanes: &[Vec<&Entry>]) -> Vec<Row> {
    let mut rows: BTreeMap<(usize, &str, &str), (u64, Instant, Instant)> = BTreeMap::new();
    for id in group.ids() {
        let lane = &lanes[id.0 as usize];
        for (turn, (place, entry)) in changes(lane).enumerate() {
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
        Cause::Template => "template",
        Cause::Wait { .. } | Cause::Grace => causes::disconnect_name(lane, place),
    };
    (&plan.status(id, change.to).key, why)
}

fn written(clock: WallClock, rows: &[Row]) -> String {
    let window = |row: &Row| match row.from == row.to {
        true => clock.spell(row.from),
        false => format!("{}..{}", clock.spell(row.from), clock.spell(row.to)),
    };
    let windows: Vec<String> = rows.iter().map(window).collect();
    let widest = |width: &dyn Fn(&Row) -> usize| rows.iter().map(width).max().unwrap_or(0);
    let (name, count) = (widest(&|row| row.name.chars().count()), widest(&|row| row.count.len()));
    let status = widest(&|row| row.status.chars().count());
    let time = windows.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (row, window) in rows.iter().zip(&windows) {
        let Row { name: whose, count: number, status: entered, why, .. } = row;
        let line = format!("{whose:<name$}  {number:>count$}  {window:<time$}  {entered:<status$}  {why}");
        writeln!(text, "{}", line.trim_end()).expect("a string takes all text");
    }
    text
}
