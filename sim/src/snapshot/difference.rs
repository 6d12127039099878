//! What differs between two snapshots, told in statuses: who changed, from what to what, and when.
//!
//! Owns the words. Needs nothing but the two texts, so that a pending snapshot can be reviewed long after its run.

use std::fmt;
use std::ops::Range;

use blynk_core::id::DeviceId;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::parsed::{Parsed, Row};
use crate::plan::Plan;

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In order of devices and fleets, and then of time.
    pub lines: Vec<Line>,
    /// The members of fleets whose marks differ.
    pub others: Vec<Other>,
    /// Whether the digests differ.
    pub is_of_digest: bool,
}

/// A line of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of line.
    pub sign: Sign,
    /// What it says.
    pub text: String,
}

/// What a line of a difference tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Whom, or what, the next lines are about.
    About,
    /// A change as it was accepted.
    Same,
    /// A change at another time, of other devices, or for another reason.
    Moved,
    /// A change that comes no more.
    Gone,
    /// A change that was not there.
    New,
}

/// Members of a fleet that went another way: one, or some of several who share a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    fleet: String,
    members: Range<u32>,
}

impl Difference {
    /// What differs in `got`.
    pub fn between(accepted: &str, got: &str) -> Self {
        let (accepted, got) = (Parsed::of(accepted), Parsed::of(got));
        let mut lines = heads(accepted.head, got.head);
        let whos = whos(&accepted.rows, &got.rows);
        whos.into_iter().for_each(|who| lines.extend(lives(who, &accepted.rows, &got.rows)));
        lines.extend(strange(&accepted.strange, &got.strange));
        let other = |(fleet, members): (&str, _)| Other { fleet: fleet.to_owned(), members };
        let others = accepted.marks.differing(&got.marks).into_iter().map(other).collect();
        Self { lines, others, is_of_digest: accepted.digest != got.digest }
    }

    /// Whether both tell the same in their summaries.
    pub fn is_of_members_only(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The parts of the heads that differ.
fn heads(accepted: &str, got: &str) -> Vec<Line> {
    if accepted == got {
        return Vec::new();
    }
    let (old, new): (Vec<_>, Vec<_>) = (accepted.split(" · ").collect(), got.split(" · ").collect());
    let moved = |(old, new): (&&str, &&str)| Line { sign: Sign::Moved, text: format!("{new}, was {old}") };
    let lines = if old.len() == new.len() {
        old.iter().zip(&new).filter(|(old, new)| old != new).map(moved).collect()
    } else {
        vec![moved((&accepted, &got))]
    };
    [Line { sign: Sign::About, text: "the run".into() }].into_iter().chain(lines).collect()
}

/// Everybody of whom there are rows: in the order of the new ones, then those who are gone.
fn whos<'t>(accepted: &[Row<'t>], got: &[Row<'t>]) -> Vec<&'t str> {
    let mut whos: Vec<&str> = Vec::new();
    for row in got.iter().chain(accepted) {
        if !whos.contains(&row.who) {
            whos.push(row.who);
        }
    }
    whos
}

/// The two histories of one device or fleet, beside one another; nothing if they are the same.
fn lives(who: &str, accepted: &[Row<'_>], got: &[Row<'_>]) -> Vec<Line> {
    let (old, new) = (rows_of(who, accepted), rows_of(who, got));
    if old == new {
        return Vec::new();
    }
    let mut lines = vec![Line { sign: Sign::About, text: who.to_owned() }];
    let (old_keys, new_keys): (Vec<_>, Vec<_>) =
        (old.iter().map(key).collect(), new.iter().map(key).collect());
    for op in capture_diff_slices(Algorithm::Myers, &old_keys, &new_keys) {
        let (before, after) = (&old[op.old_range()], &new[op.new_range()]);
        match op {
            DiffOp::Equal { .. } => {
                before.iter().zip(after).for_each(|(old, new)| lines.push(pair(old, new)))
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                lines.extend(before.iter().map(|row| Line { sign: Sign::Gone, text: row.to_string() }));
                lines.extend(after.iter().map(|row| Line { sign: Sign::New, text: row.to_string() }));
            }
        }
    }
    shortened(lines)
}

fn rows_of<'t>(who: &str, rows: &[Row<'t>]) -> Vec<Row<'t>> {
    rows.iter().filter(|row| row.who == who).copied().collect()
}

/// By what two rows are the same change. The members of a fleet enter one status for several reasons, in rows of their own.
fn key<'t>(row: &Row<'t>) -> (&'t str, &'t str) {
    (row.status, if row.count.is_some() { row.why } else { "" })
}

/// The same change, perhaps at another time, of other devices or for another reason.
fn pair(old: &Row<'_>, new: &Row<'_>) -> Line {
    if old == new {
        return Line { sign: Sign::Same, text: new.to_string() };
    }
    let parts = [
        (old.count.unwrap_or_default(), new.count.unwrap_or_default()),
        (old.when, new.when),
        (old.why, new.why),
    ];
    let was: Vec<&str> = parts.iter().filter(|(old, new)| old != new).map(|(old, _)| *old).collect();
    Line { sign: Sign::Moved, text: format!("{new}; was {}", was.join(", ")) }
}

/// Long stretches of what is the same are counted, but for the ends.
fn shortened(lines: Vec<Line>) -> Vec<Line> {
    let mut short = Vec::new();
    for stretch in lines.chunk_by(|a, b| a.sign == b.sign) {
        match stretch {
            [first, between @ .., last] if first.sign == Sign::Same && between.len() > 1 => {
                let text = format!("{} more as accepted", between.len());
                short.extend([first.clone(), Line { sign: Sign::Same, text }, last.clone()]);
            }
            _ => short.extend_from_slice(stretch),
        }
    }
    short
}

/// Lines that are no part of a snapshot.
fn strange(accepted: &[&str], got: &[&str]) -> Vec<Line> {
    if accepted == got {
        return Vec::new();
    }
    let line = |sign, text: &&str| Line { sign, text: (*text).to_owned() };
    let about = Line { sign: Sign::About, text: "lines that are no part of a snapshot".into() };
    let (gone, new) =
        (accepted.iter().map(|text| line(Sign::Gone, text)), got.iter().map(|text| line(Sign::New, text)));
    [about].into_iter().chain(gone).chain(new).collect()
}

impl Other {
    /// The one that is meant, if it is one.
    pub fn single(&self, plan: &Plan) -> Option<DeviceId> {
        let group = plan.groups.iter().find(|group| group.name == self.fleet)?;
        if self.members.len() == 1 { group.member(self.members.start) } else { None }
    }

    /// What it is called: one by its name, as everywhere else.
    pub fn name(&self, plan: &Plan) -> String {
        self.single(plan).map_or_else(|| self.to_string(), |id| plan.device(id).name.clone())
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.members.start, self.members.end.saturating_sub(1));
        if first == last {
            write!(f, "{}/{first}", self.fleet)
        } else {
            write!(f, "{}/{first}..{last}", self.fleet)
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.sign {
            Sign::About => return f.write_str(&self.text),
            Sign::Same => ' ',
            Sign::Moved => '~',
            Sign::Gone => '-',
            Sign::New => '+',
        };
        write!(f, "  {sign} {}", self.text)
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who: _, count, when, status, why } = self;
        write!(f, "{status} at {when}")?;
        if let Some(count) = count {
            write!(f, ", {count} devices")?;
        }
        if why.is_empty() { Ok(()) } else { write!(f, ": {why}") }
    }
}

#[cfg(test)]
mod tests;
