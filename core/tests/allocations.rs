//! A heartbeat costs no memory: once a device is logged in, its pings allocate nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use allocation_counter::measure;
use blynk_core::close::CloseReason;
use blynk_core::id::{SessionId, Token};
use blynk_core::lifecycle::{self, Chain, Machine, State, Template};
use blynk_core::protocol::{Answer, Command, Frame, MessageId, decode, encode};
use blynk_core::session::{Input, LoginAnswer, Session};
use blynk_core::settings::Settings;
use blynk_core::time::{Duration, Instant};

const ROUNDS: u64 = 1_000;

/// After a first round that may take memory, no round does.
fn check(mut round: impl FnMut(Instant)) {
    round(Instant::ZERO);
    let instants = (1..=ROUNDS).map(|second| Instant::ZERO + Duration::from_secs(second));
    assert_eq!(measure(|| instants.for_each(round)).count_total, 0);
}

fn frame(command: Command, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(Frame::Request { command, id: MessageId::FIRST, body }, &mut bytes);
    bytes
}

fn logged_in() -> Session {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let mut session = Session::new(Instant::ZERO, SessionId(1), address, Arc::new(Settings::default()));
    session.handle_input(Instant::ZERO, Input::Bytes(&frame(Command::HwLogin, &[b'a'; Token::LEN])));
    let heartbeat = Duration::from_secs(45);
    session.handle_input(Instant::ZERO, Input::Login(LoginAnswer::Accepted { heartbeat }));
    while session.poll_output().is_some() {}
    session.poll_transmit(&mut Vec::new());
    session
}

#[test]
fn an_allocation_is_counted() {
    assert_eq!(measure(|| assert_eq!(frame(Command::Ping, b"").len(), 5)).count_total, 1);
}

#[test]
fn decoding_allocates_nothing() {
    let bytes = [frame(Command::Ping, b""), frame(Command::Hardware, b"vw\x001\x0022.5")].concat();
    check(|_| {
        let mut input = bytes.as_slice();
        while let Ok(Some(_)) = decode(&mut input, 4_096) {}
        assert!(input.is_empty());
    });
}

#[test]
fn encoding_into_a_used_buffer_allocates_nothing() {
    let mut out = Vec::new();
    check(|_| {
        out.clear();
        encode(Frame::Response { id: MessageId::FIRST, answer: Answer::OK }, &mut out);
    });
}

#[test]
fn a_session_answers_pings_without_allocating() {
    let (mut session, ping, mut answer) = (logged_in(), frame(Command::Ping, b""), Vec::new());
    check(|now| {
        session.handle_input(now, Input::Bytes(&ping));
        answer.clear();
        session.poll_transmit(&mut answer);
        assert_eq!((session.poll_output(), answer.len()), (None, 5));
    });
}

#[test]
fn a_session_hears_data_without_allocating() {
    let (mut session, write) = (logged_in(), frame(Command::Hardware, b"dw\x001\x001"));
    check(|now| {
        session.handle_input(now, Input::Bytes(&write));
        assert!(session.poll_output().is_some());
    });
}

#[test]
fn a_lifecycle_never_allocates() {
    let template = Template::new("sensor", Chain::default());
    let mut machine = Machine::new(Arc::new(template), State::NEW);
    check(|now| {
        machine.handle_input(now, lifecycle::Input::LoggedIn(SessionId(1)));
        let closed = lifecycle::Input::Closed { reason: CloseReason::Closed, last_byte_at: now };
        machine.handle_input(now, closed);
        machine.handle_input(now + Duration::HOUR, lifecycle::Input::Timeout);
        assert!(machine.poll_output().is_some());
    });
}
