//! Actions to steps: order, undoing, windows, numbers of faults.

use super::*;
use crate::plan::{Action, ServerAction};

fn check(timeline: &str, expected: &[&str]) {
    let plan = with_devices(&format!("timeline:\n{timeline}"));
    assert_eq!(spelt(&plan.steps, &plan), expected);
}

#[test]
fn steps_are_in_order_of_time_then_file_then_device() {
    check(
        "  2s: { reset: a }\n  1s: [{ heal: [b, a] }, { connect: all }]",
        &["1s a Heal", "1s b Heal", "1s a Connect", "1s b Connect", "2s a Reset"],
    );
}

#[test]
fn an_undo_has_the_place_of_its_verb() {
    check(
        "  0s: { disconnect: a, for: 2s }\n  2s: { heal: a }",
        &["0s a Disconnect", "2s a Connect", "2s a Heal"],
    );
    check(
        "  2s: { heal: a }\n  0s: { disconnect: a, for: 2s }",
        &["0s a Disconnect", "2s a Heal", "2s a Connect"],
    );
}

#[test]
fn every_verb_that_can_be_undone_is() {
    check("  0s: { connect: a, for: 1s }", &["0s a Connect", "1s a Disconnect"]);
    check("  0s: { power-off: a, for: 1s }", &["0s a PowerOff", "1s a PowerOn"]);
    check(
        "  0s: { drop: { who: a, for: 1s } }",
        &["0s a Impair(Drop, FaultId(0))", "1s a Relieve(Drop, FaultId(0))"],
    );
    check(
        "  0s: { set-heartbeat: a, to: 20s, for: 1s }",
        &["0s a SetHeartbeat(Duration(20000))", "1s a SetHeartbeat(Duration(45000))"],
    );
}

#[test]
fn an_undone_heartbeat_is_the_one_that_was_replaced() {
    check(
        "  0s: { set-heartbeat: a, to: 20s }\n  5s: { set-heartbeat: { who: a, to: 30s, for: 5s } }",
        &[
            "0s a SetHeartbeat(Duration(20000))",
            "5s a SetHeartbeat(Duration(30000))",
            "10s a SetHeartbeat(Duration(20000))",
        ],
    );
}

#[test]
fn every_drop_of_every_device_has_its_own_number() {
    check(
        "  0s: { drop: all, for: 5s }\n  1s: { drop: b }",
        &[
            "0s a Impair(Drop, FaultId(0))",
            "0s b Impair(Drop, FaultId(1))",
            "1s b Impair(Drop, FaultId(2))",
            "5s a Relieve(Drop, FaultId(0))",
            "5s b Relieve(Drop, FaultId(1))",
        ],
    );
}

#[test]
fn messages_have_a_pin_and_a_value() {
    check("  0s: { send: a }", &["0s a Send { pin: Pin(0), value: \"1\" }"]);
    check("  0s: { send: a, pin: V255, value: 0052 }", &["0s a Send { pin: Pin(255), value: \"0052\" }"]);
    check("  0s: { garbage: a }", &["0s a Garbage(IdZero)"]);
    check("  0s: { garbage: a, kind: oversize }", &["0s a Garbage(Oversize)"]);
}

#[test]
fn statuses_are_set_by_the_device_or_by_an_operator() {
    check("  0s: { set-status: a, to: offline }", &["0s a SetStatus { to: \"offline\", by: Device }"]);
    check(
        "  0s: { set-status: { who: a, to: offline, by: operator } }",
        &["0s a SetStatus { to: \"offline\", by: Operator }"],
    );
    check("  0s: { sleep: a, to: offline, for: 1h }", &["0s a Sleep { to: \"offline\" }", "1h a Connect"]);
}

#[test]
fn commands_have_a_pin_and_a_value() {
    check("  0s: { command: a }", &["0s a Command { pin: Pin(0), value: \"1\" }"]);
    check("  0s: { command: a, pin: V7, value: 0 }", &["0s a Command { pin: Pin(7), value: \"0\" }"]);
    check("  0s: { bad-token: a }", &["0s a BadToken"]);
}

#[test]
fn freezes_and_clones_have_their_own_numbers() {
    check(
        "  0s: [{ hang: all, for: 1s }, { clone: a, for: 2s }, { drop: b }]",
        &[
            "0s a Hang(FaultId(0))",
            "0s b Hang(FaultId(1))",
            "0s a Clone(FaultId(2))",
            "0s b Impair(Drop, FaultId(3))",
            "1s a Resume(FaultId(0))",
            "1s b Resume(FaultId(1))",
            "2s a EndClone(FaultId(2))",
        ],
    );
}

#[test]
fn the_server_goes_and_starts_again() {
    check("  0s: { crash: server, for: 5s }", &["0s server Crash", "5s server Start"]);
    check("  0s: { kill: , for: 5s }", &["0s server Kill", "5s server Start"]);
    check("  0s: { stop: server }\n  1s: { start: }", &["0s server Stop", "1s server Start"]);
}

#[test]
fn the_receiver_fails_and_is_well_again() {
    check("  0s: { receiver: down, for: 5s }", &["0s receiver Down", "5s receiver Up"]);
    check("  0s: { receiver: slow }\n  1s: { receiver: up }", &["0s receiver Slow", "1s receiver Up"]);
    check("  0s: { receiver: failing }", &["0s receiver Failing"]);
}

#[test]
fn what_happens_to_the_server_has_its_place_in_the_file() {
    check(
        "  1s: [{ send: b }, { kill: server }, { send: a }]",
        &[
            "1s b Send { pin: Pin(0), value: \"1\" }",
            "1s server Kill",
            "1s a Send { pin: Pin(0), value: \"1\" }",
        ],
    );
}

fn moments_of(device: u32, plan: &Plan) -> Vec<Instant> {
    plan.steps_of(DeviceId(device)).map(|(_, step)| step.at).collect()
}

#[test]
fn in_a_window_the_server_has_a_moment_of_its_own() {
    let moment = |text: &str| {
        let plan = with_devices(&format!("timeline: {{ 1m..2m: [{text}] }}"));
        plan.steps.iter().find(|step| step.deed == Deed::Server(ServerAction::Kill)).expect("it is killed").at
    };
    let alone = moment("{ kill: server }");
    assert_eq!(alone, moment("{ connect: all }, { kill: server }"));
    assert_ne!(alone, moment("{ receiver: down }, { kill: server }"));
    assert!(Instant::from_millis(60_000) <= alone && alone <= Instant::from_millis(120_000));
}

#[test]
fn in_a_window_each_device_has_its_own_moment() {
    let plan = with_devices("timeline: { 1m..2m: [{ connect: all }, { drop: all, for: 10s }] }");
    let (first, second) = (moments_of(0, &plan), moments_of(1, &plan));
    assert_ne!(first[0], first[1]);
    assert_ne!(first[0], second[0]);
    let window = Window { from: Instant::from_millis(60_000), to: Instant::from_millis(130_000) };
    assert!(plan.steps.iter().all(|step| window.contains(step.at, Duration::ZERO)));
}

#[test]
fn a_device_draws_the_same_moments_whoever_else_there_is() {
    let alone = plan("scenario: T\ndevices: { a: }\ntimeline: { 0s..1h: { connect: all } }");
    let both = with_devices("timeline: { 0s..1h: { connect: all } }");
    assert_eq!(moments_of(0, &alone), moments_of(0, &both));
}

#[test]
fn a_moment_draws_nothing() {
    let with = with_devices("timeline: { 0s: { connect: a }, 1h..2h: { drop: a } }");
    let without = with_devices("timeline: { 1h..2h: { drop: a } }");
    assert_eq!(with.steps[1].at, without.steps[0].at);
}

/// The places of the devices that are dropped.
fn dropped(who: &str) -> Vec<u32> {
    let plan = plan(&format!(
        "scenario: T\ndevices: {{ f: {{ count: 100 }} }}\ntimeline: {{ 0s: {{ drop: {who} }} }}"
    ));
    plan.steps
        .iter()
        .map(|step| if let Deed::Device(id, _) = step.deed { id.0 } else { panic!("a device") })
        .collect()
}

#[test]
fn members_go_by_their_numbers() {
    assert_eq!(dropped("f/17"), [17]);
    assert_eq!(dropped("f/97..99"), [97, 98, 99]);
    assert_eq!(dropped("[f/1..2, f-0000]"), [0, 1, 2]);
}

#[test]
fn a_pick_avoids_whom_its_list_has_named() {
    assert_eq!(dropped("[f/0..49, 50 of f]"), (0..100).collect::<Vec<_>>());
    assert_eq!(dropped("5% of f").len(), 5);
    assert_eq!(dropped("[30 of f, 70 of f]"), (0..100).collect::<Vec<_>>());
}

#[test]
fn picks_at_one_time_are_of_different_devices() {
    let plan = plan(
        "scenario: T\ndevices: { f: { count: 10 } }
timeline: { 0s: [ { drop: 5 of f }, { reset: 5 of f } ], 1s: { heal: 5 of f } }",
    );
    let mut at_zero: Vec<_> =
        plan.steps.iter().filter(|step| step.at == Instant::ZERO).map(|step| step.deed.device()).collect();
    at_zero.sort_unstable();
    at_zero.dedup();
    assert_eq!((at_zero.len(), plan.steps.len()), (10, 15));
}

#[test]
fn a_pick_is_the_seeds_and_another_seeds_is_another() {
    let picked = |seed| {
        let text = "scenario: T\ndevices: { f: { count: 1000 } }\ntimeline: { 0s: { drop: 10 of f } }";
        let plan = load(source(text), &Options { seed: Some(Seed(seed)), ..Options::default() })
            .expect("the file is sound")
            .plan;
        plan.steps.iter().map(|step| step.deed.device()).collect::<Vec<_>>()
    };
    assert_eq!(picked(1), picked(1));
    assert_ne!(picked(1), picked(2));
}

#[test]
fn members_spread_evenly_over_a_window() {
    let plan = plan(
        "scenario: T\ndevices: { f: { count: 4 } }\ntimeline: { 10s..18s: { connect: f, evenly: true } }",
    );
    let at: Vec<_> = plan.steps.iter().map(|step| step.at.as_millis()).collect();
    assert_eq!(at, [10_000, 12_000, 14_000, 16_000]);
}

#[test]
fn what_is_repeated_ends_with_its_window() {
    check(
        "  10s..12s: { send: a, every: 1s, evenly: true }",
        &["10s", "11s", "12s"]
            .map(|at| format!("{at} a Send {{ pin: Pin(0), value: \"1\" }}"))
            .each_ref()
            .map(String::as_str),
    );
    let plan = with_devices("timeline: { 0s..1m: { drop: a, every: 10s, for: 1s..2s } }");
    let first = plan.steps[0].at;
    assert!(first <= Instant::from_millis(10_000));
    assert_eq!(plan.steps.len(), 12);
    assert_eq!(plan.steps[2].at.since(first), Duration::from_secs(10));
}

#[test]
fn a_drawn_length_is_within_its_range() {
    let plan =
        plan("scenario: T\ndevices: { f: { count: 50 } }\ntimeline: { 0s: { drop: f, for: 30s..5m } }");
    let ends: Vec<_> = plan.steps[50..].iter().map(|step| step.at.as_millis()).collect();
    assert!(ends.iter().all(|end| (30_000..=300_000).contains(end)));
    assert!(ends[0] < ends[49]);
}

#[test]
fn what_impairs_a_network_is_read() {
    check(
        "  0s: { partition: a, for: 1s }",
        &["0s a Impair(Partition, FaultId(0))", "1s a Relieve(Partition, FaultId(0))"],
    );
    check("  0s: { slow: a, latency: 2s }", &["0s a Impair(Slow(Duration(2000)), FaultId(0))"]);
    check("  0s: { lose: { who: a, loss: 2.5% } }", &["0s a Impair(Lose(Share(25000)), FaultId(0))"]);
}

#[test]
fn a_pick_comes_after_the_names_of_its_list_wherever_it_stands() {
    for seed in 0..20 {
        let text = "scenario: T\ndevices: { f: { count: 4 } }\ntimeline: { 0s: { drop: [3 of f, f/3] } }";
        let plan = load(source(text), &Options { seed: Some(Seed(seed)), ..Options::default() })
            .expect("the file is sound")
            .plan;
        assert_eq!(plan.steps.len(), 4);
    }
}

#[test]
fn the_heartbeat_that_is_left_holds() {
    let to = |text: &str| {
        let plan = with_devices(&format!("timeline: {{ {text} }}"));
        let heartbeat = |step: &Step| match step.deed {
            Deed::Device(_, Action::SetHeartbeat(to)) => to.as_millis() / 1_000,
            Deed::Device(..) | Deed::Server(_) | Deed::Receiver(_) => panic!("only heartbeats are set"),
        };
        plan.steps.iter().map(heartbeat).collect::<Vec<_>>()
    };
    let overlapping =
        "1m: { set-heartbeat: a, to: 20s, for: 10m }, 6m: { set-heartbeat: a, to: 30s, for: 10m }";
    assert_eq!(to(overlapping), [20, 30, 30, 45]);
    let inside = "1m: { set-heartbeat: a, to: 20s, for: 10m }, 2m: { set-heartbeat: a, to: 30s, for: 1m }";
    assert_eq!(to(inside), [20, 30, 20, 45]);
    let for_good = "1m: { set-heartbeat: a, to: 20s, for: 10m }, 2m: { set-heartbeat: a, to: 30s }";
    assert_eq!(to(for_good), [20, 30, 30]);
}

#[test]
fn one_turn_is_over_before_the_next_begins() {
    check(
        "  0s..20s: { power-off: a, for: 10s, every: 10s, evenly: true }",
        &[
            "0s a PowerOff",
            "10s a PowerOn",
            "10s a PowerOff",
            "20s a PowerOn",
            "20s a PowerOff",
            "30s a PowerOn",
        ],
    );
}
