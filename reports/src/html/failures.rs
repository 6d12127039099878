//! What failed, in the words of the terminal and with the marked line of the file.

use crate::model::{Finding, Note, Place, Run, Scenario, Verdict};

/// Failures that are told in full.
const FAILURES: usize = 50;
/// Findings that are told of each.
pub(super) const FINDINGS: usize = 20;
/// Letters on each side of a mark that are shown of a long line.
const AROUND: usize = 160;

/// A file that was refused, or a scenario that did not pass.
pub(super) struct Failure<'a> {
    pub(super) anchor: String,
    /// Where its scenario stands below, if it is one.
    pub(super) scenario: Option<String>,
    pub(super) of: String,
    pub(super) findings: Vec<Told<'a>>,
    pub(super) untold: usize,
}

/// A finding.
pub(super) struct Told<'a> {
    pub(super) title: &'a str,
    pub(super) place: Option<Shown<'a>>,
    pub(super) notes: &'a [Note],
}

/// The place of a finding.
pub(super) struct Shown<'a> {
    pub(super) at: String,
    pub(super) line: usize,
    pub(super) before: String,
    pub(super) marked: String,
    pub(super) after: String,
    pub(super) indent: String,
    pub(super) carets: String,
    pub(super) label: &'a str,
}

/// What is told in full, and how many more failed. `order` is that of the list.
pub(super) fn failures<'a>(run: &'a Run, order: &[&'a Scenario]) -> (Vec<Failure<'a>>, usize) {
    let refused = run.refused.iter().map(|it| (None, it.path.clone(), &it.findings));
    let failed = order.iter().enumerate().filter(|(_, it)| it.verdict != Verdict::Passed);
    let failed = failed.map(|(place, it)| {
        (Some(format!("s{place}")), format!("{} · {}", run.name_of(it), it.title), &it.findings)
    });
    let all: Vec<_> = refused.chain(failed).collect();
    let untold = all.len().saturating_sub(FAILURES);
    let told = all.into_iter().take(FAILURES).enumerate().map(|(place, (scenario, of, findings))| Failure {
        anchor: format!("f{place}"),
        scenario,
        of,
        findings: findings.iter().take(FINDINGS).map(Told::of).collect(),
        untold: findings.len().saturating_sub(FINDINGS),
    });
    (told.collect(), untold)
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
