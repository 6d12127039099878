//! Marks: a few characters for each member of a fleet, by which those that went another way are found.
//!
//! Owns how they are made, written and read. A digest says that something differs; marks say who. Two histories have the
//! same mark once in a quarter of a million, which is why the digest decides and not they. Of very many devices
//! several share a mark, so that a file stays small.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;
use sha2::{Digest, Sha256};

use super::story;
use crate::plan::{Group, Plan};
use crate::timeline::Entry;

/// The characters of a mark.
const LETTERS: usize = 3;
/// The marks of a line.
const PER_LINE: usize = 32;
/// The marks of a file, at most; each fleet may have one more.
const MOST: u32 = 10_000;

/// What the line above them begins with.
pub(super) const HEADING: &str = "marks of ";

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The marks of all fleets; nothing if there are none.
pub(super) fn text(plan: &Plan, lanes: &[Vec<&Entry>]) -> String {
    let fleets: Vec<_> = plan.groups.iter().filter(|group| group.is_fleet).collect();
    let devices: u32 = fleets.iter().map(|group| group.members.len() as u32).sum();
    let share = devices.div_ceil(MOST);
    let heading = match share {
        0 => return String::new(),
        1 => format!("{HEADING}each device"),
        share => format!("{HEADING}{share} devices each"),
    };
    let of_fleet = |group: &&Group| lines(plan, group, share as usize, lanes);
    let lines: Vec<(String, String)> = fleets.iter().flat_map(of_fleet).collect();
    let width = lines.iter().map(|(first, _)| first.chars().count()).max().unwrap_or(0);
    let told = lines.iter().map(|(first, marks)| format!("{first:<width$}  {marks}"));
    [heading].into_iter().chain(told).map(|line| line + "\n").collect()
}

/// The marks of a fleet in lines: the first member of each, and as many marks as it takes.
fn lines(plan: &Plan, group: &Group, share: usize, lanes: &[Vec<&Entry>]) -> Vec<(String, String)> {
    let ids: Vec<_> = group.ids().collect();
    let of_line = |(number, ids): (usize, &[DeviceId])| {
        let marks = ids.chunks(share).map(|ids| mark(ids.iter().map(|id| story(plan, *id, lanes))));
        (format!("{}/{}", group.name, number * PER_LINE * share), marks.collect())
    };
    ids.chunks(PER_LINE * share).enumerate().map(of_line).collect()
}

/// The mark of some devices' stories.
fn mark(stories: impl Iterator<Item = String>) -> String {
    let mut digest = Sha256::new();
    stories.for_each(|story| digest.update(story));
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 64)]);
    digest.finalize().iter().take(LETTERS).map(letter).collect()
}

/// The marks of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks<'t> {
    /// How many devices share one.
    share: u32,
    /// By fleet, in the order of its members.
    fleets: BTreeMap<&'t str, Vec<&'t str>>,
}

impl<'t> Marks<'t> {
    /// No marks yet, under this heading.
    pub(super) fn headed(line: &str) -> Option<Self> {
        let share = match line.strip_prefix(HEADING)? {
            "each device" => 1,
            several => several.strip_suffix(" devices each")?.parse().ok()?,
        };
        Some(Self { share, fleets: BTreeMap::new() })
    }

    /// Reads a line. Returns whether it is one of marks.
    pub(super) fn read(&mut self, line: &'t str) -> bool {
        let Some((first, letters)) = line.split_once("  ") else { return false };
        let (Some((fleet, _)), letters) = (first.trim_end().split_once('/'), letters.trim()) else {
            return false;
        };
        let is_marks = letters.bytes().all(|byte| ALPHABET.contains(&byte));
        if !is_marks || !letters.len().is_multiple_of(LETTERS) {
            return false;
        }
        let marks = (0..letters.len()).step_by(LETTERS).map(|at| &letters[at..at + LETTERS]);
        self.fleets.entry(fleet).or_default().extend(marks);
        true
    }

    /// The members whose marks differ, in the order of fleets' names. Fleets that are in one of the two only, and marks that
    /// stand for other numbers of devices, cannot be compared.
    pub(super) fn differing(&self, other: &Self) -> Vec<(&'t str, std::ops::Range<u32>)> {
        if self.share != other.share {
            return Vec::new();
        }
        let both =
            self.fleets.iter().filter_map(|(fleet, marks)| Some((fleet, marks, other.fleets.get(fleet)?)));
        let differing = both.flat_map(|(fleet, ours, theirs)| {
            let pairs = (0..).zip(ours.iter().zip(theirs)).filter(|(_, (ours, theirs))| ours != theirs);
            pairs.map(|(place, _): (u32, _)| (*fleet, place * self.share..(place + 1) * self.share))
        });
        differing.collect()
    }
}
