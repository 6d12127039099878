//! The server was down and is up again (`lifecycle` section 7). The allowance of the devices is 45 s.

use super::*;

fn interrupted(second: u64) -> Write {
    entry(second, LAMP, Event::Interrupted { session: OLD })
}

/// The server is up again at this second, and this is recorded of it.
fn check_restart(world: &mut World, second: u64, recorded: &[Write]) {
    let (writes, told) = world.restart(at(second));
    assert_eq!(writes, recorded);
    assert_eq!(told, []);
}

fn restarted(mut world: World, second: u64) -> World {
    world.restart(at(second));
    world
}

fn due(world: &World) -> Option<Instant> {
    world.hub.poll_timeout().map(|(deadline, _)| deadline)
}

/// A template whose devices are Offline at once.
fn hasty() -> Template {
    let statuses = ["online", "offline"].map(|key| Status::new(key, Duration::ZERO));
    let chain = Chain::new(statuses.into()).expect("a chain");
    Template { heartbeat: HEARTBEAT, ..Template::new("sensor", chain) }
}

fn hasty_world() -> World {
    let mut world = World::new(Settings::default(), hasty());
    world.hear(at(0), login(OLD, LAMP));
    world
}

#[test]
fn who_was_connected_is_recorded_as_interrupted_when_the_server_is_up_again() {
    let mut world = connected();
    check_restart(&mut world, 100, &[interrupted(100)]);
    let gone = Connection::Disconnected { at: at(100), reason: CloseReason::Server, last_byte_at: at(100) };
    assert_eq!(connection(&world, LAMP), gone);
    assert_eq!(standing(&world, LAMP), Some(Standing { status: StatusIndex::ONLINE, since: at(0) }));
}

#[test]
fn who_was_not_connected_was_not_interrupted() {
    check_restart(&mut waiting(5), 30, &[]);
    check_restart(&mut world(), 30, &[]);
}

#[test]
fn who_was_connected_leaves_online_after_the_longer_of_wait_and_allowance() {
    let mut world = restarted(connected(), 100);
    assert_eq!(due(&world), Some(at(160)));
    check(&mut world, at(160), Input::Timeout, &[], &[]);
    check(&mut world, at(160).when_over(), Input::Timeout, &[standby(100)], &[]);
    let mut world = restarted(hasty_world(), 100);
    check(&mut world, at(145), Input::Timeout, &[], &[]);
    let offline = status(145, LAMP, Some(0), 1, Cause::Grace);
    check(&mut world, at(145).when_over(), Input::Timeout, &[offline], &[]);
}

#[test]
fn who_comes_back_at_the_last_instant_of_the_grace_was_never_offline() {
    let mut world = restarted(hasty_world(), 100);
    check(&mut world, at(145), login(NEW, LAMP), &[logged_in(145, LAMP, NEW)], &[accepted(NEW)]);
    check(&mut world, at(9_999), Input::Timeout, &[], &[]);
}

#[test]
fn who_comes_back_one_millisecond_later_was_offline() {
    let mut world = restarted(hasty_world(), 100);
    let (recorded, _) = world.hear(at(145).when_over(), login(NEW, LAMP));
    assert_eq!(recorded[0], status(145, LAMP, Some(0), 1, Cause::Grace));
}

#[test]
fn the_grace_ends_with_the_return() {
    let mut world = restarted(hasty_world(), 100);
    world.hear(at(101), login(NEW, LAMP));
    world.hear(at(102), closed(NEW, 102));
    assert_eq!(due(&world), Some(at(102)));
}

#[test]
fn the_announced_heartbeat_decides_the_grace() {
    let mut world = hasty_world();
    world.hear(at(1), announced(OLD, Some(10)));
    assert_eq!(due(&restarted(world, 100)), Some(at(115)));
}

#[test]
fn the_settings_may_decide_the_grace() {
    let mut world = hasty_world();
    let settings = Settings { restart_grace: Some(Duration::from_secs(300)), ..Settings::default() };
    world.restart_with(at(100), Arc::new(settings));
    assert_eq!(due(&world), Some(at(400)));
}

#[test]
fn who_was_in_a_set_status_leaves_it_after_the_restart() {
    let mut world = connected();
    world.hear(at(50), order(Wish::SetStatus("standby".into())));
    let mut world = restarted(world, 100);
    assert_eq!(standing(&world, LAMP), Some(Standing { status: StatusIndex(1), since: at(50) }));
    assert_eq!(due(&world), Some(at(3_700)));
    let recorded = [logged_in(101, LAMP, NEW), online(101, LAMP, Some(1), Cause::Login)];
    check(&mut world, at(101), login(NEW, LAMP), &recorded, &[accepted(NEW)]);
}

#[test]
fn what_was_overdue_or_falls_due_within_the_grace_comes_at_its_end() {
    // Due at second 65.
    for (second, expected) in [(300, 345), (66, 111), (65, 110), (21, 66), (20, 65), (19, 65)] {
        assert_eq!(due(&restarted(waiting(5), second)), Some(at(expected)), "up at {second}");
    }
}

#[test]
fn after_the_grace_later_statuses_keep_their_waits() {
    let mut world = restarted(waiting(5), 100_000);
    world.hear(at(100_045).when_over(), Input::Timeout);
    assert_eq!(due(&world), Some(at(103_645)));
    world.hear(at(103_645).when_over(), Input::Timeout);
    assert_eq!(due(&world), Some(at(190_045)));
}

#[test]
fn a_second_restart_during_the_grace_interrupts_nobody_again_and_gives_a_whole_grace() {
    let mut world = restarted(hasty_world(), 100);
    check_restart(&mut world, 144, &[]);
    assert_eq!(due(&world), Some(at(189)));
}

#[test]
fn a_device_that_only_reports_gets_the_grace() {
    let mut world = world();
    world.hear(at(0), ask(report(&[])));
    let mut world = restarted(world, 59);
    assert_eq!(due(&world), Some(at(104)));
    let told = [reply(Ok(Reply::Done))];
    check(&mut world, at(104), ask(report(&[])), &[reported(104)], &told);
    assert_eq!(due(&world), Some(at(164)));
}

#[test]
fn a_device_that_was_never_seen_stays_new() {
    let world = restarted(restarted(world(), 100), 200);
    assert_eq!((standing(&world, LAMP), connection(&world, LAMP)), (None, Connection::Never));
    assert_eq!(due(&world), None);
}

#[test]
fn session_numbers_go_on_after_the_highest_that_spoke() {
    assert_eq!(restarted(world(), 100).hub.first_session(), SessionId(1));
    assert_eq!(restarted(connected(), 100).hub.first_session(), NEW);
    assert_eq!(restarted(waiting(5), 100).hub.first_session(), NEW);
    // The fifth connection logged in before the third.
    let mut world = connected();
    world.hear(at(1), login(SessionId(5), LAMP));
    world.hear(at(2), login(SessionId(3), LAMP));
    assert_eq!(restarted(world, 100).hub.first_session(), SessionId(6));
}

#[test]
fn a_report_does_not_forget_the_newest_session() {
    let mut world = waiting(5);
    world.hear(at(6), ask(report(&[])));
    assert_eq!(restarted(world, 100).hub.first_session(), NEW);
}

#[test]
fn late_words_of_sessions_from_before_the_restart_are_ignored() {
    let mut world = restarted(connected(), 100);
    for word in [data(OLD), announced(OLD, Some(1)), wrote(OLD, 1, "on"), sync(OLD), closed(OLD, 99)] {
        check(&mut world, at(101), word, &[], &[]);
    }
    world.hear(at(102), login(NEW, LAMP));
    check(&mut world, at(103), closed(OLD, 99), &[], &[]);
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: NEW, since: at(102) });
}

#[test]
fn values_survive_a_restart() {
    let mut world = connected();
    world.hear(at(1), wrote(OLD, 1, "22.5"));
    let values = vec![(Pin(1), "22.5".into())];
    let told = [reply(Ok(Reply::Values(values)))];
    check(&mut restarted(world, 100), at(101), ask(Wish::Get(vec![])), &[], &told);
}
