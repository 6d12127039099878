//! What counts as the same, and what is said of what does not.

use std::sync::Arc;

use super::*;
use crate::engine::Probe;
use crate::outcome::Outcome;
use crate::plan::{Engine, Source};
use crate::random::Seed;
use crate::report::{full_scenario, nothing_yet};
use crate::scenario::{Options, load};

const SENSOR: &str = "scenario: x\ntemplate: { heartbeat: 10s, lifecycle: online -1m-> offline }\ndevices: { sensor: , other: }\n\
                      timeline: { 1s: { connect: all }, 1m: { drop: { who: sensor, for: LENGTH } } }\nuntil: 5m\nexpect: { sensor: {} }\n";

fn run(length: &str, options: &Options) -> Run {
    let source = Source { path: "x.yaml".into(), text: SENSOR.replace("LENGTH", length) };
    let plan = load(source, options).expect("a valid scenario").plan;
    let scenario = full_scenario(&Outcome::of(Arc::new(plan), Probe::default()));
    Run { scenarios: vec![scenario], ..nothing_yet() }
}

fn told(comparison: &Comparison) -> String {
    comparison.differences.iter().map(blynk_reports::terminal::plain_finding).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn two_equal_runs_are_the_same() {
    let run = run("2m", &Options::default());
    assert_eq!(compare(&run, &run, None), Comparison { same: 1, ..Comparison::default() });
}

#[test]
fn the_first_difference_is_told_with_both_sides() {
    let (short, long) = (run("2m", &Options::default()), run("3m", &Options::default()));
    insta::assert_snapshot!(told(&compare(&short, &long, None)));
}

#[test]
fn who_never_went_is_told_as_well() {
    let (short, long) = (run("20s", &Options::default()), run("3m", &Options::default()));
    insta::assert_snapshot!(told(&compare(&short, &long, None)));
}

#[test]
fn a_file_that_was_changed_is_named_though_its_statuses_are_the_same() {
    let (one, mut other) = (run("2m", &Options::default()), run("2m", &Options::default()));
    other.scenarios[0].hash = "another".into();
    let comparison = compare(&one, &other, None);
    assert_eq!(comparison.about, ["x.yaml was changed in between: only statuses are compared"]);
    assert_eq!((comparison.same, comparison.differences.len()), (1, 0));
}

#[test]
fn engines_may_be_two_ticks_apart_and_no_more() {
    let turmoil = run("2m", &Options::default());
    let events = run("2m", &Options { engine: Some(Engine::Events), ..Options::default() });
    assert_eq!(compare(&turmoil, &events, None).same, 1);
    assert_eq!(compare(&turmoil, &events, Some(Duration::from_millis(1))).same, 0);
}

#[test]
fn other_seeds_are_pairs_in_their_order() {
    let with = |seeds: &[u64]| {
        let runs =
            seeds.iter().map(|seed| run("2m", &Options { seed: Some(Seed(*seed)), ..Options::default() }));
        Run { scenarios: runs.flat_map(|run| run.scenarios).collect(), ..nothing_yet() }
    };
    let comparison = compare(&with(&[1, 2]), &with(&[2, 3, 4]), None);
    assert_eq!((comparison.same, comparison.differences.len()), (1, 2));
    assert!(told(&comparison).contains("seed 1 and 3"), "{}", told(&comparison));
    assert!(told(&comparison).contains("x.yaml --seed 4: only the second has it"), "{}", told(&comparison));
}

#[test]
fn a_history_that_is_left_out_is_known_by_its_digest() {
    let short = run("2m", &Options::default());
    let mut long = run("3m", &Options::default());
    for device in long.scenarios[0].picture.iter_mut().flat_map(|picture| &mut picture.devices) {
        device.history = None;
    }
    let told = told(&compare(&short, &long, None));
    assert!(told.contains("1 of 2 devices went another way"), "{told}");
    assert!(told.contains("sensor: online at the end after 3 changes, its history is left out"), "{told}");
}

#[test]
fn a_device_that_one_report_leaves_out_is_not_said_to_be_missing() {
    let (short, mut long) = (run("2m", &Options::default()), run("3m", &Options::default()));
    for picture in long.scenarios.iter_mut().flat_map(|it| &mut it.picture) {
        picture.devices.retain(|device| device.name == "sensor");
        picture.devices_left_out = 1;
    }
    let told = told(&compare(&short, &long, None));
    assert!(told.contains("1 of 2 devices went another way"), "{told}");
    assert!(told.contains("1 device that the reports are too small for"), "{told}");
}

#[test]
fn what_reports_leave_out_is_not_taken_for_the_same() {
    let empty = |length| {
        let mut run = run(length, &Options::default());
        for picture in run.scenarios.iter_mut().flat_map(|it| &mut it.picture) {
            picture.devices_left_out = picture.devices.drain(..).count() as u64;
        }
        run
    };
    assert_eq!(compare(&empty("2m"), &empty("2m"), None).same, 1);
    let told = told(&compare(&empty("2m"), &empty("3m"), None));
    assert!(told.contains("x.yaml: not all of it can be compared"), "{told}");
    assert!(told.contains("2 devices that the reports are too small for"), "{told}");
}
