//! What is kept of a call until its end, for the last line and the reports.

use blynk_core::time::Duration;
use blynk_reports::model::{Finding, Refused, Run, Scenario, Severity, Verdict};

use crate::report::{Room, nothing_yet};

/// Everything so far.
pub(super) struct Record {
    run: Run,
    simulated: Duration,
    /// Whether those that passed are kept too.
    in_full: bool,
    room_for_passed: Room,
    room_for_others: Room,
}

impl Record {
    /// Of a call that begins.
    pub(super) fn new(in_full: bool) -> Self {
        Self {
            run: nothing_yet(),
            simulated: Duration::ZERO,
            in_full,
            room_for_passed: Room::for_report(),
            room_for_others: Room::for_report(),
        }
    }

    pub(super) fn refuse(&mut self, refused: Vec<Refused>) {
        if !refused.is_empty() {
            self.run.verdict = Verdict::Refused;
        }
        self.run.refused = refused;
    }

    /// Whether a file is refused: then nothing runs.
    pub(super) fn has_refused(&self) -> bool {
        self.run.verdict == Verdict::Refused
    }

    /// What is found about files and no single run.
    pub(super) fn say(&mut self, findings: Vec<Finding>) {
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            self.run.verdict = self.run.verdict.max(Verdict::Failed);
        }
        self.run.findings.extend(findings);
    }

    /// So many scenarios were not begun.
    pub(super) fn leave(&mut self, scenarios: usize) {
        self.run.not_run = scenarios;
    }

    /// The snapshot of one more run is of another seed or engine.
    pub(super) fn pass_over_snapshot(&mut self) {
        self.run.not_compared += 1;
    }

    /// One more scenario is over; races are counted where engines were held against each other.
    pub(super) fn push(&mut self, mut scenario: Scenario, simulated: Duration, races: Option<u64>) {
        let passed = scenario.verdict == Verdict::Passed;
        let (Run { passed: ok, failed, verdict, totals, .. }, more) = (&mut self.run, scenario.totals);
        *if passed { ok } else { failed } += 1;
        *verdict = scenario.verdict.max(*verdict);
        totals.messages += more.messages;
        totals.logins += more.logins;
        totals.changes += more.changes;
        self.simulated = self.simulated + simulated;
        if let Some(more) = races {
            *self.run.races.get_or_insert(0) += more;
        }
        if let Some(picture) = &mut scenario.picture {
            let room = if passed { &mut self.room_for_passed } else { &mut self.room_for_others };
            room.fit(picture);
        }
        if !passed || self.in_full {
            self.run.scenarios.push(scenario);
        }
    }

    /// All of it.
    pub(super) fn finish(self, took: std::time::Duration) -> Run {
        Run {
            simulated: self.simulated.to_string(),
            real_milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            ..self.run
        }
    }
}
