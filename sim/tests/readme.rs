//! The README's own scenario, and what it says comes of it.

use std::fs;
use std::path::Path;
use std::process::Command;

const BINARY: &str = env!("CARGO_BIN_EXE_blynk-sim");

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("the README")
}

/// The first fenced block in which `text` stands.
fn block(text: &str) -> String {
    let readme = readme();
    let block = readme.split("```").skip(1).step_by(2).find(|block| block.contains(text));
    let (_language, body) = block.expect("the README has it").split_once('\n').expect("a block has lines");
    body.to_owned()
}

/// What the program prints about the README's scenario, saved as `wifi.yaml` with this replaced.
fn printed(arguments: &[&str], replace: (&str, &str)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = block("scenario: Device loses WiFi").replace(replace.0, replace.1);
    fs::write(folder.path().join("wifi.yaml"), scenario).expect("a file");
    let output = Command::new(BINARY).args(arguments).arg("wifi.yaml").current_dir(&folder).output();
    String::from_utf8(output.expect("the program runs").stdout).expect("text")
}

#[test]
fn the_scenario_passes() {
    assert!(printed(&["run"], ("", "")).contains("1 passed, 0 failed"));
}

#[test]
fn the_meter_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("meter.yaml"), block("scenario: A sleeping meter")).expect("a file");
    let output = Command::new(BINARY).args(["run", "meter.yaml"]).current_dir(&folder).output();
    let told = String::from_utf8(output.expect("the program runs").stdout).expect("text");
    assert!(told.contains("1 passed, 0 failed"), "{told}");
}

/// The README's fleet as `site.yaml`, with this replaced, and what the program prints about it.
fn fleet(folder: &Path, replace: (&str, &str), arguments: &[&str]) -> String {
    let scenario = block("scenario: A provider's network fails\nseed").replace(replace.0, replace.1);
    fs::write(folder.join("site.yaml"), scenario).expect("a file");
    let output =
        Command::new(BINARY).args(arguments).arg("site.yaml").current_dir(folder).env_remove("CI").output();
    String::from_utf8(output.expect("the program runs").stdout).expect("text")
}

#[test]
fn the_fleet_passes_once_its_snapshot_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = fleet(folder.path(), ("", ""), &["run"]);
    assert!(told.contains("there is no accepted timeline") && told.contains("0 passed, 1 failed"), "{told}");
    let pending = fs::read_to_string(folder.path().join("site.yaml.timeline.new")).expect("it is left");
    let shown = block("# A provider's network fails");
    assert!(pending.starts_with(&format!("{shown}marks of each device\n")), "{pending}");
    assert_eq!(fleet(folder.path(), ("", ""), &["accept"]), "accepted site.yaml.timeline\n");
    let told = fleet(folder.path(), ("", ""), &["run"]);
    assert!(told.contains("1 passed, 0 failed"), "{told}");
}

#[test]
fn a_pending_snapshot_is_reviewed_as_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    fleet(folder.path(), ("", ""), &["run"]);
    fleet(folder.path(), ("", ""), &["accept"]);
    fleet(folder.path(), ("site, for: 4m", "site, for: 5m"), &["run"]);
    let reviewed = fleet(folder.path(), ("site, for: 4m", "site, for: 5m"), &["review"]);
    let shown = block("$ blynk-sim review site.yaml");
    // On a terminal, it asks.
    let (command, question) = (shown.lines().next(), shown.lines().last());
    let lines = shown.lines().filter(|line| Some(*line) != command && Some(*line) != question);
    let shown: Vec<&str> = lines.collect();
    assert!(reviewed.starts_with(&shown.join("\n")), "{reviewed}");
}

#[test]
fn the_workflow_for_other_projects_uses_the_action_as_it_is() {
    use serde_yaml::Value;
    let workflow: Value = serde_yaml::from_str(&block("OWNER/blynk-sim/.github/actions/run@")).expect("YAML");
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/run/action.yml");
    let action: Value = serde_yaml::from_str(&fs::read_to_string(action).expect("the action")).expect("YAML");
    let given = workflow["jobs"]["scenarios"]["steps"][1]["with"].as_mapping().expect("inputs");
    assert!(!given.is_empty());
    for name in given.keys() {
        assert!(action["inputs"].get(name).is_some(), "{name:?}");
    }
}

#[test]
fn the_failure_of_a_fleet_reads_as_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let failure = fleet(folder.path(), ("12m29s..13m1s", "12m30s..12m45s"), &["run"]);
    assert!(failure.contains(block("error: 21 devices went offline").trim()), "{failure}");
}

#[test]
fn a_race_reads_as_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("return.yaml"), block("scenario: A return at the last moment"))
        .expect("a file");
    let mut program = Command::new(BINARY);
    let output = program.args(["run", "return.yaml", "--engine", "all"]).current_dir(&folder).output();
    let told = String::from_utf8(output.expect("the program runs").stdout).expect("text");
    let shown = block("$ blynk-sim run return.yaml --engine all");
    // Real durations stand beside it.
    for part in ["      race: ", "error: ", ": 16 messages"] {
        let until_end = |text: &str| {
            let from = text.find(part).unwrap_or_else(|| panic!("{part:?} is missing in {text}"));
            text[from..].split("\n\n").next().map(str::trim_end).map(str::to_owned)
        };
        assert_eq!(until_end(&told), until_end(&shown));
    }
}

#[test]
fn the_failure_reads_as_shown() {
    let failure = printed(&["run"], ("10:52:01: offline", "10:51:30: offline"));
    assert!(failure.contains(block("error: sensor went offline 30s late").trim()), "{failure}");
}

#[test]
fn the_timeline_is_drawn_as_shown() {
    let shown = block("$ blynk-sim timeline wifi.yaml --width 80");
    let drawn = printed(&["timeline", "--width", "80"], ("", ""));
    assert!(shown.trim_end().ends_with(drawn.trim_end()), "{drawn}");
}

#[test]
fn the_documented_examples_are_listed_as_they_run() {
    let shown = block("cargo run --release -- run scenarios/documented");
    for line in shown.lines().filter(|line| line.starts_with("PASS")) {
        let path = line.split_whitespace().nth(1).expect("a path");
        let text =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect(path);
        let title = text.lines().find_map(|line| line.strip_prefix("scenario: ")).expect("a title");
        assert!(line.contains(title), "{line}");
    }
    assert_eq!(shown.matches("PASS").count(), 7);
}

#[test]
fn two_runs_are_compared_as_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    fleet(folder.path(), ("", ""), &["run", "--report", "json=before.json"]);
    fleet(folder.path(), ("every 5s", "every 30s"), &["run", "--report", "json=after.json"]);
    let output =
        Command::new(BINARY).args(["compare", "before.json", "after.json"]).current_dir(&folder).output();
    let told = String::from_utf8(output.expect("the program runs").stdout).expect("text");
    let shown = block("$ blynk-sim compare before.json after.json");
    assert!(shown.trim_end().ends_with(told.trim_end()), "{told}");
}
