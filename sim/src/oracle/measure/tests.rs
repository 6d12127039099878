//! Figures of short runs, in milliseconds or plain numbers.

use std::sync::Arc;

use super::*;
use crate::engine::{self, Probe};
use crate::plan::Source;
use crate::scenario::keys::metrics;
use crate::scenario::{Options, load};

/// One device `a` with these settings, and what happens to it.
fn figure(settings: &str, timeline: &str, metric: &str) -> Option<u64> {
    let text = format!("scenario: x\nuntil: 20m\ndevices: {{ a: {settings} }}\ntimeline: {{ {timeline} }}\n");
    let source = Source { path: "x.yaml".into(), text };
    let plan = Arc::new(load(source, &Options::default()).expect("a valid scenario").plan);
    let observations = engine::run(&plan, Probe::default());
    let lanes = observations.timeline.by_device(plan.devices.len());
    let key = metrics().find(|key| key.name == metric).expect("a metric");
    Figures::of(&plan, &lanes, &observations).get(key.metric).map(|figure| figure.value)
}

#[track_caller]
fn check(settings: &str, timeline: &str, metric: &str, expected: impl Into<Option<u64>>) {
    assert_eq!(figure(settings, timeline, metric), expected.into());
}

const QUICK: &str = "{ reconnect: every 1s }";

#[test]
fn detection_counts_from_the_last_byte_or_the_close() {
    check("", "0s: { connect: a }, 1m: { send: a }, 61s: { drop: a }", "detection max", 67_000);
    check("", "0s: { connect: a }, 1m: { disconnect: a }", "detection max", 60_000);
    check("", "0s: { connect: a }", "detection max", None);
}

#[test]
fn a_close_counts_from_the_last_byte() {
    check("", "0s: { connect: a }, 1m: { send: a }, 61s: { drop: a }", "close max", 67_000);
    check("", "0s: { connect: a }, 1m: { send: a }, 61s: { disconnect: a }", "close max", 1_000);
}

#[test]
fn recovery_counts_from_the_return_of_what_was_gone() {
    check(QUICK, "0s: { connect: a }, 1m: { power-off: a, for: 5m }", "recovery max", 100);
    check(QUICK, "0s: { connect: a }, 1m: { kill: server, for: 5m }", "recovery max", 100);
    // A silence that nobody noticed is nothing to recover from.
    check(QUICK, "0s: { connect: a }, 1m: { drop: a, for: 5s }", "recovery max", None);
}

#[test]
fn who_comes_because_it_is_wanted_does_not_recover() {
    check(QUICK, "0s: { connect: a }", "recovery max", None);
    check(QUICK, "0s: { connect: a }, 1m: { disconnect: a, for: 5m }", "recovery max", None);
}

#[test]
fn who_is_not_back_counts_until_the_end() {
    check("{ reconnect: every 1h }", "0s: { connect: a }, 1m: { drop: a, for: 5m }", "recovery max", 840_000);
    check("{ reconnect: never }", "0s: { connect: a }, 1m: { drop: a, for: 5m }", "recovery max", None);
}

#[test]
fn offline_is_false_if_nothing_was_wrong() {
    let offline = |settings, timeline, count: u64| {
        check(settings, &format!("0s: {{ connect: a }}, {timeline}"), "false offline", count);
    };
    offline("{ reconnect: every 5m }", "1m: { reset: a }", 0);
    offline("{ reconnect: never }", "1m: { disconnect: a }", 0);
    offline(QUICK, "1m: { drop: a, for: 5m }", 0);
    offline(QUICK, "1m: { hang: a, for: 5m }", 0);
    offline(QUICK, "1m: { power-off: a, for: 5m }", 0);
    // Late is not gone.
    offline(QUICK, "1m: { slow: a, latency: 50s, for: 5m }", 1);
    offline("{ reconnect: never }", "1m: { slow: a, latency: 50s, for: 5m }", 1);
    offline("{ protocol: http, sends: every 5m }", "19m: { disconnect: a }", 4);
}

#[test]
fn a_status_that_is_set_is_no_detection() {
    check(
        QUICK,
        "0s: { connect: a }, 1m: { reset: a }, 10m: { set-status: a, to: offline }",
        "detection max",
        None,
    );
}

#[test]
fn who_is_cut_off_again_was_missed_until_then() {
    let drops = "0s: { connect: a }, 1m: { drop: a, for: 5m }, 8m: { drop: a, for: 5m }";
    check("{ reconnect: every 1h }", drops, "recovery p50", 120_000);
}

#[test]
fn a_clone_is_no_connection_of_a_device_over_http() {
    let clone = "0s: { connect: a }, 1m: { clone: a, for: 1m }, 5m: { kill: server, for: 30s }";
    check("{ protocol: http, sends: every 10s }", clone, "recovery max", None);
}

#[test]
fn the_busiest_second_counts() {
    check("", "0s: { connect: a }, 1m: [{ send: a }, { send: a }, { send: a }]", "messages per second", 3);
    check("", "0s: { connect: a }", "logins per second", 1);
    check("", "1s: { bad-token: a }", "logins per second", 0);
}

#[test]
fn a_rank_is_the_nearest() {
    let times = |count: u64| -> Vec<_> {
        let time =
            |millis| Measured { took: Duration::from_millis(millis), at: Instant::ZERO, device: DeviceId(0) };
        (1..=count).map(time).collect()
    };
    let ranked = |count, statistic| ranked(&times(count), statistic).map(|figure| figure.value);
    assert_eq!(ranked(0, Statistic::Max), None);
    assert_eq!([Statistic::P50, Statistic::P99, Statistic::Max].map(|it| ranked(1, it)), [Some(1); 3]);
    assert_eq!(
        [Statistic::P50, Statistic::P90, Statistic::P99, Statistic::Max].map(|it| ranked(200, it)),
        [100, 180, 198, 200].map(Some)
    );
}
