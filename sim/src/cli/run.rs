//! `blynk-sim run`: runs scenarios, on several threads, and reports in the order of the files.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use blynk_reports::model::Scenario;
use blynk_reports::terminal;

use super::print::Printer;
use super::tags::TagExpression;
use super::{Exit, files};
use crate::engine::Probe;
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
    /// Shows everything that happens to this device.
    #[arg(long, value_name = "DEVICE")]
    trace: Option<String>,
    /// Runs every scenario twice and compares the timelines.
    #[arg(long)]
    check_determinism: bool,
}

/// What came of one scenario: as much as is shown of it, so that timelines are not kept.
enum Attempt {
    Judged { shown: Scenario, trace: Option<String> },
    Panicked(String),
}

/// Real time, for people only.
type Took = std::time::Duration;

impl Run {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let plans = match self.select(printer) {
            Ok(plans) => plans,
            Err(exit) => return exit,
        };
        let began = now();
        let attempts = self.attempt_all(printer, &plans);
        self.conclude(printer, &plans, &attempts, began.elapsed())
    }

    /// Reads everything, then keeps what the user wants.
    fn select(&self, printer: &mut Printer) -> Result<Vec<Arc<Plan>>, Exit> {
        let loaded = files::load(printer, &self.paths, self.seed)?;
        let wanted: Vec<_> = loaded.into_iter().filter(|scenario| self.wants(&scenario.plan)).collect();
        wanted.iter().for_each(|scenario| files::print_findings(printer, &scenario.warnings));
        let plans: Vec<_> = wanted.into_iter().map(|scenario| Arc::new(scenario.plan)).collect();
        if plans.is_empty() {
            return Err(Exit::NothingMatched.said(printer, "no scenario matches"));
        }
        match &self.trace {
            Some(device) if plans.iter().all(|plan| plan.find(device).is_none()) => {
                Err(Exit::Refused.said(printer, format_args!("no scenario here has a device `{device}`")))
            }
            Some(_) | None => Ok(plans),
        }
    }

    fn wants(&self, plan: &Plan) -> bool {
        let kept = self
            .keep
            .as_ref()
            .is_none_or(|text| plan.source.path.contains(text) || plan.title.contains(text));
        kept && self.tags.as_ref().is_none_or(|tags| tags.matches(&plan.tags))
    }

    /// Runs everything; prints a line for each as soon as those before it are printed.
    fn attempt_all(&self, printer: &mut Printer, plans: &[Arc<Plan>]) -> Vec<Attempt> {
        let width = plans.iter().map(|plan| plan.source.path.chars().count()).max().unwrap_or(0);
        let next = AtomicUsize::new(0);
        let (done, results) = mpsc::channel();
        let mut waiting = BTreeMap::new();
        let mut attempts = Vec::new();
        thread::scope(|scope| {
            for _ in 0..self.jobs().min(plans.len()) {
                let done = done.clone();
                scope.spawn(|| self.work(plans, &next, done));
            }
            drop(done);
            for (place, attempt) in results {
                waiting.insert(place, attempt);
                while let Some(attempt) = waiting.remove(&attempts.len()) {
                    Self::print(printer, &plans[attempts.len()], &attempt, width);
                    attempts.push(attempt);
                }
            }
        });
        attempts
    }

    fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
    }

    /// One of the threads: takes plans until none is left.
    fn work(&self, plans: &[Arc<Plan>], next: &AtomicUsize, done: mpsc::Sender<(usize, Attempt)>) {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(plan) = plans.get(place) else { return };
            done.send((place, self.attempt(plan))).expect("the results are read to the end");
        }
    }

    fn attempt(&self, plan: &Arc<Plan>) -> Attempt {
        let began = now();
        let traced = self.trace.as_ref().and_then(|name| plan.find(name));
        let probe = Probe { traced, cut: None };
        let judged = super::attempt(|| {
            let mut outcome = Outcome::of(plan.clone(), probe);
            if self.check_determinism {
                outcome.compare(&Outcome::of(plan.clone(), probe));
            }
            outcome
        });
        match judged {
            Ok(outcome) => Attempt::Judged {
                shown: report::scenario(&outcome, began.elapsed()),
                trace: traced.map(|device| report::trace(&outcome, device)),
            },
            Err(why) => Attempt::Panicked(why),
        }
    }

    fn print(printer: &mut Printer, plan: &Plan, attempt: &Attempt, width: usize) {
        match attempt {
            Attempt::Judged { shown, trace } => {
                printer.line(terminal::scenario(shown, width));
                trace.iter().for_each(|trace| printer.line(trace));
            }
            Attempt::Panicked(why) => printer.complain(super::bug(plan, why)),
        }
    }

    /// The failures, complete, and the last line.
    fn conclude(&self, printer: &mut Printer, plans: &[Arc<Plan>], attempts: &[Attempt], took: Took) -> Exit {
        let (mut passed, mut failed, mut panicked) = (0, 0, false);
        for attempt in attempts {
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
        printer.line(terminal::summary(&report::summary(passed, failed, plans, took)));
        verdict(panicked, failed)
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

#[expect(clippy::disallowed_methods, reason = "how long a run took, for people only")]
fn now() -> Instant {
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
