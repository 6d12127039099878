//! Lists of what a scenario expects, and records that fit them or not. Times are seconds.

use blynk_core::command::{Command, Verdict};
use blynk_core::id::{CommandId, DeviceId, NotificationId, Pin, SessionId};
use blynk_core::notification::{Channel, Notification, Stage, Undeliverable};

use super::*;
use crate::plan::{Commands, ExpectedCommand, ExpectedNotification, Notifications, Runs, Source, Turn};
use crate::scenario::{Options, load};
use crate::timeline::{Event, Run, Timeline, What};

const DEVICE: DeviceId = DeviceId(0);
const OFFLINE: StatusIndex = StatusIndex(1);

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// What differs between this expectation and these entries: the place in the list, and what came there.
fn found(expectation: Expectation, entries: &[(u64, What)]) -> Vec<(Span, String)> {
    let text = "scenario: x\ndevices: { a: }\nuntil: 10m\nexpect: { a: {} }\n".into();
    let source = Source { path: "x.yaml".into(), text };
    let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
    plan.expectations = vec![expectation];
    let entry = |(at, what): &(u64, What)| {
        let subject = if matches!(what, What::Run(_)) { Subject::World } else { Subject::Device(DEVICE) };
        Entry { at: second(*at), subject, what: what.clone() }
    };
    let timeline = Timeline::new(entries.iter().map(entry).collect());
    let mismatches = judge(&plan, &timeline.by_device(1));
    mismatches.into_iter().map(|(_, mismatch)| (mismatch.span, spell(mismatch.kind))).collect()
}

fn spell(kind: Kind) -> String {
    match kind {
        Kind::ItemOffTime { item, .. } => format!("off {}", spell_item(item)),
        Kind::ItemMissing { item, .. } => format!("missing {}", spell_item(item)),
        Kind::ItemExtra { item, .. } => format!("extra {}", spell_item(item)),
        Kind::CloseMissing => "close missing".into(),
        Kind::CloseOffTime { .. } => "close off".into(),
        other @ (Kind::OffTime { .. }
        | Kind::Wrong { .. }
        | Kind::Missing { .. }
        | Kind::Extra { .. }
        | Kind::Sample { .. }
        | Kind::Count { .. }
        | Kind::Forbidden { .. }
        | Kind::Changes { .. }
        | Kind::CloseExtra { .. }) => format!("{other:?}"),
    }
}

fn spell_item(item: Item) -> String {
    match item {
        Item::Run { up } => if up { "up" } else { "down" }.into(),
        Item::Notification { stage, to, .. } => format!("{to} {stage:?}"),
        Item::Command { turn, pin } => format!("{} {pin}", turn.name()),
    }
}

fn check(expectation: Expectation, entries: &[(u64, What)], expected: &[(usize, &str)]) {
    let found = found(expectation, entries);
    let found: Vec<_> = found.iter().map(|(span, text)| (span.start, text.as_str())).collect();
    assert_eq!(found, expected);
}

fn window(at: u64) -> Window {
    Window::moment(second(at))
}

/// The server is down at 60 s and up at 120 s.
fn runs() -> Expectation {
    Expectation::Runs(Runs { windows: vec![(window(60), false, 1..2), (window(120), true, 2..3)] })
}

fn run(at: u64, run: Run) -> (u64, What) {
    (at, What::Run(run))
}

#[test]
fn the_servers_ends_and_starts_are_complete() {
    let (down, up) = (run(60, Run::Killed), run(120, Run::Up));
    check(runs(), &[down.clone(), up.clone()], &[]);
    check(runs(), &[], &[(1, "missing down"), (2, "missing up")]);
    check(runs(), &[down.clone(), run(121, Run::Up)], &[(2, "off up")]);
    let again = run(200, Run::Crashed);
    check(runs(), &[down, up, again], &[(2, "extra down")]);
}

/// Offline, told to the owner at 60 s, and further stages of that.
fn notifications(stages: &[(u64, &str, Stage)]) -> Expectation {
    let expected = (1..).zip(stages).map(|(place, (at, to, stage))| ExpectedNotification {
        window: window(*at),
        stage: *stage,
        status: OFFLINE,
        channel: Channel::Email,
        to: (*to).into(),
        span: place..place + 1,
    });
    Expectation::Notifications(Notifications { device: DEVICE, expected: expected.collect(), span: 0..1 })
}

fn notified(at: u64, to: &str, stage: Stage) -> (u64, What) {
    let notification = Notification {
        id: NotificationId(1),
        device: DEVICE,
        status: OFFLINE,
        key: "offline".into(),
        label: "offline".into(),
        entered_at: second(at),
        channel: Channel::Email,
        to: to.into(),
        address: None,
        text: None,
        limit: Duration::ZERO,
    };
    (at, What::Server(Event::Notified { notification: Box::new(notification), stage, failure: None }))
}

#[test]
fn owed_notifications_are_complete_in_any_order_at_one_instant() {
    let expected = || notifications(&[(60, "owner", Stage::Owed), (60, "installer", Stage::Owed)]);
    let (owner, installer) = (notified(60, "owner", Stage::Owed), notified(60, "installer", Stage::Owed));
    check(expected(), &[installer.clone(), owner.clone()], &[]);
    check(expected(), std::slice::from_ref(&installer), &[(1, "missing owner Owed")]);
    let late = notified(61, "owner", Stage::Owed);
    check(expected(), &[installer.clone(), late], &[(1, "off owner Owed")]);
    let more = notified(90, "owner", Stage::Owed);
    check(expected(), &[installer, owner, more], &[(0, "extra owner Owed")]);
}

#[test]
fn delivered_ones_and_dead_letters_are_complete_if_any_is_named() {
    let dead = Stage::Dead(Undeliverable::NoContact);
    let owed = || notified(60, "owner", Stage::Owed);
    let record = [owed(), notified(60, "somebody", dead), notified(61, "owner", Stage::Delivered)];
    check(notifications(&[(60, "owner", Stage::Owed)]), &record, &[]);
    let delivered = [(60, "owner", Stage::Owed), (61, "owner", Stage::Delivered)];
    check(notifications(&delivered), &record, &[]);
    check(notifications(&delivered), &[owed()], &[(2, "missing owner Delivered")]);
    let again = [&record[..], &[notified(90, "owner", Stage::Delivered)]].concat();
    check(notifications(&delivered), &again, &[(0, "extra owner Delivered")]);
    let tries = [(60, "owner", Stage::Owed), (60, "somebody", Stage::Dead(Undeliverable::Tries))];
    let found = [(2, "missing somebody Dead(Tries)"), (0, "extra somebody Dead(NoContact)")];
    check(notifications(&tries), &record, &found);
    check(notifications(&[]), &[owed()], &[(0, "extra owner Owed")]);
}

fn commands(expected: &[(u64, Turn)]) -> Expectation {
    let expected = (1..).zip(expected).map(|(place, (at, turn))| ExpectedCommand {
        window: window(*at),
        turn: *turn,
        pin: Pin(1),
        span: place..place + 1,
    });
    Expectation::Commands(Commands { device: DEVICE, expected: expected.collect(), span: 0..1 })
}

fn commanded(at: u64, verdict: Verdict) -> (u64, What) {
    let command = Command { id: CommandId(1), pin: Pin(1), value: "on".into() };
    (at, What::Server(Event::Commanded { command, verdict }))
}

fn applied(at: u64) -> (u64, What) {
    (at, What::Server(Event::Applied { command: CommandId(1), pin: Pin(1) }))
}

#[test]
fn commands_are_complete_and_one_that_is_sent_is_only_applied() {
    let expected = || commands(&[(60, Turn::Pending), (90, Turn::Applied)]);
    check(expected(), &[commanded(60, Verdict::Pending), applied(90)], &[]);
    check(expected(), &[commanded(60, Verdict::Warned), applied(90)], &[]);
    check(expected(), &[commanded(60, Verdict::Pending)], &[(2, "missing applied V1")]);
    check(expected(), &[commanded(61, Verdict::Pending), applied(90)], &[(1, "off pending V1")]);
    let found = [(1, "missing pending V1"), (0, "extra blocked V1")];
    check(expected(), &[commanded(60, Verdict::Blocked), applied(90)], &found);
    check(commands(&[(60, Turn::Applied)]), &[commanded(60, Verdict::Sent), applied(60)], &[]);
    check(commands(&[(60, Turn::Blocked)]), &[commanded(60, Verdict::Blocked)], &[]);
}

#[test]
fn a_session_that_the_server_interrupted_ended() {
    let interrupted = (60, What::Server(Event::Interrupted { session: SessionId(1) }));
    let closes = |at| Expectation::Closes(Closes { device: DEVICE, windows: vec![(window(at), 1..2)] });
    check(closes(60), std::slice::from_ref(&interrupted), &[]);
    check(closes(60), &[], &[(1, "close missing")]);
    check(closes(90), &[interrupted], &[(1, "close off")]);
}
