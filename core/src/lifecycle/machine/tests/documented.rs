//! The examples that the product documents, as `lifecycle` section 5 reads them.

use super::*;

/// What a clock shows, as the product's documentation prints it.
fn clock(hours: u64, minutes: u64, seconds: u64) -> Instant {
    at((hours * 60 + minutes) * 60 + seconds)
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
