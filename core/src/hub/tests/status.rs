//! Statuses that are due, set, or ended by data (`lifecycle` sections 3, 4 and 8).

use super::*;

const SET: Cause = Cause::Set(Setter::Device);

fn says(status: &str) -> Input {
    Input::Word(OLD, Word::SetStatus { id: id(9), status: status.into() })
}

fn answered(answer: Answer) -> Output {
    Output::Answer(OLD, id(9), answer)
}

fn wants(status: &str) -> Wish {
    Wish::SetStatus(status.into())
}

fn not_allowed(status: &str, allowed: &[&str]) -> Output {
    let allowed = allowed.iter().map(|key| (*key).into()).collect();
    reply(Err(Refusal::StatusNotAllowed { status: status.into(), allowed }))
}

#[test]
fn a_due_status_is_recorded_at_its_deadline() {
    let mut world = waiting(5);
    check(&mut world, at(65), Input::Timeout, &[], &[]);
    check(&mut world, at(65).when_over(), Input::Timeout, &[standby(5)], &[]);
}

#[test]
fn a_login_in_the_millisecond_of_the_deadline_comes_before_it() {
    let mut world = waiting(5);
    check(&mut world, at(65), login(NEW, LAMP), &[logged_in(65, LAMP, NEW)], &[accepted(NEW)]);
    check(&mut world, at(66), Input::Timeout, &[], &[]);
}

#[test]
fn what_was_due_before_a_word_comes_before_it_however_late_the_driver_is() {
    let now = online(66, LAMP, Some(1), Cause::Login);
    let recorded = [standby(5), logged_in(66, LAMP, NEW), now];
    check(&mut waiting(5), at(66), login(NEW, LAMP), &recorded, &[accepted(NEW)]);
}

#[test]
fn what_was_due_before_a_call_comes_before_it() {
    let recorded = [standby(5), reported(66), online(66, LAMP, Some(1), Cause::Data)];
    check(&mut waiting(5), at(66), ask(report(&[])), &recorded, &[reply(Ok(Reply::Done))]);
}

#[test]
fn a_device_sets_a_later_status_by_message() {
    let recorded = [status(5, LAMP, Some(0), 2, SET)];
    check(&mut connected(), at(5), says("offline"), &recorded, &[answered(Answer::OK)]);
}

#[test]
fn a_status_that_is_not_later_is_refused() {
    let mut world = connected();
    world.hear(at(5), says("offline"));
    for status in ["online", "standby", "offline", "Retired", ""] {
        check(&mut world, at(6), says(status), &[], &[answered(Answer::NOT_ALLOWED)]);
        check(&mut world, at(6), ask(wants(status)), &[], &[not_allowed(status, &["retired"])]);
    }
    check(&mut world, at(7), says("retired"), &[status(7, LAMP, Some(2), 3, SET)], &[answered(Answer::OK)]);
    check(&mut world, at(8), ask(wants("retired")), &[], &[not_allowed("retired", &[])]);
}

#[test]
fn a_device_without_a_status_cannot_be_set() {
    let mut world = world();
    check(&mut world, at(5), ask(wants("standby")), &[], &[not_allowed("standby", &[])]);
    check(&mut world, at(5), order(wants("standby")), &[], &[not_allowed("standby", &[])]);
}

#[test]
fn who_set_a_status_is_recorded() {
    let done = reply(Ok(Reply::Done));
    for (call, by) in [(ask(wants("standby")), Setter::Device), (order(wants("standby")), Setter::Operator)] {
        let recorded = [status(5, LAMP, Some(0), 1, Cause::Set(by))];
        check(&mut connected(), at(5), call, &recorded, std::slice::from_ref(&done));
    }
}

#[test]
fn a_set_status_holds_while_the_device_is_connected() {
    let mut world = connected();
    world.hear(at(5), says("standby"));
    check(&mut world, at(86_400), Input::Timeout, &[], &[]);
    world.hear(at(86_400), announced(OLD, Some(40)));
    check(&mut world, at(86_400), sync(OLD), &[], &[Output::Values(OLD, Some(id(9)), vec![])]);
    assert_eq!(standing(&world, LAMP), Some(Standing { status: StatusIndex(1), since: at(5) }));
    assert_eq!(world.hub.poll_timeout(), None);
}

#[test]
fn data_ends_a_set_status() {
    for word in [data(OLD), wrote(OLD, 1, "on")] {
        let mut world = connected();
        world.hear(at(5), says("standby"));
        world.hear(at(6), word);
        assert_eq!(standing(&world, LAMP), Some(Standing { status: StatusIndex::ONLINE, since: at(6) }));
    }
}

#[test]
fn a_takeover_ends_a_set_status() {
    let mut world = connected();
    world.hear(at(5), says("standby"));
    let superseded = entry(6, LAMP, Event::Superseded { session: OLD, by: NEW });
    let recorded = [superseded, logged_in(6, LAMP, NEW), online(6, LAMP, Some(1), Cause::Login)];
    check(&mut world, at(6), login(NEW, LAMP), &recorded, &[Output::Supersede(OLD), accepted(NEW)]);
}

#[test]
fn after_a_close_the_chain_goes_on_from_the_set_status() {
    let mut world = connected();
    world.hear(at(5), says("standby"));
    world.hear(at(100), closed(OLD, 100));
    check(&mut world, at(3_700), Input::Timeout, &[], &[]);
    let cause = Cause::Wait { base: at(100), wait: Duration::HOUR, detected: at(100) };
    let recorded = [status(3_700, LAMP, Some(1), 2, cause)];
    check(&mut world, at(3_700).when_over(), Input::Timeout, &recorded, &[]);
}

#[test]
fn an_operator_sets_the_status_of_a_device_that_is_gone() {
    let mut world = waiting(5);
    let recorded = [status(30, LAMP, Some(0), 2, Cause::Set(Setter::Operator))];
    check(&mut world, at(30), order(wants("offline")), &recorded, &[reply(Ok(Reply::Done))]);
    assert_eq!(world.hub.poll_timeout(), Some((at(86_430), Timer::Status(LAMP))));
}

#[test]
fn a_status_set_in_the_millisecond_of_the_deadline_comes_before_it() {
    let recorded = [status(65, LAMP, Some(0), 1, Cause::Set(Setter::Operator))];
    check(&mut waiting(5), at(65), order(wants("standby")), &recorded, &[reply(Ok(Reply::Done))]);
}

#[test]
fn a_status_set_one_millisecond_later_is_there_already() {
    let told = [not_allowed("standby", &["offline", "retired"])];
    check(&mut waiting(5), at(65).when_over(), order(wants("standby")), &[standby(5)], &told);
}

#[test]
fn a_report_of_a_new_device_sets_online_and_starts_the_wait() {
    let mut world = world();
    let recorded = [value(1, "on"), reported(5), online(5, LAMP, None, Cause::Data)];
    check(&mut world, at(5), ask(report(&[(1, "on")])), &recorded, &[reply(Ok(Reply::Done))]);
    assert_eq!(world.hub.poll_timeout(), Some((at(65), Timer::Status(LAMP))));
    world.hear(at(30), ask(report(&[])));
    assert_eq!(world.hub.poll_timeout(), Some((at(90), Timer::Status(LAMP))));
}

#[test]
fn a_report_of_a_connected_device_leaves_its_connection_alone() {
    let mut world = connected();
    check(&mut world, at(5), ask(report(&[(1, "on")])), &[value(1, "on")], &[reply(Ok(Reply::Done))]);
    assert_eq!(connection(&world, LAMP), Connection::Connected { session: OLD, since: at(0) });
    assert_eq!(world.hub.poll_timeout(), None);
}

#[test]
fn a_report_of_a_connected_device_ends_a_set_status() {
    let mut world = connected();
    world.hear(at(5), says("standby"));
    let recorded = [online(6, LAMP, Some(1), Cause::Data)];
    check(&mut world, at(6), ask(report(&[])), &recorded, &[reply(Ok(Reply::Done))]);
}

#[test]
fn a_question_is_no_data() {
    let mut world = connected();
    world.hear(at(5), says("standby"));
    for wish in [Wish::Get(vec![]), Wish::IsConnected] {
        let (recorded, _) = world.hear(at(6), ask(wish));
        assert_eq!(recorded, []);
    }
}
