//! The C++ library on a board. Nothing was recorded: the times follow from `BlynkProtocol.h` (`run`), where each
//! condition is `>` in milliseconds, so that the real library acts within a turn of its loop after them.

use super::recorded::{Recorded, Server};
use super::*;

fn at(server: Server) -> Recorded {
    Recorded::new(Client::Cpp, 10, None, server)
}

/// What is done, and the same time from the source.
fn did(mut library: Recorded, end: u64, expected: &[&str]) {
    library.run_until(second(end));
    assert_eq!(library.log(), expected);
}

#[test]
fn idle_it_pings_each_heartbeat() {
    did(at(Server::Answers), 20, &["0s dial", "0s login", "0s device info", "10s ping", "20s ping"]);
}

#[test]
fn writing_it_pings_a_heartbeat_after_the_last_answer() {
    let writing = Recorded::new(Client::Cpp, 10, Some(4_000), Server::Answers);
    did(
        writing,
        21,
        &[
            "0s dial",
            "0s login",
            "0s device info",
            "4s write",
            "8s write",
            "10s ping",
            "12s write",
            "16s write",
            "20s ping",
            "20s write",
        ],
    );
}

#[test]
fn in_silence_it_pings_each_timeout_and_gives_up_three_timeouts_after_the_heartbeat() {
    did(
        at(Server::FallsSilent),
        28,
        &[
            "0s dial",
            "0s login",
            "0s device info",
            "10s ping",
            "16s ping",
            "22s ping",
            "28s abandon",
            "28s dial",
            "28s login",
            "28s device info",
        ],
    );
    did(
        Recorded::new(Client::Cpp0, 10, None, Server::FallsSilent),
        19,
        &["0s dial", "0s login", "0s device info", "10s ping", "13s ping", "16s ping", "19s abandon"],
    );
}

/// `lastLogin` and `lastHeartbeat` share their place: 3 s after a ping it is too soon for a login.
#[test]
fn after_silence_it_dials_5_s_after_its_last_ping() {
    let mut library = Recorded::new(Client::Cpp0, 10, None, Server::FallsSilent);
    library.run_until(second(20));
    assert_eq!(library.log().last().map(String::as_str), Some("19s abandon"));
    library.run_until(second(21));
    assert_eq!(library.log()[library.log().len() - 3..], ["21s dial", "21s login", "21s device info"]);
}

#[test]
fn a_login_that_is_not_answered_is_closed_after_the_timeout_and_sent_anew_at_once() {
    did(
        at(Server::Mute),
        12,
        &["0s dial", "0s login", "6s close", "6s dial", "6s login", "12s close", "12s dial", "12s login"],
    );
    did(
        Recorded::new(Client::Cpp0, 10, None, Server::Mute),
        5,
        &["0s dial", "0s login", "3s close", "5s dial", "5s login"],
    );
}

#[test]
fn a_refused_connection_is_tried_again_each_5_s() {
    did(at(Server::Away), 10, &["0s dial", "0s close", "5s dial", "5s close", "10s dial", "10s close"]);
}

#[test]
fn a_stream_that_does_not_open_is_waited_for_6_s() {
    let mut library = of(Client::Cpp, HEARTBEAT, None);
    hear(&mut library, 0, Input::Order(Order::Connect));
    assert_eq!(library.poll_timeout(), Some((second(6), Timer::AttemptOver)));
    assert_eq!(hear(&mut library, 6, Input::Timeout), ["Abandon"]);
    assert_eq!(library.poll_timeout(), Some((second(6), Timer::Redial)));
}

#[test]
fn a_refused_token_stops_it_and_another_refusal_does_not() {
    did(at(Server::Refuses(Answer::INVALID_TOKEN)), 3_600, &["0s dial", "0s login", "0s close"]);
    did(
        at(Server::Refuses(Answer::NOT_ALLOWED)),
        5,
        &["0s dial", "0s login", "0s close", "5s dial", "5s login", "5s close"],
    );
    let registered = Server::Refuses(Answer::ALREADY_REGISTERED);
    did(at(registered), 0, &["0s dial", "0s login", "0s device info"]);
}

#[test]
fn a_lost_session_is_followed_by_another_in_5_s() {
    for loss in [Loss::Fin, Loss::Reset] {
        did(
            at(Server::Ends(loss, 3)),
            8,
            &["0s dial", "0s login", "0s device info", "3s close", "8s dial", "8s login", "8s device info"],
        );
    }
}

#[test]
fn a_lost_login_is_followed_by_another_5_s_after_it_was_sent() {
    did(
        at(Server::EndsLogins(Loss::Fin)),
        5,
        &["0s dial", "0s login", "0s close", "5s dial", "5s login", "5s close"],
    );
}

#[test]
fn a_byte_at_the_end_of_its_patience_keeps_the_server() {
    let mut library = of(Client::Cpp, HEARTBEAT, None);
    hear(&mut library, 0, Input::Order(Order::Connect));
    hear(&mut library, 0, Input::Arrival(Arrival::Connected));
    hear(&mut library, 0, Input::Arrival(Arrival::Bytes(&answer(Answer::OK))));
    for ping in [10, 16, 22] {
        assert_eq!(hear(&mut library, ping, Input::Timeout), ["ping"]);
    }
    assert_eq!(library.poll_timeout(), Some((second(28), Timer::GiveUp)));
    hear(&mut library, 28, Input::Arrival(Arrival::Bytes(&answer(Answer::OK))));
    assert_eq!(library.poll_timeout(), Some((second(32), Timer::Ping)));
    library.handle_input(second(28) + Duration::MILLISECOND, Input::Timeout);
    assert_eq!(drain(&mut library), [""; 0]);
}
