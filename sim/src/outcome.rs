//! A plan, run and judged.

use std::sync::Arc;

use blynk_reports::model::Finding;

use crate::agreement::Run;
use crate::engine::{self, Observations, Probe, Progress};
use crate::findings;
use crate::oracle::measure::Figures;
use crate::oracle::{self, Breach, expectations, limits};
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
    pub findings: Vec<Finding>,
    /// Which invariants were not kept; each is among the findings.
    pub breaches: Vec<Breach>,
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
        let mut findings: Vec<_> =
            observations.out_of_ports.map(|at| findings::out_of_ports(&plan, at)).into_iter().collect();
        findings.extend(findings::mismatches(&plan, &lanes, &expectations::judge(&plan, &lanes)));
        findings.extend(demands(&plan, &observations, &lanes));
        findings.extend(findings::breaches(&plan, &lanes, &breaches));
        Self { plan, observations, findings, breaches }
    }

    /// The plan, and what came of it.
    pub fn run(&self) -> Run<'_> {
        Run { plan: &self.plan, observations: &self.observations }
    }

    /// Whether everything was as expected.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }

    /// Demands that another run of the same plan went the same way, byte for byte.
    pub fn compare(&mut self, other: &Self) {
        let (ours, others) = (self.canonical(), other.canonical());
        if ours != others {
            self.findings.push(findings::difference(&self.plan, &ours, &others));
        }
    }

    /// Demands that the run is the accepted one, if the plan demands that. Returns the snapshot to accept if it is not.
    pub fn compare_with_accepted(&mut self, accepted: Option<&str>) -> Option<String> {
        let text = snapshot::text(&self.plan, &self.observations.timeline);
        let span = self.plan.snapshot.as_ref()?;
        self.findings.push(snapshot::judge(&self.plan, &self.observations.timeline, span, accepted, &text)?);
        Some(text)
    }

    /// The whole timeline as text.
    pub fn canonical(&self) -> String {
        canonical::text(&self.plan, &self.observations.timeline)
    }
}

/// What the scenario demands of the run as a whole, and did not get.
fn demands(plan: &Plan, observations: &Observations, lanes: &[Vec<&Entry>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !plan.limits.is_empty() {
        let figures = Figures::of(plan, lanes, observations);
        let exceeded = limits::judge(plan, &figures);
        findings.extend(exceeded.iter().map(|exceeded| findings::exceeded(plan, lanes, exceeded)));
    }
    if let Some(settle) = &plan.settle {
        let unsettled = limits::unsettled(plan, settle, lanes);
        findings.extend(findings::unsettled(plan, lanes, settle, &unsettled));
    }
    findings
}

fn breaches(plan: &Plan, observations: &Observations, lanes: &[Vec<&Entry>]) -> Vec<Breach> {
    observations.breaches.iter().cloned().chain(oracle::judge(plan, lanes)).collect()
}
