//! Same plan, seed and build: the same timeline, byte for byte, however often and wherever it is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::Source;
use blynk_sim::random::Seed;
use blynk_sim::scenario::{Options, load};
use blynk_sim::timeline::canonical::digest;

/// Each member has its own moment in the window, and its own delays before it dials again.
const RANDOM: &str = "
scenario: Random moments
template: { heartbeat: 10s, lifecycle: online -30s-> offline }
devices: { a: , b: , c: }
timeline:
  0s..1m: { connect: all }
  2m..3m: { drop: all, for: 1m }
expect: { all: { at: { 5m: online } } }
";

fn timeline(text: &str, seed: Option<u64>) -> String {
    let source = Source { path: "random.yaml".into(), text: text.into() };
    let plan = load(source, &Options { seed: seed.map(Seed) }).expect("the file is sound").plan;
    Outcome::of(Arc::new(plan), Probe::default()).canonical()
}

/// What another process makes of a file.
fn elsewhere(file: &Path, arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    let output =
        program.args(["timeline", "--text"]).arg(file).args(arguments).output().expect("the program");
    String::from_utf8(output.stdout).expect("text")
}

fn random_file(folder: &Path) -> PathBuf {
    let file = folder.join("random.yaml");
    fs::write(&file, RANDOM).expect("a file");
    file
}

#[test]
fn every_scenario_goes_the_same_way_twice_and_in_another_process() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let text = fs::read_to_string(path).expect("the file can be read");
        // Months in virtual time take too long without optimisation; the release program runs them twice.
        if text.lines().any(|line| line.starts_with("tags:") && line.contains("slow")) {
            return;
        }
        let (first, second) = (timeline(&text, None), timeline(&text, None));
        assert_eq!(digest(&first), digest(&second), "{}", path.display());
        assert_eq!(elsewhere(path, &[]), first, "{}", path.display());
    });
}

#[test]
fn another_seed_is_another_run_and_the_same_seed_the_same() {
    assert_eq!(timeline(RANDOM, Some(7)), timeline(RANDOM, Some(7)));
    let after_head = |text: String| text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_ne!(after_head(timeline(RANDOM, Some(7))), after_head(timeline(RANDOM, Some(8))));
}

#[test]
fn a_seed_means_the_same_in_another_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = random_file(folder.path());
    assert_eq!(elsewhere(&file, &["--seed", "7"]), timeline(RANDOM, Some(7)));
}

#[test]
fn threads_change_nothing_but_real_durations() {
    let run = |jobs: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
        let output = program.args(["run", "../scenarios", "tests/failing", "-j", jobs]).output();
        String::from_utf8(output.expect("the program").stdout).expect("text")
    };
    let virtual_part = |text: String| -> Vec<String> {
        text.lines()
            .map(|line| line.rsplit_once(" in ").map_or(line, |(before, _)| before).to_owned())
            .collect()
    };
    assert_eq!(virtual_part(run("1")), virtual_part(run("4")));
}
