use super::*;
use crate::close::Violation;
use crate::lifecycle::{Chain, Status};
use crate::settings::Allowance;
use crate::time::Duration;

const SESSION: SessionId = SessionId(1);
const SILENCE: CloseReason =
    CloseReason::Heartbeat { heartbeat: Duration::from_secs(45), rule: Allowance::Iot };

/// A device with these waits, in seconds, between its statuses; the second one is Offline.
fn device(waits: &[u64]) -> Machine {
    let keys = ["offline", "standby", "inactive", "retired"];
    let later = keys.iter().zip(waits).map(|(key, wait)| Status::new(*key, Duration::from_secs(*wait)));
    let online = Status::new("online", Duration::ZERO);
    let chain = Chain::new(std::iter::once(online).chain(later).collect()).expect("a chain");
    Machine::new(Arc::new(Template { name: "sensor".into(), heartbeat: Template::DEFAULT_HEARTBEAT, chain }))
}

/// A device that logged in at the epoch.
fn connected(waits: &[u64]) -> Machine {
    let mut machine = device(waits);
    assert_eq!(hear(&mut machine, at(0), Input::LoggedIn(SESSION)), Some(0));
    machine
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// What a clock shows, as the product's documentation prints it.
fn clock(hours: u64, minutes: u64, seconds: u64) -> Instant {
    at((hours * 60 + minutes) * 60 + seconds)
}

fn closed(reason: CloseReason, last_byte_at: Instant) -> Input {
    Input::Closed { reason, last_byte_at }
}

/// The status that an input enters, if any.
fn hear(machine: &mut Machine, now: Instant, input: Input) -> Option<u8> {
    machine.handle_input(now, input);
    machine.poll_output().map(|(_, change)| change.to.0)
}

fn close(machine: &mut Machine, now: Instant) {
    assert_eq!(hear(machine, now, closed(CloseReason::Closed, now)), None);
}

fn fall_silent(machine: &mut Machine, last_byte_at: Instant, detected: Instant) {
    assert_eq!(hear(machine, detected, closed(SILENCE, last_byte_at)), None);
}

/// The status is entered when its deadline is over, not before, and recorded at the deadline.
fn check(machine: &mut Machine, deadline: Instant, status: u8) {
    let next = StatusIndex(status);
    assert_eq!(machine.poll_timeout(), Some((deadline, Due(next))));
    assert_eq!(hear(machine, deadline, Input::Timeout), None);
    assert_eq!(hear(machine, deadline.when_over(), Input::Timeout), Some(status));
    assert_eq!(machine.standing(), Some(Standing { status: next, since: deadline }));
}

/// Where a device can be at second 100, with 10 s before Offline and 20 s before Standby.
#[derive(Clone, Copy, Debug)]
enum Place {
    New,
    Connected,
    Waiting,
    Offline,
    Last,
}

fn device_in(place: Place) -> Machine {
    let closed_at = |second, timeouts| {
        let mut machine = connected(&[10, 20]);
        close(&mut machine, at(second));
        (0..timeouts).for_each(|_| machine.handle_input(at(100).when_over(), Input::Timeout));
        machine.poll_output();
        machine
    };
    match place {
        Place::New => device(&[10, 20]),
        Place::Connected => connected(&[10, 20]),
        Place::Waiting => closed_at(100, 0),
        Place::Offline => closed_at(90, 1),
        Place::Last => closed_at(70, 2),
    }
}

/// One field of the transition table: what an input at second 105 enters, and what is due after it.
fn transition(place: Place, input: Input, entered: Option<u8>, due: Option<u64>) {
    let mut machine = device_in(place);
    assert_eq!(hear(&mut machine, at(105), input), entered, "{place:?}");
    assert_eq!(machine.poll_timeout().map(|(deadline, _)| deadline), due.map(at), "{place:?}");
}

#[test]
fn a_login_sets_online_whatever_the_status_was() {
    let login = Input::LoggedIn(SESSION);
    transition(Place::New, login, Some(0), None);
    transition(Place::Connected, login, None, None);
    transition(Place::Waiting, login, None, None);
    transition(Place::Offline, login, Some(0), None);
    transition(Place::Last, login, Some(0), None);
}

#[test]
fn data_sets_online_whatever_the_status_was() {
    transition(Place::New, Input::Data, Some(0), None);
    transition(Place::Connected, Input::Data, None, None);
    transition(Place::Offline, Input::Data, Some(0), Some(115));
    transition(Place::Last, Input::Data, Some(0), Some(115));
}

#[test]
fn a_graceful_close_changes_no_status_and_starts_the_wait() {
    let close = closed(CloseReason::Closed, at(103));
    transition(Place::New, close, None, None);
    transition(Place::Connected, close, None, Some(115));
}

#[test]
fn a_silent_close_changes_no_status_and_its_wait_counts_from_the_last_byte() {
    transition(Place::New, closed(SILENCE, at(103)), None, None);
    transition(Place::Connected, closed(SILENCE, at(103)), None, Some(113));
    transition(Place::Connected, closed(SILENCE, at(90)), None, Some(105));
}

#[test]
fn a_timeout_before_anything_is_due_changes_nothing() {
    transition(Place::New, Input::Timeout, None, None);
    transition(Place::Connected, Input::Timeout, None, None);
    transition(Place::Waiting, Input::Timeout, None, Some(110));
    transition(Place::Offline, Input::Timeout, None, Some(120));
    transition(Place::Last, Input::Timeout, None, None);
}

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

#[test]
fn documented_example_1_a_graceful_disconnect() {
    let mut machine = connected(&[300]);
    close(&mut machine, clock(10, 50, 0));
    check(&mut machine, clock(10, 55, 0), 1);
}

#[test]
fn documented_example_2_a_reconnect_within_the_wait_is_silent() {
    let mut machine = connected(&[300]);
    close(&mut machine, clock(10, 50, 0));
    assert_eq!(hear(&mut machine, clock(10, 51, 59), Input::LoggedIn(SessionId(2))), None);
    assert_eq!(machine.poll_timeout(), None);
}

#[test]
fn documented_example_3_the_second_disconnect_waits_in_full() {
    let mut machine = connected(&[300]);
    close(&mut machine, clock(10, 50, 0));
    assert_eq!(hear(&mut machine, clock(10, 51, 59), Input::LoggedIn(SessionId(2))), None);
    close(&mut machine, clock(10, 52, 0));
    check(&mut machine, clock(10, 57, 0), 1);
}

#[test]
fn documented_example_4_the_silence_is_part_of_the_wait() {
    let mut machine = connected(&[120]);
    fall_silent(&mut machine, clock(10, 50, 1), clock(10, 51, 8));
    check(&mut machine, clock(10, 52, 1), 1);
}

#[test]
fn documented_example_5_the_silence_was_longer_than_the_wait() {
    let mut machine = connected(&[60]);
    fall_silent(&mut machine, clock(10, 50, 1), clock(10, 51, 8));
    check(&mut machine, clock(10, 51, 8), 1);
}
