//! Clones, wrong tokens, users and operators: whoever speaks beside the device.

use super::*;
use crate::plan::Impairment;

const CLONE: FaultId = FaultId(7);
const OTHER: FaultId = FaultId(8);
const DROP: FaultId = FaultId(9);

fn command() -> Action {
    Action::Command { pin: Pin(1), value: "5".into() }
}

#[test]
fn a_clone_logs_in_and_pings_by_the_templates_heartbeat() {
    let mut world = World::new();
    assert_eq!(world.act(Action::Clone(CLONE)), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: login"]);
    assert_eq!(world.hear(first_of(1), answered(Answer::OK)), [""; 0]);
    assert_eq!(world.wait_until(30), ["20s 1/1: ping", "30s abandon 1/1"]);
    assert_eq!(world.lines(), 0);
    assert_eq!(world.act(Action::EndClone(CLONE)), ["acted (gone before)"]);
}

#[test]
fn a_clone_ends_gracefully_and_by_its_own_name() {
    let mut world = World::new();
    world.act(Action::Clone(CLONE));
    world.act(Action::Clone(OTHER));
    world.log_in(first_of(1));
    world.log_in(first_of(2));
    assert_eq!(world.act(Action::EndClone(OTHER)), ["acted", "2/1: Fin"]);
    assert_eq!(world.act(Action::EndClone(CLONE)), ["acted", "1/1: Fin"]);
    assert_eq!(world.lines(), 0);
}

#[test]
fn a_clone_never_reconnects() {
    let mut world = World::new();
    world.act(Action::Clone(CLONE));
    world.log_in(first_of(1));
    assert_eq!(world.hear(first_of(1), FromServer::Fin), ["1/1: Fin"]);
    assert_eq!(world.endpoint.poll_timeout(), None);
}

#[test]
fn the_devices_faults_do_not_touch_a_clone_or_a_user() {
    let mut world = World::new();
    world.act(Action::Impair(Impairment::Drop, DROP));
    assert_eq!(world.act(Action::Clone(CLONE)), ["acted", "dial 1/1"]);
    assert_eq!(world.act(command()), ["acted", "dial 2/1"]);
    world.act(Action::PowerOff);
    assert_eq!(world.act(Action::Reset), ["acted (not connected)"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: login"]);
}

#[test]
fn a_wrong_token_is_refused_beside_the_devices_own_connection() {
    let mut world = World::connected();
    assert_eq!(world.act(Action::BadToken), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: login"]);
    let refused = world.hear(first_of(1), answered(Answer::INVALID_TOKEN));
    assert_eq!(refused, ["noted bad token refused (9)", "1/1: Fin"]);
    assert_eq!(world.lines(), 0);
}

#[test]
fn a_wrong_token_that_meets_silence_is_lost_after_twelve_seconds() {
    let mut world = World::new();
    world.act(Action::Impair(Impairment::Drop, DROP));
    assert_eq!(world.act(Action::BadToken), ["acted"]);
    world.act(Action::Relieve(Impairment::Drop, DROP));
    assert_eq!(world.wait_until(12), ["12s noted bad token: no answer", "12s abandon 1/1"]);
}

#[test]
fn a_silence_loses_a_wrong_token_on_its_way() {
    let mut world = World::new();
    world.act(Action::BadToken);
    world.act(Action::Impair(Impairment::Drop, DROP));
    world.act(Action::Heal);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), [""; 0]);
}

#[test]
fn a_users_command_is_one_request_and_its_answer_is_noted() {
    let mut world = World::new();
    assert_eq!(world.act(command()), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: HTTP command"]);
    assert_eq!(world.hear(first_of(1), http(403)), [""; 0]);
    let ended = world.hear(first_of(1), FromServer::Fin);
    assert_eq!(ended, ["noted HTTP command: answered 403", "1/1: Fin"]);
    assert_eq!(world.lines(), 0);
}

#[test]
fn a_server_that_is_down_refuses_users_or_leaves_them_waiting() {
    let mut world = World::new();
    world.server(ServerChange::Stopped);
    let refused = "noted HTTP command: server refused the connection";
    assert_eq!(world.act(command()), ["acted", refused]);
    world.server(ServerChange::Crashed);
    assert_eq!(world.act(command()), ["acted"]);
    assert_eq!(world.wait_until(5), ["5s noted HTTP command: no answer", "5s abandon 2/1"]);
}

#[test]
fn an_operator_sets_a_status_by_request_and_the_device_by_message() {
    let mut world = World::connected();
    let by = |by| Action::SetStatus { to: "offline".into(), by };
    assert_eq!(world.act(by(Setter::Device)), ["acted", "1: status"]);
    assert_eq!(world.act(by(Setter::Operator)), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: HTTP set status"]);
}
