//! Expectations: whose they are, in which order, and what replaces what.

use super::*;
use crate::plan::{Closes, History, Sample};

fn check(text: &str, expected: &[&str]) {
    let plan = with_devices(text);
    let spelt: Vec<String> = plan.expectations.iter().map(|expectation| spell(expectation, &plan)).collect();
    assert_eq!(spelt, expected);
}

/// `a b: 10s online, 20s..30s offline`
fn spell(expectation: &Expectation, plan: &Plan) -> String {
    let names =
        |ids: &[DeviceId]| ids.iter().map(|id| plan.device(*id).name.as_str()).collect::<Vec<_>>().join(" ");
    let status = |id: DeviceId, index| &plan.device(id).template.chain.status(index).key;
    match expectation {
        Expectation::History(History { devices, changes, .. }) => {
            let change = |c: &crate::plan::ExpectedChange| {
                format!("{} {}", spell_window(c.window), status(devices[0], c.to))
            };
            format!("{}: {}", names(devices), changes.iter().map(change).collect::<Vec<_>>().join(", "))
        }
        Expectation::Sample(Sample { devices, at, status: sampled, .. }) => {
            let sampled = sampled.map_or("new", |index| status(devices[0], index));
            format!("{}: at {at} {sampled}", names(devices))
        }
        Expectation::Closes(Closes { device, windows }) => {
            let windows: Vec<String> = windows.iter().map(|(window, _)| spell_window(*window)).collect();
            format!("{} closes: {}", names(&[*device]), windows.join(", "))
        }
    }
}

fn spell_window(window: Window) -> String {
    if window.from == window.to { window.from.to_string() } else { format!("{}..{}", window.from, window.to) }
}

#[test]
fn a_history_is_in_order_of_time() {
    check("expect: { a: { 2m..3m: offline, 1m: online } }", &["a: 1m online, 2m..3m offline"]);
    check("expect: { a: { 2m..4m: online, 2m..3m: offline } }", &["a: 2m..3m offline, 2m..4m online"]);
}

#[test]
fn several_changes_at_one_instant_are_a_list() {
    check("expect: { a: { 1m: [online, offline] } }", &["a: 1m online, 1m offline"]);
}

#[test]
fn an_empty_history_says_that_nothing_changes() {
    check("expect: { a: {} }", &["a: "]);
}

#[test]
fn samples_alone_are_no_history() {
    check("expect: { a: { at: { 1m: online, 0s: new } } }", &["a: at 1m online", "a: at 0s new"]);
    check("expect: { a: { 0s: online, at: { 1m: online } } }", &["a: 0s online", "a: at 1m online"]);
}

#[test]
fn a_members_own_entry_replaces_that_of_all() {
    check("expect: { all: { 0s: online } }", &["a b: 0s online"]);
    check("expect: { b: {}, all: { 0s: online } }", &["b: ", "a: 0s online"]);
    check("expect: { b: {}, a: {}, all: { 0s: online } }", &["b: ", "a: "]);
}

#[test]
fn devices_of_different_templates_have_histories_of_their_own() {
    let plan = plan(
        "scenario: T\ntemplates: { t: { lifecycle: online -1m-> standby -1m-> offline } }
devices: { a: , b: { template: t }, c: }\nexpect: { all: { 1m: offline } }",
    );
    let spelt: Vec<String> = plan.expectations.iter().map(|expectation| spell(expectation, &plan)).collect();
    assert_eq!(spelt, ["a c: 1m offline", "b: 1m offline"]);
}

#[test]
fn closes_are_complete_for_each_device_that_is_named() {
    check(
        "expect: { server: { 2m: [closed b, closed a], 1m: closed a } }",
        &["a closes: 1m, 2m", "b closes: 2m"],
    );
}
