//! Devices behind networks that are not ideal, on the whole engine: the server keeps its promises whatever the network does.

use std::sync::Arc;

use blynk_core::id::{DeviceId, Pin};
use blynk_core::time::{Duration, Instant};
use blynk_sim::engine::Probe;
use blynk_sim::network::profiles;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Action, Deed, FaultId, Impairment, Plan, Quality, ServerAction, Share, Source, Step};
use blynk_sim::random::{Purpose, Seed, Stream};
use blynk_sim::scenario::{Options, load};

/// One device that is connected for five minutes, and must be online all the time.
const STEADY: &str = "
scenario: Steady
template: { heartbeat: 20s, lifecycle: online -0s-> offline }
devices: { a: { sends: every 7s } }
timeline: { 0s: { connect: a }, 5m: { disconnect: a } }
expect: { a: { 0s..5s: online, 5m..5m3s: offline } }
";

/// A life with every fault that the language has for devices and servers.
const FAULTS: &str = "
scenario: Faults
template: { heartbeat: 10s, lifecycle: online -30s-> offline }
devices: { a: { reconnect: every 5s }, b: { sends: every 3s }, c: { reconnect: never }, h: { protocol: http, sends: every 10s } }
timeline:
  0s..5s: { connect: all }
  30s: { drop: a, for: 10s }
  40s: [{ reset: a }, { reset: b }]
  50s: { drop: all, for: 25s }
  1m30s: { power-off: [a, b], for: 20s }
  2m: [{ kill: server, for: 10s }, { hang: a, for: 12s }]
  2m40s: { crash: server, for: 20s }
  3m30s: { stop: server, for: 5s }
  4m: [{ bad-token: a }, { clone: b, for: 10s }, { command: a }, { set-status: b, to: offline }]
  4m30s: { disconnect: all }
expect: { all: { at: { 0s: new } } }
until: 8m
";

/// The last of those, which has no connection.
const HTTP: DeviceId = DeviceId(3);

/// How many random lives are lived.
const SEEDS: u64 = 40;

fn plan(text: &str, seed: u64, network: Quality) -> Plan {
    let source = Source { path: "x.yaml".into(), text: text.into() };
    let loaded = load(source, &Options { seed: Some(Seed(seed)), ..Options::default() });
    let mut plan = loaded.expect("a valid scenario").plan;
    plan.devices.iter_mut().for_each(|device| device.network = network);
    plan
}

/// Runs it: whatever the network does, the oracle has nothing to say.
fn run(plan: Plan) -> Outcome {
    let outcome = Outcome::of(Arc::new(plan), Probe::default());
    assert_eq!(outcome.breaches, [], "{}", outcome.canonical());
    outcome
}

/// Also, all expectations are met.
fn pass(plan: Plan) {
    let outcome = run(plan);
    assert!(outcome.passed(), "{}", outcome.canonical());
}

fn second(second: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(second)
}

fn share(percent: u32) -> Share {
    Share::from_millionths(percent * 10_000).expect("at most 100")
}

/// The same, with the first device's link impaired from the 60th to the 240th second.
fn impaired(mut plan: Plan, impairment: Impairment) -> Plan {
    let fault = FaultId(1_000);
    let deeds = [(60, Action::Impair(impairment, fault)), (240, Action::Relieve(impairment, fault))];
    for (at, action) in deeds {
        do_also(&mut plan, second(at), Deed::Device(DeviceId(0), action));
    }
    plan
}

fn do_also(plan: &mut Plan, at: Instant, deed: Deed) {
    let place = plan.steps.partition_point(|step| step.at <= at);
    plan.steps.insert(place, Step { at, deed });
}

fn all_networks() -> impl Iterator<Item = Quality> {
    profiles::names().filter_map(profiles::find)
}

#[test]
fn over_every_network_a_steady_device_is_online_all_the_time() {
    all_networks().for_each(|network| pass(plan(STEADY, 1, network)));
}

#[test]
fn over_every_network_the_server_keeps_its_promises_through_every_fault() {
    for (seed, network) in (1..).zip(all_networks()) {
        run(plan(FAULTS, seed, network));
    }
}

#[test]
fn late_heartbeats_keep_a_device_online() {
    for millis in [100, 950, 5_000, 60_000] {
        let slow = Impairment::Slow(Duration::from_millis(millis));
        // The first that is sent over the slow network ends a silence of about as long. 30 s are allowed.
        let is_in_time = millis < 30_000;
        let outcome = run(impaired(plan(STEADY, 1, Quality::IDEAL), slow));
        assert_eq!(outcome.passed(), is_in_time, "{}", outcome.canonical());
    }
}

#[test]
fn lossy_heartbeats_keep_a_device_online() {
    pass(impaired(plan(STEADY, 1, Quality::IDEAL), Impairment::Lose(share(30))));
}

#[test]
fn a_total_loss_is_as_good_as_a_silence() {
    let outcome = run(impaired(plan(STEADY, 1, Quality::IDEAL), Impairment::Lose(Share::ALL)));
    assert!(!outcome.passed(), "{}", outcome.canonical());
}

#[test]
fn a_run_over_a_bad_network_is_repeatable_and_its_seed_matters() {
    let wifi = profiles::find("wifi").expect("a profile");
    let text = |seed| run(plan(FAULTS, seed, wifi)).canonical();
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn whatever_happens_on_whatever_network_the_server_keeps_its_promises() {
    for seed in 1..=SEEDS {
        let mut random = Seed(seed).stream(DeviceId(0), Purpose::World);
        let network = any_network(&mut random);
        let mut plan = plan(FAULTS, seed, network);
        for fault in 0..40 {
            any_deed(&mut plan, &mut random, FaultId(1_000 + fault));
        }
        run(plan);
    }
}

fn any_network(random: &mut Stream) -> Quality {
    Quality {
        latency: random.duration_up_to(Duration::from_millis(1_000)),
        jitter: random.duration_up_to(Duration::from_millis(1_000)),
        loss: share(u32::try_from(random.up_to(30)).expect("small")),
    }
}

fn any_deed(plan: &mut Plan, random: &mut Stream, fault: FaultId) {
    let at = second(0) + random.duration_up_to(Duration::from_secs(400));
    let end = at + random.duration_up_to(Duration::from_secs(60));
    let device = DeviceId(u32::try_from(random.up_to(3)).expect("small"));
    let impairment = match random.up_to(3) {
        0 => Impairment::Drop,
        1 => Impairment::Partition,
        2 => Impairment::Slow(random.duration_up_to(Duration::from_secs(15))),
        _ => Impairment::Lose(share(u32::try_from(random.up_to(100)).expect("small"))),
    };
    let (begins, ends) = match random.up_to(7) {
        0..=3 => (Action::Impair(impairment, fault), Some(Action::Relieve(impairment, fault))),
        4 => (Action::Hang(fault), Some(Action::Resume(fault))),
        // The language has no reset for those who speak HTTP.
        5 if device != HTTP => (Action::Reset, None),
        6 => (Action::PowerOff, Some(Action::PowerOn)),
        _ => (Action::Send { pin: Pin(1), value: "5".into() }, None),
    };
    do_also(plan, at, Deed::Device(device, begins));
    if let Some(ends) = ends {
        do_also(plan, end, Deed::Device(device, ends));
    }
    if random.up_to(9) == 0 {
        let actions = [ServerAction::Crash, ServerAction::Kill, ServerAction::Stop];
        let action = actions[usize::try_from(random.up_to(2)).expect("small")];
        do_also(plan, at, Deed::Server(action));
        do_also(plan, end, Deed::Server(ServerAction::Start));
    }
}
