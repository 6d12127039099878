//! Devices that speak HTTP.

use super::*;
use crate::plan::Impairment;

const FAULT: FaultId = FaultId(3);

fn reporting() -> World {
    World::of(|device| {
        device.protocol = Protocol::Http;
        device.sends = Some(Duration::from_secs(10));
    })
}

#[test]
fn each_report_is_a_connection_of_its_own() {
    let mut world = reporting();
    assert_eq!(world.act(Action::Connect), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: HTTP update"]);
    world.hear(first_of(1), http(200));
    assert_eq!(world.hear(first_of(1), FromServer::Fin), ["1/1: Fin"]);
    assert_eq!(world.wait_until(10), ["10s dial 2/1"]);
    assert_eq!(world.lines(), 1);
}

#[test]
fn a_report_that_meets_silence_is_lost_and_the_next_period_says_it_anew() {
    let mut world = reporting();
    world.act(Action::Impair(Impairment::Drop, FAULT));
    assert_eq!(world.act(Action::Connect), ["acted"]);
    world.act(Action::Heal);
    let done = world.wait_until(10);
    assert_eq!(done, ["5s noted HTTP update: no answer", "5s abandon 1/1", "10s dial 2/1"]);
}

#[test]
fn its_status_is_set_by_request() {
    let mut world = reporting();
    let status = Action::SetStatus { to: "offline".into(), by: Setter::Device };
    assert_eq!(world.act(status), ["acted", "dial 1/1"]);
    assert_eq!(world.hear(first_of(1), FromServer::Connected), ["1/1: HTTP set status"]);
}

#[test]
fn what_needs_a_connection_is_noted_and_changes_nothing() {
    let mut world = reporting();
    let garbage = world.act(Action::Garbage(Garbage::IdZero));
    assert_eq!(garbage, ["acted (speaks HTTP: no connection to send it on)"]);
    let heartbeat = world.act(Action::SetHeartbeat(Duration::SECOND));
    assert_eq!(heartbeat, ["acted (speaks HTTP: has no heartbeat)"]);
}

#[test]
fn a_freeze_holds_its_reports_and_what_is_answered() {
    let mut world = reporting();
    world.act(Action::Connect);
    world.act(Action::Hang(FAULT));
    assert_eq!(world.hear(first_of(1), FromServer::Connected), [""; 0]);
    assert_eq!(world.wait_until(3), [""; 0]);
    assert_eq!(world.act(Action::Resume(FAULT)), ["acted", "1/1: HTTP update"]);
    world.act(Action::Hang(FAULT));
    assert_eq!(world.wait_until(25), [""; 0]);
    world.act(Action::Resume(FAULT));
    let done = world.wait_until(25);
    assert_eq!(done, ["25s noted HTTP update: no answer", "25s abandon 1/1", "25s dial 2/1"]);
}

#[test]
fn a_power_loss_takes_its_requests_with_it() {
    let mut world = reporting();
    world.act(Action::Connect);
    assert_eq!(world.act(Action::PowerOff), ["acted", "abandon 1/1"]);
    assert_eq!(world.lines(), 0);
    assert_eq!(world.act(Action::PowerOn), ["acted", "dial 2/1"]);
}

#[test]
fn a_reset_tears_the_request_that_is_open() {
    let mut world = reporting();
    assert_eq!(world.act(Action::Reset), ["acted (not connected)"]);
    world.act(Action::Connect);
    let torn = world.act(Action::Reset);
    assert_eq!(torn, ["acted", "noted HTTP update: no answer", "1/1: Reset"]);
}
