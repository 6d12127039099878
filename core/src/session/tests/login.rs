use super::*;

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
    let refused = [Output::Word(at(0), Word::NoToken), Output::Close(End::Refused(Answer::INVALID_TOKEN))];
    let login = request(Command::HwLogin, 1, b"too short");
    check(&mut fresh(), 0, Input::Bytes(&login), &refused, &[(1, Answer::INVALID_TOKEN)]);
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
        check(&mut fresh(), 0, Input::Bytes(&request(*command, 1, b"")), std::slice::from_ref(&end), &[]);
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
    check(&mut session, 2, ACCEPTED, &[wrote(2)], &answers);
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

/// A login that is not answered, because too many failed before; it was asked for at second 4.
fn withheld() -> Session {
    let mut session = fresh();
    check(&mut session, 4_000, Input::Bytes(&login(Command::HwLogin)), &[login_word(4_000)], &[]);
    check(&mut session, 4_001, Input::Login(LoginAnswer::Withheld), &[], &[]);
    session
}

#[test]
fn a_withheld_login_is_neither_answered_nor_read_until_the_login_timeout() {
    let mut session = withheld();
    assert!(!session.wants_bytes());
    check(&mut session, 5_000, Input::Bytes(&[login(Command::HwLogin), write(2)].concat()), &[], &[]);
    assert_eq!(session.poll_timeout(), Some((at(10_000), Timer::Login)));
    check(&mut session, 10_000, Input::Timeout, &[], &[]);
    check(&mut session, 10_001, Input::Timeout, &[Output::Close(End::LoginTimeout)], &[]);
}

#[test]
fn a_login_that_is_withheld_after_the_timeout_is_closed_at_once() {
    let mut session = fresh();
    check(&mut session, 10_000, Input::Bytes(&login(Command::HwLogin)), &[login_word(10_000)], &[]);
    check(&mut session, 10_500, Input::Login(LoginAnswer::Withheld), &[], &[]);
    check(&mut session, 10_500, Input::Timeout, &[Output::Close(End::LoginTimeout)], &[]);
}

#[test]
fn the_hub_is_not_told_of_the_end_of_a_withheld_login() {
    check(&mut withheld(), 5_000, Input::Fin, &[ended(CloseReason::Closed)], &[]);
    check(&mut withheld(), 5_000, Input::Reset, &[ended(CloseReason::Reset)], &[]);
    check(&mut withheld(), 5_000, Input::Stop, &[ended(CloseReason::Server)], &[]);
}
