//! The event engine: every committed scenario passes on it, exactly, and devices live the same lives as on turmoil.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anstream::adapter::strip_str;
use blynk_core::id::DeviceId;
use blynk_core::time::Duration;
use blynk_reports::terminal;
use blynk_sim::agreement::{self, Agreement};
use blynk_sim::engine::{Login, Probe};
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Engine, Plan, Source};
use blynk_sim::scenario::{Options, load};
use blynk_sim::timeline::Entry;
use blynk_sim::timeline::canonical::describe;

fn plan_on(engine: Engine, path: &Path) -> Arc<Plan> {
    let source = Source {
        path: path.display().to_string(),
        text: fs::read_to_string(path).expect("the file can be read"),
    };
    let options = Options { engine: Some(engine), ..Options::default() };
    Arc::new(load(source, &options).expect("the file is sound").plan)
}

fn run(plan: &Arc<Plan>) -> Outcome {
    Outcome::of(plan.clone(), Probe::default())
}

fn findings(outcome: &Outcome) -> String {
    let texts: Vec<_> = outcome.findings().map(|it| strip_str(&terminal::finding(it)).to_string()).collect();
    texts.join("\n\n")
}

/// Thousands of devices take too long without optimisation; the release program runs them.
fn has_fleets(plan: &Plan) -> bool {
    plan.groups.iter().any(|group| group.is_fleet)
}

#[test]
fn every_scenario_passes_and_goes_the_same_way_twice() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let plan = plan_on(Engine::Events, path);
        if has_fleets(&plan) {
            return;
        }
        let outcome = run(&plan);
        assert!(outcome.passed(), "{}", findings(&outcome));
        assert_eq!(outcome.canonical(), run(&plan).canonical(), "{}", path.display());
    });
}

/// Everything that happened to each device and why, without the clock.
fn stories(Outcome { plan, observations, .. }: &Outcome) -> Vec<Vec<String>> {
    let lanes = observations.timeline.by_device(plan.devices.len());
    let told = |entry: &&Entry| {
        let text = describe(plan, entry);
        text.split_once("; last byte").map_or(&*text, |(before, _)| before).to_owned()
    };
    lanes.iter().map(|lane| lane.iter().map(told).collect()).collect()
}

/// More than agreement demands, which is of statuses alone.
#[test]
fn devices_live_the_same_lives_on_both_engines() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let (exact, ticking) = (plan_on(Engine::Events, path), plan_on(Engine::Turmoil, path));
        // Months take long on the other engine, and who names an engine is for that alone.
        if has_fleets(&exact) || exact.is_bound_to_engine || exact.tags.iter().any(|tag| tag == "slow") {
            return;
        }
        let (ours, theirs) = (run(&exact), run(&ticking));
        assert_eq!(stories(&ours), stories(&theirs), "{}", path.display());
        assert_eq!(agreement::judge(ours.run(), theirs.run()), Agreement::default(), "{}", path.display());
    });
}

/// Closes and changes of status, as `time what`.
fn told(Outcome { plan, observations, .. }: &Outcome) -> Vec<String> {
    let what = |entry: &Entry| match entry.change() {
        Some(change) => Some(plan.status(DeviceId(0), change.to).key.to_uppercase()),
        None => entry.close().map(|_| "disconnected".to_owned()),
    };
    let told = |entry: &Entry| Some(format!("{} {}", entry.at, what(entry)?));
    observations.timeline.entries().iter().filter_map(told).collect()
}

/// A scenario of one device with a heartbeat of 10 s, Offline 2 s after a goodbye; closes and changes are these.
fn check(timeline: &str, expected: &[&str]) {
    let text = format!(
        "scenario: x\nengine: events\nuntil: 1m\n\
         template: {{ heartbeat: 10s, lifecycle: online -2s-> offline }}\n\
         devices: {{ a: {{ reconnect: never }} }}\ntimeline: {{ 0s: {{ connect: a }}, {timeline} }}\n\
         expect: {{ a: {{ at: {{ 0s: online }} }} }}\n"
    );
    let source = Source { path: "x.yaml".into(), text };
    let plan = Arc::new(load(source, &Options::default()).expect("the file is sound").plan);
    let outcome = run(&plan);
    assert!(outcome.passed(), "{}", findings(&outcome));
    assert_eq!(told(&outcome), expected, "{timeline}");
}

#[test]
fn a_byte_at_the_end_of_the_allowance_is_in_time_and_a_millisecond_later_it_is_not() {
    // The last byte before the silence comes at 5s, and the announcement when it is over.
    let timeline = |length: &str| {
        format!("5s: [{{ send: a }}, {{ drop: a, for: {length} }}, {{ set-heartbeat: a, to: 50s }}]")
    };
    check(&timeline("15s"), &["0s ONLINE"]);
    check(&timeline("15.001s"), &["0s ONLINE", "20s disconnected", "20s OFFLINE"]);
}

#[test]
fn a_login_at_the_deadline_keeps_the_device_online_and_a_millisecond_later_it_does_not() {
    check("1s: { disconnect: a }, 3s: { connect: a }", &["0s ONLINE", "1s disconnected"]);
    check(
        "1s: { disconnect: a }, 3.001s: { connect: a }",
        &["0s ONLINE", "1s disconnected", "3s OFFLINE", "3.001s ONLINE"],
    );
}

#[test]
fn what_is_sent_before_a_drop_at_the_same_instant_gets_out() {
    check("5s: [{ send: a }, { drop: a }]", &["0s ONLINE", "20s disconnected", "20s OFFLINE"]);
    check("5s: [{ drop: a }, { send: a }]", &["0s ONLINE", "15s disconnected", "15s OFFLINE"]);
}

#[test]
fn what_is_due_at_the_end_is_told() {
    check("58s: { disconnect: a }", &["0s ONLINE", "58s disconnected", "1m OFFLINE"]);
    check("58.001s: { disconnect: a }", &["0s ONLINE", "58.001s disconnected"]);
}

#[test]
fn a_login_takes_no_time_where_the_network_takes_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/documented");
    let outcome = run(&plan_on(Engine::Events, &folder.join("1-graceful.yaml")));
    let latencies: Vec<_> = outcome.observations.logins.iter().map(Login::latency).collect();
    assert_eq!(latencies, [Duration::ZERO]);
}

#[test]
fn what_passes_is_counted_alike_on_both_engines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    for name in ["documented/4-wifi-loss.yaml", "sessions/burst-of-writes.yaml", "protocol/flood.yaml"] {
        let on = |engine| run(&plan_on(engine, &folder.join(name))).observations.traffic;
        assert_eq!(on(Engine::Events), on(Engine::Turmoil), "{name}");
    }
}
