//! Data without a connection (`lifecycle` section 3).

use super::*;

fn report(machine: &mut Machine, second: u64) -> Option<u8> {
    hear(machine, at(second), Input::Reported)
}

#[test]
fn a_report_of_a_new_device_sets_online_and_is_its_first_disconnect() {
    let mut machine = device(&[60]);
    assert_eq!(report(&mut machine, 10), Some(0));
    assert_eq!(machine.connection(), Connection::Reported { at: at(10) });
    check(&mut machine, at(70), 1);
}

#[test]
fn a_report_sets_online_whatever_the_status_was() {
    let mut machine = device(&[60, 60]);
    report(&mut machine, 0);
    check(&mut machine, at(60), 1);
    check(&mut machine, at(120), 2);
    let expected = Change { from: Some(StatusIndex(2)), to: StatusIndex::ONLINE, cause: Cause::Data };
    assert_eq!(change(&mut machine, at(500), Input::Reported), Some((at(500), expected)));
    check(&mut machine, at(560), 1);
}

#[test]
fn the_first_wait_counts_from_the_latest_report() {
    let mut machine = device(&[60]);
    report(&mut machine, 0);
    assert_eq!(report(&mut machine, 30), None);
    assert_eq!(report(&mut machine, 90), None);
    check(&mut machine, at(150), 1);
}

#[test]
fn a_report_in_the_millisecond_of_the_deadline_is_in_time() {
    let mut machine = device(&[60]);
    report(&mut machine, 0);
    assert_eq!(report(&mut machine, 60), None);
    assert_eq!(hear(&mut machine, at(60).when_over(), Input::Timeout), None);
    check(&mut machine, at(120), 1);
}

#[test]
fn a_report_one_millisecond_later_comes_back_from_offline() {
    let mut machine = device(&[60]);
    report(&mut machine, 0);
    assert_eq!(hear(&mut machine, at(60).when_over(), Input::Timeout), Some(1));
    assert_eq!(hear(&mut machine, at(60).when_over(), Input::Reported), Some(0));
}

#[test]
fn without_a_wait_a_report_is_online_and_offline_at_one_instant() {
    let mut machine = device(&[0]);
    assert_eq!(report(&mut machine, 10), Some(0));
    check(&mut machine, at(10), 1);
}

#[test]
fn a_report_leaves_a_live_connection_alone() {
    let mut machine = connected(&[60]);
    assert_eq!(report(&mut machine, 10), None);
    assert_eq!(machine.connection(), Connection::Connected { session: SESSION, since: at(0) });
    check_rests(&machine, 0, at(0));
}

#[test]
fn a_report_while_a_device_waits_starts_the_wait_again() {
    let mut machine = connected(&[60]);
    fall_silent(&mut machine, at(10), at(77));
    assert_eq!(hear(&mut machine, at(77), Input::Reported), None);
    check(&mut machine, at(137), 1);
}

#[test]
fn a_login_after_a_report_cancels_its_wait() {
    let mut machine = device(&[60]);
    report(&mut machine, 0);
    assert_eq!(log_in(&mut machine, 59, 1), None);
    check_rests(&machine, 0, at(0));
}
