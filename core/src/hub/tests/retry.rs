//! Which notifications can be tried again, and to which address.

use super::*;
use crate::outbox::Turn;

/// The lamp has entered Standby, of which the owner is being told by mail, and is to be told by webhook.
fn notified(settings: Settings) -> (World, [Notification; 2]) {
    let mut world = World::new(settings, notifying_template());
    world.hear(at(0), login(OLD, LAMP));
    world.hear(at(10), closed(OLD, 10));
    world.hear(at(71), Input::Timeout);
    let owed = [0, 1].map(|place| world.kept.owed[place].0.clone());
    (world, owed)
}

fn fails(world: &mut World, second: u64, id: u64) {
    world.hear(at(second), Input::Undelivered(NotificationId(id), Failure::new("answered 500")));
}

/// One try each, of which the first failed.
fn dead() -> (World, Notification) {
    let (mut world, [first, _]) =
        notified(Settings { notification_tries: 1, outbox_limit: 2, ..Settings::default() });
    fails(&mut world, 72, 1);
    (world, first)
}

fn retry(world: &mut World, second: u64, notification: &Notification, found: Stage) -> Vec<Output> {
    world.hear(at(second), Input::Order(CALL, Order::Retry(notification.clone(), found))).1
}

const DEAD: Stage = Stage::Dead(Undeliverable::Tries);

fn contacts(world: &mut World, second: u64, contacts: &[(&str, &str)]) {
    let contacts = contacts.iter().map(|(name, address)| (String::from(*name), String::from(*address)));
    let template = Template { contacts: contacts.collect(), ..notifying_template() };
    world.hear(at(second), Input::Order(CALL, Order::Template(template)));
}

#[test]
fn a_dead_letter_is_tried_again_at_the_address_of_now() {
    let (mut world, first) = dead();
    world.hear(at(73), Input::Delivered(NotificationId(2)));
    contacts(&mut world, 74, &[("owner", "http://new.example")]);
    let again = Notification { address: Some("http://new.example".into()), ..first.clone() };
    let told = retry(&mut world, 75, &first, DEAD);
    assert_eq!(told, [Output::Deliver(again), reply(Ok(Reply::Ordered(Turn::Now)))]);
    world.hear(at(76), Input::Delivered(first.id));
    assert_eq!(world.hub.outbox().owed(), 0);
}

#[test]
fn a_devices_own_contact_goes_before_its_templates_here_too() {
    let (mut world, first) = dead();
    world.hear(at(73), Input::Delivered(NotificationId(2)));
    let own = BTreeMap::from([("owner".into(), "http://own.example".into())]);
    let changes = Changes { contacts: Some(own), ..Changes::default() };
    world.hear(at(74), Input::Order(CALL, Order::Identity(LAMP, changes)));
    let again = Notification { address: Some("http://own.example".into()), ..first.clone() };
    assert_eq!(retry(&mut world, 75, &first, DEAD)[0], Output::Deliver(again));
}

#[test]
fn nobody_is_told_who_is_no_contact_any_more() {
    let (mut world, first) = dead();
    contacts(&mut world, 73, &[("installer", "http://new.example")]);
    let told = retry(&mut world, 74, &first, DEAD);
    assert_eq!(told, [reply(Err(Refusal::NoContact("owner".into())))]);
}

#[test]
fn what_is_owed_already_goes_where_it_was_to_go() {
    let (mut world, [first, second]) = notified(Settings::default());
    contacts(&mut world, 72, &[("installer", "http://new.example")]);
    assert_eq!(retry(&mut world, 73, &second, Stage::Owed), [reply(Ok(Reply::Ordered(Turn::AfterEarlier)))]);
    assert_eq!(world.hear(at(74), Input::Delivered(first.id)).1, [Output::Deliver(second)]);
}

/// Whoever asks second had found it before the first order was performed.
#[test]
fn a_dead_letter_that_two_order_is_delivered_once() {
    let (mut world, first) = dead();
    world.hear(at(73), Input::Delivered(NotificationId(2)));
    assert_eq!(retry(&mut world, 74, &first, DEAD)[0], Output::Deliver(first.clone()));
    world.hear(at(75), Input::Delivered(first.id));
    assert_eq!(retry(&mut world, 76, &first, DEAD), [reply(Err(Refusal::Delivered(first.id)))]);
}

#[test]
fn a_dead_letter_that_died_again_is_tried_again() {
    let (mut world, first) = dead();
    world.hear(at(73), Input::Delivered(NotificationId(2)));
    for second in [74, 76] {
        assert_eq!(retry(&mut world, second, &first, DEAD)[0], Output::Deliver(first.clone()));
        fails(&mut world, second + 1, 1);
    }
}

#[test]
fn what_was_delivered_or_has_just_ended_is_not_tried() {
    let (mut world, [first, _]) = notified(Settings::default());
    world.hear(at(72), Input::Delivered(first.id));
    let told = retry(&mut world, 73, &first, Stage::Delivered);
    assert_eq!(told, [reply(Err(Refusal::Delivered(first.id)))]);
    let told = retry(&mut world, 73, &first, Stage::Owed);
    assert_eq!(told, [reply(Err(Refusal::Ended(first.id)))]);
}

/// Whoever asked had found it before somebody else asked.
#[test]
fn a_dead_letter_that_is_owed_again_already_is_not_owed_twice() {
    let (mut world, first) = dead();
    for second in [73, 74] {
        let told = retry(&mut world, second, &first, DEAD);
        assert_eq!(told, [reply(Ok(Reply::Ordered(Turn::AfterTry)))]);
        assert_eq!(world.hub.outbox().owed(), 2);
    }
}

#[test]
fn a_full_outbox_takes_no_dead_letter_back() {
    let (mut world, first) = dead();
    world.hear(at(80), login(NEW, LAMP));
    world.hear(at(81), closed(NEW, 81));
    world.hear(at(142), Input::Timeout);
    assert_eq!(world.hub.outbox().owed(), 2);
    assert_eq!(retry(&mut world, 143, &first, DEAD), [reply(Err(Refusal::OutboxFull))]);
}

#[test]
fn nothing_of_a_removed_device_is_tried() {
    let (mut world, first) = dead();
    world.hear(at(73), Input::Order(CALL, Order::RemoveDevice(LAMP)));
    let told = retry(&mut world, 74, &first, DEAD);
    assert_eq!(told, [reply(Err(Refusal::NoSuchNotification(first.id)))]);
}
