//! Who speaks for a device (`lifecycle` section 6).

use super::*;

fn rejecting() -> World {
    let mut world = World::new(Settings { takeover: Takeover::Reject, ..Settings::default() }, template());
    world.hear(at(0), login(OLD, LAMP));
    world
}

#[test]
fn all_that_a_login_changes_is_recorded_before_it_is_answered() {
    let recorded = [logged_in(5, LAMP, OLD), online(5, LAMP, None, Cause::Login)];
    check(&mut world(), at(5), login(OLD, LAMP), &recorded, &[accepted(OLD)]);
}

#[test]
fn an_unknown_token_is_refused_and_nothing_is_recorded() {
    check(&mut world(), at(5), login(OLD, NOBODY), &[], &[refused(OLD, Answer::INVALID_TOKEN)]);
}

#[test]
fn after_too_many_failures_in_a_minute_a_login_is_not_answered() {
    let mut world = world();
    for second in 0..5 {
        let refused = refused(OLD, Answer::INVALID_TOKEN);
        check(&mut world, at(second), login(OLD, NOBODY), &[], &[refused]);
    }
    let almost = at(60) - Duration::MILLISECOND;
    check(&mut world, almost, login(OLD, NOBODY), &[], &[Output::Login(OLD, LoginAnswer::Withheld)]);
    check(&mut world, at(60), login(OLD, NOBODY), &[], &[refused(OLD, Answer::INVALID_TOKEN)]);
}

#[test]
fn a_known_token_is_accepted_however_many_others_failed_from_its_address() {
    let mut world = world();
    (0..9).for_each(|second| drop(world.hear(at(second), login(OLD, NOBODY))));
    let recorded = [logged_in(9, LAMP, NEW), online(9, LAMP, None, Cause::Login)];
    check(&mut world, at(9), login(NEW, LAMP), &recorded, &[accepted(NEW)]);
}

#[test]
fn a_newer_login_takes_over_and_the_status_does_not_change() {
    let mut world = connected();
    let superseded = entry(5, LAMP, Event::Superseded { session: OLD, by: NEW });
    let recorded = [superseded, logged_in(5, LAMP, NEW)];
    check(&mut world, at(5), login(NEW, LAMP), &recorded, &[Output::Supersede(OLD), accepted(NEW)]);
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: NEW, since: at(5) });
}

#[test]
fn a_newer_login_is_refused_where_the_settings_say_so() {
    let mut world = rejecting();
    check(&mut world, at(5), login(NEW, LAMP), &[], &[refused(NEW, Answer::NOT_ALLOWED)]);
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: OLD, since: at(0) });
}

#[test]
fn after_a_refused_takeover_the_older_session_still_speaks() {
    let mut world = rejecting();
    world.hear(at(5), login(NEW, LAMP));
    check(&mut world, at(6), closed(NEW, 6), &[], &[]);
    let event = Event::Closed { session: OLD, close: close(7) };
    check(&mut world, at(7), closed(OLD, 7), &[entry(7, LAMP, event)], &[]);
    let third = SessionId(3);
    check(&mut world, at(8), login(third, LAMP), &[logged_in(8, LAMP, third)], &[accepted(third)]);
}

#[test]
fn the_late_end_of_a_superseded_session_is_ignored() {
    let mut world = connected();
    world.hear(at(5), login(NEW, LAMP));
    check(&mut world, at(6), closed(OLD, 4), &[], &[]);
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: NEW, since: at(5) });
    assert_eq!(world.hub.poll_timeout(), None);
}

#[test]
fn what_a_superseded_session_says_late_is_ignored() {
    let mut world = connected();
    world.hear(at(5), login(NEW, LAMP));
    world.hear(at(6), closed(NEW, 6));
    world.hear(at(67), Input::Timeout);
    let set = Word::SetStatus { id: id(9), status: "retired".into() };
    for word in [data(OLD), announced(OLD, Some(1)), wrote(OLD, 1, "on"), sync(OLD), Input::Word(OLD, set)] {
        check(&mut world, at(68), word, &[], &[]);
    }
}

#[test]
fn a_session_that_ended_speaks_no_more() {
    let mut world = waiting(5);
    check(&mut world, at(6), closed(OLD, 6), &[], &[]);
    check(&mut world, at(6), data(OLD), &[], &[]);
}

#[test]
fn a_close_is_recorded_with_its_reason_and_starts_the_wait() {
    let mut world = connected();
    let event = Event::Closed { session: OLD, close: close(3) };
    check(&mut world, at(5), closed(OLD, 3), &[entry(5, LAMP, event)], &[]);
    assert_eq!(world.hub.poll_timeout(), Some((at(65), Timer::Status(LAMP))));
}

#[test]
fn an_announcement_is_recorded_with_what_was_announced() {
    for heartbeat in [Some(40), None] {
        let event = Event::Announced {
            session: OLD,
            heartbeat: heartbeat.map(Duration::from_secs),
            client: "ESP32".into(),
        };
        check(&mut connected(), at(1), announced(OLD, heartbeat), &[entry(1, LAMP, event)], &[]);
    }
}

#[test]
fn an_announcement_without_a_heartbeat_leaves_the_old_one_in_force() {
    let mut world = connected();
    world.hear(at(1), announced(OLD, Some(40)));
    world.hear(at(2), announced(OLD, None));
    assert_eq!(world.hub.registry().machine(LAMP).heartbeat(), Duration::from_secs(40));
}

#[test]
fn a_new_session_has_the_template_s_heartbeat_until_it_announces_one() {
    let mut world = connected();
    world.hear(at(1), announced(OLD, Some(40)));
    world.hear(at(2), closed(OLD, 2));
    check(&mut world, at(3), login(NEW, LAMP), &[logged_in(3, LAMP, NEW)], &[accepted(NEW)]);
}

#[test]
fn data_of_an_online_device_changes_nothing() {
    check(&mut connected(), at(1), data(OLD), &[], &[]);
}

#[test]
fn a_written_value_is_kept() {
    check(&mut connected(), at(1), wrote(OLD, 1, "22.5"), &[value(1, "22.5")], &[]);
}

#[test]
fn a_sync_is_answered_with_the_latest_values_of_its_pins() {
    let mut world = connected();
    for (pin, value) in [(1, "3"), (2, "off"), (1, "4")] {
        world.hear(at(1), wrote(OLD, pin, value));
    }
    let kept = |pin, value: &str| PinValue { pin: Pin(pin), value: value.into(), command: None };
    let all = Output::Values(OLD, Some(id(9)), vec![kept(1, "4"), kept(2, "off")]);
    check(&mut world, at(2), sync(OLD), &[], &[all]);
    let named = Word::Sync { id: id(10), pins: vec![Pin(2), Pin(3)] };
    let some = Output::Values(OLD, Some(id(10)), vec![kept(2, "off")]);
    check(&mut world, at(2), Input::Word(OLD, named), &[], &[some]);
}

#[test]
fn a_sync_without_values_is_answered_with_none() {
    check(&mut connected(), at(1), sync(OLD), &[], &[Output::Values(OLD, Some(id(9)), vec![])]);
}

#[test]
fn one_session_speaks_for_each_device_however_many_log_in() {
    let mut world = world();
    (1..=5).for_each(|id| drop(world.hear(at(id), login(SessionId(id), LAMP))));
    assert_eq!(world.hub.live, BTreeMap::from([(SessionId(5), LAMP)]));
}

#[test]
fn devices_do_not_concern_each_other() {
    let mut world = connected();
    world.hear(at(1), login(NEW, PUMP));
    world.hear(at(2), closed(NEW, 2));
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: OLD, since: at(0) });
    assert_eq!(world.hub.poll_timeout(), Some((at(62), Timer::Status(PUMP))));
}
