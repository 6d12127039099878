//! Expectations: whose they are, in which order, and what replaces what.

use super::*;
use crate::plan::{
    Bounds, Changes, Closes, Commands, Count, History, Never, Notifications, Runs, Sample, When,
};
use crate::timeline::canonical::spell_notification;

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
        Expectation::Count(Count { when, among, status, bounds: Bounds { least, most, .. }, .. }) => {
            let when = match when {
                When::At(at) => format!("at {at}"),
                When::Ever => "ever".into(),
            };
            let among: Vec<_> = among.iter().map(|among| names(&among.devices)).collect();
            format!("{}: {when} {status} {least}..{most}", among.join(" and "))
        }
        Expectation::Never(Never { devices, status: never, .. }) => {
            format!("{}: never {}", names(devices), status(devices[0], *never))
        }
        Expectation::Changes(Changes { devices, bounds: Bounds { least, most, .. }, .. }) => {
            format!("{}: changes {least}..{most}", names(devices))
        }
        Expectation::Closes(Closes { device, windows }) => {
            let windows: Vec<String> = windows.iter().map(|(window, _)| spell_window(*window)).collect();
            format!("{} closes: {}", names(&[*device]), windows.join(", "))
        }
        Expectation::Runs(Runs { windows }) => {
            let run = |(window, up, _): &(Window, bool, _)| format!("{} {up}", spell_window(*window));
            format!("up: {}", windows.iter().map(run).collect::<Vec<_>>().join(", "))
        }
        Expectation::Notifications(Notifications { device, expected, .. }) => {
            let told = expected.iter().map(|it| {
                let text = spell_notification(status(*device, it.status), it.channel, &it.to, it.stage);
                format!("{} {text}", spell_window(it.window))
            });
            format!("{} notified: {}", names(&[*device]), told.collect::<Vec<_>>().join(", "))
        }
        Expectation::Commands(Commands { device, expected, .. }) => {
            let told = expected
                .iter()
                .map(|it| format!("{} {} {}", spell_window(it.window), it.turn.name(), it.pin));
            format!("{} commanded: {}", names(&[*device]), told.collect::<Vec<_>>().join(", "))
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

#[test]
fn starts_and_ends_of_the_server_are_complete_if_one_is_written() {
    check(
        "expect: { server: { 2m..3m: [down, closed a], 2m: [closed b, up] } }",
        &["up: 2m true, 2m..3m false", "a closes: 2m..3m", "b closes: 2m"],
    );
    check("expect: { server: {}, a: {} }", &["a: "]);
}

const TOLD: &str = "template: { lifecycle: [ online: , offline: { after: 1m, notify: { channels: [sms], to: [me, you] } } ] }";

#[test]
fn notifications_are_a_list_or_a_map_in_order_of_time() {
    let check =
        |text: &str, expected| check(&format!("{TOLD}\nexpect: {{ notifications: {text} }}"), expected);
    check(
        "{ a: [ 2m: offline sms you delivered, 1m..3m: offline sms me, 1m: [offline sms me, offline sms you] ] }",
        &[
            "a notified: 1m offline sms me, 1m offline sms you, 1m..3m offline sms me, 2m offline sms you delivered",
        ],
    );
    check("{ b: { 1m: offline sms me dead tries } }", &["b notified: 1m offline sms me dead tries"]);
    check(
        "{ b: [ 1m: offline email me, 1m: offline email me ] }",
        &["b notified: 1m offline email me, 1m offline email me"],
    );
    check("{ a: [], b: {} }", &["a notified: ", "b notified: "]);
    check("{ a: [], all: [ 1m: offline sms me ] }", &["a notified: ", "b notified: 1m offline sms me"]);
}

#[test]
fn commands_are_expected_by_pin() {
    check(
        "expect: { commands: { a: [ 1d: applied V1, 2m: [pending V1, blocked V255] ] } }",
        &["a commanded: 2m pending V1, 2m blocked V255, 1d applied V1"],
    );
    check("expect: { commands: { all: [] } }", &["a commanded: ", "b commanded: "]);
}

#[test]
fn numbers_of_devices_and_of_changes() {
    check(
        "expect: { all: { at: { 1m: { online: all, new: none } } } }",
        &["a b: at 1m online 2..2", "a b: at 1m new 0..0"],
    );
    check("expect: { all: { ever: { offline: at most 50% } } }", &["a b: ever offline 0..1"]);
    check("expect: { all: { never: [offline] } }", &["a b: never offline"]);
    check("expect: { a: { changes: 1..3 } }", &["a: changes 1..3"]);
}

#[test]
fn what_is_written_more_closely_counts() {
    let plan = plan(
        "scenario: T\ndevices: { f: { count: 3 }, g: { count: 2 }, s: }
expect: { all: { never: offline }, f: { 1s: online }, f-0001: {} }",
    );
    let spelt: Vec<_> = plan.expectations.iter().map(|expectation| spell(expectation, &plan)).collect();
    assert_eq!(spelt, ["g-0000 g-0001 s: never offline", "f-0000 f-0002: 1s online", "f-0001: "]);
}

#[test]
fn a_group_may_be_closed_as_one() {
    let plan = plan("scenario: T\ndevices: { f: { count: 2 } }\nexpect: { server: { 1s: closed f } }");
    let spelt: Vec<_> = plan.expectations.iter().map(|expectation| spell(expectation, &plan)).collect();
    assert_eq!(spelt, ["f-0000 closes: 1s", "f-0001 closes: 1s"]);
}
