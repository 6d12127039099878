//! Same plan, seed and build: the same timeline, byte for byte, however often and wherever it is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Plan, Source};
use blynk_sim::random::Seed;
use blynk_sim::scenario::{Options, load};
use blynk_sim::timeline::canonical::digest;

/// Everything that is drawn: moments, members, lengths, delays before dialling again, delays and losses on the way.
const RANDOM: &str = "
scenario: Everything that is drawn
template: { heartbeat: 10s, lifecycle: online -30s-> offline }
devices:
  wifi: { count: 12, network: wifi }
  far: { count: 6, network: { latency: 300ms, jitter: 400ms, loss: 5% } }
  js: { count: 4, client: js, network: lte }
  python: { count: 4, client: python }
timeline:
  0s..1m: { connect: all }
  2m..3m: [{ drop: { who: 50% of wifi, for: 10s..1m } }, { reset: 3 of far }]
  3m..4m: { slow: { who: 2 of js, latency: 2s, for: exp 20s } }
  3m30s: { lose: { who: far, loss: 20%, for: normal 30s 5s } }
  4m..5m: { send: wifi, every: 20s }
  4m: { kill: server, for: 5s..20s }
until: 8m
expect: { all: { at: { 8m: { online: at least 1 } } } }
";

fn plan(text: &str, seed: Option<u64>) -> Plan {
    let source = Source { path: "random.yaml".into(), text: text.into() };
    load(source, &Options { seed: seed.map(Seed), ..Options::default() }).expect("the file is sound").plan
}

fn timeline(text: &str, seed: Option<u64>) -> String {
    Outcome::of(Arc::new(plan(text, seed)), Probe::default()).canonical()
}

/// Months in virtual time and thousands of devices take too long without optimisation; the release program runs them
/// twice.
fn takes_long(plan: &Plan) -> bool {
    plan.tags.iter().any(|tag| tag == "slow") || plan.groups.iter().any(|group| group.is_fleet)
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
        if takes_long(&plan(&text, None)) {
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
        program.args(["run", "../scenarios", "tests/failing", "-t", "not (slow or fleet)", "-j", jobs]);
        let output = program.output();
        String::from_utf8(output.expect("the program").stdout).expect("text")
    };
    let virtual_part = |text: String| -> Vec<String> {
        text.lines()
            .map(|line| line.rsplit_once(" in ").map_or(line, |(before, _)| before).to_owned())
            .collect()
    };
    assert_eq!(virtual_part(run("1")), virtual_part(run("4")));
}
