use blynk_core::protocol::MessageId;

use super::*;
use crate::device::Content;

const PING: Message = Message { id: MessageId::FIRST, content: Content::Ping };
const FIRST: ConnectionId = ConnectionId(1);

fn established() -> Link {
    let mut link = Link::default();
    link.dial();
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
    link.silence(FaultId(0));
    link.send(PING);
    link.send(PING);
    link.from_server(FIRST, FromServer::Bytes(vec![1]));
    assert_eq!(drain(&mut link), []);
    assert!(link.restore(FaultId(0)));
    assert_eq!(drain(&mut link), [Output::Arrive(FromServer::Bytes(vec![1])), ping(), ping()]);
}

#[test]
fn a_link_is_silent_while_any_fault_covers_it() {
    let mut link = established();
    link.silence(FaultId(0));
    link.silence(FaultId(1));
    link.send(PING);
    assert!(link.restore(FaultId(0)));
    assert_eq!(drain(&mut link), []);
    assert!(link.restore(FaultId(1)));
    assert_eq!(drain(&mut link), [ping()]);
}

#[test]
fn healing_ends_every_silence_and_a_later_end_changes_nothing() {
    let mut link = established();
    link.silence(FaultId(0));
    link.silence(FaultId(1));
    assert!(link.heal());
    assert!(!link.is_silent());
    link.silence(FaultId(2));
    assert!(!link.restore(FaultId(0)));
    assert!(link.is_silent());
}

#[test]
fn an_attempt_that_meets_silence_is_lost_even_if_the_silence_ends() {
    let mut link = Link::default();
    link.silence(FaultId(0));
    link.dial();
    link.heal();
    link.send(PING);
    assert_eq!(drain(&mut link), []);
    link.abandon();
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn a_silence_during_an_attempt_loses_it() {
    let mut link = Link::default();
    link.dial();
    link.silence(FaultId(0));
    link.heal();
    link.from_server(FIRST, FromServer::Connected);
    assert_eq!(drain(&mut link), [Output::Dial(FIRST)]);
}

#[test]
fn a_fin_waits_for_the_end_of_the_silence() {
    let mut link = established();
    link.silence(FaultId(0));
    link.close();
    assert_eq!(drain(&mut link), []);
    link.heal();
    assert_eq!(drain(&mut link), [Output::Deliver(FIRST, ToServer::Fin)]);
}

#[test]
fn what_a_device_forgets_never_reaches_the_server() {
    let mut link = established();
    link.silence(FaultId(0));
    link.send(PING);
    link.abandon();
    link.heal();
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn power_loss_forgets_a_fin_that_was_waiting() {
    let mut link = established();
    link.silence(FaultId(0));
    link.close();
    link.abandon_all();
    link.heal();
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
}

#[test]
fn both_ends_see_a_reset_and_nothing_after_it() {
    let mut link = established();
    assert!(link.reset());
    link.send(PING);
    let seen = [Output::Arrive(FromServer::Reset), Output::Deliver(FIRST, ToServer::Reset)];
    assert_eq!(drain(&mut link), seen);
    assert!(!link.reset());
}

#[test]
fn what_arrives_for_a_closed_connection_is_nobodys() {
    let mut link = established();
    link.close();
    link.from_server(FIRST, FromServer::Bytes(vec![1]));
    assert_eq!(drain(&mut link), [Output::Deliver(FIRST, ToServer::Fin)]);
}
