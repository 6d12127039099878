//! `blynk-sim run`: runs scenarios, on several threads, and reports in the order of the files.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Instant;

use blynk_reports::model::{Finding, Scenario};
use blynk_reports::terminal;
use clap::builder::FalseyValueParser;

use super::print::Printer;
use super::progress::{REFRESH, Watch};
use super::snapshots::Snapshots;
use super::tags::TagExpression;
use super::{Exit, files};
use crate::engine::{Probe, Progress, Totals};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::report;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// Scenario files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only scenarios whose path or title contains this.
    #[arg(short = 'k', long = "keep", value_name = "SUBSTRING")]
    keep: Option<String>,
    /// Only scenarios whose tags match, such as `fleet and not (nightly or slow)`.
    #[arg(short = 't', long, value_name = "EXPRESSION")]
    tags: Option<TagExpression>,
    /// How many scenarios run at once; by default one per processor.
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Replaces the seed of every scenario.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Runs every scenario with each of these seeds.
    #[arg(long, value_name = "A..B", conflicts_with = "seed")]
    seeds: Option<Seeds>,
    /// Leaves no snapshot to be accepted where one is missing or differs; default where `CI` is set.
    #[arg(long, env = "CI", hide_env_values = true, value_parser = FalseyValueParser::new())]
    check: bool,
    /// Shows everything that happens to this device.
    #[arg(long, value_name = "DEVICE")]
    trace: Option<String>,
    /// Says nothing of scenarios that pass, nor how far they are.
    #[arg(short, long)]
    quiet: bool,
    /// Runs every scenario twice and compares the timelines.
    #[arg(long)]
    check_determinism: bool,
}

/// A scenario to run.
struct Job {
    plan: Arc<Plan>,
    /// If the run is to be compared: where the snapshots are, and the accepted one.
    snapshot: Option<(Snapshots, Option<String>)>,
}

/// What came of one scenario: as much as is shown of it, so that timelines are not kept.
enum Attempt {
    Judged { shown: Scenario, totals: Totals, trace: Option<String> },
    Panicked(String),
}

/// Real time, for people only.
type Took = std::time::Duration;

impl Run {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let jobs = match self.select(printer) {
            Ok(jobs) => jobs,
            Err(exit) => return exit,
        };
        let (began, watch) = (now(), Watch::new(self.quiet));
        let attempts = self.attempt_all(printer, &jobs, &watch);
        self.conclude(printer, &jobs, &attempts, began.elapsed())
    }

    /// Reads everything, then keeps what the user wants.
    fn select(&self, printer: &mut Printer) -> Result<Vec<Job>, Exit> {
        let mut jobs: Vec<Job> = Vec::new();
        for (turn, seed) in self.each_seed().enumerate() {
            let loaded = files::load(printer, &self.paths, seed)?;
            for scenario in loaded.into_iter().filter(|scenario| self.wants(&scenario.plan)) {
                if turn == 0 {
                    files::print_findings(printer, &scenario.warnings);
                }
                jobs.push(job(printer, scenario.plan, seed.is_none())?);
            }
        }
        if jobs.is_empty() {
            return Err(Exit::NothingMatched.said(printer, "no scenario matches"));
        }
        match &self.trace {
            Some(device) if jobs.iter().all(|job| job.plan.find(device).is_none()) => {
                Err(Exit::Refused.said(printer, format_args!("no scenario here has a device `{device}`")))
            }
            Some(_) | None => Ok(jobs),
        }
    }

    /// The seeds that replace the scenarios' own; `None` is their own.
    fn each_seed(&self) -> impl Iterator<Item = Option<u64>> + use<> {
        let (own, seeds) = (self.seed, self.seeds.clone());
        let own = seeds.is_none().then_some(own);
        own.into_iter().chain(seeds.into_iter().flat_map(|Seeds(seeds)| seeds).map(Some))
    }

    fn wants(&self, plan: &Plan) -> bool {
        let kept = self
            .keep
            .as_ref()
            .is_none_or(|text| plan.source.path.contains(text) || plan.title.contains(text));
        kept && self.tags.as_ref().is_none_or(|tags| tags.matches(&plan.tags))
    }

    /// Runs everything; prints a line for each as soon as those before it are printed.
    fn attempt_all(&self, printer: &mut Printer, jobs: &[Job], watch: &Watch) -> Vec<Attempt> {
        let width = jobs.iter().map(|job| self.name(&job.plan).chars().count()).max().unwrap_or(0);
        let next = AtomicUsize::new(0);
        let (done, results) = mpsc::channel();
        let mut waiting = BTreeMap::new();
        let mut attempts = Vec::new();
        thread::scope(|scope| {
            for _ in 0..self.jobs().min(jobs.len()) {
                let done = done.clone();
                scope.spawn(|| self.work(jobs, &next, watch, done));
            }
            drop(done);
            loop {
                match results.recv_timeout(REFRESH) {
                    Ok((place, attempt)) => _ = waiting.insert(place, attempt),
                    Err(RecvTimeoutError::Timeout) => watch.refresh(),
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                while let Some(attempt) = waiting.remove(&attempts.len()) {
                    watch.suspend(|| self.print(printer, &jobs[attempts.len()].plan, &attempt, width));
                    attempts.push(attempt);
                }
            }
        });
        attempts
    }

    /// What a scenario is called in the list: with several seeds they are told apart.
    fn name(&self, plan: &Plan) -> String {
        match self.seeds {
            Some(_) => format!("{} --seed {}", plan.source.path, plan.seed.0),
            None => plan.source.path.clone(),
        }
    }

    fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// One of the threads: takes plans until none is left.
    fn work(&self, jobs: &[Job], next: &AtomicUsize, watch: &Watch, done: mpsc::Sender<(usize, Attempt)>) {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return };
            let progress = watch.begin(place, &job.plan);
            let attempt = self.attempt(job, &progress);
            watch.end(place);
            done.send((place, attempt)).expect("the results are read to the end");
        }
    }

    fn attempt(&self, Job { plan, snapshot }: &Job, progress: &Progress) -> Attempt {
        let began = now();
        let traced = self.trace.as_ref().and_then(|name| plan.find(name));
        let probe = Probe { traced, cut: None };
        let judged = super::attempt(|| {
            let mut outcome = Outcome::watched(plan.clone(), probe, progress);
            if self.check_determinism {
                outcome.compare(&Outcome::watched(plan.clone(), probe, progress));
            }
            if let Some((snapshots, accepted)) = snapshot {
                let pending = outcome.compare_with_accepted(accepted.as_deref());
                self.propose(&mut outcome, snapshots, pending);
            }
            outcome
        });
        match judged {
            Ok(outcome) => Attempt::Judged {
                shown: report::scenario(&outcome, self.name(plan), began.elapsed()),
                totals: Totals::of(&outcome.observations),
                trace: traced.map(|device| report::trace(&outcome, device)),
            },
            Err(why) => Attempt::Panicked(why),
        }
    }

    /// Leaves a snapshot to be accepted; what was left before is out of date.
    fn propose(&self, outcome: &mut Outcome, snapshots: &Snapshots, pending: Option<String>) {
        let left = match pending {
            _ if self.check => Ok(()),
            None => snapshots.settle(),
            Some(text) => snapshots.propose(&text),
        };
        if let Err(error) = left {
            let title = format!("cannot leave a snapshot beside {}: {error}", outcome.plan.source.path);
            outcome.findings.push(Finding::error(title, None));
        }
    }

    fn print(&self, printer: &mut Printer, plan: &Plan, attempt: &Attempt, width: usize) {
        match attempt {
            Attempt::Judged { shown, trace: None, .. } if self.quiet && shown.findings.is_empty() => {}
            Attempt::Judged { shown, trace, .. } => {
                printer.line(terminal::scenario(shown, width));
                trace.iter().for_each(|trace| printer.line(trace));
            }
            Attempt::Panicked(why) => printer.complain(super::bug(plan, why)),
        }
    }

    /// The failures, complete, and the last line.
    fn conclude(&self, printer: &mut Printer, jobs: &[Job], attempts: &[Attempt], took: Took) -> Exit {
        let (mut passed, mut failed, mut panicked) = (0, 0, false);
        let mut totals = Totals::default();
        for attempt in attempts {
            if let Attempt::Judged { totals: its, .. } = attempt {
                totals += *its;
            }
            match attempt {
                Attempt::Judged { shown, .. } if shown.findings.is_empty() => passed += 1,
                Attempt::Judged { shown, .. } => {
                    if failed == 0 {
                        printer.line("");
                    }
                    failed += 1;
                    files::print_findings(printer, &shown.findings);
                }
                Attempt::Panicked(_) => (failed, panicked) = (failed + 1, true),
            }
        }
        printer.line(terminal::summary(&report::summary(
            passed,
            failed,
            jobs.iter().map(|job| &*job.plan),
            totals,
            took,
        )));
        verdict(panicked, failed)
    }
}

fn job(printer: &mut Printer, plan: Plan, own_seed: bool) -> Result<Job, Exit> {
    let plan = Arc::new(plan);
    // A snapshot is of the file's own seed.
    if plan.snapshot.is_none() || !own_seed {
        return Ok(Job { plan, snapshot: None });
    }
    let snapshots = Snapshots::of(&plan.source.path);
    match snapshots.read() {
        Ok(accepted) => Ok(Job { plan, snapshot: Some((snapshots, accepted)) }),
        Err(error) => {
            let path = &plan.source.path;
            let why = format_args!("cannot read the accepted timeline of {path}: {error}");
            Err(Exit::CouldNotRun.said(printer, why))
        }
    }
}

/// `A..B`, both included.
#[derive(Clone, Debug)]
struct Seeds(RangeInclusive<u64>);

impl FromStr for Seeds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "write two numbers, the smaller first, such as `1..20`";
        let (first, last) = text.split_once("..").ok_or(WRONG)?;
        let (first, last) = (first.parse().map_err(|_| WRONG)?, last.parse().map_err(|_| WRONG)?);
        if first <= last { Ok(Self(first..=last)) } else { Err(WRONG) }
    }
}

/// A bug outweighs whatever else was found.
const fn verdict(panicked: bool, failed: usize) -> Exit {
    match (panicked, failed) {
        (true, _) => Exit::Internal,
        (false, 0) => Exit::Passed,
        (false, _) => Exit::Failed,
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a run takes, for people only")]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error_whatever_else_failed() {
        assert_eq!(verdict(true, 2), Exit::Internal);
        assert_eq!(verdict(false, 2), Exit::Failed);
        assert_eq!(verdict(false, 0), Exit::Passed);
    }
}
