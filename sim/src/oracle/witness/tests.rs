//! A witness that is told stories: what the links delivered, and what the server says about it.

mod clients;
mod commands;
mod ends;
mod requests;
mod restarts;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use blynk_core::close::Violation;
use blynk_core::command::Controls;
use blynk_core::id::{Pin, SessionId, StatusIndex, Token};
use blynk_core::lifecycle::{Chain, Status, Template};
use blynk_core::protocol::{Command, MessageId};
use blynk_core::settings::Allowance;

use super::*;
use crate::device::{Message, Request};
use crate::plan::{Engine, Garbage, Source};
use crate::scenario::{Options, load};
use crate::timeline::{Close, CloseReason};

const DEVICE: DeviceId = DeviceId(0);
const ONLINE: StatusIndex = StatusIndex::ONLINE;
const STANDBY: StatusIndex = StatusIndex(1);
const OFFLINE: StatusIndex = StatusIndex(2);
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A device with a heartbeat of 10 s, so an allowance of 15 s, and a tick of 100 ms. Times are seconds. Its chain is
/// online, standby, where users are warned, and offline, where commands are blocked.
struct Story(Witness);

impl Story {
    fn new() -> Self {
        Self::with("takeover: accept")
    }

    /// A story of a server with these settings.
    fn with(server: &str) -> Self {
        let plan = plan(server);
        Self(Witness::new(&plan, plan.ids()))
    }

    /// A story of an engine without a tick that begins with a connection at 0 s, truly recorded.
    fn exact() -> Self {
        let plan = Plan { engine: Engine::Events, ..plan("") };
        Self(Witness::new(&plan, plan.ids())).login(0, 1).says_logged_in(0, 1)
    }

    /// A story that begins with a connection at 0 s, truly recorded.
    fn connected() -> Self {
        Self::new().login(0, 1).says_logged_in(0, 1)
    }

    fn delivered(self, at: u64, connection: u32, what: &ToServer) -> Self {
        self.delivered_at(second(at), connection, what)
    }

    fn delivered_at(mut self, at: Instant, connection: u32, what: &ToServer) -> Self {
        let mut bytes = Vec::new();
        what.encode(&mut bytes);
        self.0.delivered(at, DEVICE, connection_id(connection), what, bytes.len());
        self
    }

    fn message(self, at: u64, connection: u32, content: Content) -> Self {
        self.delivered(at, connection, &ToServer::Message(Message { id: MessageId::FIRST, content }))
    }

    fn login(self, at: u64, connection: u32) -> Self {
        let token = self.0.lane(DEVICE).token;
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

    /// A story that begins with a connection at 0 s and the status online.
    fn online() -> Self {
        Self::connected().says_entered(0, None, ONLINE, Cause::Login)
    }

    fn says_entered(self, at: u64, from: Option<StatusIndex>, to: StatusIndex, cause: Cause) -> Self {
        self.says(at, &Event::Status(Change { from, to, cause }))
    }

    /// A request, on a connection of its own.
    fn request(self, at: u64, request: Request) -> Self {
        self.message(at, 1_000, Content::Request(request.into()))
    }

    fn token(&self) -> Token {
        self.0.lane(DEVICE).token
    }

    fn server(self, at: u64, run: Run) -> Self {
        self.server_at(second(at), run)
    }

    fn server_at(mut self, at: Instant, run: Run) -> Self {
        self.0.server(at, run);
        self
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

fn plan(server: &str) -> Plan {
    let head = "scenario: x\ntemplate: { heartbeat: 10s }\ndevices: { a: }\nexpect: { a: {} }\n";
    let text = format!("{head}server: {{ {server} }}\n");
    let source = Source { path: "x.yaml".into(), text };
    let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
    let status = |key: &str, controls| Status { controls, ..Status::new(key, Duration::ZERO) };
    let statuses = vec![
        status("online", Controls::Allow),
        status("standby", Controls::Warn),
        status("offline", Controls::Block),
    ];
    let chain = Chain::new(statuses).expect("a valid chain");
    plan.devices[0].template = Arc::new(Template { heartbeat: HEARTBEAT, ..Template::new("t", chain) });
    plan
}

fn connection_id(number: u32) -> ConnectionId {
    ConnectionId { line: 0, dialled: number }
}

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn announced(session: u64, heartbeat: Duration) -> Event {
    Event::Announced { session: SessionId(session), heartbeat: Some(heartbeat), client: "".into() }
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
fn a_login_that_goes_away_at_once_may_come_too_late_for_the_server() {
    Story::new().login(20, 1).delivered(20, 1, &ToServer::Fin).believed(30);
    let text = "a login was delivered, but never accepted";
    let later = Story::new().login(20, 1).delivered(21, 1, &ToServer::Fin);
    later.objected_to(30, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_takeover_believed_and_the_older_session_is_silent_from_then_on() {
    let story = || Story::connected().login(5, 2).says_superseded(5, 1, 2).says_logged_in(5, 2);
    story().believed(15);
    let late = story().delivered(6, 1, &ToServer::Fin).says_closed(6, 1, CloseReason::Closed, 0);
    late.objected_to(15, Invariant::OneLiveSession, "session 1 speaks, but is not the live one");
}

#[test]
fn a_login_is_refused_only_beside_a_live_session() {
    let story = || Story::with("takeover: reject").login(0, 1).says_logged_in(0, 1);
    let text = "a login was delivered, but never accepted";
    story().login(5, 2).believed(15);
    let closed = || story().delivered(3, 1, &ToServer::Fin).says_closed(3, 1, CloseReason::Closed, 0);
    closed().login(5, 2).objected_to(15, Invariant::NoLateNoEarly, text);
    Story::with("takeover: reject").login(0, 1).objected_to(15, Invariant::NoLateNoEarly, text);
}

#[test]
fn of_two_logins_at_once_the_second_may_be_refused() {
    let story = || Story::with("takeover: reject").login(0, 1).login(0, 2).says_logged_in(0, 1);
    story().believed(15);
    let ended = story().delivered(0, 1, &ToServer::Fin).says_closed(0, 1, CloseReason::Closed, 0);
    ended.says_logged_in(0, 2).believed(15);
}

#[test]
fn a_takeover_where_logins_are_to_be_refused_objected_to() {
    let story = Story::with("takeover: reject").login(0, 1).says_logged_in(0, 1).login(5, 2);
    let text = "session 1 was superseded by a login that is to be refused";
    let story = story.says_superseded(5, 1, 2).says_logged_in(5, 2);
    story.objected_to(15, Invariant::OneLiveSession, text);
}

#[test]
fn a_wrong_token_is_nobodys_login() {
    let bad = Token::parse(&[b'x'; Token::LEN]).expect("a token");
    let story = || Story::connected().message(5, 2, Content::Login(bad));
    story().believed(15);
    let accepted = story().says_superseded(5, 1, 2).says_logged_in(5, 2);
    accepted.objected_to(15, Invariant::NoLateNoEarly, "logged in, but no login was delivered");
}

#[test]
fn of_two_logins_within_a_tick_either_may_be_the_live_one() {
    let story = || Story::new().login(0, 1).login(0, 2).says_logged_in(0, 1).says_superseded(0, 1, 2);
    let story = || story().says_logged_in(0, 2);
    let silent = || story().says_closed(15, 2, silence(), 0);
    silent().believed(100);
    let closed = |connection| {
        let story = story().delivered(3, connection, &ToServer::Fin);
        story.says_closed(3, 2, CloseReason::Closed, 0)
    };
    closed(1).believed(100);
    closed(2).believed(100);
    let text = "a login was delivered, but never accepted";
    Story::new().login(0, 1).login(0, 2).says_logged_in(0, 1).says_closed(15, 1, silence(), 0).objected_to(
        100,
        Invariant::NoLateNoEarly,
        text,
    );
}

#[test]
fn a_clone_takes_over_and_its_end_is_that_of_the_device() {
    let story = || Story::connected().login(5, 2).says_superseded(5, 1, 2).says_logged_in(5, 2);
    let fin = story().delivered(6, 1, &ToServer::Fin).delivered(8, 2, &ToServer::Fin);
    fin.says_closed(8, 2, CloseReason::Closed, 5).believed(100);
    let older = story().ping_at(second(8)).delivered(9, 1, &ToServer::Fin);
    let text = "closed (closed), but no FIN was delivered";
    older.says_closed(9, 2, CloseReason::Closed, 5).objected_to(15, Invariant::NoLateNoEarly, text);
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
    let announced = |heartbeat| announced(1, heartbeat);
    let story = || Story::connected().message(1, 1, Content::Announce(Duration::from_secs(20)));
    story().says(1, &announced(Duration::from_secs(20))).believed(31);
    let text = "recorded a heartbeat of 40s that was not announced";
    story().says(1, &announced(Duration::from_secs(40))).objected_to(31, Invariant::NoLateNoEarly, text);
}

#[test]
fn what_becomes_visible_late_is_late() {
    let mut story = Story::connected();
    let event = announced(1, HEARTBEAT);
    story = story.message(1, 1, Content::Announce(HEARTBEAT));
    story.0.recorded(second(2), DEVICE, second(1), &event);
    story.objected_to(10, Invariant::NoLateNoEarly, "recorded 1s late");
}
