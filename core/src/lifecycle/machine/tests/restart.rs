//! The server was down and is up again (`lifecycle` section 7). The restart is at second 1000, the grace 15 s.

use super::*;

const RESTART: Instant = Instant::from_millis(1_000_000);
const GRACE: Duration = Duration::from_secs(15);

fn restart_at(machine: &mut Machine, now: Instant) {
    assert_eq!(hear(machine, now, Input::Restarted { grace: GRACE }), None);
}

/// The same device in the server that was started again.
fn restarted(before: &Machine) -> Machine {
    let mut machine = Machine::new(before.template().clone(), *before.state());
    restart_at(&mut machine, RESTART);
    machine
}

/// A device that was connected when the server went down.
fn interrupted(waits: &[u64]) -> Machine {
    restarted(&connected(waits))
}

/// A device that closed so long before the restart.
fn waiting(waits: &[u64], seconds_before: u64) -> Machine {
    let mut machine = connected(waits);
    close(&mut machine, RESTART - Duration::from_secs(seconds_before));
    restarted(&machine)
}

fn cause_at(machine: &mut Machine, deadline: Instant) -> Cause {
    let (at, change) = change(machine, deadline.when_over(), Input::Timeout).expect("a change is due");
    assert_eq!(at, deadline);
    change.cause
}

#[test]
fn who_was_connected_is_disconnected_by_the_server_and_still_online() {
    let machine = interrupted(&[60]);
    let gone = Connection::Disconnected { at: RESTART, reason: CloseReason::Server, last_byte_at: RESTART };
    assert_eq!(machine.connection(), gone);
    assert_eq!(machine.standing(), Some(Standing { status: StatusIndex::ONLINE, since: at(0) }));
}

#[test]
fn who_was_connected_leaves_online_after_the_wait_if_that_is_longer() {
    check(&mut interrupted(&[60]), at(1_060), 1);
    let wait = Cause::Wait { base: RESTART, wait: Duration::MINUTE, detected: RESTART };
    assert_eq!(cause_at(&mut interrupted(&[60]), at(1_060)), wait);
}

#[test]
fn who_was_connected_leaves_online_after_the_grace_if_that_is_longer() {
    check(&mut interrupted(&[14]), at(1_015), 1);
    assert_eq!(cause_at(&mut interrupted(&[14]), at(1_015)), Cause::Grace);
}

#[test]
fn a_wait_that_ends_with_the_grace_is_the_cause() {
    let wait = Cause::Wait { base: RESTART, wait: GRACE, detected: RESTART };
    assert_eq!(cause_at(&mut interrupted(&[15]), at(1_015)), wait);
}

#[test]
fn who_comes_back_at_the_last_instant_of_the_grace_stays_online() {
    let mut machine = interrupted(&[0]);
    assert_eq!(log_in(&mut machine, 1_015, 2), None);
    assert_eq!(hear(&mut machine, at(1_015).when_over(), Input::Timeout), None);
    check_rests(&machine, 0, at(0));
}

#[test]
fn who_comes_back_one_millisecond_later_was_offline() {
    let mut machine = interrupted(&[0]);
    assert_eq!(hear(&mut machine, at(1_015).when_over(), Input::Timeout), Some(1));
    assert_eq!(hear(&mut machine, at(1_015).when_over(), Input::LoggedIn(SessionId(2))), Some(0));
}

#[test]
fn later_statuses_count_from_the_end_of_the_grace() {
    let mut machine = interrupted(&[0, 0, 5]);
    check(&mut machine, at(1_015), 1);
    check(&mut machine, at(1_015), 2);
    check(&mut machine, at(1_020), 3);
}

#[test]
fn a_set_status_goes_on_after_wait_and_grace() {
    for (wait, due) in [(14, 1_015), (20, 1_020)] {
        let mut machine = connected(&[60, wait]);
        hear(&mut machine, at(50), Input::Set(StatusIndex(1), Setter::Device));
        check(&mut restarted(&machine), at(due), 2);
    }
}

#[test]
fn what_was_overdue_comes_at_the_end_of_the_grace() {
    let mut machine = waiting(&[60], 61);
    assert_eq!(machine.poll_timeout(), Some((at(1_015), Due(StatusIndex(1)))));
    check(&mut machine, at(1_015), 1);
    assert_eq!(cause_at(&mut waiting(&[60], 61), at(1_015)), Cause::Grace);
}

#[test]
fn what_falls_due_within_the_grace_comes_at_its_end() {
    check(&mut waiting(&[60], 60), at(1_015), 1);
    check(&mut waiting(&[60], 46), at(1_015), 1);
}

#[test]
fn what_falls_due_with_the_grace_or_after_it_comes_at_its_deadline() {
    check(&mut waiting(&[60], 45), at(1_015), 1);
    check(&mut waiting(&[60], 44), at(1_016), 1);
}

#[test]
fn of_several_overdue_statuses_the_later_ones_keep_their_waits() {
    let mut machine = waiting(&[60, 300], 900);
    check(&mut machine, at(1_015), 1);
    check(&mut machine, at(1_315), 2);
}

#[test]
fn a_restart_changes_nothing_for_who_rests_in_the_last_status() {
    let mut machine = connected(&[60]);
    close(&mut machine, at(100));
    check(&mut machine, at(160), 1);
    check_rests(&restarted(&machine), 1, at(160));
}

#[test]
fn a_second_restart_during_the_grace_gives_a_whole_grace_again() {
    let mut machine = interrupted(&[14]);
    restart_at(&mut machine, at(1_014));
    check(&mut machine, at(1_029), 1);
}

#[test]
fn a_second_restart_does_not_start_the_wait_again() {
    let mut machine = interrupted(&[60]);
    restart_at(&mut machine, at(1_014));
    check(&mut machine, at(1_060), 1);
}

#[test]
fn a_restart_in_time_for_the_deadline_gives_the_grace() {
    let mut machine = interrupted(&[14]);
    restart_at(&mut machine, at(1_015));
    check(&mut machine, at(1_030), 1);
}

#[test]
fn the_grace_ends_with_the_return() {
    let mut machine = interrupted(&[0]);
    log_in(&mut machine, 1_001, 2);
    close(&mut machine, at(1_002));
    check(&mut machine, at(1_002), 1);
}

#[test]
fn the_grace_ends_with_a_report() {
    let mut machine = interrupted(&[0]);
    assert_eq!(hear(&mut machine, at(1_002), Input::Reported), None);
    check(&mut machine, at(1_002), 1);
}

#[test]
fn a_device_that_only_reports_gets_the_grace_too() {
    let mut machine = device(&[60]);
    hear(&mut machine, at(930), Input::Reported);
    check(&mut restarted(&machine), at(1_015), 1);
}

#[test]
fn the_announced_heartbeat_survives_until_the_next_login() {
    let mut before = connected(&[60]);
    hear(&mut before, at(1), Input::Announced(Duration::from_secs(7)));
    let mut machine = restarted(&before);
    assert_eq!(machine.heartbeat(), Duration::from_secs(7));
    log_in(&mut machine, 1_001, 2);
    assert_eq!(machine.heartbeat(), Template::DEFAULT_HEARTBEAT);
}

#[test]
fn the_newest_session_is_the_highest_not_the_latest() {
    let mut machine = device(&[60]);
    assert_eq!(machine.state().newest_session, None);
    log_in(&mut machine, 1, 5);
    log_in(&mut machine, 2, 3);
    close(&mut machine, at(3));
    assert_eq!(machine.state().newest_session, Some(SessionId(5)));
}
