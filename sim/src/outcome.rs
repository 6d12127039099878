//! A plan, run and judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_reports::model::Finding;

use crate::agreement::Run;
use crate::engine::{self, Observations, Probe, Progress};
use crate::findings;
use crate::oracle::measure::Figures;
use crate::oracle::{self, Breach, Invariant, expectations, limits};
use crate::plan::Plan;
use crate::snapshot;
use crate::timeline::{Entry, canonical};

/// What came of a plan.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What happened.
    pub observations: Observations,
    /// What should not have happened, or should have and did not. Empty: passed.
    pub failures: Vec<Failure>,
    /// Which invariants were not kept; each is among the failures.
    pub breaches: Vec<Breach>,
    /// Those whom a failure is about.
    pub failing: BTreeSet<DeviceId>,
    /// Whether it was run again and compared.
    pub was_repeated: bool,
}

/// A demand that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub demand: Demand,
    /// What is said of it.
    pub finding: Finding,
}

/// What a run can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// The simulated network carries the plan.
    Network,
    /// An expectation of the plan, by its place.
    Expectation(usize),
    /// A limit of the plan, by its place.
    Limit(usize),
    /// Everybody is back in time.
    Settle,
    /// A rule that holds in every run.
    Invariant(Invariant),
    /// A second run gives the same bytes.
    Determinism,
    /// The run is the accepted one.
    Snapshot,
}

impl Outcome {
    /// Runs and judges a plan.
    ///
    /// # Panics
    /// If anything in the simulated world panics.
    pub fn of(plan: Arc<Plan>, probe: Probe) -> Self {
        Self::watched(plan, probe, &Progress::default())
    }

    /// As [`of`](Self::of), and says how far it is as it goes.
    ///
    /// # Panics
    /// As `of`.
    pub fn watched(plan: Arc<Plan>, probe: Probe, progress: &Progress) -> Self {
        let observations = engine::run_watched(&plan, probe, progress);
        let lanes = observations.timeline.by_device(plan.devices.len());
        let breaches = breaches(&plan, &observations, &lanes);
        let mismatches = expectations::judge(&plan, &lanes);
        let mut failing: BTreeSet<_> = breaches.iter().map(|breach| breach.device).collect();
        failing.extend(mismatches.iter().filter_map(|(_, mismatch)| mismatch.subject.device()));
        let mut failures = Vec::new();
        let mut fail = |demand, finding| failures.push(Failure { demand, finding });
        if let Some(at) = observations.out_of_ports {
            fail(Demand::Network, findings::out_of_ports(&plan, at));
        }
        for (place, finding) in findings::mismatches(&plan, &lanes, &mismatches) {
            fail(Demand::Expectation(place), finding);
        }
        failing.extend(judge_whole(&plan, &observations, &lanes, &mut fail));
        for (invariant, finding) in findings::breaches(&plan, &lanes, &breaches) {
            fail(Demand::Invariant(invariant), finding);
        }
        Self { plan, observations, failures, breaches, failing, was_repeated: false }
    }

    /// The plan, and what came of it.
    pub fn run(&self) -> Run<'_> {
        Run { plan: &self.plan, observations: &self.observations }
    }

    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// What is said of all failures.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.failures.iter().map(|failure| &failure.finding)
    }

    /// Demands that another run of the same plan went the same way, byte for byte.
    pub fn compare(&mut self, other: &Self) {
        self.was_repeated = true;
        let (ours, others) = (self.canonical(), other.canonical());
        if ours != others {
            self.fail(Demand::Determinism, findings::difference(&self.plan, &ours, &others));
        }
    }

    /// Demands that the run is the accepted one, if the plan demands that. Returns the snapshot to accept if it is not.
    pub fn compare_with_accepted(&mut self, accepted: Option<&str>) -> Option<String> {
        let text = snapshot::text(&self.plan, &self.observations.timeline);
        let span = self.plan.snapshot.span()?;
        let finding = snapshot::judge(&self.plan, &self.observations.timeline, span, accepted, &text)?;
        self.fail(Demand::Snapshot, finding);
        Some(text)
    }

    /// One more demand was not met.
    pub fn fail(&mut self, demand: Demand, finding: Finding) {
        self.failures.push(Failure { demand, finding });
    }

    /// The whole timeline as text.
    pub fn canonical(&self) -> String {
        canonical::text(&self.plan, &self.observations.timeline)
    }
}

/// What the scenario demands of the run as a whole. Returns whom it says something of.
fn judge_whole(
    plan: &Plan,
    observations: &Observations,
    lanes: &[Vec<&Entry>],
    fail: &mut impl FnMut(Demand, Finding),
) -> Vec<DeviceId> {
    let mut failing = Vec::new();
    if !plan.limits.is_empty() {
        let figures = Figures::of(plan, lanes, observations);
        for (place, exceeded) in limits::judge(plan, &figures) {
            failing.extend(exceeded.device());
            fail(Demand::Limit(place), findings::exceeded(plan, lanes, &exceeded));
        }
    }
    if let Some(settle) = &plan.settle {
        let unsettled = limits::unsettled(plan, settle, lanes);
        failing.extend(unsettled.iter().map(|unsettled| unsettled.device));
        if let Some(finding) = findings::unsettled(plan, lanes, settle, &unsettled) {
            fail(Demand::Settle, finding);
        }
    }
    failing
}

fn breaches(plan: &Plan, observations: &Observations, lanes: &[Vec<&Entry>]) -> Vec<Breach> {
    observations.breaches.iter().cloned().chain(oracle::judge(plan, lanes)).collect()
}
