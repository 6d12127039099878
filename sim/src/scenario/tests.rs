//! What files mean: each test is a few lines of YAML and the part of the plan that they claim something about.

use std::fmt::Write;

use blynk_core::id::DeviceId;
use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::time::{Duration, Instant};

use super::*;
use crate::plan::{Client, Deed, Device, Engine, Expectation, Protocol, Reconnect, Step, WallClock, Window};

mod expect;
mod fuzz;
mod templates;
mod timeline;

fn plain(reconnect: Reconnect) -> Protocol {
    Protocol::Hardware(Client::Plain(reconnect))
}

/// The plan of a file that is sound.
fn plan(text: &str) -> Plan {
    match load(source(text), &Options::default()) {
        Ok(loaded) => loaded.plan,
        Err(findings) => panic!("the file is sound, but: {findings:#?}"),
    }
}

/// The same with two devices, `a` and `b`, and a title.
fn with_devices(text: &str) -> Plan {
    plan(&format!("scenario: Test\ndevices: {{ a: , b: }}\n{text}"))
}

fn source(text: &str) -> Source {
    Source { path: "test.yaml".into(), text: text.into() }
}

/// The titles of everything that is said about a file.
fn said(text: &str) -> Vec<String> {
    let findings = match load(source(text), &Options::default()) {
        Ok(loaded) => loaded.warnings,
        Err(findings) => findings,
    };
    findings.into_iter().map(|finding| finding.title).collect()
}

const DOCUMENTED: &str = r#"
# yaml-language-server: $schema=../schema.json
scenario: Device loses WiFi (non-graceful)
about: Example 4 of "Disconnections And Heartbeat". The page prints whole seconds.
tags: [documented, silent]

start: 10:49:00
tolerance: 1s
template:
  heartbeat: 45s
  lifecycle: online -2m-> offline

devices:
  sensor:

timeline:
  10:49:30: { connect: sensor }
  10:50:00: { send: sensor }
  10:50:01: { drop: sensor }              # silence: the server cannot know

expect:
  sensor:                                 # exactly these changes, and no other
    10:49:30: online
    10:52:01: offline
  server:
    10:51:08: closed sensor               # the connection, not yet the status
"#;

#[test]
fn a_documented_example_is_a_whole_plan() {
    let mut plan = plan(DOCUMENTED);
    plan.source = std::sync::Arc::new(source(""));
    insta::assert_debug_snapshot!(plan);
}

const SLEEPING: &str = "
scenario: A sleeping meter through its whole life
template:
  heartbeat: 10m
  lifecycle:                                    # long form: the same chain with settings
    - online:   { label: Reporting, color: green }
    - standby:  { after: 0s, controls: warn }
    - offline:  { after: 26h, controls: block, notify: { channels: [email], to: [owner], limit: 1d } }
    - retired:  { after: 90d, color: grey }
devices: { meter: { heartbeat: 30m } }
timeline:
  0s: { connect: meter }
  1m: { disconnect: meter }
  1d: { connect: meter }
  1d1m: { disconnect: meter }
expect:
  meter: { 0s: online, 1m: standby, 1d: online, 1d1m: standby, 2d2h1m: offline, 92d2h1m: retired }
  notifications: { meter: [ 2d2h1m: offline email owner ] }
";

#[test]
fn the_long_form_of_a_chain_is_a_whole_plan() {
    let plan = plan(SLEEPING);
    insta::assert_debug_snapshot!((&plan.devices, &plan.expectations, plan.until, plan.tick));
}

#[test]
fn a_sound_file_gives_no_warning() {
    assert_eq!(said(DOCUMENTED), [""; 0]);
    assert_eq!(said(SLEEPING), [""; 0]);
}

#[test]
fn what_a_file_leaves_out_has_a_default() {
    let plan = plan("scenario: T\ndevices: { a: }");
    let device = plan.device(DeviceId(0));
    assert_eq!((plan.seed, plan.clock, plan.tolerance), (Seed(1), WallClock::default(), Duration::ZERO));
    assert_eq!((plan.server, device.heartbeat), (Settings::default(), Duration::from_secs(45)));
    let backoff = Reconnect::Backoff { first: Duration::SECOND, most: Duration::MINUTE };
    assert_eq!((device.protocol, device.template.chain.iter().count()), (plain(backoff), 2));
}

#[test]
fn the_seed_of_the_command_line_wins() {
    let options = Options { seed: Some(Seed(9)), ..Options::default() };
    let text = "scenario: T\nseed: 5\ndevices: { a: }";
    assert_eq!(plan(text).seed, Seed(5));
    assert_eq!(load(source(text), &options).expect("the file is sound").plan.seed, Seed(9));
}

#[test]
fn the_engine_of_the_command_line_wins() {
    let engine = |text: &str, engine| {
        let options = Options { engine, ..Options::default() };
        load(source(text), &options).expect("the file is sound").plan.engine
    };
    let (plain, exact) = ("scenario: T\ndevices: { a: }", "scenario: T\nengine: events\ndevices: { a: }");
    assert_eq!((engine(plain, None), engine(exact, None)), (Engine::Turmoil, Engine::Events));
    assert_eq!(engine(plain, Some(Engine::Events)), Engine::Events);
    assert_eq!(engine(exact, Some(Engine::Turmoil)), Engine::Turmoil);
}

#[test]
fn a_snapshot_is_of_the_files_own_seed_and_engine() {
    let text = "scenario: T\nseed: 5\nengine: events\nsnapshot: true\ndevices: { a: }";
    let is_compared = |seed, engine| {
        let options = Options { seed, engine };
        load(source(text), &options).expect("the file is sound").plan.snapshot.span().is_some()
    };
    assert!(is_compared(None, None));
    assert!(is_compared(Some(Seed(5)), Some(Engine::Events)));
    assert!(!is_compared(Some(Seed(6)), None));
    assert!(!is_compared(None, Some(Engine::Turmoil)));
}

#[test]
fn an_exact_engine_has_no_granularity() {
    let plan = |engine: &str| plan(&format!("scenario: T\nengine: {engine}\ndevices: {{ a: }}"));
    assert_eq!(plan("turmoil").granularity(), Duration::from_millis(100));
    assert_eq!(plan("events").granularity(), Duration::ZERO);
}

#[test]
fn text_stays_as_it_is_written() {
    assert_eq!(plan("scenario: 0052\ndevices: { yes: }").title, "0052");
    assert_eq!(plan("scenario: 5_000\ndevices: { on: , null: , y: }").devices[1].name, "null");
    assert_eq!(plan("scenario: 'it''s'\ndevices: { a: }").title, "it's");
    assert_eq!(plan("scenario: T\nabout: |\n  One.\n  Two.\ndevices: { a: }").about, "One.\nTwo.");
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    assert_eq!(plan("\u{feff}scenario: T\r\ndevices:\r\n  a:\r\n  b:\r\n").devices.len(), 2);
}

#[test]
fn devices_take_what_their_template_gives_and_their_own_first() {
    let check = |device: &Device, heartbeat, template: &str| {
        assert_eq!(device.heartbeat, Duration::from_secs(heartbeat));
        assert_eq!(device.template.name, template);
    };
    let plan = plan(
        "scenario: T\ntemplate: { heartbeat: 20s }\ntemplates: { slow: { heartbeat: 10m } }
devices: { a: , b: { template: slow }, c: { template: slow, heartbeat: 1h, network: ideal } }",
    );
    check(&plan.devices[0], 20, "default");
    check(&plan.devices[1], 600, "slow");
    check(&plan.devices[2], 3_600, "slow");
}

#[test]
fn reconnect_policies_are_read() {
    let check = |text: &str, reconnect| {
        let plan = plan(&format!("scenario: T\ndevices: {{ a: {{ reconnect: {text} }} }}"));
        assert_eq!(plan.devices[0].protocol, plain(reconnect));
    };
    check("never", Reconnect::Never);
    check("every 5s", Reconnect::Every(Duration::from_secs(5)));
    let (first, most) = (Duration::from_millis(500), Duration::HOUR);
    check("backoff 500ms..1h", Reconnect::Backoff { first, most });
}

#[test]
fn the_server_can_be_set() {
    let plan = with_devices(
        "server: { takeover: reject, allowance: legacy, login-timeout: 3s, body-limit: 32768, messages-per-second: 10,
    value-limit: 8, restart-grace: 30s, login-failures-per-minute: 2, notifications-per-day: 3, notification-gap: 0s,
    notification-tries: 4, outbox-limit: 100000 }",
    );
    let expected = Settings {
        connection_limit: Settings::default().connection_limit,
        connections_per_address: None,
        failures_per_address: None,
        allowance: Allowance::Legacy,
        takeover: Takeover::Reject,
        login_timeout: Duration::from_secs(3),
        body_limit: 32_768,
        messages_per_second: 10,
        value_limit: 8,
        restart_grace: Some(Duration::from_secs(30)),
        login_failures_per_minute: 2,
        notifications_per_day: 3,
        notification_gap: Duration::ZERO,
        notification_tries: 4,
        outbox_limit: 100_000,
    };
    assert_eq!(plan.server, expected);
}

#[test]
fn devices_speak_the_device_protocol_or_http() {
    let check = |text: &str, protocol, sends| {
        let plan = plan(&format!("scenario: T\ndevices: {{ a: {text} }}"));
        assert_eq!((plan.devices[0].protocol, plan.devices[0].sends), (protocol, sends), "{text}");
    };
    let backoff = Reconnect::Backoff { first: Duration::SECOND, most: Duration::MINUTE };
    let hourly = Some(Duration::HOUR);
    check("", plain(backoff), None);
    check("{ protocol: hardware, sends: every 1h }", plain(backoff), hourly);
    check("{ protocol: http }", Protocol::Http, None);
    check("{ protocol: http, sends: every 1h }", Protocol::Http, hourly);
}

#[test]
fn aliases_and_merge_keys_are_followed() {
    let plan = plan(
        "scenario: T\nx-slow: &slow { heartbeat: 10m, reconnect: never }
devices:\n  a: *slow\n  b: { <<: *slow, heartbeat: 1h }",
    );
    assert_eq!(plan.devices[0].heartbeat, Duration::from_secs(600));
    assert_eq!(
        (plan.devices[1].heartbeat, plan.devices[1].protocol),
        (Duration::HOUR, plain(Reconnect::Never))
    );
}

#[test]
fn the_run_ends_when_everything_can_be_seen() {
    let check = |text: &str, until: u64| {
        assert_eq!(with_devices(text).until, Instant::from_millis(until * 1_000), "{text}");
    };
    check("until: 10m", 600);
    check("", 67 + 60);
    check("timeline: { 10s: { connect: a } }", 10 + 67 + 60);
    check("timeline: { 10s: { connect: a, for: 30s } }", 40 + 67 + 60);
    check("timeline: { 10s..20s: { connect: a, for: 30s } }", 50 + 67 + 60);
    check("expect: { a: { 1m..2m: online, at: { 100s: new } } }", 120 + 67 + 60);
    check("server: { allowance: legacy }", 104 + 60);
    check("timeline: { 0s: { set-heartbeat: a, to: 100s } }", 150 + 60);
    check("template: { lifecycle: online -5m-> standby -1d-> offline }", 67 + 300);
    check("server: { restart-grace: 66s }", 67 + 60);
    check("server: { restart-grace: 68s }", 68 + 60);
    check("timeline: { 10s: { crash: server, for: 30s } }", 40 + 67 + 60);
    check("expect: { notifications: { a: [] }, commands: { a: [ 100s: applied V0 ] } }", 100 + 67 + 60);
}

#[test]
fn an_undo_after_the_end_is_legal() {
    assert_eq!(with_devices("until: 1m\ntimeline: { 1m: { drop: a, for: 1h } }").steps.len(), 2);
}

#[test]
fn the_tick_follows_the_times_of_the_file() {
    let check = |text: &str, tick| assert_eq!(with_devices(text).tick, Duration::from_millis(tick), "{text}");
    check("", 100);
    check("timeline: { 10.05s: { connect: a } }", 50);
    check("timeline: { 0s: { drop: a, for: 1.005s } }", 5);
    check("tolerance: 1ms", 100);
    check("expect: { a: { 1m0.001s: online } }", 1);
    check("tick: 200ms", 200);
    check("until: 2d", 200);
    check("server: { restart-grace: 1.005s }", 5);
    check("timeline: { 0s: { crash: , for: 1.005s } }", 5);
    check("expect: { server: { 1.005s: up } }", 5);
    let told =
        "template: { lifecycle: [ online: , offline: { after: 1h, notify: { channels: [sms], to: [me] } } ] }
devices: { a: { reconnect: never } }\nuntil: 2d";
    let tick = |text: &str| plan(&format!("scenario: T\n{told}\n{text}")).tick;
    assert_eq!(tick(""), Duration::SECOND);
    assert_eq!(tick("timeline: { 1m: { receiver: down } }"), Duration::from_millis(200));
    let sends = plan("scenario: T\ndevices: { a: { reconnect: never, sends: every 2.7s } }\nuntil: 2d");
    assert_eq!(sends.tick, Duration::from_millis(100));
}

#[test]
fn doubtful_files_are_warned_of() {
    let check = |text: &str, title: &str| {
        assert_eq!(said(&format!("scenario: T\ndevices: {{ a: }}\n{text}")), [title]);
    };
    check("", "the scenario expects nothing");
    check("expect: {}", "the scenario expects nothing");
    let long = "template: { lifecycle: online -1m-> x -1m-> y -1m-> z -1m-> offline }\nexpect: { a: {} }";
    check(long, "a chain of 5 statuses is more than the product's console allows");
    let tick = "tick: 300ms\ntimeline: { 1s: { connect: a } }\nexpect: { a: {} }";
    check(tick, "a tick of 300ms does not divide 1s, a time of this file");
    let century = "until: 36500d\nexpect: { a: {} }";
    check(century, "a run of 36500d at a tick of 200ms is 15768 million ticks");
    let lost = |more: &str| {
        format!("template:\n  contacts: {{}}\n  lifecycle: [ online: , offline: {{ after: 1m, notify: {{ channels: [sms], to: [me] }} }} ]
expect: {{ notifications: {{ a: [{more}] }} }}")
    };
    check(&lost(""), "`me` has no address: what is owed to it is a dead letter, `no-contact`");
    let expected =
        format!("scenario: T\ndevices: {{ a: }}\n{}", lost(" 1m: offline sms me dead no-contact "));
    assert_eq!(said(&expected), [""; 0]);
}

#[test]
fn a_tick_that_leaves_a_time_out_is_refused() {
    let check = |text: &str, title: &str| {
        assert_eq!(said(&format!("scenario: T\ndevices: {{ a: }}\nexpect: {{ a: {{}} }}\n{text}")), [title])
    };
    check("tick: 500ms", "a tick of 500ms is too coarse for 1s, a time of this scenario or its devices");
    check("tick: 2s", "`tick` cannot be 2s");
}

#[test]
fn long_files_are_read_and_endless_ones_are_refused() {
    let actions = |count: usize| {
        let lines: String = (0..count).fold(String::new(), |mut lines, i| {
            writeln!(lines, "  {i}s: {{ send: a }}").expect("a string can be written to");
            lines
        });
        format!("scenario: T\ndevices: {{ a: }}\ntimeline:\n{lines}")
    };
    assert_eq!(plan(&actions(70_000)).steps.len(), 70_000);
    let laughs = "scenario: T\nx-a: &a [1,1,1,1,1,1,1,1,1,1]\nx-b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]
x-c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nx-d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]
x-e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nx-f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]";
    assert_eq!(said(laughs).len(), 1);
    let nested = format!("scenario: T\ndevices: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(said(&nested), ["lists and maps are nested too deeply here"]);
}

/// `10s a Connect`, for each step.
fn spelt(steps: &[Step], plan: &Plan) -> Vec<String> {
    let deed = |deed: &Deed| match deed {
        Deed::Device(device, action) => format!("{} {action:?}", plan.device(*device).name),
        Deed::Server(action) => format!("server {action:?}"),
        Deed::Receiver(receiver) => format!("receiver {receiver:?}"),
    };
    steps.iter().map(|step| format!("{} {}", step.at, deed(&step.deed))).collect()
}
