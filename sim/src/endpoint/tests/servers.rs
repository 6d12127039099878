//! What a device notices of the server's faults.

use super::*;

#[test]
fn a_power_loss_is_noticed_by_nobody_until_patience_ends() {
    let mut world = World::connected();
    assert_eq!(world.server(ServerChange::Crashed), ["abandon 1"]);
    // The ping goes nowhere; given up at 15 s, dialled again at once, and that attempt is lost.
    assert_eq!(world.wait_until(19), [""; 0]);
    assert_eq!(world.endpoint.poll_timeout(), Some((second(20), Timer::Party(device::Timer::AttemptOver))));
    assert_eq!(world.server(ServerChange::Started), [""; 0]);
    assert_eq!(world.wait_until(20), ["20s abandon 2", "20s dial 3"]);
}

#[test]
fn after_the_start_the_next_ping_is_answered_by_rst() {
    let mut world = World::connected();
    world.server(ServerChange::Crashed);
    world.server(ServerChange::Started);
    assert_eq!(world.wait_until(10), ["10s dial 2"]);
}

#[test]
fn a_ping_during_the_power_loss_is_answered_by_rst_at_the_start() {
    let mut world = World::connected();
    world.server(ServerChange::Crashed);
    assert_eq!(world.wait_until(12), [""; 0]);
    assert_eq!(world.server(ServerChange::Started), [""; 0]);
    assert_eq!(world.wait_until(12), ["12s dial 2"]);
}

#[test]
fn a_killed_server_is_noticed_at_once_and_refuses() {
    let mut world = World::connected();
    world.wait_until(1);
    assert_eq!(world.server(ServerChange::Killed), ["abandon 1"]);
    assert_eq!(world.wait_until(14), [""; 0]);
    world.server(ServerChange::Started);
    // Refused at 5 s and 10 s.
    assert_eq!(world.wait_until(15), ["15s dial 4"]);
}

#[test]
fn a_stopped_server_ends_its_streams_itself() {
    let mut world = World::connected();
    world.wait_until(6);
    assert_eq!(world.server(ServerChange::Stopped), [""; 0]);
    assert_eq!(world.hear(own(1), FromServer::Fin), ["1: Fin"]);
    assert_eq!(world.endpoint.poll_timeout(), Some((second(6), Timer::Party(device::Timer::Redial))));
    assert_eq!(world.wait_until(10), [""; 0]);
}

#[test]
fn the_servers_faults_apply_to_every_line() {
    let mut world = World::connected();
    world.act(Action::Clone(FaultId(0)));
    world.log_in(first_of(1));
    assert_eq!(world.act(Action::BadToken), ["acted", "dial 2/1"]);
    let done = world.server(ServerChange::Killed);
    assert_eq!(done, ["abandon 1", "abandon 1/1", "abandon 2/1", "noted bad token: no answer"]);
    assert_eq!(world.lines(), 0);
}
