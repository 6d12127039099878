//! `blynk-library` 0.5.4 (npm) over plain TCP, recorded with Node 20 on Linux at heartbeats of 1 s or 2 s.

use super::recorded::{Recorded, Server};
use super::*;

fn at(heartbeat: u64, server: Server) -> Recorded {
    Recorded::new(Client::Js, heartbeat, None, server)
}

#[test]
fn it_pings_each_heartbeat_whatever_else_is_said() {
    at(2, Server::Answers).did(
        8,
        &[
            ("0s dial", 0),
            ("0s login", 3),
            ("0s device info", 11),
            ("2s ping", 2_011),
            ("4s ping", 4_014),
            ("6s ping", 6_027),
            ("8s ping", 8_027),
        ],
    );
    Recorded::new(Client::Js, 2, Some(700), Server::Answers).did(
        4,
        &[
            ("0s dial", 0),
            ("0s login", 1),
            ("0s device info", 1),
            ("700ms write", 701),
            ("1.4s write", 1_401),
            ("2s ping", 2_003),
            ("2.1s write", 2_102),
            ("2.8s write", 2_803),
            ("3.5s write", 3_504),
            ("4s ping", 4_025),
        ],
    );
}

#[test]
fn it_never_notices_a_mute_server() {
    let mut library = at(1, Server::FallsSilent);
    library.run_until(second(3_600));
    assert_eq!(library.log().len(), 3 + 3_600);
    assert_eq!(library.log().last().map(String::as_str), Some("1h ping"));
}

#[test]
fn a_login_that_is_not_answered_is_closed_and_sent_anew_each_10_s() {
    at(2, Server::Mute).did(
        20,
        &[
            ("0s dial", 0),
            ("0s login", 13),
            ("10s close", 9_986),
            ("10s dial", 9_987),
            ("10s login", 9_987),
            ("20s close", 19_997),
            ("20s dial", 19_998),
            ("20s login", 19_998),
        ],
    );
}

#[test]
fn a_refused_connection_is_tried_again_each_10_s() {
    at(1, Server::Away).did(
        20,
        &[
            ("0s dial", 19),
            ("0s close", 19),
            ("10s dial", 10_012),
            ("10s close", 10_012),
            ("20s dial", 20_020),
            ("20s close", 20_020),
        ],
    );
}

#[test]
fn a_refused_token_stops_it() {
    let mut library = at(1, Server::Refuses(Answer::INVALID_TOKEN));
    library.did(3_600, &[("0s dial", 0), ("0s login", 6), ("0s close", 8)]);
    assert!(library.is_idle());
}

#[test]
fn another_refusal_is_as_good_as_no_answer() {
    at(1, Server::Refuses(Answer(1))).did(
        20,
        &[
            ("0s dial", 0),
            ("0s login", 0),
            ("10s close", 9_992),
            ("10s dial", 9_993),
            ("10s login", 9_994),
            ("20s close", 20_000),
            ("20s dial", 20_000),
            ("20s login", 20_000),
        ],
    );
    at(1, Server::Refuses(Answer::ALREADY_REGISTERED))
        .did(0, &[("0s dial", 0), ("0s login", 0), ("0s device info", 0)]);
}

#[test]
fn after_fin_it_returns_in_5_s_and_its_ids_go_on() {
    let mut library = at(1, Server::Ends(Loss::Fin, 3));
    library.did(
        9,
        &[
            ("0s dial", 0),
            ("0s login", 28),
            ("0s device info", 33),
            ("1s ping", 1_034),
            ("2s ping", 2_036),
            // The end and the third ping fall into one instant: here the end comes first, there it came first too.
            ("3s close", 3_030),
            ("8s dial", 8_038),
            ("8s login", 8_038),
            ("8s device info", 8_038),
            ("9s ping", 9_040),
        ],
    );
    assert_eq!(library.ids(), [1, 2, 3, 4, 1, 5, 6]);
}

/// The login after it starts another interval, and the one before is not stopped. Its pings into nowhere are numbered.
#[test]
fn after_each_rst_it_pings_once_more_in_each_heartbeat() {
    let mut library = at(2, Server::Ends(Loss::Reset, 3));
    library.did(
        18,
        &[
            ("0s dial", 0),
            ("0s login", 2),
            ("0s device info", 7),
            ("2s ping", 2_007),
            ("3s close", 3_004),
            ("8s dial", 8_008),
            ("8s login", 8_008),
            ("8s device info", 8_009),
            ("8s ping", 8_028),
            ("10s ping", 10_011),
            ("10s ping", 10_029),
            ("11s close", 11_010),
            ("16s dial", 16_013),
            ("16s login", 16_014),
            ("16s device info", 16_014),
            ("16s ping", 16_015),
            ("16s ping", 16_029),
            ("18s ping", 18_015),
            ("18s ping", 18_015),
            ("18s ping", 18_030),
        ],
    );
    assert_eq!(library.ids(), [1, 2, 3, 1, 6, 7, 8, 9, 1, 14, 15, 16, 17, 18, 19]);
}

#[test]
fn an_end_of_its_login_leaves_the_round_of_10_s_as_it_is() {
    let rounds = |second| {
        [
            ("0s dial", 0),
            ("0s login", 20),
            ("0s close", 20),
            ("10s dial", second),
            ("10s login", second),
            ("10s close", second),
        ]
    };
    at(1, Server::EndsLogins(Loss::Fin)).did(10, &rounds(9_977));
    at(1, Server::EndsLogins(Loss::Reset)).did(10, &rounds(9_987));
}

/// Recorded: after RST the interval beats on, and its ping is written while the stream is being opened. A login follows.
#[test]
fn what_it_says_while_it_dials_after_rst_goes_before_the_login() {
    let mut library = of(Client::Js, Duration::from_secs(4), None);
    hear(&mut library, 0, Input::Order(Order::Connect));
    hear(&mut library, 0, Input::Arrival(Arrival::Connected));
    hear(&mut library, 0, Input::Arrival(Arrival::Bytes(&answer(Answer::OK))));
    hear(&mut library, 3, Input::Arrival(Arrival::Reset));
    // Into nowhere.
    assert_eq!(hear(&mut library, 4, Input::Timeout), [""; 0]);
    assert_eq!(hear(&mut library, 8, Input::Timeout), ["Dial"]);
    assert_eq!(hear(&mut library, 8, Input::Timeout), [""; 0]);
    let write = Input::Order(Order::Write { pin: Pin(1), value: "5" });
    assert_eq!(hear(&mut library, 9, write), [""; 0]);
    assert_eq!(hear(&mut library, 9, Input::Arrival(Arrival::Connected)), ["ping", "write", "login"]);
}

#[test]
fn a_heartbeat_that_is_set_is_kept_from_the_next_login_and_told_to_nobody() {
    let mut library = of(Client::Js, Duration::from_secs(2), None);
    let remark = hear(&mut library, 0, Input::Order(Order::SetHeartbeat(Duration::from_secs(5))));
    assert_eq!(remark, ["not announced: pings with it from the next login"]);
    hear(&mut library, 0, Input::Order(Order::Connect));
    hear(&mut library, 0, Input::Arrival(Arrival::Connected));
    hear(&mut library, 0, Input::Arrival(Arrival::Bytes(&answer(Answer::OK))));
    assert_eq!(library.poll_timeout(), Some((second(5), Timer::Ping)));
}

#[test]
fn power_that_is_lost_ends_every_interval_and_begins_the_ids_anew() {
    let mut library = at(2, Server::Ends(Loss::Reset, 3));
    library.run_until(second(12));
    library.input(second(12), Input::Order(Order::PowerOff));
    library.input(second(12), Input::Order(Order::PowerOn));
    let before = library.ids().len();
    library.run_until(second(14));
    assert_eq!(library.ids()[before - 2..], [1, 2, 3]);
}
