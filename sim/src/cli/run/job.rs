//! One scenario with one seed: run, judged, and compared with what was accepted and with what it is on another engine.

use std::num::NonZeroUsize;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;
use blynk_reports::model::{Finding, Note, Scenario};

use crate::cli::clock::now;
use crate::cli::files;
use crate::cli::snapshots::Snapshots;
use crate::engine::{Probe, Progress};
use crate::outcome::{Demand, Failure, Outcome};
use crate::plan::{Engine, Plan, Snapshot, Source};
use crate::scenario::{self, Options};
use crate::{agreement, cli, findings, report, shell};

/// A scenario to run. Its plan is made when its turn comes.
pub(in crate::cli) struct Job {
    pub(in crate::cli) source: Arc<Source>,
    /// What replaces what the file says.
    pub(in crate::cli) options: Options,
    /// What it is called in the list.
    pub(in crate::cli) name: String,
    /// What stands on this line of the file is told first.
    pub(in crate::cli) line: Option<usize>,
    /// Whether it runs on all engines, unless its file names one.
    pub(in crate::cli) on_all_engines: bool,
}

/// How scenarios are run.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Manner<'a> {
    /// The device whose messages are shown.
    pub(in crate::cli) traced: Option<&'a str>,
    /// Whether each runs twice.
    pub(in crate::cli) twice: bool,
    /// Whether snapshots may be left to be accepted.
    pub(in crate::cli) proposes: bool,
    /// How many threads each may use.
    pub(in crate::cli) threads: NonZeroUsize,
    /// Whether everything about it is wanted, for reports.
    pub(in crate::cli) in_full: bool,
}

impl Manner<'_> {
    /// As much of an outcome as is wanted.
    fn shown(&self, outcome: &Outcome) -> Scenario {
        if self.in_full { report::full_scenario(outcome) } else { report::scenario(outcome) }
    }
}

/// What came of one scenario: as much as is shown of it, so that timelines are not kept.
pub(in crate::cli) struct Attempt {
    pub(in crate::cli) shown: Scenario,
    pub(in crate::cli) simulated: Duration,
    pub(in crate::cli) took: std::time::Duration,
    pub(in crate::cli) trace: Option<String>,
    /// Devices whose lives a tick decides, if engines were held against each other.
    pub(in crate::cli) races: Option<Races>,
    /// Whether the scenario has a snapshot, and this run is not what it is of.
    pub(in crate::cli) leaves_snapshot_out: bool,
}

/// How many they are, and what is said of them.
pub(in crate::cli) struct Races {
    pub(in crate::cli) count: usize,
    pub(in crate::cli) lines: Vec<String>,
}

impl Job {
    /// What it runs, if it runs on one engine.
    ///
    /// # Panics
    /// If the file is not sound: it was read before.
    pub(in crate::cli) fn plan(&self) -> Arc<Plan> {
        self.plan_on(self.options.engine)
    }

    fn plan_on(&self, engine: Option<Engine>) -> Arc<Plan> {
        let options = Options { engine, ..self.options };
        let loaded = scenario::load(Source::clone(&self.source), &options);
        Arc::new(loaded.expect("a file that is sound with one seed and engine is sound with all").plan)
    }

    /// Runs it; `plan` is its own.
    pub(in crate::cli) fn attempt(
        &self,
        plan: &Arc<Plan>,
        manner: Manner<'_>,
        progress: &Progress,
    ) -> Attempt {
        let began = now();
        let attempt = match (self.on_all_engines, plan.is_bound_to_engine) {
            (false, _) => self.attempt_on_one(plan, "", manner, progress),
            (true, true) => {
                self.attempt_on_one(plan, &format!(" on {} only", plan.engine.name()), manner, progress)
            }
            (true, false) => self.attempt_on_all(manner, progress),
        };
        attempt.unwrap_or_else(|why| Attempt {
            shown: report::crashed(plan, Finding::error(why, None)),
            simulated: Duration::ZERO,
            took: began.elapsed(),
            trace: None,
            races: None,
            leaves_snapshot_out: false,
        })
    }

    /// Runs a plan and judges it, alone and against what else is wanted. What stands on the line that the user asked for
    /// is told first; the rest as it is.
    ///
    /// # Errors
    /// What is said of a panic.
    fn run(&self, plan: &Arc<Plan>, manner: Manner<'_>, progress: &Progress) -> Result<Outcome, String> {
        let mut outcome = run(plan, manner, progress)?;
        let line = |failure: &Failure| failure.finding.place.as_ref().map(|place| place.line);
        if self.line.is_some() {
            outcome.failures.sort_by_key(|failure| line(failure) != self.line);
        }
        Ok(outcome)
    }

    fn attempt_on_one(
        &self,
        plan: &Arc<Plan>,
        note: &str,
        manner: Manner<'_>,
        progress: &Progress,
    ) -> Result<Attempt, String> {
        let began = now();
        let outcome = self.run(plan, manner, progress)?;
        let took = began.elapsed();
        let mut shown = manner.shown(&outcome);
        shown.simulated += note;
        Ok(Attempt {
            shown,
            simulated: plan.until.since_zero(),
            took,
            trace: traced(plan, manner).map(|device| report::trace(&outcome, device)),
            races: None,
            leaves_snapshot_out: plan.snapshot == Snapshot::OfAnother,
        })
    }

    fn attempt_on_all(&self, manner: Manner<'_>, progress: &Progress) -> Result<Attempt, String> {
        let began = now();
        let [exact, ticking] = [Engine::Events, Engine::Turmoil].map(|engine| self.plan_on(Some(engine)));
        let [ticking, exact] = [self.run(&ticking, manner, progress)?, self.run(&exact, manner, progress)?];
        let (ours, theirs) = (exact.run(), ticking.run());
        let agreement = cli::attempt(|| agreement::judge(ours, theirs));
        let agreement = agreement.map_err(|why| cli::bug(&exact.plan, &why))?;
        let took = began.elapsed();
        let disagreements = findings::disagreements(ours, theirs, &agreement);
        let shown = report::on_both_engines(manner.shown(&ticking), manner.shown(&exact), disagreements);
        let until = exact.plan.until.since_zero();
        let trace = traced(&exact.plan, manner).map(|device| traces([&ticking, &exact], device));
        let lines = findings::races(ours, theirs, &agreement);
        let races = Some(Races { count: agreement.races.len(), lines });
        // One of the engines is the file's own.
        let leaves_snapshot_out = [&exact, &ticking].iter().all(|it| it.plan.snapshot == Snapshot::OfAnother);
        Ok(Attempt { shown, simulated: until + until, took, trace, races, leaves_snapshot_out })
    }
}

fn run(plan: &Arc<Plan>, manner: Manner<'_>, progress: &Progress) -> Result<Outcome, String> {
    let probe = Probe { traced: traced(plan, manner), threads: Some(manner.threads), ..Probe::default() };
    let outcome = cli::attempt(|| {
        let mut outcome = Outcome::watched(plan.clone(), probe, progress);
        if manner.twice {
            outcome.compare(&Outcome::watched(plan.clone(), probe, progress));
        }
        if plan.snapshot.span().is_some() {
            compare_with_accepted(&mut outcome, manner.proposes);
        }
        outcome
    });
    outcome.map_err(|why| cli::bug(plan, &why))
}

fn traced(plan: &Plan, manner: Manner<'_>) -> Option<DeviceId> {
    manner.traced.and_then(|name| plan.find(name))
}

/// What happened to a device on each engine.
fn traces(outcomes: [&Outcome; 2], device: DeviceId) -> String {
    let trace = |outcome: &Outcome| {
        format!("      on {}:\n{}", outcome.plan.engine.name(), report::trace(outcome, device))
    };
    outcomes.map(trace).join("\n")
}

impl Attempt {
    /// Whether anything is wrong.
    pub(in crate::cli) fn is_failure(&self) -> bool {
        !self.shown.findings.is_empty()
    }
}

/// Holds the run against the accepted one; one that differs is left to be accepted.
fn compare_with_accepted(outcome: &mut Outcome, proposes: bool) {
    let path = outcome.plan.source.path.clone();
    let snapshots = Snapshots::of(&path);
    let accepted = match snapshots.read() {
        Ok(accepted) => accepted,
        Err(error) => {
            let accepted = snapshots.accepted().display();
            let title = format!("cannot read the accepted timeline {accepted}: {}", files::why(&error));
            let help = "put it back as it was, or remove it and accept the run anew";
            return outcome.fail(Demand::Snapshot, Finding::error(title, None).note("help", help));
        }
    };
    let pending = outcome.compare_with_accepted(accepted.as_deref());
    let left = match &pending {
        Some(text) if proposes => snapshots.propose(text, &outcome.plan.source.text),
        Some(_) => Ok(()),
        // What waits comes from an earlier run.
        None => snapshots.settle(),
    };
    let word = shell::word(&path);
    let way_out = match left {
        Ok(()) if !proposes => {
            format!("run it without `--check` and with `CI` unset, then `blynk-sim accept {word}`")
        }
        Ok(()) => format!(
            "it is left as {}; if it is right: `blynk-sim accept {word}`",
            snapshots.pending().display()
        ),
        Err(error) => format!("it cannot be left as {}: {error}", snapshots.pending().display()),
    };
    if let (Some(_), Some(failure)) = (pending, outcome.failures.last_mut()) {
        failure.finding.notes.push(Note { name: "help".into(), lines: vec![way_out] });
    }
}
