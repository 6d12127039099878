//! The server as its clients see it: one suite, over loopback TCP and over pipes in memory.
//!
//! Nothing sleeps. A test waits for an answer, an entry or the end of a connection; where time itself must pass, the
//! clock is paused and jumps to the next deadline.

/// Makes of each claim one test over TCP and one over pipes. Pipes live in paused time from the beginning.
macro_rules! on_every_network {
    ($($claim:ident)*) => {
        mod tcp {
            use crate::network::Tcp;
            $(#[tokio::test] async fn $claim() { super::$claim::<Tcp>().await })*
        }
        mod pipes {
            use crate::network::Pipes;
            $(#[tokio::test(start_paused = true)] async fn $claim() { super::$claim::<Pipes>().await })*
        }
    };
}

mod client;
mod commands;
mod durability;
mod faulty;
mod metrics;
mod network;
mod notifications;
mod operators;
mod postman;
mod requests;
mod store;
mod world;

use blynk_core::close::{CloseReason, Violation};
use blynk_core::id::{SessionId, StatusIndex};
use blynk_core::protocol::{Answer, Command};
use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::{Cause, Change, Event};
use client::{announcement, login, ping, write};
use faulty::{Panicking, Stuck};
use network::{Network, Pipes, Tcp};
use world::{LAMP, PUMP, STRANGER, World};

on_every_network! {
    a_login_and_a_ping_are_answered
    a_login_is_recorded_before_it_is_answered
    frames_cut_into_single_bytes_are_read
    frames_glued_into_one_write_are_read
    an_unknown_token_is_refused_and_closed
    an_illegal_frame_closes_that_connection_alone
    a_fin_is_seen_and_answered_with_one
    answers_owed_are_sent_before_the_connection_closes
    silence_is_closed_at_the_end_of_the_allowance
    a_returning_device_is_another_session
    a_status_is_recorded_at_its_deadline
    a_newer_login_closes_the_older_session
    a_newer_login_is_refused_where_the_settings_say_so
    a_login_must_come_in_time
    the_sixth_login_that_fails_is_not_answered
    a_peer_that_reads_nothing_stops_nobody_else
    the_end_of_the_server_is_the_end_of_every_connection
}

async fn a_login_and_a_ping_are_answered<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.connect().await;
    lamp.check(&login(LAMP), 1, Answer::OK).await;
    lamp.check(&ping(2), 2, Answer::OK).await;
}

async fn a_login_is_recorded_before_it_is_answered<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    let recorded = world.recorded(LAMP);
    let online = Event::Status(Change { from: None, to: StatusIndex::ONLINE, cause: Cause::Login });
    assert!(matches!(&recorded[..], [Event::LoggedIn { .. }, status] if *status == online), "{recorded:?}");
}

async fn frames_cut_into_single_bytes_are_read<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.connect().await;
    for byte in [login(LAMP), ping(2)].concat() {
        lamp.send(&[byte]).await;
    }
    assert_eq!(lamp.answer().await, (1, Answer::OK));
    assert_eq!(lamp.answer().await, (2, Answer::OK));
}

async fn frames_glued_into_one_write_are_read<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.connect().await;
    lamp.check(&[login(LAMP), write(2), ping(3)].concat(), 1, Answer::OK).await;
    assert_eq!(lamp.answer().await, (3, Answer::OK));
}

async fn an_unknown_token_is_refused_and_closed<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut stranger = world.connect().await;
    stranger.check(&login(STRANGER), 1, Answer::INVALID_TOKEN).await;
    stranger.sees_fin().await;
}

async fn an_illegal_frame_closes_that_connection_alone<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let (mut lamp, mut pump) = (world.log_in(LAMP).await, world.log_in(PUMP).await);
    lamp.send(&[6, 0, 0, 0, 0]).await;
    lamp.sees_fin().await;
    let close = world.closed(LAMP).await.1;
    assert_eq!(close.reason, CloseReason::Protocol(Violation::IdZero));
    pump.check(&ping(2), 2, Answer::OK).await;
}

async fn a_fin_is_seen_and_answered_with_one<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&ping(2), 2, Answer::OK).await;
    lamp.finish().await;
    lamp.sees_fin().await;
    let close = world.closed(LAMP).await.1;
    assert_eq!((close.reason, close.last_command), (CloseReason::Closed, Command::Ping));
}

async fn answers_owed_are_sent_before_the_connection_closes<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&[ping(2), vec![99, 0, 1, 0, 0]].concat(), 2, Answer::OK).await;
    lamp.sees_fin().await;
}

async fn silence_is_closed_at_the_end_of_the_allowance<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&announcement(2, 10), 2, Answer::OK).await;
    world.let_time_pass();
    lamp.sees_fin().await;
    let (at, close) = world.closed(LAMP).await;
    assert_eq!(at, close.last_byte_at + Duration::from_secs(15));
    let heartbeat = Duration::from_secs(10);
    assert_eq!(close.reason, CloseReason::Heartbeat { heartbeat, rule: Allowance::Iot });
}

async fn a_returning_device_is_another_session<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    drop(world.log_in(LAMP).await);
    world.closed(LAMP).await;
    let _lamp = world.log_in(LAMP).await;
    let recorded = world.recorded(LAMP);
    assert!(matches!(recorded[..], [Event::LoggedIn { session: SessionId(2), .. }]), "{recorded:?}");
}

async fn a_status_is_recorded_at_its_deadline<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.finish().await;
    let (closed, _) = world.closed(LAMP).await;
    world.let_time_pass();
    let cause = Cause::Wait { base: closed, wait: Duration::MINUTE, detected: closed };
    let offline = Change { from: Some(StatusIndex::ONLINE), to: StatusIndex(1), cause };
    assert_eq!(world.next(LAMP).await, (closed + Duration::MINUTE, Event::Status(offline)));
}

async fn a_newer_login_closes_the_older_session<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let (mut older, mut newer) = (world.log_in(LAMP).await, world.log_in(LAMP).await);
    older.sees_fin().await;
    newer.check(&ping(2), 2, Answer::OK).await;
    let superseded = Event::Superseded { session: SessionId(1), by: SessionId(2) };
    assert!(world.recorded(LAMP).contains(&superseded));
}

async fn a_newer_login_is_refused_where_the_settings_say_so<N: Network>() {
    let world = World::<N>::start(Settings { takeover: Takeover::Reject, ..Settings::default() }).await;
    let (mut older, mut newer) = (world.log_in(LAMP).await, world.connect().await);
    newer.check(&login(LAMP), 1, Answer::NOT_ALLOWED).await;
    newer.sees_fin().await;
    older.check(&ping(2), 2, Answer::OK).await;
}

async fn a_login_must_come_in_time<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let (mut nobody, opened_at) = (world.connect().await, world.clock.now());
    nobody.check(&ping(1), 1, Answer::NOT_AUTHENTICATED).await;
    world.let_time_pass();
    nobody.sees_fin().await;
    assert!((opened_at + Duration::from_secs(10)).is_over(world.clock.now()));
}

async fn the_sixth_login_that_fails_is_not_answered<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    for _ in 0..5 {
        world.connect().await.check(&login(STRANGER), 1, Answer::INVALID_TOKEN).await;
    }
    let (mut stranger, opened_at) = (world.connect().await, world.clock.now());
    stranger.send(&login(STRANGER)).await;
    // Nobody else waits with it, and by then it is known to be withheld.
    world.log_in(LAMP).await;
    world.let_time_pass();
    stranger.sees_fin().await;
    assert!((opened_at + Duration::from_secs(10)).is_over(world.clock.now()));
}

async fn a_peer_that_reads_nothing_stops_nobody_else<N: Network>() {
    let world = World::<N>::start(Settings { messages_per_second: u16::MAX, ..Settings::default() }).await;
    let (deaf, mut pump) = (world.log_in(LAMP).await, world.log_in(PUMP).await);
    let _shouting = tokio::spawn(deaf.shout(ping(2).repeat(20_000)));
    for id in 2..100 {
        pump.check(&ping(id), id, Answer::OK).await;
    }
}

async fn the_end_of_the_server_is_the_end_of_every_connection<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let (mut lamp, mut nobody) = (world.log_in(LAMP).await, world.connect().await);
    nobody.check(&ping(1), 1, Answer::NOT_AUTHENTICATED).await;
    world.crash();
    lamp.sees_fin().await;
    nobody.sees_fin().await;
}

/// Only a real socket can be reset.
#[tokio::test]
async fn a_reset_is_seen() {
    let mut world = World::<Tcp>::start(Settings::default()).await;
    world.log_in(LAMP).await.reset();
    assert_eq!(world.closed(LAMP).await.1.reason, CloseReason::Reset);
}

/// Only pipes fill up after a known number of bytes.
#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_is_heard_all_the_same() {
    let settings = Settings { messages_per_second: u16::MAX, ..Settings::default() };
    let mut world = World::<Pipes>::start(settings).await;
    let shouting = tokio::spawn(world.log_in(LAMP).await.shout(ping(2).repeat(20_000)));
    assert!(shouting.await.expect("no panic").is_ok(), "the server read everything");
    assert_eq!(world.closed(LAMP).await.1.reason, CloseReason::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_nothing_is_given_up() {
    let mut world = World::<Stuck>::start(Settings::default()).await;
    let mut lamp = world.connect().await;
    lamp.send(&login(LAMP)).await;
    assert_eq!(world.closed(LAMP).await.1.reason, CloseReason::Reset);
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_task_panics_is_over_and_nobody_else_notices() {
    let mut world = World::<Panicking>::start(Settings::default()).await;
    let mut pump = world.log_in(PUMP).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.send(b"panic").await;
    assert_eq!(world.closed(LAMP).await.1.reason, CloseReason::Reset);
    pump.check(&ping(2), 2, Answer::OK).await;
}

/// Only in paused time is an instant exact.
#[tokio::test(start_paused = true)]
async fn a_byte_at_the_end_of_the_allowance_is_in_time() {
    let mut world = World::<Pipes>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.pass(Duration::from_secs(67)).await;
    lamp.check(&ping(2), 2, Answer::OK).await;
    lamp.sees_fin().await;
    assert_eq!(world.closed(LAMP).await.0, Instant::ZERO + Duration::from_secs(2 * 67));
}
