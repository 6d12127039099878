use super::*;

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
