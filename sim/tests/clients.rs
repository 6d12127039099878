//! The client libraries against the real server, end to end: whatever happens to them, everything that must always hold
//! holds, and each comes back when its manners say so.

use std::sync::Arc;

use blynk_core::time::Duration;
use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Client, Plan, Protocol, Source};
use blynk_sim::scenario::{Options, load};
use blynk_sim::timeline::{Event, What};

const LIBRARIES: [Client; 5] = [Client::Cpp, Client::Cpp0, Client::Js, Client::Python, Client::PythonLegacy];

/// A device of a template that expects a heartbeat of 10 s, as all libraries but one keep.
fn plan(client: Client, timeline: &str) -> Plan {
    let head = "scenario: x\ntemplate: { heartbeat: 10s, lifecycle: online -30s-> offline }\n\
                devices: { a: { heartbeat: 10s } }\nexpect: { a: {} }\n";
    let text = format!("{head}{timeline}");
    let source = Source { path: "x.yaml".into(), text };
    let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
    plan.devices[0].protocol = Protocol::Hardware(client);
    plan
}

/// Runs it and demands that every invariant holds.
fn run(plan: Plan) -> Outcome {
    let client = plan.devices[0].protocol;
    let outcome = Outcome::of(Arc::new(plan), Probe::default());
    assert_eq!(outcome.breaches, [], "{client:?}\n{}", outcome.canonical());
    outcome
}

/// When the device logged in.
fn logins(outcome: &Outcome) -> Vec<String> {
    let entries = outcome.observations.timeline.entries();
    let logins = entries.iter().filter(|entry| matches!(entry.what, What::Server(Event::LoggedIn { .. })));
    logins.map(|entry| entry.at.to_string()).collect()
}

/// Each library's logins, in the order of [`LIBRARIES`]. A tick is 100 ms, and every login takes one.
fn check(timeline: &str, expected: [&[&str]; 5]) {
    for (client, expected) in LIBRARIES.into_iter().zip(expected) {
        assert_eq!(logins(&run(plan(client, timeline))), expected, "{client:?}");
    }
}

#[test]
fn left_alone_they_stay() {
    check("timeline: { 0s: { connect: a }, 3h: { disconnect: a } }\n", [&["100ms"]; 5]);
}

#[test]
fn after_silence_each_returns_by_its_own_clock() {
    let timeline = "timeline:\n  0s: { connect: a }\n  1m: { drop: a, for: 2m }\n  6m: { disconnect: a }\n";
    check(
        timeline,
        [
            &["100ms", "3m0.1s"],
            &["100ms", "3m1.1s"],
            // It learns only from the held FIN that the server gave up long ago.
            &["100ms", "3m5.1s"],
            &["100ms", "3m1.1s"],
            &["100ms"],
        ],
    );
}

#[test]
fn after_a_short_silence_those_are_still_there_who_have_not_given_up() {
    let timeline = "timeline:\n  0s: { connect: a }\n  1m: { drop: a, for: 4s }\n  3m: { disconnect: a }\n";
    check(timeline, [&["100ms"]; 5]);
}

#[test]
fn after_the_server_is_killed_each_tries_again_at_its_own_pace() {
    let timeline =
        "timeline:\n  0s: { connect: a }\n  1m: { kill: server, for: 28s }\n  6m: { disconnect: a }\n";
    check(
        timeline,
        [
            &["100ms", "1m30.1s"],
            &["100ms", "1m30.1s"],
            &["100ms", "1m35.1s"],
            &["100ms", "1m28.1s"],
            &["100ms"],
        ],
    );
}

#[test]
fn after_a_crash_each_is_back_when_it_has_noticed() {
    let timeline =
        "timeline:\n  0s: { connect: a }\n  1m: { crash: server, for: 2m }\n  6m: { disconnect: a }\n";
    check(
        timeline,
        [&["100ms", "3m0.1s"], &["100ms", "3m1.1s"], &["100ms", "3m5.1s"], &["100ms", "3m1.1s"], &["100ms"]],
    );
}

#[test]
fn after_a_restart_those_are_late_who_notice_no_fin() {
    let timeline =
        "timeline:\n  0s: { connect: a }\n  1m: { stop: server, for: 2s }\n  6m: { disconnect: a }\n";
    check(
        timeline,
        [
            &["100ms", "1m5.1s"],
            &["100ms", "1m5.1s"],
            &["100ms", "1m5.1s"],
            // Its last byte came ten seconds before the stop: 15 s later it gives up, and in a second it returns.
            &["100ms", "1m6.1s"],
            &["100ms"],
        ],
    );
}

#[test]
fn a_wrong_token_is_never_accepted_however_often_it_is_tried() {
    for client in LIBRARIES {
        let mut plan = plan(client, "timeline: { 0s: { connect: a }, 10m: { disconnect: a } }\n");
        plan.devices[0].has_right_token = false;
        assert_eq!(logins(&run(plan)), [""; 0]);
    }
}

/// The tick is 50 ms. After a reset the JavaScript library writes before it logs in, if its application does; the server closes, and the
/// next attempt is 10 s later.
#[test]
fn a_word_before_the_login_is_the_end_of_a_connection() {
    let timeline = "timeline:\n  0s: { connect: a }\n  1m: { reset: a }\n  1m5.05s: { send: a }\n  3m: { disconnect: a }\n";
    let outcome = run(plan(Client::Js, timeline));
    assert_eq!(logins(&outcome), ["50ms", "1m15.05s"]);
}

/// 40 messages in a second, so the 65,536th comes after 27 minutes. The server closes, the library does not see it, and
/// gives up on it in the end.
#[test]
fn blynklib_overflows_its_ids_and_is_back_after_one_and_a_half_heartbeats() {
    let mut plan = plan(Client::Python, "timeline: { 0s: { connect: a }, 30m: { disconnect: a } }\n");
    plan.devices[0].sends = Some(Duration::from_millis(25));
    let outcome = run(plan);
    let closes = outcome.observations.timeline.entries().iter().filter_map(|entry| entry.close());
    let reasons: Vec<_> = closes.map(|close| close.reason.name()).collect();
    assert_eq!(reasons, ["protocol", "closed"]);
    assert_eq!(logins(&outcome).len(), 2);
}

/// Everything at random moments, from every side.
const EVERYTHING: &str = "
timeline:
  0s..30s: { connect: a }
  1m..3m: { drop: a, for: 20s }
  2m..4m: { hang: a, for: 25s }
  3m..6m: { kill: server, for: 5s }
  4m..7m: { drop: a, for: 2s }
  5m..8m: { reset: a }
  6m..9m: { clone: a, for: 30s }
  7m..10m: { power-off: a, for: 10s }
  8m..11m: { crash: server, for: 1m }
  9m..12m: { garbage: a, kind: id-0 }
  10m..12m: { bad-token: a }
  11m..12m: { set-heartbeat: a, to: 20s }
  12m..13m: { disconnect: a, for: 3s }
  13m..15m: { stop: server, for: 20s }
  14m..16m: { connect: a }
  15m..17m: { reset: a }
  16m..18m: { command: a, value: 5 }
  20m: { disconnect: a }
";

#[test]
fn whatever_happens_at_whatever_moment_every_invariant_holds() {
    for (client, seed) in LIBRARIES.into_iter().flat_map(|client| (1..=12).map(move |seed| (client, seed))) {
        let takeover = if seed % 2 == 0 { "accept" } else { "reject" };
        let text = format!("seed: {seed}\nserver: {{ takeover: {takeover} }}{EVERYTHING}");
        let mut plan = plan(client, &text);
        plan.devices[0].sends = (seed % 3 == 0).then_some(Duration::from_secs(4));
        let outcome = run(plan);
        assert!(!logins(&outcome).is_empty());
    }
}
