//! A plan, run and judged.

use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_reports::model::Finding;

use crate::engine::{self, Observations};
use crate::findings;
use crate::oracle::{self, expectations};
use crate::plan::Plan;
use crate::timeline::canonical;

/// What came of a plan.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The plan.
    pub plan: Arc<Plan>,
    /// What happened.
    pub observations: Observations,
    /// What should not have happened, or should have and did not. Empty: passed.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Runs and judges a plan. The messages of `traced` are kept.
    ///
    /// # Panics
    /// If anything in the simulated world panics.
    pub fn of(plan: Arc<Plan>, traced: Option<DeviceId>) -> Self {
        let observations = engine::run(&plan, traced);
        let findings = judge(&plan, &observations);
        Self { plan, observations, findings }
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

    /// The whole timeline as text.
    pub fn canonical(&self) -> String {
        canonical::text(&self.plan, &self.observations.timeline)
    }
}

fn judge(plan: &Plan, observations: &Observations) -> Vec<Finding> {
    let lanes = observations.timeline.by_device(plan.devices.len());
    let mismatches = expectations::judge(plan, &lanes);
    let breaches = observations.breaches.iter().cloned().chain(oracle::judge(plan, &lanes));
    let mut findings = findings::mismatches(plan, &lanes, &mismatches);
    findings.extend(breaches.map(|breach| findings::breach(plan, &lanes, &breach)));
    findings
}
