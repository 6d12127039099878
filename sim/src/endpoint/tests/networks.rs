//! Devices behind networks that take their time.

use super::*;
use crate::plan::Share;

const FAULT: FaultId = FaultId(1);
const SLOW: Impairment = Impairment::Slow(Duration::from_millis(2_000));

/// Behind a network of one second each way.
fn slow() -> World {
    World::of(|device| device.network = Quality { latency: Duration::SECOND, ..Quality::IDEAL })
}

/// Dialled at 0 s, logged in at 4 s.
fn connected() -> World {
    let mut world = slow();
    world.act(Action::Connect);
    assert_eq!(world.wait_until(1), ["1s dial 1"]);
    world.hear(own(1), FromServer::Connected);
    assert_eq!(world.wait_until(3), ["3s 1: login"]);
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.wait_until(5), ["5s 1: device info", "5s 1: sync"]);
    world
}

fn first_timer(world: &World) -> Option<(u64, Timer)> {
    world.endpoint.poll_timeout().map(|(at, timer)| (at.as_millis(), timer))
}

#[test]
fn connecting_and_logging_in_take_two_round_trips() {
    let world = connected();
    assert_eq!(first_timer(&world), Some((14_000, Timer::Party(device::Timer::Ping))));
}

#[test]
fn an_attempt_is_over_in_time_wherever_it_is_by_then() {
    let mut world = slow();
    world.act(Action::Connect);
    world.wait_until(1);
    world.hear(own(1), FromServer::Connected);
    assert_eq!(world.wait_until(5), ["3s 1: login", "5s abandon 1"]);
    assert_eq!(world.wait_until(6), ["6s dial 2"]);
}

#[test]
fn an_answer_at_the_last_moment_comes_before_what_is_due() {
    let mut world = connected();
    world.wait_until(18);
    // Patience ends at 19 s.
    world.hear(own(1), answered(Answer::OK));
    assert_eq!(world.wait_until(19), [""; 0]);
    assert_eq!(first_timer(&world), Some((24_000, Timer::Party(device::Timer::Ping))));
}

#[test]
fn what_arrives_has_its_own_instant_however_late_the_engine_is() {
    let mut world = connected();
    world.wait_until(6);
    world.hear_at(Instant::from_millis(5_100), own(1), answered(Answer::OK));
    world.hear_at(Instant::from_millis(5_200), own(1), answered(Answer::OK));
    world.now = Instant::from_millis(6_250);
    assert_eq!(world.input(Input::Timeout), [""; 0]);
    assert_eq!(first_timer(&world), Some((6_200, Timer::Network)));
    world.input(Input::Timeout);
    // The older of the last byte in, at 6.2 s, and the last byte out, at 4 s.
    assert_eq!(first_timer(&world), Some((14_000, Timer::Party(device::Timer::Ping))));
    assert_eq!(world.wait_until(21), ["15s 1: ping"]);
    assert_eq!(first_timer(&world), Some((21_200, Timer::Party(device::Timer::GiveUp))));
}

#[test]
fn an_answer_that_is_heard_early_is_answered_early() {
    let mut world = slow();
    world.act(Action::Connect);
    world.wait_until(1);
    world.hear_at(Instant::from_millis(900), own(1), FromServer::Connected);
    assert_eq!(world.wait_until(3), ["2.9s 1: login"]);
}

#[test]
fn a_frozen_application_reads_later_what_arrives_meanwhile() {
    let mut world = connected();
    world.hear(own(1), answered(Answer::OK));
    world.act(Action::Hang(FAULT));
    assert_eq!(first_timer(&world), Some((6_000, Timer::Network)));
    assert_eq!(world.wait_until(8), [""; 0]);
    assert_eq!(first_timer(&world), None);
    world.act(Action::Resume(FAULT));
    // Read at 8 s; the last byte out was at 4 s.
    assert_eq!(world.wait_until(14), [""; 0]);
    assert_eq!(world.wait_until(15), ["15s 1: ping"]);
}

#[test]
fn what_was_under_way_when_the_application_froze_still_gets_through() {
    let mut world = connected();
    world.act(Action::Send { pin: Pin(1), value: "5".into() });
    world.act(Action::Hang(FAULT));
    assert_eq!(world.wait_until(6), ["6s 1: write"]);
}

#[test]
fn a_power_loss_takes_what_is_under_way() {
    let mut world = connected();
    world.act(Action::Send { pin: Pin(1), value: "5".into() });
    assert_eq!(world.act(Action::PowerOff), ["acted", "abandon 1"]);
    assert_eq!(world.wait_until(60), [""; 0]);
}

#[test]
fn a_wrong_token_comes_over_the_same_network_and_a_clone_does_not() {
    let mut world = slow();
    assert_eq!(world.act(Action::BadToken), ["acted"]);
    assert_eq!(world.act(Action::Clone(FAULT)), ["acted", "dial 2/1"]);
    assert_eq!(world.wait_until(1), ["1s dial 1/1"]);
}

#[test]
fn late_heartbeats_are_no_silence() {
    let mut world = World::connected();
    world.act(Action::Impair(SLOW, FAULT));
    assert_eq!(world.wait_until(12), ["12s 1: ping"]);
    world.hear(own(1), answered(Answer::OK));
    // Patience, 15 s since the login, would end at 15 s.
    assert_eq!(world.wait_until(22), ["22s 1: ping"]);
    assert_eq!(world.act(Action::Relieve(SLOW, FAULT)), ["acted"]);
    assert_eq!(world.act(Action::Relieve(SLOW, FAULT)), ["acted (healed before)"]);
}

#[test]
fn healing_knows_slowness_and_loss() {
    let mut world = World::connected();
    assert_eq!(world.act(Action::Heal), ["acted (nothing to heal)"]);
    world.act(Action::Impair(Impairment::Lose(Share::ALL), FAULT));
    assert_eq!(world.act(Action::Heal), ["acted"]);
}

#[test]
fn a_partition_is_a_silence_like_a_drop() {
    let mut world = World::connected();
    world.act(Action::Impair(Impairment::Partition, FAULT));
    world.act(Action::Send { pin: Pin(1), value: "5".into() });
    assert_eq!(world.wait_until(3), [""; 0]);
    assert_eq!(world.act(Action::Relieve(Impairment::Partition, FAULT)), ["acted", "1: write"]);
}
