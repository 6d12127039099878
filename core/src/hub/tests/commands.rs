//! Users' commands (`lifecycle` section 10).

use super::*;

fn command(value: &str) -> Input {
    order(Wish::Command(Pin(1), value.into()))
}

fn numbered(id: u64, value: &str) -> command::Command {
    command::Command { id: CommandId(id), pin: Pin(1), value: value.into() }
}

fn commanded(second: u64, id: u64, value: &str, verdict: Verdict) -> Write {
    entry(second, LAMP, Event::Commanded { command: numbered(id, value), verdict })
}

/// What is recorded of a command that is kept until it is handed over.
fn kept(second: u64, id: u64, text: &str, verdict: Verdict) -> [Write; 3] {
    let pending = Write::Pending(LAMP, numbered(id, text));
    [commanded(second, id, text, verdict), value(1, text), pending]
}

fn applied(second: u64, id: u64) -> [Write; 2] {
    let event = Event::Applied { command: CommandId(id), pin: Pin(1) };
    [Write::Settled(LAMP, CommandId(id)), entry(second, LAMP, event)]
}

fn told(id: u64, verdict: Verdict) -> Output {
    reply(Ok(Reply::Commanded(CommandId(id), verdict)))
}

fn handing(session: SessionId, id: Option<MessageId>, command: &command::Command) -> Output {
    Output::Values(session, id, vec![PinValue::from(command)])
}

/// The lamp, which is not connected, was set to this status at second 6.
fn gone_in(status: &str) -> World {
    let mut world = waiting(5);
    world.hear(at(6), order(Wish::SetStatus(status.into())));
    world
}

#[test]
fn a_connected_device_is_handed_the_command_at_once() {
    let mut world = connected();
    let told = [handing(OLD, None, &numbered(1, "on")), told(1, Verdict::Sent)];
    check(&mut world, at(5), command("on"), &kept(5, 1, "on", Verdict::Sent), &told);
    check(&mut world, at(5), handed(OLD, 1), &applied(5, 1), &[]);
}

#[test]
fn a_command_waits_for_a_device_that_is_not_there() {
    check(
        &mut waiting(5),
        at(10),
        command("on"),
        &kept(10, 1, "on", Verdict::Pending),
        &[told(1, Verdict::Pending)],
    );
    check(
        &mut world(),
        at(10),
        command("on"),
        &kept(10, 1, "on", Verdict::Pending),
        &[told(1, Verdict::Pending)],
    );
}

#[test]
fn a_command_that_waits_is_handed_over_when_the_device_syncs() {
    let mut world = waiting(5);
    world.hear(at(10), command("on"));
    check(&mut world, at(20), login(NEW, LAMP), &[logged_in(20, LAMP, NEW)], &[accepted(NEW)]);
    let told = [handing(NEW, Some(id(9)), &numbered(1, "on"))];
    check(&mut world, at(21), sync(NEW), &[], &told);
    check(&mut world, at(21), handed(NEW, 1), &applied(21, 1), &[]);
}

#[test]
fn after_it_was_handed_over_a_command_is_the_latest_value() {
    let mut world = waiting(5);
    world.hear(at(10), command("on"));
    world.hear(at(20), login(NEW, LAMP));
    world.hear(at(21), handed(NEW, 1));
    let latest = PinValue { pin: Pin(1), value: "on".into(), command: None };
    check(&mut world, at(22), sync(NEW), &[], &[Output::Values(NEW, Some(id(9)), vec![latest])]);
}

#[test]
fn what_the_device_wrote_before_it_was_handed_a_command_is_the_latest_value_no_more() {
    let mut world = waiting(5);
    world.hear(at(10), command("on"));
    world.hear(at(20), login(NEW, LAMP));
    world.hear(at(20), Input::Word(NEW, Word::Wrote { pin: Pin(1), value: "off".into() }));
    world.hear(at(21), handed(NEW, 1));
    let latest = PinValue { pin: Pin(1), value: "on".into(), command: None };
    check(&mut world, at(22), sync(NEW), &[], &[Output::Values(NEW, Some(id(9)), vec![latest])]);
}

#[test]
fn a_status_that_warns_has_the_user_told_that_it_will_be_applied_later() {
    let recorded = kept(10, 1, "on", Verdict::Warned);
    check(&mut gone_in("standby"), at(10), command("on"), &recorded, &[told(1, Verdict::Warned)]);
}

#[test]
fn a_status_that_warns_does_not_while_the_device_is_there() {
    let mut world = connected();
    world.hear(at(5), order(Wish::SetStatus("standby".into())));
    let told = [handing(OLD, None, &numbered(1, "on")), told(1, Verdict::Sent)];
    check(&mut world, at(10), command("on"), &kept(10, 1, "on", Verdict::Sent), &told);
}

#[test]
fn a_status_that_blocks_refuses_and_is_called_by_its_label() {
    let recorded = [commanded(10, 1, "on", Verdict::Blocked)];
    let told = [reply(Err(Refusal::Blocked { status: "Gone".into() }))];
    check(&mut gone_in("offline"), at(10), command("on"), &recorded, &told);
    let mut world = connected();
    world.hear(at(5), order(Wish::SetStatus("offline".into())));
    check(&mut world, at(10), command("on"), &recorded, &told);
}

#[test]
fn a_blocked_command_leaves_no_value_behind() {
    let mut world = gone_in("offline");
    world.hear(at(10), command("on"));
    let none = [reply(Err(Refusal::NoValue(Pin(1))))];
    check(&mut world, at(11), ask(Wish::Get(vec![Pin(1)])), &[], &none);
    world.hear(at(20), login(NEW, LAMP));
    check(&mut world, at(21), sync(NEW), &[], &[Output::Values(NEW, Some(id(9)), vec![])]);
}

#[test]
fn a_command_in_the_millisecond_of_the_deadline_is_not_warned_of() {
    let mut world = waiting(5);
    let pending = kept(65, 1, "on", Verdict::Pending);
    check(&mut world, at(65), command("on"), &pending, &[told(1, Verdict::Pending)]);
    let (recorded, rest) = world.hear(at(65).when_over(), command("off"));
    assert_eq!(recorded[0], standby(5));
    assert_eq!(rest, [told(2, Verdict::Warned)]);
}

#[test]
fn a_newer_command_for_the_pin_replaces_the_one_that_waits() {
    let mut world = waiting(5);
    world.hear(at(10), command("on"));
    world.hear(at(11), command("off"));
    world.hear(at(20), login(NEW, LAMP));
    check(&mut world, at(21), sync(NEW), &[], &[handing(NEW, Some(id(9)), &numbered(2, "off"))]);
    check(&mut world, at(21), handed(NEW, 1), &[], &[]);
    check(&mut world, at(21), handed(NEW, 2), &applied(21, 2), &[]);
}

#[test]
fn a_command_is_applied_once_however_often_it_was_handed_over() {
    let mut world = connected();
    world.hear(at(5), command("on"));
    // The device syncs before the session says that it wrote the command.
    check(&mut world, at(5), sync(OLD), &[], &[handing(OLD, Some(id(9)), &numbered(1, "on"))]);
    check(&mut world, at(5), handed(OLD, 1), &applied(5, 1), &[]);
    check(&mut world, at(5), handed(OLD, 1), &[], &[]);
}

#[test]
fn a_command_for_a_session_that_ends_before_it_was_written_waits() {
    let mut world = connected();
    world.hear(at(5), command("on"));
    world.hear(at(5), closed(OLD, 5));
    check(&mut world, at(6), handed(OLD, 1), &[], &[]);
    world.hear(at(20), login(NEW, LAMP));
    check(&mut world, at(21), sync(NEW), &[], &[handing(NEW, Some(id(9)), &numbered(1, "on"))]);
}

#[test]
fn a_command_that_waits_survives_a_restart_and_its_number_is_not_used_again() {
    let mut world = waiting(5);
    world.hear(at(10), command("on"));
    world.restart(at(15));
    let (_, rest) = world.hear(at(16), order(Wish::Command(Pin(2), "7".into())));
    assert_eq!(rest, [told(2, Verdict::Pending)]);
    world.hear(at(20), login(NEW, LAMP));
    let named = Word::Sync { id: id(9), pins: vec![Pin(1)] };
    let told = [handing(NEW, Some(id(9)), &numbered(1, "on"))];
    check(&mut world, at(21), Input::Word(NEW, named), &[], &told);
}

#[test]
fn a_user_s_command_is_no_data_of_the_device() {
    let mut world = waiting(5);
    world.hear(at(60), command("on"));
    check(&mut world, at(65).when_over(), Input::Timeout, &[standby(5)], &[]);
}
