//! Notifications, from the change of status to the receiver.

use blynk_core::id::{NotificationId, StatusIndex};
use blynk_core::notification::{Channel, Notification, Stage};
use blynk_core::settings::Settings;
use blynk_core::time::Duration;
use blynk_core::timeline::Event;

use crate::network::Network;
use crate::postman::Receiver;
use crate::requests::path;
use crate::world::{LAMP, World};

on_every_network! {
    a_notification_reaches_its_receiver
    a_notification_is_tried_until_it_is_taken
    a_receiver_that_says_nothing_is_given_up
    a_delivery_that_breaks_is_tried_again
    a_notification_is_owed_beyond_the_end_of_the_server
}

impl<N: Network> World<N> {
    /// The device enters the status that notifies.
    pub(crate) async fn retire(&self) {
        self.get(&(path("update", LAMP) + "&V1=1")).await;
        assert_eq!(self.get(&(path("setStatus", LAMP) + "&status=retired")).await, (200, String::new()));
    }

    /// The notification reaches its end.
    pub(crate) async fn delivered(&mut self) {
        loop {
            if let (_, Event::Notified { notification, stage: Stage::Delivered, .. }) = self.next(LAMP).await
            {
                return assert_eq!(notification.id, NotificationId(1));
            }
        }
    }

    /// The notification becomes a dead letter.
    pub(crate) async fn buried(&mut self) {
        while !matches!(self.next(LAMP).await, (_, Event::Notified { stage: Stage::Dead(_), .. })) {}
    }

    /// All tries until the notification is taken, this many, are about the same one.
    async fn check_tries(&mut self, count: usize) {
        self.let_time_pass();
        let first = self.tried().await;
        for _ in 1..count {
            assert_eq!(self.tried().await, first);
        }
        self.delivered().await;
    }
}

async fn a_notification_reaches_its_receiver<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.retire().await;
    let Notification { id, device, status, channel, to, address, .. } = world.tried().await;
    assert_eq!((id, device, status), (NotificationId(1), LAMP, StatusIndex(2)));
    assert_eq!(
        (channel, &*to, address.as_deref()),
        (Channel::Webhook, "owner", Some("https://example.org/hook"))
    );
    world.delivered().await;
}

async fn a_notification_is_tried_until_it_is_taken<N: Network>() {
    let mut world = World::<N>::start_with_receivers([Receiver::Refuses, Receiver::Refuses]).await;
    world.retire().await;
    world.check_tries(3).await;
}

async fn a_receiver_that_says_nothing_is_given_up<N: Network>() {
    let mut world = World::<N>::start_with_receivers([Receiver::SaysNothing]).await;
    world.retire().await;
    let before = world.clock.now();
    world.check_tries(2).await;
    assert!(world.clock.now().since(before) >= Duration::from_secs(10));
}

async fn a_delivery_that_breaks_is_tried_again<N: Network>() {
    let mut world = World::<N>::start_with_receivers([Receiver::Breaks]).await;
    world.retire().await;
    world.check_tries(2).await;
}

async fn a_notification_is_owed_beyond_the_end_of_the_server<N: Network>() {
    let mut world = World::<N>::start_with_receivers([Receiver::SaysNothing]).await;
    world.retire().await;
    let owed = world.tried().await;
    world.stop();
    world.ended().await.expect("the store works");
    let mut world = world.start_again().await;
    assert_eq!(world.tried().await, owed);
    world.delivered().await;
}
