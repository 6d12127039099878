//! Statuses that a device or an operator sets (`lifecycle` section 8).

use super::*;

const OFFLINE: StatusIndex = StatusIndex(1);
const STANDBY: StatusIndex = StatusIndex(2);

fn set(status: StatusIndex) -> Input {
    Input::Set(status, Setter::Device)
}

/// Connected since the epoch, and set to this status at second 50.
fn connected_in(status: StatusIndex, waits: &[u64]) -> Machine {
    let mut machine = connected(waits);
    assert_eq!(hear(&mut machine, at(50), set(status)), Some(status.0));
    machine
}

#[test]
fn a_set_status_applies_at_once_and_names_who_set_it() {
    for by in [Setter::Device, Setter::Operator] {
        let expected = Change { from: Some(StatusIndex::ONLINE), to: STANDBY, cause: Cause::Set(by) };
        let set = Input::Set(STANDBY, by);
        assert_eq!(change(&mut connected(&[60, 60]), at(50), set), Some((at(50), expected)));
    }
}

#[test]
fn a_set_status_holds_while_the_device_is_connected() {
    let mut machine = connected_in(STANDBY, &[60, 60, 60]);
    assert_eq!(hear(&mut machine, at(86_400), Input::Timeout), None);
    assert_eq!(hear(&mut machine, at(86_400), Input::Announced(Duration::SECOND)), None);
    check_rests(&machine, 2, at(50));
}

#[test]
fn a_login_data_or_a_report_ends_a_set_status_and_is_its_cause() {
    let ends = [
        (Input::LoggedIn(SessionId(2)), Cause::Login),
        (Input::Data, Cause::Data),
        (Input::Reported, Cause::Data),
    ];
    for (input, cause) in ends {
        let expected = Change { from: Some(STANDBY), to: StatusIndex::ONLINE, cause };
        let mut machine = connected_in(STANDBY, &[60, 60]);
        assert_eq!(change(&mut machine, at(51), input), Some((at(51), expected)));
        check_rests(&machine, 0, at(51));
    }
}

#[test]
fn after_a_close_the_next_status_comes_its_wait_after_it() {
    let mut machine = connected_in(OFFLINE, &[60, 30]);
    close(&mut machine, at(100));
    check(&mut machine, at(130), 2);
    check_rests(&machine, 2, at(130));
}

#[test]
fn a_zero_wait_after_a_close_is_over_at_the_close() {
    let mut machine = connected_in(OFFLINE, &[60, 0]);
    close(&mut machine, at(100));
    check(&mut machine, at(100), 2);
}

#[test]
fn after_silence_the_next_status_counts_from_the_last_byte() {
    let mut machine = connected_in(OFFLINE, &[60, 90]);
    fall_silent(&mut machine, at(80), at(147));
    check(&mut machine, at(170), 2);
}

#[test]
fn after_silence_the_next_status_counts_from_the_setting_if_that_came_later() {
    // An operator set it while the device was silent already.
    let mut machine = connected_in(OFFLINE, &[60, 90]);
    fall_silent(&mut machine, at(20), at(87));
    check(&mut machine, at(140), 2);
}

#[test]
fn after_silence_longer_than_the_wait_the_next_status_comes_at_its_detection() {
    let mut machine = connected_in(OFFLINE, &[60, 30]);
    fall_silent(&mut machine, at(51), at(118));
    check(&mut machine, at(118), 2);
}

#[test]
fn a_status_set_while_disconnected_goes_on_from_there() {
    let mut machine = connected(&[60, 60, 60]);
    close(&mut machine, at(100));
    assert_eq!(hear(&mut machine, at(130), set(STANDBY)), Some(2));
    check(&mut machine, at(190), 3);
    check_rests(&machine, 3, at(190));
}

#[test]
fn a_status_set_in_the_millisecond_of_the_deadline_comes_before_what_is_due() {
    let mut machine = connected(&[60, 60, 60]);
    close(&mut machine, at(100));
    assert_eq!(hear(&mut machine, at(160), set(STANDBY)), Some(2));
    check(&mut machine, at(220), 3);
}

#[test]
fn the_last_status_can_be_set_and_nothing_comes_after_it() {
    let mut machine = connected_in(STANDBY, &[60, 60]);
    close(&mut machine, at(100));
    check_rests(&machine, 2, at(50));
}
