use super::*;
use crate::close::CloseReason;
use crate::id::{SessionId, StatusIndex};
use crate::lifecycle::{Chain, Due, Status};
use crate::time::Duration;

/// Devices whose two later statuses each come after this wait, in seconds.
fn registry(waits: &[u64]) -> Registry {
    let mut registry = Registry::default();
    for (place, wait) in (0u8..).zip(waits) {
        let wait = Duration::from_secs(*wait);
        let status = |key, wait| Status::new(key, wait);
        let chain = vec![status("online", Duration::ZERO), status("offline", wait), status("inactive", wait)];
        let chain = Chain::new(chain).expect("a chain");
        registry.add(token(place), Arc::new(Template::new("sensor", chain)), State::NEW);
    }
    registry
}

fn token(place: u8) -> Token {
    Token::parse(&[b'a' + place; Token::LEN]).expect("32 characters")
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// The device logs in and closes at this second.
fn visit(registry: &mut Registry, device: u32, second: u64) {
    let closed = lifecycle::Input::Closed { reason: CloseReason::Closed, last_byte_at: at(second) };
    for input in [lifecycle::Input::LoggedIn(SessionId(1)), closed] {
        registry.handle_input(at(second), Input::Device(DeviceId(device), input));
    }
    while registry.poll_output().is_some() {}
}

/// What is entered by an instant: when, who, and which status.
fn check(registry: &mut Registry, now: Instant, expected: &[(u64, u32, u8)]) {
    registry.handle_input(now, Input::Timeout);
    let entered = std::iter::from_fn(|| registry.poll_output())
        .map(|StatusChanged { at, device, change }| (at, device, change.to));
    let expected = expected.iter().map(|(s, device, to)| (at(*s), DeviceId(*device), StatusIndex(*to)));
    assert_eq!(entered.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_token_finds_its_device() {
    let registry = registry(&[60, 60]);
    assert_eq!(registry.find(&token(1)), Some(DeviceId(1)));
    assert_eq!(registry.find(&token(2)), None);
}

#[test]
#[should_panic(expected = "every device has a token of its own")]
fn two_devices_cannot_share_a_token() {
    let mut registry = registry(&[60]);
    let template = registry.machine(DeviceId(0)).template().clone();
    registry.add(token(0), template, State::NEW);
}

#[test]
fn nothing_is_due_for_devices_that_are_new_or_connected() {
    let mut registry = registry(&[60, 60]);
    let login = lifecycle::Input::LoggedIn(SessionId(1));
    registry.handle_input(at(0), Input::Device(DeviceId(0), login));
    assert_eq!(registry.poll_timeout(), None);
}

#[test]
fn a_status_is_entered_when_its_millisecond_is_over() {
    let mut registry = registry(&[60]);
    visit(&mut registry, 0, 0);
    check(&mut registry, at(60), &[]);
    check(&mut registry, at(60).when_over(), &[(60, 0, 1)]);
}

#[test]
fn the_earliest_deadline_is_named_with_its_device() {
    let mut registry = registry(&[60, 30, 45]);
    (0..3).for_each(|device| visit(&mut registry, device, 0));
    assert_eq!(registry.poll_timeout(), Some((at(30), DeviceId(1))));
}

#[test]
fn due_statuses_are_entered_in_order_of_time() {
    let mut registry = registry(&[60, 30, 45]);
    (0..3).for_each(|device| visit(&mut registry, device, 0));
    check(&mut registry, at(61), &[(30, 1, 1), (45, 2, 1), (60, 0, 1), (60, 1, 2)]);
}

#[test]
fn statuses_due_at_one_instant_are_entered_in_order_of_devices() {
    let mut registry = registry(&[60, 60, 60]);
    [2, 0, 1].into_iter().for_each(|device| visit(&mut registry, device, 0));
    check(&mut registry, at(61), &[(60, 0, 1), (60, 1, 1), (60, 2, 1)]);
}

#[test]
fn zero_waits_of_one_device_are_not_parted_by_another() {
    let mut registry = registry(&[0, 0]);
    [1, 0].into_iter().for_each(|device| visit(&mut registry, device, 5));
    check(&mut registry, at(6), &[(5, 0, 1), (5, 0, 2), (5, 1, 1), (5, 1, 2)]);
}

#[test]
fn a_return_cancels_the_deadline_of_that_device_alone() {
    let mut registry = registry(&[60, 60]);
    (0..2).for_each(|device| visit(&mut registry, device, 0));
    let login = lifecycle::Input::LoggedIn(SessionId(2));
    registry.handle_input(at(59), Input::Device(DeviceId(0), login));
    check(&mut registry, at(61), &[(60, 1, 1)]);
    assert_eq!(registry.machine(DeviceId(0)).poll_timeout(), None);
}

#[test]
fn a_new_disconnect_moves_the_deadline() {
    let mut registry = registry(&[60]);
    visit(&mut registry, 0, 0);
    visit(&mut registry, 0, 59);
    assert_eq!(registry.poll_timeout(), Some((at(119), DeviceId(0))));
    assert_eq!(registry.machine(DeviceId(0)).poll_timeout(), Some((at(119), Due(StatusIndex(1)))));
}

#[test]
fn a_device_that_was_seen_before_is_due_when_it_was_due() {
    let mut before = registry(&[60]);
    visit(&mut before, 0, 5);
    let machine = before.machine(DeviceId(0));
    let mut after = Registry::default();
    after.add(token(0), machine.template().clone(), *machine.state());
    check(&mut after, at(65), &[]);
    check(&mut after, at(65).when_over(), &[(65, 0, 1)]);
}

#[test]
fn a_restart_moves_the_deadlines_of_those_that_wait() {
    let mut registry = registry(&[60, 60]);
    visit(&mut registry, 0, 5);
    let restarted = lifecycle::Input::Restarted { grace: Duration::from_secs(20) };
    registry.handle_input(at(100), Input::Device(DeviceId(0), restarted));
    assert_eq!(registry.poll_timeout(), Some((at(120), DeviceId(0))));
}

#[test]
fn devices_are_numbered_in_the_order_in_which_they_were_added() {
    assert!(registry(&[60, 60, 60]).devices().eq([DeviceId(0), DeviceId(1), DeviceId(2)]));
}
