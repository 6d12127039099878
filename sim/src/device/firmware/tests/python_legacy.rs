//! `blynk-library-python` 0.2.0 (PyPI), recorded with CPython 3.11 on Linux at heartbeats of 2 s, and 10 s where it says so.

use super::recorded::{Recorded, Server, UNSEEN};
use super::*;

fn at(server: Server) -> Recorded {
    Recorded::new(Client::PythonLegacy, 2, None, server)
}

#[test]
fn idle_it_pings_each_heartbeat() {
    at(Server::Answers).did(
        8,
        &[
            ("0s dial", 0),
            ("0s login", 0),
            ("0s device info", 0),
            ("2s ping", 2_008),
            ("4s ping", 4_018),
            ("6s ping", 6_023),
            ("8s ping", 8_030),
        ],
    );
}

#[test]
fn writing_it_pings_a_heartbeat_after_the_last_answer() {
    Recorded::new(Client::PythonLegacy, 2, Some(700), Server::Answers).did(
        4,
        &[
            ("0s dial", 0),
            ("0s login", 0),
            ("0s device info", 1),
            ("700ms write", 715),
            ("1.4s write", 1_418),
            ("2s ping", 2_049),
            ("2.1s write", 2_154),
            ("2.8s write", 2_835),
            ("3.5s write", 3_523),
            ("4s ping", 4_054),
        ],
    );
}

#[test]
fn in_silence_it_pings_each_tenth_of_a_heartbeat_and_is_mute_for_good_after_one_and_a_half() {
    at(Server::FallsSilent).did(
        600,
        &[
            ("0s dial", 0),
            ("0s login", 2),
            ("0s device info", 2),
            ("2s ping", 2_031),
            ("2.2s ping", 2_237),
            ("2.4s ping", 2_449),
            ("2.6s ping", 2_649),
            ("2.8s ping", 2_867),
            // It closes nothing: what was seen is that it said no more.
            ("3s abandon", 3_050),
        ],
    );
}

#[test]
fn a_login_that_is_not_answered_is_waited_for_as_for_any_byte_with_pings() {
    at(Server::Mute).did(
        600,
        &[
            ("0s dial", 0),
            ("0s login", 1),
            ("2s ping", 2_031),
            ("2.2s ping", 2_266),
            ("2.4s ping", 2_458),
            ("2.6s ping", 2_662),
            ("2.8s ping", 2_882),
            ("3s abandon", 3_050),
        ],
    );
    Recorded::new(Client::PythonLegacy, 10, None, Server::Mute).did(
        600,
        &[
            ("0s dial", 0),
            ("0s login", 0),
            ("10s ping", 10_027),
            ("11s ping", 11_037),
            ("12s ping", 12_042),
            ("13s ping", 13_045),
            ("14s ping", 14_049),
            ("15s abandon", 15_050),
        ],
    );
}

/// A server that withholds the login and answers the pings (5, not authenticated) is waited for without end.
#[test]
fn an_answer_to_a_ping_keeps_it_waiting_for_its_login() {
    let mut library = of(Client::PythonLegacy, HEARTBEAT, None);
    hear(&mut library, 0, Input::Order(Order::Connect));
    hear(&mut library, 0, Input::Arrival(Arrival::Connected));
    assert_eq!(hear(&mut library, 10, Input::Timeout), ["ping"]);
    let mut bytes = Vec::new();
    let id = MessageId::FIRST.next();
    encode(Frame::Response { id, answer: Answer::NOT_AUTHENTICATED }, &mut bytes);
    hear(&mut library, 10, Input::Arrival(Arrival::Bytes(&bytes)));
    assert_eq!(library.poll_timeout(), Some((second(20), Timer::Ping)));
}

#[test]
fn any_refusal_stops_it_and_closes_nothing() {
    for refusal in [Answer::INVALID_TOKEN, Answer::ALREADY_REGISTERED, Answer::NOT_ALLOWED] {
        let mut library = at(Server::Refuses(refusal));
        library.did(600, &[("0s dial", 0), ("0s login", 0), ("0s abandon", 0)]);
        assert!(library.is_idle());
    }
}

#[test]
fn a_refused_connection_ends_its_program() {
    at(Server::Away).did(600, &[("0s dial", 0), ("0s close", 0)]);
}

/// Recorded: the first write after FIN goes well, the second raises; after RST the first does.
#[test]
fn it_dies_of_writing_what_nobody_reads() {
    at(Server::Ends(Loss::Fin, 1)).did(
        600,
        &[("0s dial", 0), ("0s login", 0), ("0s device info", 0), ("2s ping", UNSEEN), ("2.2s close", 2_208)],
    );
    at(Server::Ends(Loss::Reset, 1))
        .did(600, &[("0s dial", 0), ("0s login", 0), ("0s device info", 3), ("2s close", 2_011)]);
    at(Server::EndsLogins(Loss::Fin))
        .did(600, &[("0s dial", 0), ("0s login", 0), ("2s ping", UNSEEN), ("2.2s close", 2_229)]);
    at(Server::EndsLogins(Loss::Reset)).did(600, &[("0s dial", 0), ("0s login", 30), ("2s close", 2_047)]);
}

#[test]
fn its_owner_can_start_it_again() {
    let mut library = at(Server::FallsSilent);
    library.run_until(second(60));
    library.input(second(60), Input::Order(Order::Connect));
    assert_eq!(library.log()[library.log().len() - 3..], ["1m dial", "1m login", "1m device info"]);
}
