//! `blynk-sim run`: runs scenarios, on several threads, and reports in the order of the files.

mod engines;
mod job;
mod places;
mod record;
mod rerun;
mod seeds;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use blynk_reports::model::{Finding, Run as Report, Severity, Verdict};
use blynk_reports::printable::printable;
use blynk_reports::{github, terminal};
use clap::builder::{BoolishValueParser, FalseyValueParser};

use super::clock::now;
use super::harness::is_ci;
use super::print::Printer;
use super::progress::{REFRESH, Watch};
use super::reports::{self, Wanted};
use super::tags::TagExpression;
use super::{Exit, files, interrupt, snapshots};
use crate::numerals::count;
use crate::plan::{Plan, Snapshot, Source};
use crate::random::Seed;
use crate::scenario::{Loaded, Options, listed};
use engines::Engines;
pub(super) use job::{Attempt, Job, Manner};
use places::Places;
use record::Record;
use seeds::{MOST_RUNS, Seeds};

/// Arguments of `run`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Run {
    /// Scenario files, or folders of them. Of `FILE:LINE` it is told first what stands on that line.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only scenarios whose path or title contains this.
    #[arg(short = 'k', long = "keep", value_name = "SUBSTRING")]
    keep: Option<String>,
    /// Only scenarios whose tags match, such as `fleet and not (nightly or slow)`.
    #[arg(short = 't', long, value_name = "EXPRESSION")]
    tags: Option<TagExpression>,
    /// How many scenarios run at once; by default one per processor.
    #[arg(short = 'j', long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// How many threads share the devices of a scenario on the event engine; by default the processors that other
    /// scenarios leave.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Replaces the seed of every scenario.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = super::seed)]
    seed: Option<u64>,
    /// Runs every scenario with each of these seeds, both ends included: `1..20` are twenty.
    #[arg(long, value_name = "A..B", conflicts_with = "seed", allow_hyphen_values = true)]
    seeds: Option<Seeds>,
    /// Replaces the engine of every scenario; `all` runs each on both and demands that they agree, but those whose files
    /// name an engine on that alone.
    #[arg(long, value_name = "ENGINE", value_parser = engines::parser())]
    engine: Option<Engines>,
    /// Leaves no snapshot to be accepted where one is missing or differs, and finds those that no scenario refers to;
    /// default where `CI` is set, unless it is `--check=false`.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    #[arg(hide_possible_values = true, value_parser = BoolishValueParser::new())]
    check: Option<bool>,
    /// Begins no other scenario when so many have failed.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    max_fail: Option<u32>,
    /// Runs scenarios again as they change, until it is interrupted.
    #[arg(long)]
    watch: bool,
    /// Shows everything that happens to this device.
    #[arg(long, value_name = "DEVICE")]
    trace: Option<String>,
    /// Says nothing of scenarios that pass, nor how far they are.
    #[arg(short, long)]
    quiet: bool,
    /// Runs every scenario twice and compares the timelines.
    #[arg(long)]
    check_determinism: bool,
    /// Leaves a report: `html`, `json`, `junit`, `markdown`, `ndjson`, `tap` or `github`, such as `junit=results.xml`; may
    /// stand several times. `-` is standard output, and what people read then goes to standard error.
    #[arg(long = "report", value_name = "KIND=PATH")]
    reports: Vec<Wanted>,
    /// Prints annotations as GitHub shows them beside the lines of files; default where `GITHUB_ACTIONS` is set.
    #[arg(long, env = "GITHUB_ACTIONS", hide_env_values = true, value_parser = FalseyValueParser::new())]
    annotations: bool,
}

impl Run {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        interrupt::heed();
        if self.watch { rerun::run(&self, printer) } else { self.once(printer) }
    }

    fn once(&self, printer: &mut Printer) -> Exit {
        if let Err(exit) = reports::prepare(printer, &self.reports) {
            return exit;
        }
        let mut record = Record::new(!self.reports.is_empty());
        let began = now();
        match self.run_all(printer, &mut record) {
            Err(exit) if !record.has_refused() => exit,
            Ok(()) | Err(_) => self.conclude(printer, record, began.elapsed()),
        }
    }

    fn run_all(&self, printer: &mut Printer, record: &mut Record) -> Result<(), Exit> {
        let jobs = self.select(printer, record)?;
        let over = self.attempt_all(printer, &jobs, &Watch::new(self.quiet), record);
        if over < jobs.len() {
            let (failed, left) = (self.max_fail.unwrap_or_default(), jobs.len() - over);
            record.leave(left);
            let (failed, left) = (count(failed.into(), "failure"), count(left as u64, "scenario"));
            printer.line(format_args!("stopped after {failed}, {left} not run"));
        }
        Ok(())
    }

    /// Snapshots that none of these scenarios, which are all there are, refers to.
    fn unreferenced(&self, printer: &mut Printer, loaded: &[Loaded]) -> Result<Vec<Finding>, Exit> {
        let demanding = loaded.iter().filter(|it| it.plan.snapshot != Snapshot::None);
        let demanding: BTreeSet<_> = demanding.map(|it| Path::new(&it.plan.source.path)).collect();
        snapshots::unreferenced(&self.paths, |scenario| demanding.contains(scenario))
            .map_err(|(path, error)| files::cannot_read(printer, &path, &error))
    }

    /// Reads everything, then keeps what the user wants.
    fn select(&self, printer: &mut Printer, record: &mut Record) -> Result<Vec<Job>, Exit> {
        let first = self.seeds.as_ref().and_then(|seeds| seeds.iter().next()).or(self.seed);
        let places = Places::of(&self.paths).map_err(|why| Exit::Refused.said(printer, why))?;
        let mut plans = Vec::new();
        let (loaded, refused) = files::load_each(printer, &places.paths, self.options(first))?;
        if !refused.is_empty() {
            record.refuse(refused);
            return Err(Exit::Refused);
        }
        if loaded.is_empty() {
            return Err(Exit::NothingMatched.said(printer, files::NO_SCENARIOS));
        }
        if self.checks() {
            record.say(self.unreferenced(printer, &loaded)?);
        }
        let tags: BTreeSet<_> = loaded.iter().flat_map(|it| it.plan.tags.iter().cloned()).collect();
        for scenario in loaded {
            if self.wants(&scenario.plan) {
                files::print_findings(printer, &scenario.warnings);
                record.say(scenario.warnings);
                plans.push(scenario.plan);
            }
        }
        if plans.is_empty() {
            return Err(Exit::NothingMatched.said(printer, nothing_matches(&tags)));
        }
        if let Some(device) =
            self.trace.as_ref().filter(|name| plans.iter().all(|it| it.find(name).is_none()))
        {
            return Err(Exit::Refused.said(printer, super::unknown_device(device, &plans)));
        }
        let runs = self.seeds.as_ref().map_or(1, Seeds::count).saturating_mul(plans.len() as u64);
        if runs > MOST_RUNS {
            let why = format_args!("these seeds are {runs} runs, and {MOST_RUNS} are the most; name fewer");
            return Err(Exit::Refused.said(printer, why));
        }
        if let Some(plan) = plans.iter().find(|plan| places.is_beyond(&plan.source)) {
            let Source { path, text } = &*plan.source;
            let why = format_args!("{path} has the lines 1 to {}", text.lines().count());
            return Err(Exit::Refused.said(printer, why));
        }
        let sources: Vec<_> = plans.into_iter().map(|plan| plan.source).collect();
        reports::spare(printer, &self.reports, &sources)?;
        Ok(self
            .each_seed()
            .flat_map(|seed| sources.iter().map(move |source| (source, seed)))
            .map(|(source, seed)| self.job(source, seed, places.line(&source.path)))
            .collect())
    }

    /// The seeds that replace the scenarios' own; `None` is their own.
    fn each_seed(&self) -> impl Iterator<Item = Option<u64>> {
        let own = self.seeds.is_none().then_some(self.seed);
        own.into_iter().chain(self.seeds.iter().flat_map(Seeds::iter).map(Some))
    }

    /// With several seeds they are told apart.
    fn job(&self, source: &Arc<Source>, seed: Option<u64>, line: Option<usize>) -> Job {
        let name = self.name(&source.path, seed);
        let on_all_engines = self.engine == Some(Engines::All);
        Job { source: source.clone(), options: self.options(seed), name, line, on_all_engines }
    }

    fn name(&self, path: &str, seed: Option<u64>) -> String {
        let path = printable(path);
        match (&self.seeds, seed) {
            (Some(_), Some(seed)) => format!("{path} --seed {seed}"),
            (Some(_), None) | (None, _) => path.into_owned(),
        }
    }

    fn options(&self, seed: Option<u64>) -> Options {
        Options { seed: seed.map(Seed), engine: self.engine.and_then(Engines::replacement) }
    }

    fn manner(&self, jobs: usize) -> Manner<'_> {
        Manner {
            traced: self.trace.as_deref(),
            twice: self.check_determinism,
            proposes: !self.checks(),
            threads: self.threads(jobs),
            in_full: !self.reports.is_empty(),
        }
    }

    fn checks(&self) -> bool {
        self.check.unwrap_or_else(is_ci)
    }

    fn wants(&self, plan: &Plan) -> bool {
        let kept = self
            .keep
            .as_ref()
            .is_none_or(|text| plan.source.path.contains(text) || plan.title.contains(text));
        kept && self.tags.as_ref().is_none_or(|tags| tags.matches(&plan.tags))
    }

    /// Runs everything; prints a line for each as soon as those before it are printed. Returns how many were run.
    fn attempt_all(&self, printer: &mut Printer, jobs: &[Job], watch: &Watch, record: &mut Record) -> usize {
        let width = jobs.iter().map(|job| job.name.chars().count()).max().unwrap_or(0);
        let next = AtomicUsize::new(0);
        let (done, results) = mpsc::channel();
        let mut waiting = BTreeMap::new();
        let (mut over, mut failures) = (0, 0);
        thread::scope(|scope| {
            for _ in 0..self.jobs().min(jobs.len()) {
                let done = done.clone();
                scope.spawn(|| self.work(jobs, &next, watch, done));
            }
            drop(done);
            let mut shown = now();
            loop {
                match results.recv_timeout(REFRESH) {
                    Ok((place, attempt)) => _ = waiting.insert(place, attempt),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if shown.elapsed() >= REFRESH {
                    watch.refresh();
                    shown = now();
                }
                while let Some(attempt) =
                    waiting.remove(&over).filter(|_| self.max_fail.is_none_or(|most| failures < most))
                {
                    failures += u32::from(attempt.is_failure());
                    watch.suspend(|| self.print(printer, &jobs[over], &attempt, width));
                    keep(record, attempt);
                    over += 1;
                    if self.max_fail == Some(failures) {
                        next.store(jobs.len(), Ordering::Relaxed);
                    }
                }
            }
        });
        over
    }

    fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| processors().get(), usize::from)
    }

    /// For each of so many scenarios.
    fn threads(&self, jobs: usize) -> NonZeroUsize {
        let left = || processors().get() / self.jobs().min(jobs).max(1);
        let wanted = self.threads.map_or_else(left, usize::from);
        NonZeroUsize::new(wanted).unwrap_or(NonZeroUsize::MIN)
    }

    /// One of the threads: takes plans until none is left.
    fn work(&self, jobs: &[Job], next: &AtomicUsize, watch: &Watch, done: mpsc::Sender<(usize, Attempt)>) {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else { return };
            let plan = job.plan();
            let progress = watch.begin(place, &plan);
            let attempt = job.attempt(&plan, self.manner(jobs.len()), &progress);
            watch.end(place);
            done.send((place, attempt)).expect("the results are read to the end");
        }
    }

    fn print(&self, printer: &mut Printer, job: &Job, attempt: &Attempt, width: usize) {
        let Attempt { shown, trace, took, races, .. } = attempt;
        if self.quiet && trace.is_none() && !attempt.is_failure() {
            return;
        }
        printer.line(terminal::scenario(shown, &job.name, Some(*took), width));
        let races = races.iter().flat_map(|races| &races.lines);
        races.for_each(|race| printer.line(format_args!("      race: {race}")));
        trace.iter().for_each(|trace| printer.line(trace));
    }

    /// The failures, complete, the reports, and the last line.
    fn conclude(&self, printer: &mut Printer, record: Record, took: std::time::Duration) -> Exit {
        let run = record.finish(took);
        self.print_failures(printer, &run);
        let annotations = if self.annotations { github::report(&run) } else { String::new() };
        annotations.lines().for_each(|annotation| printer.line(annotation));
        let written = reports::write(printer, &self.reports, &run);
        if let Some(left_out) = run.left_out() {
            printer.line(format_args!("the reports have no room for {left_out}"));
        }
        if run.refused.is_empty() {
            printer.line(terminal::summary(&run, took));
        }
        match written {
            Ok(()) => verdict(run.verdict),
            Err(exit) => exit,
        }
    }

    fn print_failures(&self, printer: &mut Printer, run: &Report) {
        let failed = run.scenarios.iter().filter(|scenario| scenario.verdict != Verdict::Passed);
        for (place, scenario) in failed.enumerate() {
            if place == 0 {
                printer.line("");
            }
            if self.seeds.is_some() {
                let name = self.name(&scenario.path, Some(scenario.seed));
                printer.line(terminal::scenario(scenario, &name, None, 0));
            }
            files::print_findings(printer, &scenario.findings);
        }
        // Warnings were told before anything ran.
        let errors = run.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.for_each(|finding| printer.finding(finding));
    }
}

fn nothing_matches(tags: &BTreeSet<String>) -> String {
    match tags.is_empty() {
        true => "no scenario matches; none of them has tags".into(),
        false => {
            format!("no scenario matches; there are the tags {}", listed(tags.iter().map(String::as_str)))
        }
    }
}

/// Keeps what came of a scenario.
fn keep(record: &mut Record, attempt: Attempt) {
    let Attempt { shown, simulated, races, leaves_snapshot_out, .. } = attempt;
    if leaves_snapshot_out {
        record.pass_over_snapshot();
    }
    record.push(shown, simulated, races.map(|races| races.count as u64));
}

fn processors() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// A bug outweighs whatever else was found.
const fn verdict(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Passed => Exit::Passed,
        Verdict::Failed => Exit::Failed,
        Verdict::Refused => Exit::Refused,
        Verdict::Crashed => Exit::Internal,
    }
}
