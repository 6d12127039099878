//! What is shown of an outcome: everything that stands in reports, a trace, lanes, the product's own view.
//!
//! Owns what goes into the [model](blynk_reports::model) of the reports. Words no finding and draws nothing.

mod bars;
mod cases;
mod counts;
mod devices;
mod disturbances;
mod engines;
mod lanes;
mod picture;
mod room;
mod trace;
mod view;

use blynk_core::lifecycle::StatusKind;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{self, FORMAT, Finding, Run, Scenario, Tone, Verdict};
use blynk_reports::printable::printable;

use crate::engine::Totals;
use crate::outcome::Outcome;
use crate::plan::{Engine, Plan};
use crate::timeline::{Entry, canonical};

pub use engines::on_both_engines;
pub use lanes::lanes;
pub use room::Room;
pub use trace::trace;
pub use view::view;

/// What is shown of a scenario on the terminal: how it was run, and what is wrong.
pub fn scenario(outcome: &Outcome) -> Scenario {
    let verdict = if outcome.passed() { Verdict::Passed } else { Verdict::Failed };
    Scenario {
        totals: totals(Totals::of(&outcome.observations)),
        findings: outcome.findings().cloned().collect(),
        ..head(&outcome.plan, verdict)
    }
}

/// The same, with every demand and the lives of the devices.
pub fn full_scenario(outcome: &Outcome) -> Scenario {
    let lanes = outcome.observations.timeline.by_device(outcome.plan.devices.len());
    let figures = crate::oracle::measure::Figures::of(&outcome.plan, &lanes, &outcome.observations);
    Scenario {
        cases: cases::cases(outcome, &figures),
        picture: Some(picture::picture(outcome, &lanes, &figures)),
        ..scenario(outcome)
    }
}

/// A scenario that ended in a panic, which `finding` tells of.
pub fn crashed(plan: &Plan, finding: Finding) -> Scenario {
    Scenario { findings: vec![finding], ..head(plan, Verdict::Crashed) }
}

fn head(plan: &Plan, verdict: Verdict) -> Scenario {
    Scenario {
        path: printable(&plan.source.path).into_owned(),
        title: plan.title.clone(),
        hash: canonical::digest(&plan.source.text),
        seed: plan.seed.0,
        engine: plan.engine.name().into(),
        tick: match plan.engine {
            Engine::Turmoil => Some(plan.tick.to_string()),
            Engine::Events => None,
        },
        verdict,
        simulated: plan.until.to_string(),
        totals: model::Totals::default(),
        findings: Vec::new(),
        cases: Vec::new(),
        picture: None,
    }
}

/// A call of which nothing has come yet.
pub fn nothing_yet() -> Run {
    Run {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").into(),
        verdict: Verdict::Passed,
        passed: 0,
        failed: 0,
        simulated: Duration::ZERO.to_string(),
        totals: model::Totals::default(),
        races: None,
        refused: Vec::new(),
        findings: Vec::new(),
        not_run: 0,
        not_compared: 0,
        scenarios: Vec::new(),
        real_milliseconds: 0,
    }
}

/// In the model's words.
pub fn totals(Totals { messages, logins, changes }: Totals) -> model::Totals {
    model::Totals { messages, logins, changes }
}

const fn tone(kind: StatusKind) -> Tone {
    match kind {
        StatusKind::Online => Tone::Online,
        StatusKind::Offline => Tone::Offline,
        StatusKind::Custom => Tone::Custom,
    }
}

/// From when to when a session spoke for the device whose entries these are.
fn connected(plan: &Plan, entries: &[&Entry]) -> Vec<(Instant, Instant)> {
    let (mut spans, mut since) = (Vec::new(), None);
    for entry in entries {
        if entry.is_login() {
            since = since.or(Some(entry.at));
        } else if entry.is_end() {
            spans.extend(since.take().map(|since| (since, entry.at)));
        }
    }
    spans.extend(since.map(|since| (since, plan.until)));
    spans
}
