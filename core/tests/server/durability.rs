//! Durable before it is told, and what is found again after an end of the server, wanted or not. That nothing is recorded
//! or delivered before it is durable is checked in every test of the suite: see `Tape` and `Postman`.

use blynk_core::id::{SessionId, StatusIndex};
use blynk_core::protocol::Answer;
use blynk_core::settings::Settings;
use blynk_core::store::StoreError;
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::{Cause, Change, Event};

use crate::client::{login, ping, write};
use crate::network::{Network, Pipes};
use crate::requests::path;
use crate::world::{LAMP, PUMP, World};

on_every_network! {
    a_login_that_cannot_be_made_durable_is_not_answered
    an_update_that_cannot_be_made_durable_is_not_answered
    what_needs_no_store_is_served_without_one
    a_server_that_stops_closes_every_connection
    a_device_connected_at_the_stop_did_not_disconnect
    a_device_connected_at_the_crash_did_not_disconnect
    a_device_that_does_not_return_leaves_online_after_the_grace
    values_survive_the_end_of_the_server
}

async fn a_login_that_cannot_be_made_durable_is_not_answered<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut pump = world.log_in(PUMP).await;
    world.store.fail();
    let mut lamp = world.connect().await;
    lamp.send(&login(LAMP)).await;
    assert_eq!((lamp.rest().await, pump.rest().await), (String::new(), String::new()));
    assert!(matches!(world.ended().await, Err(StoreError::Medium(_))));
    assert_eq!(world.recorded(LAMP), []);
}

async fn an_update_that_cannot_be_made_durable_is_not_answered<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.store.fail();
    let mut script = world.connect().await;
    let path = path("update", LAMP) + "&V1=1";
    script.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await;
    assert_eq!(script.rest().await, "");
    assert!(world.ended().await.is_err());
}

async fn what_needs_no_store_is_served_without_one<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.store.fail();
    lamp.check(&ping(2), 2, Answer::OK).await;
    assert_eq!(world.get(&path("isHardwareConnected", LAMP)).await, (200, "true".into()));
}

async fn a_server_that_stops_closes_every_connection<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let (mut lamp, mut nobody, mut script) =
        (world.log_in(LAMP).await, world.connect().await, world.connect().await);
    nobody.check(&ping(1), 1, Answer::NOT_AUTHENTICATED).await;
    script.send(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await;
    script.reads_until(r#""}}"#).await;
    world.recorded(LAMP);
    world.stop();
    lamp.sees_fin().await;
    nobody.sees_fin().await;
    script.sees_fin().await;
    assert!(world.ended().await.is_ok());
    assert_eq!(world.recorded(LAMP), []);
}

async fn a_device_connected_at_the_stop_did_not_disconnect<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    world.stop();
    world.ended().await.expect("the store works");
    returns_unnoticed(&world).await;
}

async fn a_device_connected_at_the_crash_did_not_disconnect<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    world.crash();
    returns_unnoticed(&world).await;
}

/// After the end of its server, which was not the device's, its status stays; and no session has the number of another.
async fn returns_unnoticed<N: Network>(world: &World<N>) {
    let mut world = world.start_again().await;
    assert_eq!(world.next(LAMP).await.1, Event::Interrupted { session: SessionId(1) });
    let _lamp = world.log_in(LAMP).await;
    let recorded = world.recorded(LAMP);
    assert!(matches!(recorded[..], [Event::LoggedIn { session: SessionId(2), .. }]), "{recorded:?}");
}

async fn a_device_that_does_not_return_leaves_online_after_the_grace<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    world.crash();
    let mut world = world.start_again().await;
    let (up_again, _) = world.next(LAMP).await;
    world.let_time_pass();
    let offline = Change { from: Some(StatusIndex::ONLINE), to: StatusIndex(1), cause: Cause::Grace };
    let grace = Duration::from_secs(67);
    assert_eq!(world.next(LAMP).await, (up_again + grace, Event::Status(offline)));
}

async fn values_survive_the_end_of_the_server<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    assert_eq!(world.get(&(path("update", LAMP) + "&V1=22.5")).await, (200, String::new()));
    world.crash();
    let world = world.start_again().await;
    assert_eq!(world.get(&(path("get", LAMP) + "&V1")).await, (200, "22.5".into()));
}

/// Over a real socket nobody knows what has arrived.
#[tokio::test(start_paused = true)]
async fn what_was_said_before_the_stop_is_kept() {
    let mut world = World::<Pipes>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.send(&write(2)).await;
    world.stop();
    world.ended().await.expect("the store works");
    let world = world.start_again().await;
    assert_eq!(world.get(&(path("get", LAMP) + "&V1")).await, (200, "22.5".into()));
}

/// Only in paused time is no time.
#[tokio::test(start_paused = true)]
async fn a_stop_takes_no_time_where_nobody_is_slow() {
    let mut world = World::<Pipes>::start(Settings::default()).await;
    let (_lamp, mut script) = (world.log_in(LAMP).await, world.connect().await);
    script.send(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n").await;
    script.reads_until(r#""}}"#).await;
    world.stop();
    world.ended().await.expect("the store works");
    assert_eq!(world.clock.now(), Instant::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_does_not_hold_up_the_stop() {
    let mut world =
        World::<Pipes>::start(Settings { messages_per_second: u16::MAX, ..Settings::default() }).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.send(&ping(2).repeat(20_000)).await;
    let stopped_at = world.clock.now();
    world.stop();
    world.ended().await.expect("the store works");
    assert!(world.clock.now().since(stopped_at) <= Duration::from_secs(2));
}
