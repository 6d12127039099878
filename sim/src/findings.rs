//! Words what the oracle found, for people.
//!
//! Owns titles, labels and notes of [findings](Finding). Judges nothing and draws nothing. What is the same for many devices
//! is told once, of a [crowd]; the story of one is a [teller]'s.

mod agreement;
mod counts;
mod crowd;
mod limits;
mod listed;
mod teller;

use std::collections::BTreeMap;

use blynk_core::time::Instant;
use blynk_reports::model::Finding;

use crate::oracle::expectations::Mismatch;
use crate::oracle::{Breach, Invariant};
use crate::plan::Plan;
use crate::timeline::{Entry, Subject};
use crowd::Crowd;
use teller::{Teller, Who};

pub use agreement::{disagreements, races};
pub use limits::{exceeded, unsettled};

/// How often a breach of one invariant is told; the rest are counted.
const TOLD: usize = 3;

/// All expectations that were not met, each by its place among the plan's, in the order of the scenario.
pub fn mismatches(plan: &Plan, lanes: &[Vec<&Entry>], found: &[(usize, Mismatch)]) -> Vec<(usize, Finding)> {
    let mut crowds: BTreeMap<(usize, usize, String), (usize, Crowd<'_>)> = BTreeMap::new();
    for (expectation, mismatch) in found {
        let teller = Teller::new(plan, lanes, mismatch.subject);
        let said_of_all = teller.title(&mismatch.kind, Who::Many(0), "");
        let alike = (mismatch.span.start, mismatch.span.end, said_of_all);
        let (_, crowd) = crowds.entry(alike).or_insert_with(|| (*expectation, Crowd::new()));
        crowd.push(teller, mismatch);
    }
    crowds.into_values().map(|(expectation, crowd)| (expectation, crowd.finding())).collect()
}

/// The invariants that were not kept: the first breaches of each, and how many more there are.
pub fn breaches(plan: &Plan, lanes: &[Vec<&Entry>], found: &[Breach]) -> Vec<(Invariant, Finding)> {
    let mut by_invariant: BTreeMap<_, Vec<&Breach>> = BTreeMap::new();
    for breach in found {
        by_invariant.entry(breach.invariant).or_default().push(breach);
    }
    let mut findings = Vec::new();
    for (invariant, breaches) in by_invariant {
        findings.extend(breaches.iter().take(TOLD).map(|told| (invariant, breach(plan, lanes, told))));
        if let (Some((_, last)), Some(untold @ 1..)) = (findings.last_mut(), breaches.len().checked_sub(TOLD))
        {
            *last = last.clone().note("more", format!("and {untold} more of this invariant"));
        }
    }
    findings
}

fn breach(plan: &Plan, lanes: &[Vec<&Entry>], breach: &Breach) -> Finding {
    let teller = Teller::new(plan, lanes, Subject::Device(breach.device));
    let at = plan.clock.spell(breach.at);
    let finding = Finding::error(format!("oracle: {} at {at}: {}", teller.name, breach.text), None)
        .note("invariant", breach.invariant.to_string());
    teller.story(finding, breach.at)
}

/// The simulated network could not carry the plan.
pub fn out_of_ports(plan: &Plan, at: Instant) -> Finding {
    let title = format!(
        "the simulated network had no port left at {}: too many connections were open at once",
        plan.clock.spell(at)
    );
    let help = "one of its hosts carries up to 62,000; use fewer devices, or let fewer connections pile up";
    Finding::error(title, None).note("help", help)
}

/// Two runs of one plan that differ.
pub fn difference(plan: &Plan, first: &str, second: &str) -> Finding {
    let same = first.lines().zip(second.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("nothing more").to_owned();
    Finding::error(format!("{}: two runs with seed {} differ", plan.source.path, plan.seed.0), None)
        .note("first", line(first))
        .note("second", line(second))
}

#[cfg(test)]
mod tests;
