//! What operators change, and what it does to devices that live.

use super::*;

const CHANGED: Cause = Cause::Template;

fn identity(device: DeviceId) -> Identity {
    Identity { name: "".into(), token: token(device), template: "sensor".into(), contacts: BTreeMap::new() }
}

/// The lamp is given the token of this device.
fn renews(device: DeviceId) -> Input {
    let changes = Changes { token: Some(token(device)), ..Changes::default() };
    Input::Order(CALL, Order::Identity(LAMP, changes))
}

/// The template with another chain: statuses, each this many seconds after the one before.
fn chain(statuses: &[(&str, u64)]) -> Template {
    let status = |(key, wait): &(&str, u64)| Status::new(*key, Duration::from_secs(*wait));
    Template { chain: Chain::new(statuses.iter().map(status).collect()).expect("a chain"), ..template() }
}

/// What else an order has recorded, at this second, than the change of the template itself.
fn change(world: &mut World, second: u64, template: &Template) -> Vec<Write> {
    let (mut writes, told) = world.hear(at(second), Input::Order(CALL, Order::Template(template.clone())));
    assert_eq!(told, [reply(Ok(Reply::Done))]);
    assert_eq!(writes.remove(0), Write::Template(Arc::new(template.clone())));
    writes
}

fn due(world: &World) -> Option<Instant> {
    world.hub.poll_timeout().map(|(at, _)| at)
}

#[test]
fn a_device_keeps_a_status_that_the_chain_keeps() {
    let mut world = waiting(10);
    world.hear(at(71), Input::Timeout);
    let longer = chain(&[("online", 0), ("away", 5), ("standby", 5), ("offline", 100)]);
    assert_eq!(change(&mut world, 80, &longer), []);
    assert_eq!(standing(&world, LAMP), Some(Standing { status: StatusIndex(2), since: at(70) }));
    assert_eq!(due(&world), Some(at(170)));
}

#[test]
fn a_wait_that_the_change_cut_is_over_now_and_not_before() {
    let cut = chain(&[("online", 0), ("offline", 20), ("retired", 1)]);
    assert_eq!(change(&mut waiting(10), 40, &cut), [status(40, LAMP, Some(0), 1, CHANGED)]);
    assert_eq!(change(&mut waiting(10), 25, &cut), []);
}

#[test]
fn who_is_away_in_a_status_that_is_gone_is_in_the_next_one() {
    let mut world = waiting(10);
    world.hear(at(71), Input::Timeout);
    let gone = chain(&[("online", 0), ("offline", 3_600)]);
    assert_eq!(change(&mut world, 80, &gone), [status(80, LAMP, None, 1, CHANGED)]);
}

#[test]
fn who_is_beyond_every_status_that_is_left_is_in_the_last() {
    let mut world = waiting(10);
    world.hear(at(1_000_000), Input::Timeout);
    assert_eq!(standing(&world, LAMP).map(|standing| standing.status), Some(StatusIndex(3)));
    let gone = chain(&[("online", 0), ("offline", 60), ("lost", 60)]);
    assert_eq!(change(&mut world, 1_000_001, &gone), [status(1_000_001, LAMP, None, 2, CHANGED)]);
}

#[test]
fn who_is_connected_in_a_status_that_is_gone_is_online() {
    let mut world = connected();
    world.hear(at(5), order(Wish::SetStatus("standby".into())));
    let gone = chain(&[("online", 0), ("offline", 60)]);
    assert_eq!(change(&mut world, 6, &gone), [status(6, LAMP, None, 0, CHANGED)]);
}

#[test]
fn a_template_that_is_as_before_changes_nothing() {
    let mut world = waiting(10);
    let same = Input::Order(CALL, Order::Template(template()));
    check(&mut world, at(20), same, &[], &[reply(Ok(Reply::Done))]);
}

#[test]
fn a_template_is_revised_while_it_is_as_it_was_seen() {
    let mut world = waiting(10);
    let [first, second] = [40, 50].map(|wait| chain(&[("online", 0), ("offline", wait)]));
    let mut revise = |seen: Option<&Template>, template: &Template| {
        let order = Order::Revision { seen: seen.cloned().map(Arc::new), template: template.clone() };
        let (writes, told) = world.hear(at(20), Input::Order(CALL, order));
        (writes.contains(&Write::Template(Arc::new(template.clone()))), told)
    };
    let refused = |refusal| (false, vec![reply(Err(refusal))]);
    assert_eq!(revise(None, &first), refused(Refusal::TemplateTaken("sensor".into())));
    assert_eq!(revise(Some(&first), &second), refused(Refusal::TemplateChanged("sensor".into())));
    assert_eq!(revise(Some(&template()), &first), (true, vec![reply(Ok(Reply::Done))]));
    // Who saw what it was before that has not seen this change.
    assert_eq!(revise(Some(&template()), &second), refused(Refusal::TemplateChanged("sensor".into())));
    let new = Template { name: "meter".into(), ..second };
    assert_eq!(revise(Some(&new), &new), refused(Refusal::TemplateChanged("meter".into())));
    assert_eq!(revise(None, &new), (true, vec![reply(Ok(Reply::Done))]));
}

#[test]
fn a_new_device_logs_in_at_once() {
    let mut world = world();
    let (writes, told) = world.hear(at(5), Input::Order(CALL, Order::Device(identity(NOBODY))));
    assert_eq!(writes, [Write::Device(NOBODY, identity(NOBODY))]);
    assert_eq!(told, [reply(Ok(Reply::Added(NOBODY)))]);
    let (_, told) = world.hear(at(6), login(NEW, NOBODY));
    assert_eq!(told, [accepted(NEW)]);
}

#[test]
fn a_device_needs_a_template_that_there_is_and_a_token_of_its_own() {
    let nowhere = Identity { template: "none".into(), ..identity(NOBODY) };
    let told = [reply(Err(Refusal::NoSuchTemplate("none".into())))];
    check(&mut world(), at(5), Input::Order(CALL, Order::Device(nowhere)), &[], &told);
    let moves = Changes { template: Some("none".into()), ..Changes::default() };
    check(&mut world(), at(5), Input::Order(CALL, Order::Identity(LAMP, moves)), &[], &told);
    let told = [reply(Err(Refusal::TokenTaken))];
    check(&mut world(), at(5), Input::Order(CALL, Order::Device(identity(LAMP))), &[], &told);
    check(&mut world(), at(5), renews(PUMP), &[], &told);
}

#[test]
fn who_logged_in_with_a_token_that_is_replaced_is_let_go() {
    let mut world = connected();
    let (writes, told) = world.hear(at(5), renews(NOBODY));
    let end = Close { reason: CloseReason::Revoked, last_byte_at: at(5), last_command: Command::HwLogin };
    let closed = entry(5, LAMP, Event::Closed { session: OLD, close: end });
    assert_eq!(writes, [closed, Write::Identity(LAMP, identity(NOBODY))]);
    assert_eq!(told, [Output::Supersede(OLD), reply(Ok(Reply::Done))]);
    assert_eq!(due(&world), Some(at(65)));
    let (_, told) = world.hear(at(6), login(NEW, LAMP));
    assert_eq!(told, [refused(NEW, Answer::INVALID_TOKEN)]);
    world.restart(at(7));
    let renewed = Word::Login { token: token(NOBODY), address: address() };
    let (_, told) = world.hear(at(8), Input::Word(SessionId(5), renewed));
    assert_eq!(told, [accepted(SessionId(5))]);
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let mut world = world();
    let contacts = BTreeMap::from([("owner".into(), "http://owner.example".into())]);
    let change = |changes| Input::Order(CALL, Order::Identity(LAMP, changes));
    world.hear(at(5), renews(NOBODY));
    world.hear(at(5), change(Changes { contacts: Some(contacts.clone()), ..Changes::default() }));
    let (writes, _) = world.hear(at(5), change(Changes { name: Some("Lamp".into()), ..Changes::default() }));
    let all = Identity { name: "Lamp".into(), contacts, ..identity(NOBODY) };
    assert_eq!(writes, [Write::Identity(LAMP, all)]);
}

#[test]
fn who_is_removed_is_let_go_and_known_no_more() {
    let mut world = connected();
    world.hear(at(1), order(Wish::Command(Pin(1), "1".into())));
    let (writes, told) = world.hear(at(5), Input::Order(CALL, Order::RemoveDevice(LAMP)));
    let end = Close { reason: CloseReason::Removed, last_byte_at: at(5), last_command: Command::HwLogin };
    let end = entry(5, LAMP, Event::Closed { session: OLD, close: end });
    assert_eq!(writes, [end, Write::Removed(LAMP)]);
    assert_eq!(told, [Output::Supersede(OLD), reply(Ok(Reply::Done))]);
    assert_eq!(due(&world), None);
    // What its session still says, and what is asked about it, is about nobody.
    check(&mut world, at(6), closed(OLD, 6), &[], &[]);
    let (_, told) = world.hear(at(7), login(NEW, LAMP));
    assert_eq!(told, [refused(NEW, Answer::INVALID_TOKEN)]);
    let told = [reply(Err(Refusal::NoSuchDevice(LAMP)))];
    check(&mut world, at(8), Input::Order(CALL, Order::RemoveDevice(LAMP)), &[], &told);
    check(&mut world, at(8), order(Wish::IsConnected), &[], &told);
}

#[test]
fn numbers_of_removed_devices_and_their_sessions_are_not_used_again() {
    let mut world = connected();
    world.hear(at(1), Input::Order(CALL, Order::RemoveDevice(LAMP)));
    world.hear(at(1), Input::Order(CALL, Order::RemoveDevice(PUMP)));
    world.restart(at(2));
    assert_eq!(world.hub.first_session(), SessionId(OLD.0 + 1));
    let (_, told) = world.hear(at(3), Input::Order(CALL, Order::Device(identity(LAMP))));
    assert_eq!(told, [reply(Ok(Reply::Added(DeviceId(PUMP.0 + 1))))]);
    world.restart(at(4));
    let (_, told) = world.hear(at(5), login(SessionId(OLD.0 + 1), LAMP));
    assert_eq!(told, [accepted(SessionId(OLD.0 + 1))]);
}

#[test]
fn what_a_removed_device_owes_is_owed_no_more() {
    let mut world = World::new(Settings::default(), notifying_template());
    world.hear(at(0), login(OLD, LAMP));
    world.hear(at(10), closed(OLD, 10));
    let (_, told) = world.hear(at(71), Input::Timeout);
    let Some(Output::Deliver(notification)) = told.first().cloned() else { panic!("{told:?}") };
    world.hear(at(72), Input::Order(CALL, Order::RemoveDevice(LAMP)));
    assert_eq!(world.hub.outbox().owed(), 0);
    check(&mut world, at(73), Input::Delivered(notification.id), &[], &[]);
    world.restart(at(74));
    assert_eq!(world.hub.outbox().owed(), 0);
}

#[test]
fn a_template_is_removed_when_no_device_follows_it() {
    let mut world = world();
    let remove = Input::Order(CALL, Order::RemoveTemplate("sensor".into()));
    let followed = Refusal::TemplateFollowed { name: "sensor".into(), devices: 2 };
    check(&mut world, at(1), remove.clone(), &[], &[reply(Err(followed))]);
    for device in [LAMP, PUMP] {
        world.hear(at(2), Input::Order(CALL, Order::RemoveDevice(device)));
    }
    let removed = [Write::TemplateRemoved("sensor".into())];
    check(&mut world, at(3), remove.clone(), &removed, &[reply(Ok(Reply::Done))]);
    check(&mut world, at(4), remove, &[], &[reply(Err(Refusal::NoSuchTemplate("sensor".into())))]);
}

#[test]
fn a_device_can_follow_another_template() {
    let mut world = waiting(10);
    let other = Template { name: "other".into(), ..chain(&[("online", 0), ("offline", 100)]) };
    assert_eq!(change(&mut world, 11, &other), []);
    let moved = Identity { template: "other".into(), ..identity(LAMP) };
    let moves = Changes { template: Some("other".into()), ..Changes::default() };
    let moves = Input::Order(CALL, Order::Identity(LAMP, moves));
    check(&mut world, at(12), moves, &[Write::Identity(LAMP, moved)], &[reply(Ok(Reply::Done))]);
    assert_eq!(due(&world), Some(at(110)));
}

#[test]
fn a_status_is_counted_on_wherever_it_stands() {
    let mut world = notified();
    let away = Status::new("away", Duration::ZERO);
    change(&mut world, 72, &edited(|statuses| statuses.insert(1, away)));
    assert_eq!(counted(&world), [("standby", 1)]);
    change(&mut world, 73, &edited(|statuses| drop(statuses.remove(1))));
    assert_eq!(counted(&world), []);
}

/// The lamp has entered Standby at second 70, of which the owner is being told.
fn notified() -> World {
    let mut world = World::new(Settings::default(), notifying_template());
    world.hear(at(0), login(OLD, LAMP));
    world.hear(at(10), closed(OLD, 10));
    world.hear(at(71), Input::Timeout);
    world
}

/// The template that notifies, with other statuses.
fn edited(edit: impl FnOnce(&mut Vec<Status>)) -> Template {
    let mut statuses = Vec::from(notifying_template().chain);
    edit(&mut statuses);
    Template { chain: Chain::new(statuses).expect("a chain"), ..notifying_template() }
}

/// What the lamp's statuses are counted by, and how often each was entered.
fn counted(world: &World) -> Vec<(&str, u32)> {
    let ledger = &world.kept.devices[LAMP.0 as usize].ledger;
    ledger.statuses.iter().map(|(key, tally)| (&**key, tally.entries)).collect()
}

/// What is told of at this second.
fn delivers(world: &mut World, second: u64) -> Vec<(NotificationId, Box<str>, StatusIndex)> {
    let (_, told) = world.hear(at(second), Input::Timeout);
    let delivered = told.into_iter().filter_map(|output| {
        let Output::Deliver(notification) = output else { return None };
        Some((notification.id, notification.key, notification.status))
    });
    delivered.collect()
}

#[test]
fn what_is_owed_names_its_status_as_it_was_entered() {
    let mut world = notified();
    let first = NotificationId(1);
    world.hear(at(72), Input::Undelivered(first, Failure::new("answered 500")));
    let away = Status::new("away", Duration::ZERO);
    change(&mut world, 72, &edited(|statuses| statuses.insert(1, away)));
    assert_eq!(delivers(&mut world, 74), [(first, "standby".into(), StatusIndex(1))]);
    world.hear(at(75), Input::Delivered(first));
    assert_eq!(counted(&world), [("standby", 1)]);
    world.restart(at(76));
}

#[test]
fn a_delivery_for_a_status_that_is_gone_spoils_no_later_change() {
    let mut world = notified();
    world.hear(at(72), order(Wish::SetStatus("retired".into())));
    world.hear(at(72), Input::Delivered(NotificationId(1)));
    world.hear(at(72), Input::Delivered(NotificationId(2)));
    let short = edited(|statuses| statuses.truncate(3));
    change(&mut world, 73, &short);
    world.hear(at(74), Input::Delivered(NotificationId(3)));
    let shorter = edited(|statuses| drop(statuses.remove(1)));
    change(&mut world, 75, &shorter);
    change(&mut world, 76, &short);
    world.restart(at(77));
    world.hear(at(77), Input::Timeout);
    change(&mut world, 78, &shorter);
}
