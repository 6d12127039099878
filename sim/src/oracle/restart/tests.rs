//! Records of a device whose server goes down at 20 s and comes up at 40 s. With a heartbeat of 10 s its grace is 15 s.

use std::net::{Ipv4Addr, SocketAddr};

use blynk_core::id::SessionId;
use blynk_core::protocol::Command;

use super::*;
use crate::oracle::{Breach, history};
use crate::plan::Source;
use crate::scenario::{Options, load};
use crate::timeline::{Change, Close, CloseReason, Setter, Subject, Timeline};

const DEVICE: DeviceId = DeviceId(0);
const ONLINE: StatusIndex = StatusIndex::ONLINE;
const OFFLINE: StatusIndex = StatusIndex(1);

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn second(seconds: u64) -> Instant {
    at(seconds * 1_000)
}

/// A record that is told entry by entry. Times are seconds unless they are instants.
struct Record(Vec<Entry>);

impl Record {
    fn new() -> Self {
        Self(Vec::new()).login(0).online(0, None, Cause::Login)
    }

    fn event(mut self, at: Instant, event: Event) -> Self {
        self.0.push(Entry { at, subject: Subject::Device(DEVICE), what: What::Server(event) });
        self
    }

    fn run(mut self, at: Instant, run: Run) -> Self {
        self.0.push(Entry { at, subject: Subject::World, what: What::Run(run) });
        self
    }

    fn restart(self) -> Self {
        self.run(second(20), Run::Crashed).run(second(40), Run::Up)
    }

    fn login(self, at: u64) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        self.event(second(at), Event::LoggedIn { session: SessionId(at), address })
    }

    fn announced(self, at: u64, heartbeat: u64) -> Self {
        let heartbeat = Some(Duration::from_secs(heartbeat));
        self.event(second(at), Event::Announced { session: SessionId(0), heartbeat, client: "".into() })
    }

    fn reported(self, at: u64) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        self.event(second(at), Event::Reported { address })
    }

    fn closed(self, at: u64) -> Self {
        let (reason, last_byte_at) = (CloseReason::Closed, second(at));
        let close = Close { reason, last_byte_at, last_command: Command::Ping };
        self.event(second(at), Event::Closed { session: SessionId(0), close })
    }

    fn interrupted(self, at: Instant) -> Self {
        self.event(at, Event::Interrupted { session: SessionId(0) })
    }

    fn change(self, at: Instant, from: Option<StatusIndex>, to: StatusIndex, cause: Cause) -> Self {
        self.event(at, Event::Status(Change { from, to, cause }))
    }

    fn online(self, at: u64, from: Option<StatusIndex>, cause: Cause) -> Self {
        self.change(second(at), from, ONLINE, cause)
    }

    fn offline(self, at: Instant, cause: Cause) -> Self {
        self.change(at, Some(ONLINE), OFFLINE, cause)
    }

    /// What is said of it, for a device that is offline after `wait` seconds, with a grace set or not.
    fn judged(self, wait: u64, grace: Option<u64>) -> Option<(Invariant, Instant, String)> {
        let head =
            format!("scenario: x\ntemplate: {{ heartbeat: 10s, lifecycle: online -{wait}s-> offline }}\n");
        let text = format!("{head}devices: {{ a: }}\nuntil: 2m\nexpect: {{ a: {{}} }}\n");
        let source = Source { path: "x.yaml".into(), text };
        let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
        plan.server.restart_grace = grace.map(Duration::from_secs);
        let timeline = Timeline::new(self.0);
        let breach = history::judge(&plan, DEVICE, &timeline.by_device(1)[0])?;
        let Breach { invariant, at, text, .. } = breach;
        Some((invariant, at, text))
    }

    fn believed(self, wait: u64) {
        assert_eq!(self.judged(wait, None), None);
    }

    fn objected_to(self, wait: u64, invariant: Invariant, seen: Instant, text: &str) {
        assert_eq!(self.judged(wait, None), Some((invariant, seen, text.into())));
    }
}

fn wait(base: u64, wait: u64, detected: u64) -> Cause {
    Cause::Wait { base: second(base), wait: Duration::from_secs(wait), detected: second(detected) }
}

#[test]
fn who_was_connected_waits_from_the_restart() {
    let record = || Record::new().restart().interrupted(second(40));
    record().offline(second(100), wait(40, 60, 40)).believed(60);
    record().offline(second(55), Cause::Grace).believed(5);
    let missing = "offline is due, but never entered";
    record().objected_to(60, Invariant::NoLateNoEarly, second(100), missing);
    let wrong =
        "entered offline for a reason that does not hold: the grace after the server's restart is over";
    let early = record().offline(second(100), Cause::Grace);
    early.objected_to(60, Invariant::OneChangeOneReason, second(100), wrong);
}

#[test]
fn a_change_within_the_grace_is_a_restart_that_is_seen() {
    let record = || Record::new().restart().interrupted(second(40));
    let text = "entered offline within the grace after the server's restart, which lasts until 55s";
    let check = |record: Record, seen| record.objected_to(5, Invariant::RestartInvisible, seen, text);
    check(record().offline(second(45), wait(40, 5, 40)), second(45));
    check(record().offline(at(54_999), Cause::Grace), at(54_999));
    let back = record().offline(second(45), wait(40, 5, 40)).login(50);
    check(back.online(50, Some(OFFLINE), Cause::Login), second(45));
}

#[test]
fn a_return_within_the_grace_leaves_no_trace() {
    let record = || Record::new().restart().interrupted(second(40));
    record().login(50).believed(5);
    record().reported(50).offline(second(110), wait(50, 60, 50)).believed(60);
    record().login(50).closed(51).offline(second(56), wait(51, 5, 51)).believed(5);
}

#[test]
fn what_was_overdue_comes_with_the_end_of_the_grace() {
    let record = || Record::new().closed(10).restart();
    record().offline(second(55), Cause::Grace).believed(20);
    record().offline(second(70), wait(10, 60, 10)).believed(60);
    let text = "entered offline within the grace after the server's restart, which lasts until 55s";
    let at_once = record().offline(second(40), wait(10, 20, 10));
    at_once.objected_to(20, Invariant::RestartInvisible, second(40), text);
    let while_down = record().offline(second(30), wait(10, 20, 10));
    let text = "entered offline while the server was down";
    while_down.objected_to(20, Invariant::RestartInvisible, second(30), text);
    let late = record().offline(second(56), Cause::Grace);
    late.objected_to(20, Invariant::NoLateNoEarly, second(56), "offline is due at 55s");
}

#[test]
fn the_grace_is_that_of_the_newest_announcement_or_of_the_server() {
    let record = || Record::new().announced(1, 20).restart().interrupted(second(40));
    record().offline(second(70), Cause::Grace).believed(5);
    let newer = || Record::new().announced(1, 20).login(2).restart().interrupted(second(40));
    newer().offline(second(55), Cause::Grace).believed(5);
    assert_eq!(record().offline(second(47), Cause::Grace).judged(5, Some(7)), None);
    assert_eq!(record().offline(second(45), wait(40, 5, 40)).judged(5, Some(0)), None);
}

#[test]
fn another_restart_renews_the_grace() {
    let record = || Record::new().restart().interrupted(second(40));
    let again = |record: Record| record.run(second(50), Run::Killed).run(second(51), Run::Up);
    again(record()).offline(second(66), Cause::Grace).believed(5);
    let text = "entered offline within the grace after the server's restart, which lasts until 1m6s";
    let forgotten = again(record()).offline(second(55), Cause::Grace);
    forgotten.objected_to(5, Invariant::RestartInvisible, second(55), text);
}

#[test]
fn nothing_comes_due_while_the_server_is_down() {
    let record = || Record::new().closed(10).run(second(20), Run::Stopped);
    record().believed(60);
    let text = "entered offline while the server was down";
    record().offline(second(70), wait(10, 60, 10)).objected_to(
        60,
        Invariant::RestartInvisible,
        second(70),
        text,
    );
}

#[test]
fn what_is_due_within_a_tick_of_the_end_may_be_done_or_not() {
    let before = || Record::new().closed(10).run(at(20_050), Run::Crashed);
    before().offline(second(20), wait(10, 10, 10)).believed(10);
    before().run(second(40), Run::Up).offline(second(55), Cause::Grace).believed(10);
    let earlier = Record::new().closed(10).run(at(20_102), Run::Crashed);
    earlier.objected_to(10, Invariant::NoLateNoEarly, second(20), "offline is due, but never entered");
}

#[test]
fn the_record_tells_the_instant_of_a_start_within_a_tick() {
    let up = |millis| Record::new().closed(10).run(second(20), Run::Crashed).run(at(millis), Run::Up);
    up(39_900).offline(second(55), Cause::Grace).believed(20);
    up(40_100).offline(second(55), Cause::Grace).believed(20);
    up(40_100).offline(second(55), wait(10, 45, 10)).believed(45);
    let text = "entered offline within the grace after the server's restart, which lasts until 55.101s";
    up(40_101).offline(second(55), Cause::Grace).objected_to(
        20,
        Invariant::RestartInvisible,
        second(55),
        text,
    );
    // Whether the login or the end of the grace came first.
    up(40_000).login(55).believed(20);
}

#[test]
fn a_device_that_sets_its_status_is_moved_on_from_there() {
    let set = |cause| Record::new().change(second(10), Some(ONLINE), OFFLINE, cause);
    set(Cause::Set(Setter::Device)).believed(60);
    let back = set(Cause::Set(Setter::Operator)).online(15, Some(OFFLINE), Cause::Data);
    back.believed(60);
    let refused = set(Cause::Set(Setter::Device)).change(
        second(15),
        Some(OFFLINE),
        OFFLINE,
        Cause::Set(Setter::Operator),
    );
    let text = "entered offline, which nothing calls for";
    refused.objected_to(60, Invariant::OneChangeOneReason, second(15), text);
    let away = Record::new().closed(10).offline(second(70), wait(10, 60, 10));
    let away = away.online(80, Some(OFFLINE), Cause::Data);
    let text = "entered online, which nothing calls for";
    away.objected_to(60, Invariant::OneChangeOneReason, second(80), text);
}
