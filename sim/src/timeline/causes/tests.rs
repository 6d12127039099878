//! What is told to have led to the last change of a short run.

use std::sync::Arc;

use super::*;
use crate::engine::{self, Probe};
use crate::plan::Source;
use crate::scenario::{Options, load};

/// One device `a`, which dials every 10 s, and what happens to it.
#[track_caller]
fn check(timeline: &str, expected: &[&str]) {
    let text = format!(
        "scenario: x\nengine: events\nuntil: 20m\ntemplate: {{ heartbeat: 30s, lifecycle: online -1m-> away -1h-> offline }}\n\
         devices: {{ a: {{ reconnect: every 10s }} }}\ntimeline:\n  0s: {{ connect: a }}\n{timeline}"
    );
    let source = Source { path: "x.yaml".into(), text };
    let plan = Arc::new(load(source, &Options::default()).expect("a valid scenario").plan);
    let observations = engine::run(&plan, Probe::default());
    let lanes = observations.timeline.by_device(1);
    let last = lanes[0].iter().rposition(|entry| entry.change().is_some()).expect("it logs in");
    let reasons = of_change(&plan, &lanes[0], last);
    let told: Vec<_> = reasons.iter().map(|it| format!("{} {}", plan.clock.spell(it.at), it.text)).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_device_comes_back_because_its_way_is_free() {
    let back = ["3m end of drop", "3m5s login"];
    let drop = "  1m: { drop: a, for: 2m }\n";
    check(drop, &back);
    for meanwhile in [
        "  3m2s: { command: a, pin: V3, value: open }",
        "  3m2s: { bad-token: a }",
        "  3m2s: { reset: a }",
        "  3m2s: { send: a }",
        "  3m2s: { set-heartbeat: a, to: 40s }",
        "  3m2s: { set-status: a, to: away }",
    ] {
        check(&format!("{drop}{meanwhile}\n"), &back);
    }
}

#[test]
fn a_device_comes_back_because_the_server_does() {
    let command = "  6m2s: { command: a, pin: V3, value: open }\n";
    let crash = "  1m: { disconnect: a }\n  3m: { crash: server, for: 3m }\n  4m5s: { connect: a }\n";
    check(&format!("{crash}{command}"), &["6m server UP", "6m5s login"]);
}

#[test]
fn a_device_logs_in_again_because_it_lost_its_connection() {
    let lost = "  1m: { set-status: a, to: away }\n  2m: { command: a }\n  3m: { reset: a }\n  3m1s: { command: a }\n";
    check(lost, &["3m reset", "3m login"]);
}

#[test]
fn what_is_set_or_sent_is_its_own_reason() {
    check("  1m: { set-status: a, to: away }\n", &["1m set-status away", "1m set by the device"]);
    check("  1m: { set-status: a, to: away }\n  2m: { send: a }\n", &["2m send V0 = 1", "2m data"]);
    let silent = "  1m: { set-status: a, to: away }\n  2m: { drop: a, for: 9s }\n  2m1s: { send: a }\n";
    check(silent, &["2m9s end of drop", "2m9s data"]);
}

#[test]
fn what_brought_a_device_once_is_no_reason_for_what_comes_later() {
    let flood = "  3m..3m2s: { send: a, every: 10ms }\n  3m5s: { set-status: a, to: away, by: operator }\n";
    check(flood, &["3m10.494s login"]);
}
