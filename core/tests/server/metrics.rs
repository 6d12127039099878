//! What `/metrics` counts. Only in paused time is a duration exact.

use blynk_core::settings::Settings;
use blynk_core::time::Duration;
use serde_json::json;

use crate::network::Pipes;
use crate::world::{LAMP, World};

/// A server whose devices are Standby 2 s after they are gone, and Offline 3 s after that.
async fn start() -> World<Pipes> {
    let world = World::start(Settings::default()).await;
    let statuses = json!([{"key": "online"}, {"key": "standby", "after": 2}, {"key": "offline", "after": 3}]);
    let template = json!({"name": "sensor", "heartbeat": 10, "statuses": statuses});
    assert_eq!(world.put_template(&template).await.0, 200);
    world
}

/// After half a minute one device was detected to be gone, so many seconds after it was.
async fn check_detection(world: &World<Pipes>, seconds: &str) {
    world.pass(Duration::from_secs(30)).await;
    let (_, metrics) = world.get("/metrics").await;
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("blynk_detection_seconds_"));
    let totals: Vec<_> = lines.filter(|line| !line.starts_with("bucket")).collect();
    assert_eq!(totals, [&format!("sum {seconds}"), "count 1"]);
}

#[tokio::test(start_paused = true)]
async fn detection_counts_from_the_close_through_all_statuses() {
    let world = start().await;
    world.log_in(LAMP).await.finish().await;
    check_detection(&world, "5.000").await;
}

#[tokio::test(start_paused = true)]
async fn detection_counts_from_the_last_byte_before_a_silence() {
    let world = start().await;
    let _lamp = world.log_in(LAMP).await;
    // Standby when the silence is noticed, after 15 s.
    check_detection(&world, "18.000").await;
}

#[tokio::test(start_paused = true)]
async fn detection_counts_from_the_close_before_a_restart_in_between() {
    let mut world = start().await;
    world.log_in(LAMP).await.finish().await;
    world.pass(Duration::from_secs(3)).await;
    world.crash();
    // The grace after a restart is 15 s.
    check_detection(&world.start_again().await, "18.000").await;
}

#[tokio::test(start_paused = true)]
async fn detection_of_who_was_connected_counts_from_the_restart() {
    let mut world = start().await;
    let _lamp = world.log_in(LAMP).await;
    world.pass(Duration::from_secs(3)).await;
    world.crash();
    // Standby after the grace of 15 s, and not after 2 s.
    check_detection(&world.start_again().await, "18.000").await;
}

#[tokio::test(start_paused = true)]
async fn an_offline_that_an_operator_sets_is_no_detection() {
    let world = start().await;
    world.log_in(LAMP).await.finish().await;
    world.pass(Duration::from_secs(2)).await;
    let (status, _) = world.order("status", LAMP, r#"{"status":"offline"}"#).await;
    assert_eq!(status, 200);
    let (_, metrics) = world.get("/metrics").await;
    assert!(metrics.contains("\nblynk_detection_seconds_count 0\n"), "{metrics}");
}
