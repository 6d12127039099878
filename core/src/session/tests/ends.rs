use super::*;

#[test]
fn a_live_session_tells_the_hub_why_it_ended() {
    for (input, reason) in [(Input::Fin, CloseReason::Closed), (Input::Reset, CloseReason::Reset)] {
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
fn a_stop_of_the_server_is_no_end_that_the_hub_hears_of() {
    check(&mut live(), 5, Input::Stop, &[ended(CloseReason::Server)], &[]);
    check(&mut logging_in(), 5, Input::Stop, &[ended(CloseReason::Server)], &[]);
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
    check(&mut live(), 5, Input::Bytes(&request(Command::EventLog, 2, &[b'x'; 100])), &[data(5)], &[]);
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
    let heard = [Input::Bytes(&ping), Input::Bytes(&write), Input::Fin, Input::Reset, ACCEPTED];
    let withheld = Input::Login(LoginAnswer::Withheld);
    for input in heard.into_iter().chain([withheld, Input::Superseded, Input::Stop, Input::Timeout]) {
        check(&mut session, 99_000, input, &[], &[]);
    }
    assert_eq!((session.poll_timeout(), session.wants_bytes()), (None, false));
}
