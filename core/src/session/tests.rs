use std::net::Ipv4Addr;

mod ends;
mod login;
mod requests;
mod silence;
mod values;

use super::*;
use crate::id::{CommandId, Pin};
use crate::settings::Allowance;

/// Its allowance is 15 s.
const HEARTBEAT: Duration = Duration::from_secs(10);
const ACCEPTED: Input<'static> = Input::Login(LoginAnswer::Accepted { heartbeat: HEARTBEAT });

fn token() -> Token {
    Token::parse(&[b'a'; Token::LEN]).expect("32 characters")
}

fn address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))
}

/// A connection opened at the epoch.
fn fresh() -> Session {
    let settings =
        Settings { body_limit: 100, value_limit: 20, messages_per_second: 5, ..Settings::default() };
    Session::new(Instant::ZERO, SessionId(1), address(), Arc::new(settings))
}

/// A connection that asked for a login at the epoch and has no answer yet.
fn logging_in() -> Session {
    let mut session = fresh();
    check(&mut session, 0, Input::Bytes(&login(Command::HwLogin)), &[login_word(0)], &[]);
    session
}

/// A session that logged in at the epoch.
fn live() -> Session {
    let mut session = logging_in();
    check(&mut session, 0, ACCEPTED, &[], &[(1, Answer::OK)]);
    session
}

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn request(command: Command, id: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let id = MessageId::new(id).expect("not zero");
    encode(Frame::Request { command, id, body }, &mut bytes);
    bytes
}

fn login(command: Command) -> Vec<u8> {
    request(command, 1, token().as_bytes())
}

fn ping(id: u16) -> Vec<u8> {
    request(Command::Ping, id, b"")
}

fn write(id: u16) -> Vec<u8> {
    request(Command::Hardware, id, b"vw\x001\x0022.5")
}

/// What is said of an announcement.
fn announced(millis: u64, seconds: u64) -> Output {
    let heartbeat = Some(Duration::from_secs(seconds));
    Output::Word(at(millis), Word::Announced { heartbeat, client: "1.4.0".into() })
}

fn announcement(id: u16, heartbeat: &str) -> Vec<u8> {
    request(Command::Internal, id, format!("ver\x001.4.0\0h-beat\0{heartbeat}").as_bytes())
}

fn login_word(millis: u64) -> Output {
    Output::Word(at(millis), Word::Login { token: token(), address: address() })
}

fn data(millis: u64) -> Output {
    Output::Word(at(millis), Word::Data)
}

/// What is said of a [write].
fn wrote(millis: u64) -> Output {
    Output::Word(at(millis), Word::Wrote { pin: Pin(1), value: "22.5".into() })
}

/// The end of a session that spoke for a device: what the hub is told, and what is done.
fn closed(millis: u64, reason: CloseReason, last_byte: u64, last_command: Command) -> [Output; 2] {
    let close = Close { reason, last_byte_at: at(last_byte), last_command };
    [Output::Word(at(millis), Word::Closed(close)), Output::Close(End::Closed(reason))]
}

fn silence(seconds: u64) -> CloseReason {
    CloseReason::Heartbeat { heartbeat: Duration::from_secs(seconds), rule: Allowance::Iot }
}

fn ended(reason: CloseReason) -> Output {
    Output::Close(End::Closed(reason))
}

/// What an input makes the session do, and the bytes it sends.
fn hear(session: &mut Session, millis: u64, input: Input<'_>) -> (Vec<Output>, Vec<u8>) {
    session.handle_input(at(millis), input);
    let mut sent = Vec::new();
    session.poll_transmit(&mut sent);
    (std::iter::from_fn(|| session.poll_output()).collect(), sent)
}

/// Everything that an input makes the session do, and every answer it sends.
fn check(
    session: &mut Session,
    millis: u64,
    input: Input<'_>,
    outputs: &[Output],
    answers: &[(u16, Answer)],
) {
    let (done, sent) = hear(session, millis, input);
    assert_eq!(done, outputs);
    let mut expected = Vec::new();
    for (id, answer) in answers {
        let id = MessageId::new(*id).expect("not zero");
        encode(Frame::Response { id, answer: *answer }, &mut expected);
    }
    assert_eq!(sent, expected);
}

/// The session is closed as silent when this deadline is over, not before.
fn check_silence(session: &mut Session, deadline: u64, heartbeat: u64, last_byte: u64, last: Command) {
    assert_eq!(session.poll_timeout(), Some((at(deadline), Timer::Heartbeat)));
    check(session, deadline, Input::Timeout, &[], &[]);
    let end = closed(deadline, silence(heartbeat), last_byte, last);
    check(session, deadline + 1, Input::Timeout, &end, &[]);
}
