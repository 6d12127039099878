//! The committed scenarios: all of them pass, each run is what it was, and another YAML reader sees the same files.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anstream::adapter::strip_str;
use blynk_reports::terminal;
use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Engine, Source};
use blynk_sim::scenario::{Options, load, scalars};
use serde_yaml::Value;

/// The scenario, under its path from the root of the repository.
fn source(path: &Path) -> Source {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository");
    let text = fs::read_to_string(path).expect("the file can be read");
    let path = path.canonicalize().expect("the file is there");
    Source { path: path.strip_prefix(root).expect("inside the repository").display().to_string(), text }
}

fn run(source: Source, options: &Options) -> Outcome {
    let loaded = load(source, options).expect("the file is sound");
    assert_eq!(loaded.warnings, [], "{}", loaded.plan.source.path);
    Outcome::of(Arc::new(loaded.plan), Probe::default())
}

/// Months in virtual time and thousands of devices take too long without optimisation; the release program runs them.
fn takes_long(source: &Source) -> bool {
    let plan = load(source.clone(), &Options::default()).expect("the file is sound").plan;
    plan.tags.iter().any(|tag| tag == "slow") || plan.groups.iter().any(|group| group.is_fleet)
}

#[test]
fn every_scenario_passes_and_goes_as_it_went() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let source = source(path);
        if takes_long(&source) {
            return;
        }
        let outcome = run(source, &Options::default());
        let findings: Vec<_> =
            outcome.findings().map(|f| strip_str(&terminal::finding(f)).to_string()).collect();
        assert!(findings.is_empty(), "{}", findings.join("\n\n"));
        insta::assert_snapshot!(outcome.canonical());
    });
}

#[test]
fn every_scenario_says_what_it_protects() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let plan = load(source(path), &Options::default()).expect("the file is sound").plan;
        assert!(!plan.about.is_empty() && !plan.tags.is_empty(), "{}", plan.source.path);
    });
}

#[test]
fn another_reader_sees_the_same_keys_and_scalars() {
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let source = source(path);
        let mut theirs = Vec::new();
        flatten(&serde_yaml::from_str(&source.text).expect("the file is YAML"), "", &mut theirs);
        assert_eq!(scalars(&source).expect("the file is YAML"), theirs, "{}", source.path);
    });
}

/// As [`scalars`] does it.
fn flatten(value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Sequence(items) => items.iter().for_each(|item| flatten(item, &format!("{path}/-"), found)),
        Value::Mapping(entries) => {
            entries.iter().for_each(|(key, value)| flatten(value, &format!("{path}/{}", text(key)), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((path.to_owned(), text(value)));
        }
        Value::Tagged(tagged) => panic!("{path} has the tag {}", tagged.tag),
    }
}

fn text(scalar: &Value) -> String {
    match scalar {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => panic!("{scalar:?} is no scalar"),
    }
}

/// A documented example's closes and changes of status, as `time what`.
fn page(name: &str, engine: Engine) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/documented");
    let options = Options { engine: Some(engine), ..Options::default() };
    let canonical = run(source(&root.join(name)), &options).canonical();
    let told = |line: &str| {
        let mut words = line.split_whitespace();
        let (at, what) = (words.next()?, words.nth(1)?.trim_end_matches(':'));
        ["disconnected", "ONLINE", "OFFLINE"].contains(&what).then(|| format!("{at} {what}"))
    };
    canonical.lines().filter_map(told).collect()
}

/// On turmoil a login is seen a tick late.
#[test]
fn the_documented_examples_have_the_times_of_the_page() {
    for (engine, login) in [(Engine::Turmoil, "10:49:30.100 ONLINE"), (Engine::Events, "10:49:30 ONLINE")] {
        let graceful = [login, "10:50:00 disconnected", "10:55:00 OFFLINE"];
        assert_eq!(page("1-graceful.yaml", engine), graceful);
        assert_eq!(page("2-graceful-reconnect.yaml", engine), graceful[..2]);
        let twice = [login, "10:50:00 disconnected", "10:52:00 disconnected", "10:57:00 OFFLINE"];
        assert_eq!(page("3-graceful-twice.yaml", engine), twice);
        let silent = [login, "10:51:08 disconnected", "10:52:01 OFFLINE"];
        assert_eq!(page("4-wifi-loss-exact.yaml", engine), silent);
        let short = [login, "10:51:08 disconnected", "10:51:08 OFFLINE"];
        assert_eq!(page("5-wifi-loss-short-wait-exact.yaml", engine), short);
    }
}
