use super::*;
use crate::plan::Source;
use crate::scenario::{Options, load};

/// What is told of two snapshots.
fn told(accepted: &str, got: &str) -> Vec<String> {
    Difference::between(accepted, got).lines.iter().map(ToString::to_string).collect()
}

const ONE: &str = "# T · seed 1 · engine turmoil · tick 100ms · 1 device · 3 changes
a    10:49:30  online   login
a    10:52:00  offline  rest of the 2m wait is over
a    10:55:00  online   login
";

#[test]
fn the_same_differs_in_nothing() {
    assert_eq!(Difference::between(ONE, ONE), Difference::default());
}

#[test]
fn a_change_at_another_time_says_when_it_was() {
    let got = ONE.replace("10:52:00", "10:52:30");
    assert_eq!(
        told(ONE, &got),
        [
            "a",
            "    online at 10:49:30: login",
            "  ~ offline at 10:52:30: rest of the 2m wait is over; was 10:52:00",
            "    online at 10:55:00: login",
        ]
    );
}

#[test]
fn a_change_that_is_gone_and_one_that_is_new_are_told_in_order() {
    let got = ONE.replace("offline ", "standby ");
    assert_eq!(
        told(ONE, &got)[1..4],
        [
            "    online at 10:49:30: login",
            "  - offline at 10:52:00: rest of the 2m wait is over",
            "  + standby at 10:52:00: rest of the 2m wait is over",
        ]
    );
}

#[test]
fn a_device_that_changes_no_more_is_told_too() {
    let got = ONE.lines().take(1).collect::<String>();
    assert_eq!(told(ONE, &got).len(), 4);
}

#[test]
fn another_seed_is_a_difference_of_the_run() {
    assert_eq!(told(ONE, &ONE.replace("seed 1", "seed 2")), ["the run", "  ~ seed 2, was seed 1"]);
}

#[test]
fn a_fleet_tells_how_many_and_when() {
    let accepted =
        "# T\neu  2,000  10m22s..11m6s  offline  heartbeat\neu      2  11m            offline  closed\n";
    let got =
        "# T\neu  1,998  10m22s..11m7s  offline  heartbeat\neu      2  11m            offline  closed\n";
    assert_eq!(
        told(accepted, got),
        [
            "eu",
            "  ~ offline at 10m22s..11m7s, 1,998 devices: heartbeat; was 2,000, 10m22s..11m6s",
            "    offline at 11m, 2 devices: closed",
        ]
    );
}

#[test]
fn long_stretches_of_the_same_are_counted() {
    let row = |minute: u32| {
        format!("a    {minute}m  {}\n", if minute.is_multiple_of(2) { "online" } else { "offline" })
    };
    let accepted: String = (0..10).map(row).collect();
    let got = accepted.clone() + "a    10m  standby\n";
    assert_eq!(
        told(&accepted, &got),
        ["a", "    online at 0m", "    8 more as accepted", "    offline at 9m", "  + standby at 10m"]
    );
}

fn fleet() -> Plan {
    let text = "scenario: T\ndevices: { home: { count: 40, id: \"home-000\" } }\n";
    let source = Source { path: "a.yaml".into(), text: text.into() };
    load(source, &Options::default()).expect("a sound file").plan
}

#[test]
fn marks_that_differ_name_their_devices() {
    let accepted = "# T\ndigest a\nmarks of each device\nhome/0   aaabbbccc\nhome/32  ddd\n";
    let got = "# T\ndigest b\nmarks of each device\nhome/0   aaaBBBccc\nhome/32  ddd\n";
    let difference = Difference::between(accepted, got);
    assert!(difference.is_of_members_only());
    assert_eq!(difference.others.iter().map(ToString::to_string).collect::<Vec<_>>(), ["home/1"]);
    assert_eq!(difference.others[0].name(&fleet()), "home-001");
}

#[test]
fn of_those_who_share_a_mark_all_are_named() {
    let (accepted, got) =
        ("marks of 7 devices each\nhome/0  aaabbb\n", "marks of 7 devices each\nhome/0  aaaBBB\n");
    let others = Difference::between(accepted, got).others;
    assert_eq!(others.iter().map(ToString::to_string).collect::<Vec<_>>(), ["home/7..13"]);
    assert_eq!(others[0].name(&fleet()), "home/7..13");
}

#[test]
fn what_is_no_snapshot_is_shown_as_it_is() {
    let got = ONE.to_owned() + ">>>>>>> theirs\n";
    assert_eq!(told(ONE, &got), ["lines that are no part of a snapshot", "  + >>>>>>> theirs"]);
    assert!(!told("\0\u{fffd}", ONE).is_empty());
}
