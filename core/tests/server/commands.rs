//! What users want of devices, from the request to the wire.

use blynk_core::command::Verdict;
use blynk_core::id::{CommandId, Pin};
use blynk_core::protocol::{Answer, Command};
use blynk_core::settings::Settings;
use blynk_core::timeline::Event;

use crate::client::{announcement, ping, sync, write};
use crate::network::{Network, Pipes};
use crate::requests::{error, path};
use crate::world::{LAMP, World};

on_every_network! {
    a_command_reaches_a_live_device
    a_command_for_an_absent_device_waits_for_its_sync
    a_command_waits_beyond_the_end_of_the_server
    a_device_that_syncs_is_handed_what_it_wrote
    a_user_is_warned_where_the_status_says_so
    a_blocked_command_is_refused
}

const COMMAND: &str = r#"{"pin":"V1","value":"5"}"#;
const SENT: &str = r#"{"state":"sent"}"#;
const PENDING: &str = r#"{"state":"pending"}"#;

/// Every command of the claims is the first of its server.
const APPLIED: Event = Event::Applied { command: CommandId(1), pin: Pin(1) };

impl<N: Network> World<N> {
    async fn command(&self, status: u16, told: &str) {
        assert_eq!(self.order("command", LAMP, COMMAND).await, (status, told.into()));
    }

    /// Waits until the device has been handed the command.
    async fn applied(&mut self) {
        while self.next(LAMP).await.1 != APPLIED {}
    }
}

fn message(id: u16) -> (Command, u16, String) {
    (Command::Hardware, id, "vw\x001\x005".into())
}

async fn a_command_reaches_a_live_device<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.command(200, SENT).await;
    assert_eq!(lamp.message().await, message(1));
    world.applied().await;
    lamp.check(&[sync(2), ping(3)].concat(), 3, Answer::OK).await;
    assert_eq!(lamp.message().await, message(2), "the value stays when the command is settled");
}

async fn a_command_for_an_absent_device_waits_for_its_sync<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    drop(world.log_in(LAMP).await);
    world.closed(LAMP).await;
    world.command(200, PENDING).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&announcement(2, 10), 2, Answer::OK).await;
    let early = world.recorded(LAMP);
    assert!(!early.contains(&APPLIED), "{early:?}");
    lamp.send(&sync(7)).await;
    assert_eq!(lamp.message().await, message(7));
    world.applied().await;
}

async fn a_command_waits_beyond_the_end_of_the_server<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.command(200, PENDING).await;
    world.crash();
    let mut world = world.start_again().await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.send(&sync(2)).await;
    assert_eq!(lamp.message().await, message(2));
    world.applied().await;
}

async fn a_device_that_syncs_is_handed_what_it_wrote<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.send(&[write(2), sync(3)].concat()).await;
    assert_eq!(lamp.message().await, (Command::Hardware, 3, "vw\x001\x0022.5".into()));
}

async fn a_user_is_warned_where_the_status_says_so<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.get(&(path("update", LAMP) + "&V9=1")).await;
    world.get(&(path("setStatus", LAMP) + "&status=offline")).await;
    let warning = "The device is not connected; the command is applied when it is back.";
    world.command(200, &format!(r#"{{"state":"pending","warning":"{warning}"}}"#)).await;
    let commanded = world.recorded(LAMP).pop();
    assert!(matches!(commanded, Some(Event::Commanded { verdict: Verdict::Warned, .. })));
}

async fn a_blocked_command_is_refused<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.get(&(path("setStatus", LAMP) + "&status=retired")).await;
    world.command(403, &error("The device does not take commands while its status is Retired.")).await;
    lamp.check(&[sync(2), ping(3)].concat(), 3, Answer::OK).await;
}

/// Only pipes fill up after a known number of bytes.
#[tokio::test(start_paused = true)]
async fn commands_for_a_device_that_takes_none_stay_pending() {
    let mut world = World::<Pipes>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    let value = "x".repeat(1_000);
    for _ in 0..100 {
        let body = format!(r#"{{"pin":"V1","value":"{value}"}}"#);
        assert_eq!(world.order("command", LAMP, &body).await, (200, SENT.into()));
    }
    assert!(!world.recorded(LAMP).iter().any(|event| matches!(event, Event::Applied { .. })));
    // As many as are kept for it come when it reads; the others it has to ask for.
    for _ in 0..16 {
        assert_eq!(lamp.message().await.2, format!("vw\x001\0{value}"));
    }
    lamp.send(&sync(30)).await;
    let asked_for = (Command::Hardware, 30, format!("vw\x001\0{value}"));
    while lamp.message().await != asked_for {}
    let last = Event::Applied { command: CommandId(100), pin: Pin(1) };
    while world.next(LAMP).await.1 != last {}
}
