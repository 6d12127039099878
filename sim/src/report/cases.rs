//! Everything that was demanded of a run, and which findings say that it was not met.

use blynk_reports::model::{Case, CaseKind};

use crate::oracle::Invariant;
use crate::oracle::measure::Figures;
use crate::outcome::{Demand, Outcome};
use crate::plan::{Expectation, Limit, Plan, Settle, Span};
use crate::scenario::keys::{metric_name, spell_bound, spell_figure};
use crate::wording;

/// Longer names are cut: they stand in lists.
const LONGEST_NAME: usize = 160;

/// All demands: the scenario's in its own order, then those on every run.
pub(super) fn cases(outcome: &Outcome, figures: &Figures) -> Vec<Case> {
    let maker = Maker { outcome, lines: Lines::of(&outcome.plan.source.text) };
    let plan = &*outcome.plan;
    let expectations: Vec<_> = plan.expectations.iter().enumerate().collect();
    // One entry of the file is an expectation for each template that it is about.
    let entries = expectations.chunk_by(|(_, a), (_, b)| a.span() == b.span());
    let expected = entries.map(|entry| maker.expectation(entry));
    let limited = plan.limits.iter().enumerate().map(|(place, limit)| maker.limit(place, limit, figures));
    let settled = plan.settle.iter().map(|settle| maker.settle(settle));
    let accepted = plan.snapshot.span().map(|span| maker.snapshot(span));
    let always = Invariant::ALL.iter().map(|invariant| maker.invariant(*invariant));
    let cases = expected.chain(limited).chain(settled).chain(accepted).chain(always);
    cases.chain(maker.repetition()).chain(maker.network()).collect()
}

struct Maker<'a> {
    outcome: &'a Outcome,
    lines: Lines,
}

impl Maker<'_> {
    fn plan(&self) -> &Plan {
        &self.outcome.plan
    }

    fn case(&self, kind: CaseKind, name: &str, span: Option<&Span>, is_it: impl Fn(Demand) -> bool) -> Case {
        let failures = self.outcome.failures.iter().enumerate();
        let findings = failures.filter(|(_, failure)| is_it(failure.demand)).map(|(place, _)| place);
        Case {
            kind,
            name: shortened(name),
            line: span.map(|span| self.lines.line(span.start)),
            measured: None,
            findings: findings.collect(),
        }
    }

    fn expectation(&self, entry: &[(usize, &Expectation)]) -> Case {
        let names = entry.iter().map(|(_, expectation)| wording::expectation(self.plan(), expectation));
        // In a column of its own a name needs no colon.
        let name = names.map(|name| name.replacen("  ", ": ", 1)).collect::<Vec<_>>().join("; ");
        let is_it = |demand| entry.iter().any(|(place, _)| demand == Demand::Expectation(*place));
        self.case(CaseKind::Expectation, &name, entry[0].1.span(), is_it)
    }

    fn limit(&self, place: usize, limit: &Limit, figures: &Figures) -> Case {
        let name = format!("{} {}", metric_name(limit.metric), spell_bound(limit));
        let measured = figures.get(limit.metric).map(|figure| spell_figure(limit.metric, figure.value));
        let case =
            self.case(CaseKind::Limit, &name, Some(&limit.span), |demand| demand == Demand::Limit(place));
        Case { measured, ..case }
    }

    fn settle(&self, settle: &Settle) -> Case {
        let name = format!("everybody is back within {} of the last fault", settle.within);
        self.case(CaseKind::Settle, &name, Some(&settle.span), |demand| demand == Demand::Settle)
    }

    fn snapshot(&self, span: &Span) -> Case {
        let name = "the timeline is the accepted one";
        self.case(CaseKind::Snapshot, name, Some(span), |demand| demand == Demand::Snapshot)
    }

    fn invariant(&self, invariant: Invariant) -> Case {
        let is_it = |demand| demand == Demand::Invariant(invariant);
        self.case(CaseKind::Invariant, invariant.name(), None, is_it)
    }

    /// Only if it was asked for.
    fn repetition(&self) -> Option<Case> {
        let is_it = |demand| demand == Demand::Determinism;
        let name = "a second run gives the same bytes";
        self.outcome.was_repeated.then(|| self.case(CaseKind::Invariant, name, None, is_it))
    }

    /// Only where it gave way.
    fn network(&self) -> Option<Case> {
        let is_it = |demand| demand == Demand::Network;
        let case = self.case(CaseKind::Invariant, "the simulated network carries the plan", None, is_it);
        (!case.findings.is_empty()).then_some(case)
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.into(),
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(newline, _)| newline + 1).collect())
    }

    /// The line that a byte is on, from 1.
    fn line(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start <= byte) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_1_and_begin_behind_a_newline() {
        let lines = Lines::of("a\nbc\n\nd");
        let found: Vec<_> = [0, 1, 2, 4, 5, 6].map(|byte| lines.line(byte)).into();
        assert_eq!(found, [1, 1, 2, 2, 3, 4]);
    }

    #[test]
    fn long_names_are_cut_between_letters() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"ü".repeat(161)), "ü".repeat(160) + "...");
    }
}
