use super::*;

#[test]
fn a_device_never_seen_has_no_status_and_no_connection() {
    let machine = device(&[60]);
    assert_eq!((machine.standing(), machine.connection()), (None, Connection::Never));
}

#[test]
fn every_end_but_silence_counts_from_the_close() {
    let violation = CloseReason::Protocol(Violation::IdZero);
    for reason in [CloseReason::Closed, CloseReason::Reset, CloseReason::Flood, violation] {
        let mut machine = connected(&[60]);
        hear(&mut machine, at(100), closed(reason, at(80)));
        check(&mut machine, at(160), 1);
    }
}

#[test]
fn silence_longer_than_the_wait_is_offline_at_its_detection() {
    let mut machine = connected(&[60]);
    fall_silent(&mut machine, at(100), at(167));
    check(&mut machine, at(167), 1);
}

#[test]
fn silence_shorter_than_the_wait_is_subtracted_from_it() {
    let mut machine = connected(&[68]);
    fall_silent(&mut machine, at(100), at(167));
    check(&mut machine, at(168), 1);
}

#[test]
fn without_a_wait_a_graceful_close_is_offline_at_its_own_instant() {
    let mut machine = connected(&[0]);
    close(&mut machine, at(100));
    check(&mut machine, at(100), 1);
}

#[test]
fn without_a_wait_silence_is_offline_at_its_detection() {
    let mut machine = connected(&[0]);
    fall_silent(&mut machine, at(100), at(167));
    check(&mut machine, at(167), 1);
}

#[test]
fn later_waits_count_from_the_previous_change() {
    let mut machine = connected(&[60, 300, 86_400]);
    fall_silent(&mut machine, at(0), at(67));
    check(&mut machine, at(67), 1);
    check(&mut machine, at(367), 2);
    check(&mut machine, at(86_767), 3);
    assert_eq!(machine.poll_timeout(), None);
}

#[test]
fn a_late_wake_up_delays_no_later_status() {
    let mut machine = connected(&[60, 300]);
    close(&mut machine, at(100));
    assert_eq!(hear(&mut machine, at(1_000), Input::Timeout), Some(1));
    check(&mut machine, at(460), 2);
}

#[test]
fn zero_waits_are_entered_one_after_another_at_one_instant() {
    let mut machine = connected(&[10, 0, 0, 5]);
    close(&mut machine, at(100));
    for (second, status) in [(110, 1), (110, 2), (110, 3), (115, 4)] {
        check(&mut machine, at(second), status);
    }
}

#[test]
fn a_login_in_the_millisecond_of_the_deadline_is_in_time() {
    let mut machine = connected(&[60]);
    close(&mut machine, at(100));
    assert_eq!(hear(&mut machine, at(160), Input::LoggedIn(SessionId(2))), None);
    assert_eq!(hear(&mut machine, at(160).when_over(), Input::Timeout), None);
    assert_eq!(machine.standing(), Some(Standing { status: StatusIndex::ONLINE, since: at(0) }));
}

#[test]
fn a_new_disconnect_starts_a_fresh_full_wait() {
    let mut machine = connected(&[60]);
    close(&mut machine, at(100));
    hear(&mut machine, at(159), Input::LoggedIn(SessionId(2)));
    close(&mut machine, at(160));
    check(&mut machine, at(220), 1);
}

#[test]
fn a_return_from_a_later_status_starts_the_chain_again() {
    let mut machine = connected(&[60, 60]);
    close(&mut machine, at(100));
    check(&mut machine, at(160), 1);
    assert_eq!(hear(&mut machine, at(200), Input::LoggedIn(SessionId(2))), Some(0));
    close(&mut machine, at(201));
    check(&mut machine, at(261), 1);
}

#[test]
fn connection_and_status_are_two_facts() {
    let mut machine = connected(&[60]);
    assert_eq!(machine.connection(), Connection::Connected { session: SESSION, since: at(0) });
    fall_silent(&mut machine, at(33), at(100));
    let gone = Connection::Disconnected { at: at(100), reason: SILENCE, last_byte_at: at(33) };
    assert_eq!(machine.connection(), gone);
    assert_eq!(machine.standing(), Some(Standing { status: StatusIndex::ONLINE, since: at(0) }));
}

#[test]
fn a_change_says_where_it_comes_from_and_why() {
    let mut machine = connected(&[120]);
    fall_silent(&mut machine, at(0), at(67));
    machine.handle_input(at(121), Input::Timeout);
    let cause = Cause::Wait { base: at(0), wait: Duration::from_secs(120), detected: at(67) };
    let change = Change { from: Some(StatusIndex::ONLINE), to: StatusIndex(1), cause };
    assert_eq!(machine.poll_output(), Some((at(120), change)));
    assert_eq!(machine.poll_output(), None);
}
