//! Client libraries on their lines: what comes of one connection when they open another.

use super::*;
use crate::plan::{Client, Impairment};

const DROP: Impairment = Impairment::Drop;
const FAULT: FaultId = FaultId(0);

/// A library whose heartbeat is 10 s.
fn with(client: Client) -> World {
    World::of(|device| device.protocol = Protocol::Hardware(client))
}

/// It dialled at 0 s, has a stream, and its login is sent.
fn logging_in(client: Client) -> World {
    let mut world = with(client);
    assert_eq!(world.act(Action::Connect), ["acted", "dial 1"]);
    assert_eq!(world.hear(own(1), FromServer::Connected), ["1: login"]);
    world
}

fn live(client: Client) -> World {
    let mut world = logging_in(client);
    assert_eq!(world.hear(own(1), answered(Answer::OK)), ["1: device info"]);
    world
}

#[test]
fn js_closes_a_connection_whose_login_is_not_answered_before_it_opens_another() {
    let mut world = logging_in(Client::Js);
    assert_eq!(world.wait_until(10), ["10s 1: Fin", "10s dial 2"]);
    // The late answer is to nobody.
    assert_eq!(world.hear(own(1), answered(Answer::OK)), [""; 0]);
    assert_eq!(world.hear(own(2), FromServer::Connected), ["2: login"]);
    assert_eq!(world.hear(own(1), FromServer::Fin), [""; 0]);
    assert_eq!(world.hear(own(2), answered(Answer::OK)), ["2: device info"]);
}

#[test]
fn js_holds_its_session_through_any_silence_and_is_heard_when_it_is_over() {
    let mut world = live(Client::Js);
    world.act(Action::Impair(DROP, FAULT));
    assert_eq!(world.wait_until(35), [""; 0]);
    assert_eq!(world.act(Action::Relieve(DROP, FAULT)), ["acted", "1: ping", "1: ping", "1: ping"]);
}

#[test]
fn python_gives_up_in_silence_and_nothing_of_it_is_heard_later() {
    let mut world = live(Client::Python);
    assert_eq!(world.hear(own(1), answered(Answer::OK)), [""; 0]);
    world.act(Action::Impair(DROP, FAULT));
    assert_eq!(world.wait_until(15), ["15s abandon 1"]);
    // Dialled at 16 s into the silence: the system tries again each 5 s.
    assert_eq!(world.wait_until(30), ["21s abandon 2", "26s abandon 3"]);
    assert_eq!(world.act(Action::Relieve(DROP, FAULT)), ["acted"]);
    assert_eq!(world.wait_until(31), ["31s abandon 4", "31s dial 5"]);
}

#[test]
fn python_waits_out_the_end_of_a_connection_that_it_does_not_notice() {
    let mut world = live(Client::Python);
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.hear(own(1), FromServer::Reset), [""; 0]);
    let pings = ["10s 1: ping", "11s 1: ping", "12s 1: ping", "13s 1: ping", "14s 1: ping"];
    assert_eq!(world.wait_until(14), pings);
    assert_eq!(world.wait_until(16), ["15s abandon 1", "16s dial 2"]);
}

#[test]
fn a_reset_that_python_does_not_notice_is_a_reset() {
    let mut world = live(Client::Python);
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.act(Action::Reset), ["acted", "1: Reset"]);
    assert_eq!(world.wait_until(16), ["16s dial 2"]);
}

#[test]
fn python_legacy_keeps_the_connection_open_on_which_it_says_no_more() {
    let mut world = live(Client::PythonLegacy);
    world.act(Action::Impair(DROP, FAULT));
    assert_eq!(world.wait_until(600), ["15s abandon 1"]);
    assert_eq!(world.act(Action::Connect), ["acted"]);
    world.act(Action::Heal);
    assert_eq!(world.wait_until(605), ["10m5s abandon 2", "10m5s dial 3"]);
}

#[test]
fn every_library_obeys_its_owner() {
    for client in [Client::Cpp, Client::Cpp0, Client::Js, Client::Python, Client::PythonLegacy] {
        let mut world = live(client);
        world.hear(own(1), answered(Answer::OK));
        let write = Action::Send { pin: Pin(1), value: "5".into() };
        assert_eq!(world.act(write.clone()), ["acted", "1: write"]);
        let status = Action::SetStatus { to: "offline".into(), by: Setter::Device };
        assert_eq!(world.act(status), ["acted", "1: status"]);
        assert_eq!(world.act(Action::Garbage(Garbage::IdZero)), ["acted", "1: garbage"]);
        world.act(Action::Hang(FAULT));
        assert_eq!(world.wait_until(60), [""; 0]);
        assert_eq!(world.act(Action::PowerOff), ["acted", "abandon 1"]);
        assert_eq!(world.act(write), ["acted (not connected: discarded)"]);
        assert_eq!(world.act(Action::PowerOn), ["acted", "dial 2"]);
        world.hear(own(2), FromServer::Connected);
        world.hear(own(2), answered(Answer::OK));
        world.hear(own(2), answered(Answer::OK));
        assert_eq!(world.act(Action::Sleep { to: "offline".into() }), ["acted", "2: status", "2: Fin"]);
        assert_eq!(world.wait_until(3_600), [""; 0]);
        assert_eq!(world.act(Action::Connect), ["acted", "dial 3"]);
        assert_eq!(world.act(Action::Disconnect), ["acted", "3: Fin"]);
    }
}

#[test]
fn a_heartbeat_that_is_set_is_announced_as_the_library_does() {
    let set = || Action::SetHeartbeat(Duration::from_secs(30));
    assert_eq!(live(Client::Cpp).act(set()), ["acted", "1: device info"]);
    let remark = "acted (not announced: pings with it from the next login)";
    assert_eq!(live(Client::Js).act(set()), [remark]);
}
