//! A witness that is told stories: what the links delivered, and what the server says about it.

use std::net::{Ipv4Addr, SocketAddr};

use blynk_core::close::Violation;
use blynk_core::id::Token;
use blynk_core::protocol::{Command, MessageId};
use blynk_core::settings::Allowance;

use super::*;
use crate::device::Message;
use crate::plan::{Garbage, Source};
use crate::scenario::{Options, load};
use crate::timeline::CloseReason;

const DEVICE: DeviceId = DeviceId(0);
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A device with a heartbeat of 10 s, so an allowance of 15 s, and a tick of 100 ms. Times are seconds.
struct Story(Witness);

impl Story {
    fn new() -> Self {
        Self::with("takeover: accept")
    }

    /// A story of a server with these settings.
    fn with(server: &str) -> Self {
        let head = "scenario: x\ntemplate: { heartbeat: 10s }\ndevices: { a: }\nexpect: { a: {} }\n";
        let text = format!("{head}server: {{ {server} }}\n");
        let source = Source { path: "x.yaml".into(), text };
        Self(Witness::new(&load(source, &Options::default()).expect("a valid scenario").plan))
    }

    /// A story that begins with a connection at 0 s, truly recorded.
    fn connected() -> Self {
        Self::new().login(0, 1).says_logged_in(0, 1)
    }

    fn delivered(self, at: u64, connection: u32, what: &ToServer) -> Self {
        self.delivered_at(second(at), connection, what)
    }

    fn delivered_at(mut self, at: Instant, connection: u32, what: &ToServer) -> Self {
        self.0.delivered(at, DEVICE, ConnectionId(connection), what);
        self
    }

    fn message(self, at: u64, connection: u32, content: Content) -> Self {
        self.delivered(at, connection, &ToServer::Message(Message { id: MessageId::FIRST, content }))
    }

    fn login(self, at: u64, connection: u32) -> Self {
        let token = Token::parse(&[b'a'; Token::LEN]).expect("a token");
        self.message(at, connection, Content::Login(token))
    }

    fn garbage(self, at: u64, kind: Garbage) -> Self {
        self.message(at, 1, Content::Garbage(kind, [0; 16]))
    }

    fn ping(self, at: u64) -> Self {
        self.ping_at(second(at))
    }

    fn ping_at(self, at: Instant) -> Self {
        self.delivered_at(at, 1, &ToServer::Message(Message { id: MessageId::FIRST, content: Content::Ping }))
    }

    fn says(self, at: u64, event: &Event) -> Self {
        self.says_at(second(at), event)
    }

    fn says_at(mut self, at: Instant, event: &Event) -> Self {
        self.0.recorded(at, DEVICE, at, event);
        self
    }

    fn says_logged_in(self, at: u64, session: u64) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        self.says(at, &Event::LoggedIn { session: SessionId(session), address })
    }

    fn says_superseded(self, at: u64, session: u64, by: u64) -> Self {
        self.says(at, &Event::Superseded { session: SessionId(session), by: SessionId(by) })
    }

    fn says_closed(self, at: u64, session: u64, reason: CloseReason, last: u64) -> Self {
        let close = Close { reason, last_byte_at: second(last), last_command: Command::Ping };
        self.says(at, &Event::Closed { session: SessionId(session), close })
    }

    /// What the witness objects to, with an end of the run at `until`.
    fn objections(mut self, until: u64) -> Vec<(Invariant, String)> {
        let breaches = self.0.finish(second(until));
        breaches.into_iter().map(|breach| (breach.invariant, breach.text)).collect()
    }

    fn believed(self, until: u64) {
        assert_eq!(self.objections(until), []);
    }

    fn objected_to(self, until: u64, invariant: Invariant, text: &str) {
        assert_eq!(self.objections(until), [(invariant, text.to_owned())]);
    }
}

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn silence() -> CloseReason {
    CloseReason::Heartbeat { heartbeat: HEARTBEAT, rule: Allowance::Iot }
}

fn illegal() -> CloseReason {
    CloseReason::Protocol(Violation::IdZero)
}

#[test]
fn a_true_story_believed() {
    let story = Story::connected().ping(10).says_closed(25, 1, silence(), 10);
    story
        .login(30, 2)
        .says_logged_in(30, 2)
        .delivered(40, 2, &ToServer::Fin)
        .says_closed(40, 2, CloseReason::Closed, 30)
        .believed(100);
}

#[test]
fn a_byte_within_the_allowance_makes_an_offline_false() {
    let story = Story::connected().ping(10).says_closed(15, 1, silence(), 0);
    let text = "says the last byte came at 0s, but one was delivered later";
    story.objected_to(100, Invariant::NoFalseOffline, text);
}

#[test]
fn a_silence_that_was_noticed_too_early_is_no_silence() {
    let story = Story::connected().ping(10).says_closed(24, 1, silence(), 10);
    let text = "closed (heartbeat), but the allowance was not over, or over before";
    story.objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_silence_that_is_never_noticed_objected_to() {
    let text = "the connection is gone, but was still believed to live";
    Story::connected().ping(10).objected_to(26, Invariant::NoLateNoEarly, text);
    Story::connected().ping(10).believed(25);
}

#[test]
fn a_fin_that_is_never_noticed_objected_to() {
    let story = Story::connected().delivered(3, 1, &ToServer::Fin);
    story.objected_to(10, Invariant::NoLateNoEarly, "the connection is gone, but was still believed to live");
}

#[test]
fn illegal_bytes_that_are_ignored_objected_to() {
    let check = |kind| {
        let text = "the connection brought illegal bytes, but was still believed to live";
        Story::connected().garbage(5, kind).objected_to(10, Invariant::NoLateNoEarly, text);
        Story::connected().garbage(4, Garbage::Truncated).garbage(5, kind).believed(10);
    };
    check(Garbage::IdZero);
    check(Garbage::UnknownCommand);
    check(Garbage::Oversize);
}

#[test]
fn an_end_that_is_noticed_late_objected_to() {
    let text = "the connection brought illegal bytes, but was still believed to live";
    let story = || Story::connected().garbage(5, Garbage::IdZero);
    let closed = story().delivered(8, 1, &ToServer::Fin).says_closed(8, 1, CloseReason::Closed, 5);
    closed.objected_to(100, Invariant::NoLateNoEarly, text);
    let superseded = story().login(8, 2).says_superseded(8, 1, 2).says_logged_in(8, 2);
    superseded.objected_to(20, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_flood_that_is_ignored_objected_to_once_a_second_less_a_tick_holds_it() {
    let pinged_after = |millis| {
        let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
        story.ping_at(second(5) + Duration::from_millis(millis))
    };
    let text = "the connection brought more messages than a second may, but was still believed to live";
    pinged_after(899).objected_to(10, Invariant::NoLateNoEarly, text);
    pinged_after(900).believed(10);
    let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1);
    story.garbage(5, Garbage::Truncated).ping(5).ping(5).ping(5).believed(10);
}

#[test]
fn ends_need_a_cause_that_was_delivered() {
    let check = |reason, text: &str| {
        let story = Story::connected().ping(5).says_closed(5, 1, reason, 5);
        story.objected_to(10, Invariant::NoLateNoEarly, text);
    };
    check(CloseReason::Closed, "closed (closed), but no FIN was delivered");
    check(CloseReason::Reset, "closed (reset), but no RST was delivered");
    check(illegal(), "closed (protocol), but nothing illegal was delivered");
}

#[test]
fn illegal_bytes_are_a_cause_at_that_moment() {
    let story = || Story::connected().garbage(5, Garbage::IdZero);
    story().says_closed(5, 1, illegal(), 5).believed(100);
    let objections = story().ping(7).says_closed(7, 1, illegal(), 7).objections(100);
    let text = "closed (protocol), but nothing illegal was delivered";
    assert!(objections.contains(&(Invariant::NoLateNoEarly, text.into())));
}

#[test]
fn what_follows_a_part_of_a_frame_can_complete_something_illegal() {
    let check = |part| {
        let story = || Story::connected().garbage(5, part).ping(7);
        story().says_closed(7, 1, illegal(), 7).believed(100);
        let text = "closed (protocol), but nothing illegal was delivered";
        story().says_closed(8, 1, illegal(), 7).objected_to(100, Invariant::NoLateNoEarly, text);
    };
    check(Garbage::Truncated);
    check(Garbage::Random);
}

#[test]
fn what_follows_a_part_of_a_frame_is_announced_only_if_the_server_says_so() {
    let announced = Event::Announced { session: SessionId(1), heartbeat: Duration::from_secs(20) };
    let story = || Story::connected().garbage(5, Garbage::Truncated);
    let story = || story().message(7, 1, Content::Announce(Duration::from_secs(20)));
    story().says_closed(22, 1, silence(), 7).believed(100);
    story().says(7, &announced).says_closed(37, 1, silence(), 7).believed(100);
}

#[test]
fn reasons_that_these_runs_do_not_have_are_not_believed() {
    let check = |reason, text: &str| {
        let story = Story::connected().ping(5).says_closed(5, 1, reason, 5);
        story.objected_to(10, Invariant::NoLateNoEarly, text);
    };
    check(CloseReason::Server, "closed (server), but no server stops in these runs");
    let text = "closed (superseded), but a takeover is no end of the device's connection";
    check(CloseReason::Superseded, text);
}

#[test]
fn a_flood_is_more_messages_than_a_second_may_bring() {
    let story = || Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
    story().ping(5).says_closed(5, 1, CloseReason::Flood, 5).believed(100);
    story().ping(6).ping(6).ping(6).says_closed(6, 1, CloseReason::Flood, 6).believed(100);
    let text = "closed (flood), but no more messages than allowed were delivered in a second";
    story().says_closed(5, 1, CloseReason::Flood, 5).objected_to(100, Invariant::NoLateNoEarly, text);
    let spread = story().ping(7).says_closed(7, 1, CloseReason::Flood, 7);
    spread.objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_flood_may_have_been_read_within_a_second_though_it_came_within_a_tick_more() {
    let closed_after = |millis| {
        let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
        let last_byte_at = second(5) + Duration::from_millis(millis);
        let close = Close { reason: CloseReason::Flood, last_byte_at, last_command: Command::Ping };
        let closed = Event::Closed { session: SessionId(1), close };
        story.ping_at(last_byte_at).says_at(last_byte_at, &closed).objections(100)
    };
    assert_eq!(closed_after(1_099), []);
    assert_eq!(closed_after(1_100).len(), 1);
}

#[test]
fn a_login_that_nobody_sent_objected_to() {
    let story = Story::new().says_logged_in(0, 1);
    story.objected_to(1, Invariant::NoLateNoEarly, "logged in, but no login was delivered");
}

#[test]
fn a_login_that_is_ignored_objected_to() {
    let story = Story::new().login(0, 1);
    story.objected_to(1, Invariant::NoLateNoEarly, "a login was delivered, but never accepted");
}

#[test]
fn a_takeover_believed_and_the_older_session_is_silent_from_then_on() {
    let story = || Story::connected().login(5, 2).says_superseded(5, 1, 2).says_logged_in(5, 2);
    story().believed(15);
    let late = story().delivered(6, 1, &ToServer::Fin).says_closed(6, 1, CloseReason::Closed, 0);
    late.objected_to(15, Invariant::OneLiveSession, "session 1 speaks, but is not the live one");
}

#[test]
fn two_live_sessions_are_objected_to() {
    let story = Story::connected().login(5, 2).says_logged_in(5, 2);
    story.objected_to(15, Invariant::OneLiveSession, "logged in beside a live session");
}

#[test]
fn a_session_number_is_used_once() {
    let ended = Story::connected().delivered(3, 1, &ToServer::Fin).says_closed(3, 1, CloseReason::Closed, 0);
    let story = ended.login(5, 2).says_logged_in(5, 1);
    story.objected_to(15, Invariant::OneLiveSession, "session 1 was used before");
}

#[test]
fn an_announced_heartbeat_counts_and_an_invented_one_does_not() {
    let announced = |heartbeat| Event::Announced { session: SessionId(1), heartbeat };
    let story = || Story::connected().message(1, 1, Content::Announce(Duration::from_secs(20)));
    story().says(1, &announced(Duration::from_secs(20))).believed(31);
    let text = "recorded a heartbeat of 40s that was not announced";
    story().says(1, &announced(Duration::from_secs(40))).objected_to(31, Invariant::NoLateNoEarly, text);
}

#[test]
fn what_becomes_visible_late_is_late() {
    let mut story = Story::connected();
    let event = Event::Announced { session: SessionId(1), heartbeat: HEARTBEAT };
    story = story.message(1, 1, Content::Announce(HEARTBEAT));
    story.0.recorded(second(2), DEVICE, second(1), &event);
    story.objected_to(10, Invariant::NoLateNoEarly, "recorded 1s late");
}
