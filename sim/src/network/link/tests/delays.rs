//! Networks that are not ideal: when what is sent gets through.

use blynk_core::time::Duration;
use smallvec::smallvec;

use super::*;
use crate::plan::Share;

fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

fn slow(latency: u64) -> Quality {
    Quality { latency: Duration::from_millis(latency), ..Quality::IDEAL }
}

/// Everything that gets through until then, with its millisecond.
fn pass_until(link: &mut Link, end: u64) -> Vec<(u64, Output)> {
    let mut passed = Vec::new();
    while let Some(due) = link.poll_timeout().filter(|due| *due <= at(end)) {
        link.time_out(due);
        passed.extend(drain(link).into_iter().map(|output| (due.as_millis(), output)));
        assert!(link.poll_timeout() > Some(due) || link.poll_timeout().is_none(), "time passes");
    }
    passed
}

/// Dialled at 0 with a latency of 100 ms, logged in, and nothing under way.
fn open() -> Link {
    open_over(slow(100))
}

fn open_over(network: Quality) -> Link {
    let mut link = Link::new(network, 7);
    link.dial(NOW);
    pass_until(&mut link, 100_000);
    link.from_server(NOW, FIRST, FromServer::Connected);
    pass_until(&mut link, 100_000);
    link.established();
    drain(&mut link);
    link
}

fn bytes(number: u8) -> FromServer {
    FromServer::Bytes(smallvec![number])
}

fn came(at: u64, number: u8) -> (u64, Output) {
    (at, Output::Arrive(bytes(number)))
}

fn lose(percent: u32) -> Impairment {
    Impairment::Lose(Share::from_millionths(percent * 10_000).expect("at most 100"))
}

#[test]
fn an_ideal_network_needs_no_timer() {
    let mut link = ideal();
    link.dial(NOW);
    assert_eq!((link.poll_timeout(), drain(&mut link)), (None, vec![Output::Dial(FIRST)]));
    link.established();
    link.send(NOW, PING);
    link.from_server(NOW, FIRST, bytes(1));
    assert_eq!(link.poll_timeout(), None);
    assert_eq!(drain(&mut link), [ping(), Output::Arrive(bytes(1))]);
}

#[test]
fn a_message_takes_the_latency_each_way() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.from_server(at(1_001), FIRST, bytes(1));
    assert_eq!(drain(&mut link), []);
    assert_eq!(pass_until(&mut link, 1_099), []);
    assert_eq!(pass_until(&mut link, 1_101), [(1_100, ping()), came(1_101, 1)]);
}

#[test]
fn connecting_costs_a_round_trip() {
    let mut link = Link::new(slow(100), 7);
    link.dial(NOW);
    assert_eq!(pass_until(&mut link, 99), []);
    assert_eq!(pass_until(&mut link, 100), [(100, Output::Dial(FIRST))]);
    link.from_server(at(100), FIRST, FromServer::Connected);
    assert_eq!(pass_until(&mut link, 199), []);
    assert_eq!(pass_until(&mut link, 200), [(200, Output::Arrive(FromServer::Connected))]);
}

#[test]
fn a_refusal_costs_one_as_well_and_leaves_nothing() {
    let mut link = Link::new(slow(100), 7);
    link.server_changes(NOW, ServerChange::Stopped);
    link.dial(NOW);
    assert_eq!(pass_until(&mut link, 199), []);
    assert_eq!(pass_until(&mut link, 200), [(200, Output::Arrive(FromServer::Refused))]);
    assert!(link.is_idle());
}

#[test]
fn a_syn_meets_the_server_as_it_is_when_it_arrives() {
    let dialled = |change| {
        let mut link = Link::new(slow(100), 7);
        link.server_changes(NOW, ServerChange::Stopped);
        link.dial(NOW);
        link.server_changes(at(99), change);
        pass_until(&mut link, 1_000)
    };
    assert_eq!(dialled(ServerChange::Started), [(100, Output::Dial(FIRST))]);
    assert_eq!(dialled(ServerChange::Crashed), []);
    assert_eq!(dialled(ServerChange::Killed), [(200, Output::Arrive(FromServer::Refused))]);
}

#[test]
fn lost_syns_and_their_answers_are_sent_again_after_a_second_two_and_four() {
    let mut link = Link::new(slow(100), 7);
    link.impair(lose(100), FaultId(0));
    link.dial(NOW);
    pass_until(&mut link, 2_999);
    link.relieve(at(2_999), FaultId(0));
    // At 1 s and at 3 s.
    assert_eq!(pass_until(&mut link, 9_000), [(3_100, Output::Dial(FIRST))]);
    link.impair(lose(100), FaultId(0));
    link.from_server(at(3_100), FIRST, FromServer::Connected);
    link.relieve(at(3_101), FaultId(0));
    assert_eq!(pass_until(&mut link, 9_000), [(4_200, Output::Arrive(FromServer::Connected))]);
}

#[test]
fn an_attempt_whose_syn_or_answer_meets_silence_is_lost() {
    let mut link = Link::new(slow(100), 7);
    link.dial(NOW);
    link.impair(Impairment::Partition, FaultId(0));
    link.heal(at(50));
    assert_eq!((pass_until(&mut link, 1_000), link.poll_timeout()), (vec![], None));
    link.abandon();
    link.dial(at(1_000));
    pass_until(&mut link, 1_100);
    link.from_server(at(1_100), ConnectionId { line: 0, dialled: 2 }, FromServer::Connected);
    link.impair(Impairment::Drop, FaultId(0));
    link.heal(at(1_150));
    assert_eq!(pass_until(&mut link, 9_000), []);
}

#[test]
fn an_attempt_whose_refusal_meets_silence_is_lost() {
    let mut link = Link::new(slow(100), 7);
    link.server_changes(NOW, ServerChange::Stopped);
    link.dial(NOW);
    assert_eq!(pass_until(&mut link, 150), []);
    link.impair(Impairment::Drop, FaultId(0));
    link.heal(at(300));
    assert_eq!((drain(&mut link), link.poll_timeout()), (vec![], None));
}

#[test]
fn an_attempt_that_meets_a_kill_is_torn_after_one_way() {
    let mut link = Link::new(slow(100), 7);
    link.dial(NOW);
    pass_until(&mut link, 100);
    link.server_changes(at(150), ServerChange::Killed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    assert_eq!(pass_until(&mut link, 9_000), [(250, ARRIVED_RESET)]);
    assert!(link.is_idle());
}

#[test]
fn a_dialling_that_the_party_gives_up_is_known_to_nobody() {
    for give_up in [|link: &mut Link| link.close(at(50)), |link: &mut Link| link.abandon()] {
        let mut link = Link::new(slow(100), 7);
        link.dial(NOW);
        give_up(&mut link);
        assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
        assert!(link.is_idle());
    }
}

#[test]
fn nothing_overtakes() {
    let mut link = open_over(Quality { jitter: Duration::from_millis(500), ..slow(100) });
    for number in 0..50 {
        link.from_server(at(1_000 + u64::from(number)), FIRST, bytes(number));
    }
    let passed = pass_until(&mut link, 9_000);
    assert!(passed.iter().zip(0..).all(|((_, output), number)| *output == Output::Arrive(bytes(number))));
    assert!(passed.len() == 50 && passed.iter().all(|(at, _)| (1_100..=1_649).contains(at)));
}

#[test]
fn a_lost_message_is_sent_again_and_holds_up_what_follows() {
    let mut link = open();
    link.impair(lose(100), FaultId(0));
    link.from_server(at(1_000), FIRST, bytes(1));
    link.relieve(at(1_001), FaultId(0));
    link.from_server(at(1_002), FIRST, bytes(2));
    // 200 ms after a round trip of 200 ms.
    assert_eq!(pass_until(&mut link, 1_499), []);
    assert_eq!(pass_until(&mut link, 1_500), [came(1_500, 1), came(1_500, 2)]);
}

#[test]
fn what_is_sent_again_is_lost_again_while_the_loss_lasts() {
    let mut link = open();
    link.impair(lose(100), FaultId(0));
    link.send(at(1_000), PING);
    // At 1.4 s, 2.2 s and 3.8 s.
    assert_eq!(pass_until(&mut link, 3_799), []);
    link.relieve(at(3_799), FaultId(0));
    assert_eq!(pass_until(&mut link, 9_000), [(3_900, ping())]);
}

#[test]
fn slow_for_a_while_slows_what_is_sent_meanwhile() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.impair(Impairment::Slow(Duration::from_millis(1_000)), FaultId(0));
    link.send(at(1_001), PING);
    assert_eq!(pass_until(&mut link, 2_000), [(1_100, ping())]);
    link.relieve(at(2_000), FaultId(0));
    link.send(at(2_000), PING);
    assert_eq!(pass_until(&mut link, 2_101), [(2_101, ping()), (2_101, ping())]);
}

#[test]
fn slow_twice_is_twice_as_slow_until_each_ends_by_its_own_name() {
    let mut link = open();
    link.impair(Impairment::Slow(Duration::from_millis(1_000)), FaultId(0));
    link.impair(Impairment::Slow(Duration::from_millis(500)), FaultId(1));
    link.send(at(1_000), PING);
    assert_eq!(pass_until(&mut link, 9_000), [(2_600, ping())]);
    assert!(link.relieve(at(9_000), FaultId(0)));
    assert!(!link.relieve(at(9_000), FaultId(0)));
    link.send(at(9_000), PING);
    assert_eq!(pass_until(&mut link, 10_000), [(9_600, ping())]);
}

#[test]
fn healing_ends_slowness_and_loss_too() {
    let mut link = open_over(Quality::IDEAL);
    link.impair(Impairment::Slow(Duration::from_millis(500)), FaultId(0));
    link.impair(lose(100), FaultId(1));
    assert!(link.heal(at(1_000)));
    assert!(!link.heal(at(1_000)));
    link.send(at(1_000), PING);
    assert_eq!((drain(&mut link), link.poll_timeout()), (vec![ping()], None));
}

#[test]
fn what_silence_catches_arrives_at_the_return_or_at_its_own_time() {
    let mut link = open();
    link.from_server(at(1_000), FIRST, bytes(1));
    link.from_server(at(1_050), FIRST, bytes(2));
    link.impair(Impairment::Drop, FaultId(0));
    assert_eq!(link.poll_timeout(), None);
    link.relieve(at(1_120), FaultId(0));
    assert_eq!(drain(&mut link), [Output::Arrive(bytes(1))]);
    assert_eq!(pass_until(&mut link, 9_000), [came(1_150, 2)]);
}

#[test]
fn a_loss_in_a_long_silence_is_made_good_by_the_return() {
    let mut link = open();
    link.impair(lose(100), FaultId(0));
    link.send(at(1_000), PING);
    link.relieve(at(1_000), FaultId(0));
    link.impair(Impairment::Drop, FaultId(1));
    link.relieve(at(3_600_000), FaultId(1));
    assert_eq!(drain(&mut link), [ping()]);
}

#[test]
fn what_a_party_abandons_is_gone_and_its_fin_is_not() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.close(at(1_001));
    link.dial(at(1_001));
    link.abandon();
    let second = ConnectionId { line: 0, dialled: 2 };
    assert_eq!(drain(&mut link), [Output::Abandon(second)]);
    let fin = Output::Deliver(FIRST, ToServer::Fin);
    assert_eq!(pass_until(&mut link, 9_000), [(1_100, ping()), (1_101, fin)]);
    assert!(link.is_idle());
}

#[test]
fn a_reset_by_the_network_is_at_once_and_loses_what_is_under_way() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.from_server(at(1_000), FIRST, bytes(1));
    assert!(link.reset(at(1_050)));
    assert_eq!(drain(&mut link), [ARRIVED_RESET, Output::Deliver(FIRST, ToServer::Reset)]);
    assert!(link.is_idle());
}

#[test]
fn a_reset_of_a_dialling_is_seen_by_the_party_alone() {
    let mut link = Link::new(slow(100), 7);
    link.dial(NOW);
    assert!(link.reset(at(50)));
    assert_eq!(drain(&mut link), [ARRIVED_RESET]);
    assert!(link.is_idle());
}

#[test]
fn a_crash_loses_what_comes_from_the_server_and_holds_what_goes_there_for_the_rst() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.from_server(at(1_000), FIRST, bytes(1));
    link.server_changes(at(1_050), ServerChange::Crashed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    assert_eq!((pass_until(&mut link, 1_999), link.poll_timeout()), (vec![], None));
    link.server_changes(at(2_000), ServerChange::Started);
    assert_eq!(pass_until(&mut link, 9_000), [(2_100, ARRIVED_RESET)]);
    assert!(link.is_idle());
}

#[test]
fn a_message_that_finds_the_server_restarted_is_answered_by_rst() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.server_changes(at(1_050), ServerChange::Crashed);
    link.server_changes(at(1_060), ServerChange::Started);
    drain(&mut link);
    assert_eq!(pass_until(&mut link, 9_000), [(1_200, ARRIVED_RESET)]);
}

#[test]
fn a_killed_server_tears_each_connection_after_one_way() {
    let mut link = open();
    link.send(at(1_000), PING);
    link.from_server(at(1_000), FIRST, bytes(1));
    link.server_changes(at(1_050), ServerChange::Killed);
    assert_eq!(drain(&mut link), [Output::Abandon(FIRST)]);
    link.send(at(1_060), PING);
    assert_eq!(pass_until(&mut link, 1_149), []);
    assert_eq!(pass_until(&mut link, 9_000), [(1_150, ARRIVED_RESET)]);
}

#[test]
fn the_fin_of_a_stopped_server_comes_after_what_it_said() {
    let mut link = open();
    link.from_server(at(1_000), FIRST, bytes(1));
    link.server_changes(at(1_001), ServerChange::Stopped);
    link.from_server(at(1_001), FIRST, FromServer::Fin);
    let fin = Output::Arrive(FromServer::Fin);
    assert_eq!(pass_until(&mut link, 9_000), [came(1_100, 1), (1_101, fin)]);
}

#[test]
fn a_line_from_the_same_place_is_as_slow_and_one_from_elsewhere_ideal() {
    let mut link = Link::new(slow(100), 7);
    link.impair(Impairment::Slow(Duration::from_millis(50)), FaultId(0));
    let (mut beside, mut elsewhere) = (link.beside(1), link.elsewhere(2));
    beside.dial(NOW);
    elsewhere.dial(NOW);
    assert_eq!(beside.poll_timeout(), Some(at(150)));
    assert_eq!(drain(&mut elsewhere), [Output::Dial(ConnectionId { line: 2, dialled: 1 })]);
}

#[test]
fn numbers_do_not_depend_on_what_else_is_sent() {
    let jitter = Quality { jitter: Duration::from_secs(100), ..Quality::IDEAL };
    let (mut quiet, mut busy) = (open_over(jitter), open_over(jitter));
    for number in 0..9 {
        busy.from_server(NOW, FIRST, bytes(number));
    }
    let ping = |link: &mut Link| {
        link.send(NOW, PING);
        let passed = pass_until(link, 1_000_000);
        passed.into_iter().find(|(_, output)| *output == super::ping())
    };
    assert_eq!(ping(&mut quiet), ping(&mut busy));
}
