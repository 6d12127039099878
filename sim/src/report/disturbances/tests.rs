//! What is told of what was wrong.

use std::sync::Arc;

use crate::engine::Probe;
use crate::outcome::Outcome;
use crate::plan::Source;
use crate::scenario::{Options, load};

fn check(timeline: &str, told: &[&str]) {
    let text = format!(
        "scenario: x\ndevices: {{ a: , f: {{ count: 3 }} }}\nuntil: 10m\nexpect: {{ a: {{ ever: {{ online: 0..1 }} }} }}\n\
         timeline:\n  0s: {{ connect: all }}\n{timeline}"
    );
    let plan =
        load(Source { path: "x.yaml".into(), text }, &Options::default()).expect("a valid scenario").plan;
    let outcome = Outcome::of(Arc::new(plan), Probe::default());
    let found = super::disturbances(&outcome.plan, &outcome.observations.timeline).into_iter();
    let found: Vec<_> =
        found.map(|it| format!("{} {} {} {}", it.who, it.what, it.devices, it.time)).collect();
    assert_eq!(found, told);
}

#[test]
fn a_fault_lasts_until_it_is_undone_or_the_run_ends() {
    check("  1m: { drop: { who: a, for: 30s } }\n", &["a drop 1 1m..1m30s"]);
    check("  1m: { power-off: a }\n", &["a power-off 1 1m..10m"]);
    check("  1m: { power-off: a }\n  2m: { power-on: a }\n", &["a power-off 1 1m..2m"]);
    check("  1m: { reset: a }\n", &["a reset 1 1m"]);
}

#[test]
fn healing_ends_all_that_impairs_the_link_and_nothing_else() {
    check(
        "  1m: [ { drop: a }, { slow: { who: a, latency: 2s } }, { hang: { who: a, for: 5m } } ]\n  2m: { heal: a }\n",
        &["a drop 1 1m..2m", "a hang 1 1m..6m", "a slow 1 1m..2m"],
    );
}

#[test]
fn what_overlaps_in_a_fleet_is_told_once() {
    check(
        "  1m: { drop: { who: f/0, for: 1m } }\n  90s: { drop: { who: f/1..2, for: 1m } }\n  5m: { drop: { who: f/0, for: 1m } }\n",
        &["f drop 3 1m..2m30s", "f drop 1 5m..6m"],
    );
}

#[test]
fn the_server_and_the_receiver_come_first() {
    check(
        "  1m: { drop: { who: a, for: 1m } }\n  2m: { crash: server, for: 30s }\n  3m: { receiver: failing }\n  4m: { receiver: up }\n",
        &["server down: power lost 0 2m..2m30s", "server receiver failing 0 3m..4m", "a drop 1 1m..2m"],
    );
}
