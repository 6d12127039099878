//! `hang`: the application freezes, and its connection lives.

use super::*;

const FIRST: FaultId = FaultId(1);
const SECOND: FaultId = FaultId(2);

#[test]
fn nothing_comes_from_a_frozen_application() {
    let mut world = World::connected();
    assert_eq!(world.act(Action::Hang(FIRST)), ["acted"]);
    assert_eq!(world.endpoint.poll_timeout(), None);
    assert_eq!(world.wait_until(60), [""; 0]);
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted"]);
    // Its patience was over long ago.
    assert_eq!(world.wait_until(60), ["1m abandon 1", "1m dial 2"]);
}

#[test]
fn what_arrives_waits_unread_and_is_read_before_anything_is_due() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    world.wait_until(30);
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted"]);
    assert_eq!(world.wait_until(44), ["30s 1: ping", "40s 1: ping"]);
}

#[test]
fn fin_and_rst_wait_as_well() {
    for end in [FromServer::Fin, FromServer::Reset] {
        let mut world = World::connected();
        world.act(Action::Hang(FIRST));
        assert_eq!(world.hear(own(1), end), [""; 0]);
        world.wait_until(30);
        assert_eq!(world.act(Action::Resume(FIRST)), ["acted", "1: Fin"]);
        assert_eq!(world.wait_until(30), ["30s dial 2"]);
    }
}

#[test]
fn the_kill_of_the_server_is_noticed_after_the_freeze() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    world.server(ServerChange::Killed);
    world.server(ServerChange::Started);
    world.wait_until(30);
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted"]);
    assert_eq!(world.wait_until(30), ["30s dial 2"]);
}

#[test]
fn freezes_overlap_like_silences() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    world.act(Action::Hang(SECOND));
    world.act(Action::Resume(FIRST));
    assert_eq!(world.endpoint.poll_timeout(), None);
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted (over before)"]);
    world.act(Action::Resume(SECOND));
    assert_eq!(world.endpoint.poll_timeout(), Some((second(10), Timer::Party(device::Timer::Ping))));
}

#[test]
fn what_the_owner_wants_of_a_frozen_application_does_not_happen() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    let write = Action::Send { pin: Pin(0), value: "1".into() };
    let sleep = Action::Sleep { to: "offline".into() };
    for action in [write, sleep, Action::SetHeartbeat(Duration::from_secs(20))] {
        assert_eq!(world.act(action), ["acted (hung: nothing happens)"]);
    }
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted"]);
}

#[test]
fn an_intention_is_kept_until_the_freeze_is_over() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    assert_eq!(world.act(Action::Disconnect), ["acted (hung: happens when that is over)"]);
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted", "1: Fin"]);
    assert_eq!(world.endpoint.poll_timeout(), None);
}

#[test]
fn power_off_ends_every_freeze() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    world.act(Action::Hang(SECOND));
    world.hear(own(1), FromServer::Fin);
    assert_eq!(world.act(Action::PowerOff), ["acted", "abandon 1"]);
    assert_eq!(world.act(Action::Hang(FIRST)), ["acted (no power)"]);
    assert_eq!(world.act(Action::PowerOn), ["acted", "dial 2"]);
    assert_eq!(world.act(Action::Resume(FIRST)), ["acted (over before)"]);
}

#[test]
fn an_intention_outlives_the_power() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    world.act(Action::Disconnect);
    world.act(Action::PowerOff);
    assert_eq!(world.act(Action::PowerOn), ["acted"]);
}

#[test]
fn others_are_not_frozen() {
    let mut world = World::connected();
    world.act(Action::Hang(FIRST));
    assert_eq!(world.act(Action::BadToken), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: login"]);
}
