use std::net::Ipv4Addr;

use super::*;
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
    let settings = Settings { body_limit: 100, messages_per_second: 5, ..Settings::default() };
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

fn announcement(id: u16, heartbeat: &str) -> Vec<u8> {
    request(Command::Internal, id, format!("ver\x001.4.0\0h-beat\0{heartbeat}").as_bytes())
}

fn login_word(millis: u64) -> Output {
    Output::Word(at(millis), Word::Login { token: token(), address: address() })
}

fn data(millis: u64) -> Output {
    Output::Word(at(millis), Word::Data)
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

/// Everything that an input makes the session do, and every answer it sends.
fn check(
    session: &mut Session,
    millis: u64,
    input: Input<'_>,
    outputs: &[Output],
    answers: &[(u16, Answer)],
) {
    session.handle_input(at(millis), input);
    let mut sent = Vec::new();
    session.poll_transmit(&mut sent);
    assert_eq!(std::iter::from_fn(|| session.poll_output()).collect::<Vec<_>>(), outputs);
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

// Login.

#[test]
fn both_login_commands_present_the_token() {
    for command in [Command::Login, Command::HwLogin] {
        check(&mut fresh(), 7, Input::Bytes(&login(command)), &[login_word(7)], &[]);
    }
}

#[test]
fn a_login_is_answered_with_its_own_id() {
    let mut session = fresh();
    let login = request(Command::HwLogin, 300, token().as_bytes());
    check(&mut session, 0, Input::Bytes(&login), &[login_word(0)], &[]);
    check(&mut session, 1, ACCEPTED, &[], &[(300, Answer::OK)]);
}

#[test]
fn a_body_that_is_no_token_is_refused_at_once() {
    let refused = Output::Close(End::Refused(Answer::INVALID_TOKEN));
    let login = request(Command::HwLogin, 1, b"too short");
    check(&mut fresh(), 0, Input::Bytes(&login), &[refused], &[(1, Answer::INVALID_TOKEN)]);
}

#[test]
fn a_refused_login_is_answered_and_closed() {
    let refused = Input::Login(LoginAnswer::Refused(Answer::NOT_ALLOWED));
    let end = Output::Close(End::Refused(Answer::NOT_ALLOWED));
    check(&mut logging_in(), 1, refused, &[end], &[(1, Answer::NOT_ALLOWED)]);
}

#[test]
fn a_ping_before_the_login_is_told_to_log_in_and_kept() {
    let mut session = fresh();
    check(&mut session, 0, Input::Bytes(&ping(1)), &[], &[(1, Answer::NOT_AUTHENTICATED)]);
    check(&mut session, 1, Input::Bytes(&login(Command::HwLogin)), &[login_word(1)], &[]);
}

#[test]
fn any_other_command_before_the_login_closes() {
    let allowed = [Command::Login, Command::HwLogin, Command::Ping];
    let end = ended(CloseReason::Protocol(Violation::NotLoggedIn));
    for command in Command::ALL.iter().filter(|command| !allowed.contains(command)) {
        check(&mut fresh(), 0, Input::Bytes(&request(*command, 1, b"")), &[end], &[]);
    }
}

#[test]
fn a_second_login_is_told_that_it_is_logged_in() {
    let second = login(Command::Login);
    check(&mut live(), 5, Input::Bytes(&second), &[], &[(1, Answer::ALREADY_REGISTERED)]);
}

#[test]
fn a_login_must_come_in_time() {
    let mut session = fresh();
    assert_eq!(session.poll_timeout(), Some((at(10_000), Timer::Login)));
    check(&mut session, 10_000, Input::Timeout, &[], &[]);
    check(&mut session, 10_001, Input::Timeout, &[Output::Close(End::LoginTimeout)], &[]);
}

#[test]
fn pings_and_half_a_login_do_not_put_the_login_off() {
    let mut session = fresh();
    check(&mut session, 9_000, Input::Bytes(&ping(1)), &[], &[(1, Answer::NOT_AUTHENTICATED)]);
    check(&mut session, 9_999, Input::Bytes(&login(Command::HwLogin)[..30]), &[], &[]);
    assert_eq!(session.poll_timeout(), Some((at(10_000), Timer::Login)));
}

#[test]
fn while_a_login_is_answered_no_bytes_are_wanted_and_nothing_is_due() {
    let session = logging_in();
    assert!(!session.wants_bytes());
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn what_follows_a_login_waits_for_its_answer() {
    let mut session = fresh();
    let glued = [login(Command::HwLogin), ping(2), write(3), login(Command::HwLogin)].concat();
    check(&mut session, 0, Input::Bytes(&glued), &[login_word(0)], &[]);
    check(&mut session, 1, Input::Bytes(&ping(4)), &[], &[]);
    let answers = [(1, Answer::OK), (2, Answer::OK), (1, Answer::ALREADY_REGISTERED), (4, Answer::OK)];
    check(&mut session, 2, ACCEPTED, &[data(2)], &answers);
}

#[test]
fn what_follows_a_refused_login_is_not_read() {
    let mut session = fresh();
    let glued = [login(Command::HwLogin), ping(2)].concat();
    check(&mut session, 0, Input::Bytes(&glued), &[login_word(0)], &[]);
    let end = Output::Close(End::Refused(Answer::INVALID_TOKEN));
    let refused = Input::Login(LoginAnswer::Refused(Answer::INVALID_TOKEN));
    check(&mut session, 1, refused, &[end], &[(1, Answer::INVALID_TOKEN)]);
}

// Requests of a live session.

#[test]
fn a_ping_is_answered_and_the_hub_is_not_told() {
    check(&mut live(), 5, Input::Bytes(&ping(9)), &[], &[(9, Answer::OK)]);
}

#[test]
fn data_is_said_and_not_answered() {
    let commands =
        [Command::Hardware, Command::Property, Command::Group, Command::EventLog, Command::EventClear];
    for command in commands {
        check(&mut live(), 5, Input::Bytes(&request(command, 2, b"x")), &[data(5)], &[]);
    }
}

#[test]
fn what_is_not_data_is_not_said() {
    let mut session = live();
    check(&mut session, 5, Input::Bytes(&request(Command::HwSync, 2, b"")), &[], &[]);
    check(&mut session, 6, Input::Bytes(&[0, 0, 3, 0, 200]), &[], &[]);
}

#[test]
fn commands_that_are_not_for_devices_are_answered_with_an_error() {
    let mut session = live();
    let errors = [
        (Command::Bridge, Answer::NOT_ALLOWED),
        (Command::Redirect, Answer::ILLEGAL_COMMAND),
        (Command::DebugPrint, Answer::ILLEGAL_COMMAND),
        (Command::Internal, Answer::ILLEGAL_COMMAND),
    ];
    for (command, answer) in errors {
        check(&mut session, 5, Input::Bytes(&request(command, 2, b"x")), &[], &[(2, answer)]);
    }
}

#[test]
fn data_is_said_once_per_read() {
    let mut session = live();
    let writes = [write(2), write(3), ping(4), write(5)].concat();
    check(&mut session, 5, Input::Bytes(&writes), &[data(5)], &[(4, Answer::OK)]);
    check(&mut session, 1_000, Input::Bytes(&write(6)), &[data(1_000)], &[]);
}

#[test]
fn data_is_said_before_the_close_that_follows_it_in_one_read() {
    let bytes = [write(2), vec![99, 0, 1, 0, 0], write(3)].concat();
    let reason = CloseReason::Protocol(Violation::UnknownCommand(99));
    let [word, close] = closed(5, reason, 5, Command::Hardware);
    check(&mut live(), 5, Input::Bytes(&bytes), &[data(5), word, close], &[]);
}

// Heartbeat and silence.

#[test]
fn a_byte_at_the_very_end_of_the_allowance_is_in_time() {
    let mut session = live();
    check(&mut session, 15_000, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
    check(&mut session, 15_001, Input::Timeout, &[], &[]);
    check_silence(&mut session, 30_000, 10, 15_000, Command::Ping);
}

#[test]
fn the_delay_of_the_server_is_not_the_silence_of_the_device() {
    let mut session = live();
    check(&mut session, 99_000, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
    check_silence(&mut session, 114_000, 10, 99_000, Command::Ping);
}

#[test]
fn a_session_that_says_nothing_after_its_login_is_silent() {
    check_silence(&mut live(), 15_000, 10, 0, Command::HwLogin);
}

#[test]
fn a_late_wake_up_records_the_end_of_the_allowance() {
    let end = closed(15_000, silence(10), 0, Command::HwLogin);
    check(&mut live(), 99_000, Input::Timeout, &end, &[]);
}

#[test]
fn every_byte_counts_also_of_half_a_frame() {
    let mut session = live();
    check(&mut session, 10_000, Input::Bytes(&ping(2)[..1]), &[], &[]);
    check(&mut session, 20_000, Input::Bytes(&ping(2)[1..4]), &[], &[]);
    check_silence(&mut session, 35_000, 10, 20_000, Command::HwLogin);
}

#[test]
fn an_answer_of_the_device_is_a_sign_of_life() {
    let mut session = live();
    check(&mut session, 10_000, Input::Bytes(&[0, 0, 3, 0, 200]), &[], &[]);
    check_silence(&mut session, 25_000, 10, 10_000, Command::HwLogin);
}

#[test]
fn an_announced_heartbeat_counts_from_its_message() {
    let mut session = live();
    let announced = Output::Word(at(14_000), Word::Announced(Duration::from_secs(40)));
    check(&mut session, 14_000, Input::Bytes(&announcement(2, "40")), &[announced], &[(2, Answer::OK)]);
    check_silence(&mut session, 74_000, 40, 14_000, Command::Internal);
}

#[test]
fn a_heartbeat_announced_again_takes_effect_at_once() {
    let mut session = live();
    for (millis, seconds) in [(1_000, 600), (2_000, 1)] {
        let announced = Output::Word(at(millis), Word::Announced(Duration::from_secs(seconds)));
        let bytes = announcement(2, &seconds.to_string());
        check(&mut session, millis, Input::Bytes(&bytes), &[announced], &[(2, Answer::OK)]);
    }
    check_silence(&mut session, 4_000, 1, 2_000, Command::Internal);
}

#[test]
fn a_refused_heartbeat_leaves_the_old_one_in_force() {
    let mut session = live();
    for value in ["0", "86401", "soon"] {
        let refused = [(2, Answer::ILLEGAL_BODY)];
        check(&mut session, 5_000, Input::Bytes(&announcement(2, value)), &[], &refused);
    }
    check_silence(&mut session, 20_000, 10, 5_000, Command::Internal);
}

#[test]
fn an_info_without_a_heartbeat_leaves_the_old_one_in_force() {
    let mut session = live();
    let info = request(Command::Internal, 2, b"ver\x000.5.4\0dev\0js");
    check(&mut session, 5_000, Input::Bytes(&info), &[], &[(2, Answer::OK)]);
    check_silence(&mut session, 20_000, 10, 5_000, Command::Internal);
}

// The other ends.

#[test]
fn a_live_session_tells_the_hub_why_it_ended() {
    let ends = [
        (Input::Fin, CloseReason::Closed),
        (Input::Reset, CloseReason::Reset),
        (Input::Stop, CloseReason::Server),
    ];
    for (input, reason) in ends {
        let mut session = live();
        check(&mut session, 4_000, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
        check(&mut session, 5_000, input, &closed(5_000, reason, 4_000, Command::Ping), &[]);
    }
}

#[test]
fn a_connection_that_never_asked_for_a_login_ends_unheard() {
    check(&mut fresh(), 5, Input::Fin, &[ended(CloseReason::Closed)], &[]);
    check(&mut fresh(), 5, Input::Reset, &[ended(CloseReason::Reset)], &[]);
    check(&mut fresh(), 5, Input::Stop, &[ended(CloseReason::Server)], &[]);
}

#[test]
fn a_session_that_ends_while_it_logs_in_tells_the_hub() {
    let mut session = logging_in();
    check(&mut session, 5, Input::Reset, &closed(5, CloseReason::Reset, 0, Command::HwLogin), &[]);
    check(&mut session, 6, ACCEPTED, &[], &[]);
}

#[test]
fn illegal_frames_close_and_say_how_they_are_illegal() {
    let illegal = [
        ([6, 0, 0, 0, 0], Violation::IdZero),
        ([99, 0, 1, 0, 0], Violation::UnknownCommand(99)),
        ([20, 0, 1, 0, 101], Violation::BodyTooLong(101)),
    ];
    for (bytes, violation) in illegal {
        let end = closed(5, CloseReason::Protocol(violation), 5, Command::HwLogin);
        check(&mut live(), 5, Input::Bytes(&bytes), &end, &[]);
    }
}

#[test]
fn a_body_of_exactly_the_limit_is_read() {
    check(&mut live(), 5, Input::Bytes(&request(Command::Hardware, 2, &[b'x'; 100])), &[data(5)], &[]);
}

#[test]
fn the_message_over_the_limit_of_a_second_closes() {
    let mut session = live();
    // The login was the first of five.
    let pings = [ping(2), ping(3), ping(4), ping(5)].concat();
    let answers = [2, 3, 4, 5].map(|id| (id, Answer::OK));
    check(&mut session, 999, Input::Bytes(&pings), &[], &answers);
    let end = closed(999, CloseReason::Flood, 999, Command::Ping);
    check(&mut session, 999, Input::Bytes(&ping(6)), &end, &[]);
}

#[test]
fn a_second_later_a_message_counts_no_more() {
    let mut session = live();
    let pings = [ping(2), ping(3), ping(4), ping(5)].concat();
    let answers = [2, 3, 4, 5].map(|id| (id, Answer::OK));
    check(&mut session, 999, Input::Bytes(&pings), &[], &answers);
    check(&mut session, 1_000, Input::Bytes(&ping(6)), &[], &[(6, Answer::OK)]);
}

#[test]
fn a_superseded_session_closes_without_a_word_to_the_hub() {
    check(&mut live(), 5, Input::Superseded, &[ended(CloseReason::Superseded)], &[]);
}

#[test]
fn after_the_end_nothing_is_heard_or_said() {
    let mut session = live();
    check(&mut session, 5, Input::Fin, &closed(5, CloseReason::Closed, 0, Command::HwLogin), &[]);
    let (ping, write) = (ping(2), write(3));
    let rest = [Input::Bytes(&ping), Input::Bytes(&write), Input::Fin, Input::Reset, ACCEPTED];
    for input in rest.into_iter().chain([Input::Superseded, Input::Stop, Input::Timeout]) {
        check(&mut session, 99_000, input, &[], &[]);
    }
    assert_eq!((session.poll_timeout(), session.wants_bytes()), (None, false));
}
