//! What failed, in the words of the terminal and with the marked line of the file.

use askama::Template;

use super::listed::{Anchor, Listed};
use super::room::{Part, Room};
use crate::model::{Finding, Note, Place, Run, Scenario, Verdict};
use crate::numerals::count;

/// Failures that are told in full.
const FAILURES: usize = 50;
/// Findings that are told of each.
pub(super) const FINDINGS: usize = 20;
/// Letters on each side of a mark that are shown of a long line.
const AROUND: usize = 160;

/// What failed.
#[derive(Template)]
#[template(path = "failures.html")]
pub(super) struct Failures<'a> {
    told: Vec<Failure<'a>>,
    /// What is said of the others.
    untold: Vec<String>,
}

/// A file that was refused, or a scenario that did not pass.
#[derive(Default, Template)]
#[template(path = "failure.html")]
struct Failure<'a> {
    anchor: String,
    /// Where its scenario stands below, if it is one.
    scenario: Option<Anchor>,
    of: String,
    findings: Vec<Told<'a>>,
    untold: String,
}

/// A finding.
#[derive(Template)]
#[template(path = "finding.html")]
pub(super) struct Told<'a> {
    title: &'a str,
    place: Option<Shown<'a>>,
    notes: &'a [Note],
}

/// The place of a finding.
struct Shown<'a> {
    at: String,
    line: usize,
    before: String,
    marked: String,
    after: String,
    indent: String,
    carets: String,
    label: &'a str,
}

impl<'a> Failures<'a> {
    /// As much as there is room for, files that were refused first. `order` is that of the list.
    pub(super) fn of(run: &'a Run, order: &[&'a Scenario], room: &mut Room) -> Self {
        let refused = run.refused.iter().map(|it| (None, it.path.clone(), &it.findings));
        let failed = order.iter().enumerate().filter(|(_, it)| it.verdict != Verdict::Passed);
        let failed = failed.map(|(place, it)| {
            (Some(Anchor(place)), format!("{} · {}", run.name_of(it), it.title), &it.findings)
        });
        let (mut told, mut files, mut scenarios) = (Vec::new(), 0, 0);
        for (scenario, of, findings) in refused.chain(failed) {
            let failure = Failure { anchor: format!("f{}", told.len()), scenario, of, ..Failure::default() };
            if told.len() < FAILURES && room.fits(Part::Failures, &failure) {
                told.push(failure.tell(findings, room));
            } else {
                *(if scenario.is_some() { &mut scenarios } else { &mut files }) += 1;
            }
        }
        let untold = [
            (files, "file", "And {} that cannot be read: the JSON report tells why."),
            (scenarios, "scenario", "And {}: those that are listed below have their titles there."),
        ];
        let untold = untold.into_iter().filter(|(number, ..)| *number > 0);
        let untold = untold.map(|(number, noun, sentence)| sentence.replace("{}", &count(number, noun)));
        Self { told, untold: untold.collect() }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.told.is_empty() && self.untold.is_empty()
    }

    /// Where what is wrong with this scenario is told.
    pub(super) fn of_scenario(&self, scenario: Anchor) -> Option<String> {
        let failure = self.told.iter().find(|it| it.scenario == Some(scenario))?;
        Some(failure.anchor.clone())
    }

    /// Forgets links to scenarios that are not listed.
    pub(super) fn link(&mut self, listed: &[Listed<'_>]) {
        let is_listed = |anchor: &Anchor| listed.binary_search_by_key(anchor, |it| it.anchor).is_ok();
        for failure in &mut self.told {
            failure.scenario = failure.scenario.filter(is_listed);
        }
    }
}

impl<'a> Failure<'a> {
    fn tell(mut self, findings: &'a [Finding], room: &mut Room) -> Self {
        let told = findings.iter().take(FINDINGS).map(Told::of);
        self.findings = told.filter(|told| room.fits(Part::Failures, told)).collect();
        if let Some(untold @ 1..) = findings.len().checked_sub(self.findings.len()) {
            self.untold = format!("And {}: the JSON report has all.", count(untold as u64, "more finding"));
        }
        self
    }
}

impl<'a> Told<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        Self { title: &finding.title, place: finding.place.as_ref().map(Shown::of), notes: &finding.notes }
    }
}

impl<'a> Shown<'a> {
    fn of(place: &'a Place) -> Self {
        let Place { path, line, column, excerpt, mark, label } = place;
        let part = |range: std::ops::Range<usize>| excerpt.get(range).unwrap_or_default();
        let (before, marked, after) =
            (part(0..mark.start), part(mark.clone()), part(mark.end..excerpt.len()));
        let hidden = before.chars().count().saturating_sub(AROUND);
        let mut shown: String = before.chars().skip(hidden).collect();
        if hidden > 0 {
            shown.insert_str(0, "...");
        }
        let blank = |letter: char| if letter == '\t' { letter } else { ' ' };
        Self {
            at: format!("{path}:{line}:{column}"),
            line: *line,
            indent: shown.chars().map(blank).collect(),
            before: shown,
            carets: "^".repeat(marked.chars().count().clamp(1, 2 * AROUND)),
            marked: marked.chars().take(2 * AROUND).collect(),
            after: after.chars().take(AROUND).collect(),
            label,
        }
    }
}
