mod any;
mod delays;

use blynk_core::protocol::MessageId;
use smallvec::smallvec;

use super::*;
use crate::device::Content;

const PING: Message = Message { id: MessageId::FIRST, content: Content::Ping };
const FIRST: ConnectionId = ConnectionId { line: 0, dialled: 1 };

const ARRIVED_RESET: Output = Output::Arrive(FromServer::Reset);
/// With an ideal network nothing depends on the time.
const NOW: Instant = Instant::ZERO;

fn ideal() -> Link {
    Link::new(Quality::IDEAL, 0)
}

fn established() -> Link {
    let mut link = ideal();
    link.dial(NOW);
    link.established();
    drain(&mut link);
    link
}

fn drain(link: &mut Link) -> Vec<Output> {
    std::iter::from_fn(|| link.poll_output()).collect()
}

fn ping() -> Output {
    Output::Deliver(FIRST, ToServer::Message(PING))
}

#[test]
fn bytes_caught_by_silence_arrive_at_the_return_in_order() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.send(NOW, PING);
    link.send(NOW, PING);
    link.from_server(NOW, FIRST, FromServer::Bytes(smallvec![1]));
    assert_eq!(drain(&mut link), []);
    assert!(link.relieve(NOW, FaultId(0)));
    assert_eq!(drain(&mut link), [Output::Arrive(FromServer::Bytes(smallvec![1])), ping(), ping()]);
}

#[test]
fn a_link_is_silent_while_any_fault_covers_it() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.impair(Impairment::Drop, FaultId(1));
    link.send(NOW, PING);
    assert!(link.relieve(NOW, FaultId(0)));
    assert_eq!(drain(&mut link), []);
    assert!(link.relieve(NOW, FaultId(1)));
    assert_eq!(drain(&mut link), [ping()]);
}

#[test]
fn healing_ends_every_silence_and_a_later_end_changes_nothing() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.impair(Impairment::Drop, FaultId(1));
    assert!(link.heal(NOW));
    assert!(!link.is_silent());
    link.impair(Impairment::Drop, FaultId(2));
    assert!(!link.relieve(NOW, FaultId(0)));
    assert!(link.is_silent());
}

#[test]
fn an_attempt_that_meets_silence_is_lost_even_if_the_silence_ends() {
    let mut link = ideal();
    link.impair(Impairment::Drop, FaultId(0));
    link.dial(NOW);
    link.heal(NOW);
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), []);
    link.abandon();
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn a_silence_during_an_attempt_loses_it() {
    let mut link = ideal();
    link.dial(NOW);
    link.impair(Impairment::Drop, FaultId(0));
    link.heal(NOW);
    link.from_server(NOW, FIRST, FromServer::Connected);
    assert_eq!(drain(&mut link), [Output::Dial(FIRST)]);
}

#[test]
fn a_fin_waits_for_the_end_of_the_silence() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.close(NOW);
    assert_eq!(drain(&mut link), []);
    link.heal(NOW);
    assert_eq!(drain(&mut link), [Output::Deliver(FIRST, ToServer::Fin)]);
}

#[test]
fn what_a_device_forgets_never_reaches_the_server() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.send(NOW, PING);
    link.abandon();
    link.heal(NOW);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn power_loss_forgets_a_fin_that_was_waiting() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.close(NOW);
    link.abandon_all();
    link.heal(NOW);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn both_ends_see_a_reset_and_nothing_after_it() {
    let mut link = established();
    assert!(link.reset(NOW));
    link.send(NOW, PING);
    let seen = [Output::Arrive(FromServer::Reset), Output::Deliver(FIRST, ToServer::Reset)];
    assert_eq!(drain(&mut link), seen);
    assert!(!link.reset(NOW));
}

#[test]
fn what_arrives_for_a_closed_connection_is_nobodys() {
    let mut link = established();
    link.close(NOW);
    link.from_server(NOW, FIRST, FromServer::Bytes(smallvec![1]));
    assert_eq!(drain(&mut link), [Output::Deliver(FIRST, ToServer::Fin)]);
}

#[test]
fn a_power_loss_of_the_server_takes_what_was_on_its_way_and_tells_nobody() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.send(NOW, PING);
    link.from_server(NOW, FIRST, FromServer::Bytes(smallvec![1]));
    link.server_changes(NOW, ServerChange::Crashed);
    link.heal(NOW);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn after_a_power_loss_a_connection_is_mute_and_what_it_has_to_say_is_answered_by_rst_at_the_start() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    link.send(NOW, PING);
    link.from_server(NOW, FIRST, FromServer::Fin);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
    assert!(link.is_idle());
}

#[test]
fn what_a_silence_held_at_the_power_loss_is_answered_by_rst_too() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.send(NOW, PING);
    link.server_changes(NOW, ServerChange::Crashed);
    link.heal(NOW);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
}

#[test]
fn a_connection_of_before_that_never_sends_stays_mute() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    assert!(!link.is_idle());
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
}

#[test]
fn the_rst_of_a_restarted_server_waits_for_the_end_of_the_silence() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    link.impair(Impairment::Drop, FaultId(0));
    link.server_changes(NOW, ServerChange::Started);
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.heal(NOW);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
}

#[test]
fn a_second_power_loss_keeps_a_connection_mute() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    link.server_changes(NOW, ServerChange::Started);
    link.server_changes(NOW, ServerChange::Crashed);
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
}

#[test]
fn an_attempt_that_meets_a_power_loss_is_lost_even_after_the_start() {
    let mut link = ideal();
    link.dial(NOW);
    link.server_changes(NOW, ServerChange::Crashed);
    assert_eq!(drain(&mut link), [Output::Dial(FIRST), Output::Abandon(FIRST)]);
    link.send(NOW, PING);
    link.server_changes(NOW, ServerChange::Started);
    link.abandon();
    assert_eq!(drain(&mut link), []);
}

#[test]
fn a_dial_to_a_server_without_power_is_lost_and_not_refused() {
    let mut link = ideal();
    link.server_changes(NOW, ServerChange::Crashed);
    link.dial(NOW);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), []);
    link.abandon();
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn a_connection_that_was_closing_is_lost_with_the_server() {
    for change in [ServerChange::Crashed, ServerChange::Killed] {
        let mut link = established();
        link.impair(Impairment::Drop, FaultId(0));
        link.close(NOW);
        link.server_changes(NOW, change);
        link.server_changes(NOW, ServerChange::Started);
        link.heal(NOW);
        assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
        assert!(link.is_idle());
    }
}

#[test]
fn closing_a_mute_connection_is_known_to_nobody() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    link.close(NOW);
    link.server_changes(NOW, ServerChange::Started);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    assert!(link.is_idle());
}

#[test]
fn the_network_can_tear_a_mute_connection() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Crashed);
    assert!(link.reset(NOW));
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST), ARRIVED_RESET]);
}

#[test]
fn a_killed_server_tears_each_connection_at_once() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Killed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST), ARRIVED_RESET]);
    link.send(NOW, PING);
    link.close(NOW);
    assert_eq!(drain(&mut link), []);
}

#[test]
fn the_rst_of_a_killed_server_waits_for_the_end_of_the_silence() {
    let mut link = established();
    link.impair(Impairment::Drop, FaultId(0));
    link.from_server(NOW, FIRST, FromServer::Bytes(smallvec![1]));
    link.send(NOW, PING);
    link.server_changes(NOW, ServerChange::Killed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.heal(NOW);
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
}

#[test]
fn a_killed_or_stopped_server_refuses_at_once_until_it_starts() {
    for change in [ServerChange::Killed, ServerChange::Stopped] {
        let mut link = ideal();
        link.server_changes(NOW, change);
        link.dial(NOW);
        assert_eq!(drain(&mut link), [Output::Arrive(FromServer::Refused)]);
        assert!(link.is_idle());
        link.server_changes(NOW, ServerChange::Started);
        link.dial(NOW);
        assert_eq!(drain(&mut link), [Output::Dial(ConnectionId { line: 0, dialled: 2 })]);
    }
}

#[test]
fn a_dial_that_meets_silence_is_lost_whatever_the_server_does() {
    let mut link = ideal();
    link.server_changes(NOW, ServerChange::Killed);
    link.impair(Impairment::Drop, FaultId(0));
    link.dial(NOW);
    link.heal(NOW);
    assert_eq!(drain(&mut link), []);
}

#[test]
fn the_streams_of_a_stopped_server_end_by_themselves() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Stopped);
    assert_eq!(drain(&mut link), []);
    link.from_server(NOW, FIRST, FromServer::Fin);
    link.close(NOW);
    let ends = [Output::Arrive(FromServer::Fin), Output::Deliver(FIRST, ToServer::Fin)];
    assert_eq!(drain(&mut link), ends);
}

#[test]
fn an_open_attempt_goes_on_while_the_server_stops() {
    let mut link = ideal();
    link.dial(NOW);
    link.from_server(NOW, FIRST, FromServer::Connected);
    link.server_changes(NOW, ServerChange::Stopped);
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), [Output::Dial(FIRST), Output::Arrive(FromServer::Connected), ping()]);
}

#[test]
fn contradictory_changes_are_harmless() {
    let mut link = established();
    link.server_changes(NOW, ServerChange::Started);
    link.send(NOW, PING);
    assert_eq!(drain(&mut link), [ping()]);
    link.server_changes(NOW, ServerChange::Crashed);
    link.server_changes(NOW, ServerChange::Killed);
    link.server_changes(NOW, ServerChange::Stopped);
    link.server_changes(NOW, ServerChange::Crashed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn a_line_from_the_same_place_shares_what_covers_it_and_one_from_elsewhere_only_the_server() {
    let mut link = ideal();
    link.impair(Impairment::Drop, FaultId(0));
    let (mut beside, mut elsewhere) = (link.beside(1), link.elsewhere(2));
    beside.dial(NOW);
    elsewhere.dial(NOW);
    assert_eq!(drain(&mut beside), []);
    assert_eq!(drain(&mut elsewhere), [Output::Dial(ConnectionId { line: 2, dialled: 1 })]);
    link.server_changes(NOW, ServerChange::Stopped);
    let mut elsewhere = link.elsewhere(3);
    elsewhere.dial(NOW);
    assert_eq!(drain(&mut elsewhere), [Output::Arrive(FromServer::Refused)]);
}
