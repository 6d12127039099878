//! Findings as people read them.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use blynk_core::command::{Command, Verdict};
use blynk_core::id::{CommandId, DeviceId, NotificationId, Pin, SessionId, StatusIndex};
use blynk_core::lifecycle::{Chain, Status, Template};
use blynk_core::notification::{Channel, Notification, Notify, Stage};
use blynk_core::time::Duration;

use super::*;
use crate::oracle::expectations::judge;
use crate::plan::{
    Commands, Expectation, ExpectedCommand, ExpectedNotification, Notifications, Runs, Source, Turn, Window,
};
use crate::scenario::{Options, load};
use crate::timeline::{Cause, Change, Event, Run, Timeline, What};

const METER: DeviceId = DeviceId(0);
const OFFLINE: StatusIndex = StatusIndex(1);

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn plan(expectation: Expectation) -> Plan {
    let text = "scenario: x\ndevices: { meter: }\nuntil: 10m\nexpect: { meter: {} }\n".into();
    let source = Source { path: "x.yaml".into(), text };
    let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
    let (channels, to) = (vec![Channel::Email], vec!["owner".into()]);
    let notify = Notify { channels, to, text: None, limit: Duration::ZERO, every: NonZeroU32::MIN };
    let offline = Status { notify: Some(notify), ..Status::new("offline", Duration::MINUTE) };
    let chain = Chain::new(vec![Status::new("online", Duration::ZERO), offline]).expect("a valid chain");
    plan.devices[0].template = Arc::new(Template::new("t", chain));
    plan.expectations = vec![expectation];
    plan
}

/// The titles of all findings, and the reasons of the first.
fn told(expectation: Expectation, entries: Vec<(u64, What)>) -> (Vec<String>, Vec<String>) {
    let plan = plan(expectation);
    let entry = |(at, what): (u64, What)| {
        let subject = if matches!(what, What::Run(_)) { Subject::World } else { Subject::Device(METER) };
        Entry { at: second(at), subject, what }
    };
    let timeline = Timeline::new(entries.into_iter().map(entry).collect());
    let lanes = timeline.by_device(1);
    let findings = mismatches(&plan, &lanes, &judge(&plan, &lanes));
    let because =
        findings.first().and_then(|(_, first)| first.notes.iter().find(|note| note.name == "because"));
    let because = because.map(|note| note.lines.clone()).unwrap_or_default();
    (findings.into_iter().map(|(_, finding)| finding.title).collect(), because)
}

fn check(expectation: Expectation, entries: Vec<(u64, What)>, titles: &[&str]) {
    assert_eq!(told(expectation, entries).0, titles);
}

fn server(event: Event) -> What {
    What::Server(event)
}

/// A meter that reports at 0 s and is offline at 60 s.
fn offline() -> Vec<(u64, What)> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let wait = Cause::Wait { base: second(0), wait: Duration::MINUTE, detected: second(0) };
    let online = Change { from: None, to: StatusIndex::ONLINE, cause: Cause::Data };
    let offline = Change { from: Some(StatusIndex::ONLINE), to: OFFLINE, cause: wait };
    vec![
        (0, server(Event::Reported { address })),
        (0, server(Event::Status(online))),
        (60, server(Event::Status(offline))),
    ]
}

fn notified(at: u64, stage: Stage) -> (u64, What) {
    let notification = Notification {
        id: NotificationId(1),
        device: METER,
        status: OFFLINE,
        key: "offline".into(),
        label: "offline".into(),
        entered_at: second(60),
        channel: Channel::Email,
        to: "owner".into(),
        address: None,
        text: None,
        limit: Duration::ZERO,
    };
    (at, server(Event::Notified { notification: Box::new(notification), stage, failure: None }))
}

fn notifications(stages: &[(u64, Stage)]) -> Expectation {
    let expected = (1..).zip(stages).map(|(place, (at, stage))| ExpectedNotification {
        window: Window::moment(second(*at)),
        stage: *stage,
        status: OFFLINE,
        channel: Channel::Email,
        to: "owner".into(),
        span: place..place + 1,
    });
    Expectation::Notifications(Notifications { device: METER, expected: expected.collect(), span: 0..1 })
}

#[test]
fn notifications_are_told_with_what_called_for_them() {
    let owed = || notifications(&[(60, Stage::Owed)]);
    let (titles, because) = told(owed(), offline());
    assert_eq!(titles, ["meter was not notified: offline email owner"]);
    assert_eq!(because, ["0s reported by a request", "0s online: data", "1m the 1m wait is over"]);
    let never = "meter was not notified: offline email owner";
    check(owed(), Vec::new(), &[never]);
    let late = [offline(), vec![notified(62, Stage::Owed)]].concat();
    check(owed(), late.clone(), &["meter was notified 2s late: offline email owner"]);
    check(notifications(&[]), late, &["meter was notified, which is not expected: offline email owner"]);
    let delivered = notifications(&[(60, Stage::Owed), (61, Stage::Delivered)]);
    let record = [offline(), vec![notified(60, Stage::Owed)]].concat();
    check(delivered, record, &["a notification of meter was never delivered: offline email owner delivered"]);
}

#[test]
fn commands_are_told() {
    let expect = |at, turn| {
        let window = Window::moment(second(at));
        let expected = vec![ExpectedCommand { window, turn, pin: Pin(1), span: 1..2 }];
        Expectation::Commands(Commands { device: METER, expected, span: 0..1 })
    };
    let command = Command { id: CommandId(1), pin: Pin(1), value: "on".into() };
    let commanded = |verdict| vec![(70, server(Event::Commanded { command: command.clone(), verdict }))];
    check(expect(80, Turn::Applied), Vec::new(), &["command V1 to meter was never applied"]);
    check(expect(69, Turn::Pending), commanded(Verdict::Pending), &["command V1 to meter was kept 1s late"]);
    let found =
        ["command V1 to meter was blocked, which is not expected", "command V1 to meter was never kept"];
    check(expect(70, Turn::Pending), commanded(Verdict::Blocked), &found);
    let applied = vec![(70, server(Event::Applied { command: CommandId(1), pin: Pin(1) }))];
    check(expect(72, Turn::Applied), applied, &["command V1 to meter was applied 2s early"]);
}

#[test]
fn what_is_missing_among_others_of_its_kind_is_told_with_its_time() {
    let windows = vec![(Window::moment(second(60)), false, 1..2), (Window::moment(second(120)), false, 2..3)];
    let runs = Expectation::Runs(Runs { windows });
    check(runs, vec![(120, What::Run(Run::Killed))], &["server did not go down at 1m"]);
    let delivered = [(60, Stage::Owed), (61, Stage::Delivered), (70, Stage::Delivered)];
    let record = vec![notified(60, Stage::Owed), notified(70, Stage::Delivered)];
    let text = "a notification of meter was not delivered at 1m1s: offline email owner delivered";
    check(notifications(&delivered), record, &[text]);
}

#[test]
fn the_servers_ends_and_starts_are_told() {
    let windows = vec![(Window::moment(second(60)), false, 1..2), (Window::moment(second(120)), true, 2..3)];
    let runs = || Expectation::Runs(Runs { windows: windows.clone() });
    let run = |at, run| (at, What::Run(run));
    check(runs(), Vec::new(), &["server never went down", "server never came up"]);
    let late = vec![run(60, Run::Killed), run(121, Run::Up)];
    check(runs(), late, &["server came up 1s late"]);
    let again = vec![run(60, Run::Killed), run(120, Run::Up), run(200, Run::Crashed)];
    check(runs(), again, &["server went down, which is not expected"]);
}

#[test]
fn a_session_that_was_interrupted_is_told_as_an_end() {
    let windows = vec![(Window::moment(second(90)), 1..2)];
    let closes = Expectation::Closes(crate::plan::Closes { device: METER, windows });
    let interrupted = vec![(60, server(Event::Interrupted { session: SessionId(1) }))];
    check(closes, interrupted, &["the connection of meter closed 30s early"]);
}

/// A finding stands in the summaries of jobs, where a thousand changes of one device are too long.
#[test]
fn of_a_long_history_the_first_and_those_about_the_moment_are_told() {
    let plan = plan(Expectation::Runs(Runs { windows: Vec::new() }));
    let history = |changes: u64, about: u64| {
        let change = |at| Entry {
            at: second(at),
            subject: Subject::Device(METER),
            what: server(Event::Status(Change { from: None, to: OFFLINE, cause: Cause::Data })),
        };
        let timeline = Timeline::new((0..changes).map(change).collect());
        let lanes = timeline.by_device(1);
        let finding = Finding::error("", None);
        let told = Teller::new(&plan, &lanes, Subject::Device(METER)).story(finding, second(about));
        told.notes[0].lines[0].replace(" offline", "")
    };
    assert_eq!(history(0, 9), "no status at all");
    assert_eq!(history(20, 9).matches(" -> ").count(), 19);
    let middle =
        "0s -> 1s -> 2s -> (2 more) -> 5s -> 6s -> 7s -> 8s -> 9s -> 10s -> 11s -> 12s -> 13s -> (8 more)";
    assert_eq!(history(22, 10), middle);
    assert_eq!(history(5_000, 1), "0s -> 1s -> 2s -> 3s -> 4s -> (4,995 more)");
    let last = "0s -> 1s -> 2s -> (4,991 more) -> 1h23m14s -> 1h23m15s -> 1h23m16s -> 1h23m17s -> 1h23m18s -> 1h23m19s";
    assert_eq!(history(5_000, 9_999), last);
}
