//! One scenario with one seed: run, judged, and compared with what was accepted.

use std::num::NonZeroUsize;
use std::sync::Arc;

use blynk_core::time::Duration;
use blynk_reports::model::{Finding, Note, Scenario};

use crate::cli::clock::now;
use crate::cli::snapshots::Snapshots;
use crate::engine::{Probe, Progress, Totals};
use crate::outcome::Outcome;
use crate::plan::{Plan, Source};
use crate::report;
use crate::scenario::{self, Options};

/// A scenario to run. Its plan is made when its turn comes.
pub(super) struct Job {
    pub(super) source: Arc<Source>,
    /// What replaces what the file says.
    pub(super) options: Options,
    /// What it is called in the list.
    pub(super) name: String,
}

/// How scenarios are run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// The device whose messages are shown.
    pub(super) traced: Option<&'a str>,
    /// Whether each runs twice.
    pub(super) twice: bool,
    /// Whether snapshots may be left to be accepted.
    pub(super) proposes: bool,
    /// How many threads each may use.
    pub(super) threads: NonZeroUsize,
}

/// What came of one scenario: as much as is shown of it, so that timelines are not kept.
pub(super) enum Attempt {
    Judged(Judged),
    Panicked(String),
}

pub(super) struct Judged {
    pub(super) shown: Scenario,
    pub(super) simulated: Duration,
    pub(super) totals: Totals,
    pub(super) trace: Option<String>,
}

impl Job {
    /// What it runs.
    ///
    /// # Panics
    /// If the file is not sound: it was read before.
    pub(super) fn plan(&self) -> Arc<Plan> {
        let loaded = scenario::load(Source::clone(&self.source), &self.options);
        Arc::new(loaded.expect("a file that is sound with one seed and engine is sound with all").plan)
    }

    pub(super) fn attempt(&self, plan: &Arc<Plan>, manner: Manner<'_>, progress: &Progress) -> Attempt {
        let began = now();
        let traced = manner.traced.and_then(|name| plan.find(name));
        let probe = Probe { traced, threads: Some(manner.threads), ..Probe::default() };
        let judged = crate::cli::attempt(|| {
            let mut outcome = Outcome::watched(plan.clone(), probe, progress);
            if manner.twice {
                outcome.compare(&Outcome::watched(plan.clone(), probe, progress));
            }
            if plan.snapshot.is_some() {
                compare_with_accepted(&mut outcome, manner.proposes);
            }
            outcome
        });
        match judged {
            Ok(outcome) => Attempt::Judged(Judged {
                shown: report::scenario(&outcome, self.name.clone(), began.elapsed()),
                simulated: plan.until.since_zero(),
                totals: Totals::of(&outcome.observations),
                trace: traced.map(|device| report::trace(&outcome, device)),
            }),
            Err(why) => Attempt::Panicked(why),
        }
    }
}

/// Holds the run against the accepted one; one that differs is left to be accepted.
fn compare_with_accepted(outcome: &mut Outcome, proposes: bool) {
    let path = outcome.plan.source.path.clone();
    let snapshots = Snapshots::of(&path);
    let accepted = match snapshots.read() {
        Ok(accepted) => accepted,
        Err(error) => {
            let title = format!("cannot read the accepted timeline of {path}: {error}");
            let help = "put the file back, or remove it and accept the run anew";
            return outcome.findings.push(Finding::error(title, None).note("help", help));
        }
    };
    let pending = outcome.compare_with_accepted(accepted.as_deref());
    let left = match &pending {
        Some(text) if proposes => snapshots.propose(text),
        None if proposes => snapshots.settle(),
        Some(_) | None => Ok(()),
    };
    let way_out = match left {
        Ok(()) if !proposes => {
            format!("run it without `--check` and with `CI` unset, then `blynk-sim accept {path}`")
        }
        Ok(()) => format!(
            "it is left as {}; if it is right: `blynk-sim accept {path}`",
            snapshots.pending().display()
        ),
        Err(error) => format!("it cannot be left as {}: {error}", snapshots.pending().display()),
    };
    if let (Some(_), Some(finding)) = (pending, outcome.findings.last_mut()) {
        finding.notes.push(Note { name: "help", lines: vec![way_out] });
    }
}
