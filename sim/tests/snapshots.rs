//! Accepted timelines from the first run to the last, through the binary.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCENARIO: &str = "scenario: A few drops
seed: 7
devices: { home: { count: 40, network: wifi } }
timeline:
  0s..1m: { connect: home }
  5m..10m: { drop: { who: 12 of home, for: 10s..3m } }
expect: { home: { at: { 4m: online } } }
snapshot: true
";

/// A folder with that scenario in it, its snapshot accepted.
fn accepted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("drops.yaml"), SCENARIO).expect("a file");
    check(folder.path(), &["run", "."], 1, &["there is no accepted timeline"]);
    check(folder.path(), &["accept", "."], 0, &["accepted drops.yaml.timeline"]);
    check(folder.path(), &["run", "."], 0, &["1 passed"]);
    folder
}

/// Exits with `code`, having said every one of these. Returns all that it said.
#[track_caller]
fn check_where(folder: &Path, ci: Option<&str>, arguments: &[&str], code: i32, said: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    program.args(arguments).current_dir(folder).env_remove("CI").envs(ci.map(|ci| ("CI", ci)));
    let output = program.output().expect("the program starts");
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8(all).expect("text");
    assert_eq!(output.status.code(), Some(code), "{arguments:?} says {all}");
    said.iter()
        .for_each(|words| assert!(all.contains(words), "{arguments:?} does not say {words:?}, but {all}"));
    all
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, said: &[&str]) -> String {
    check_where(folder, None, arguments, code, said)
}

fn replace(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from), "{file} has {from}");
    fs::write(path, text.replace(from, to)).expect("the file");
}

#[test]
fn a_run_that_differs_is_reviewed_in_statuses() {
    let folder = accepted();
    let folder = folder.path();
    replace(folder, "drops.yaml", "12 of home", "9 of home");
    check(
        folder,
        &["run", "."],
        1,
        &["the timeline is not the accepted one", "~ offline at ", " devices: heartbeat; was "],
    );
    let told =
        ["1 of 1  drops.yaml", "~ offline at ", "went another way: home-00", "blynk-sim accept drops.yaml"];
    let shown = check(folder, &["review", "drops.yaml"], 0, &told);
    assert!(!shown.contains("\u{1b}["), "{shown}");
    check(folder, &["accept", "drops.yaml"], 0, &[]);
    check(folder, &["run", "."], 0, &[]);
    check(folder, &["review", "drops.yaml"], 4, &["no snapshot is pending here"]);
}

/// As if single devices had once gone other ways: other marks, another digest, and the same rows.
#[test]
fn the_first_ten_devices_that_differ_are_told_where_the_summary_does_not() {
    let folder = accepted();
    let folder = folder.path();
    let text = fs::read_to_string(folder.join("drops.yaml.timeline")).expect("the file");
    let other = |line: &str| match line.split_once("  ") {
        Some((first, marks)) if line.starts_with("home/") => format!("{first}  {}", marks.to_lowercase()),
        _ if line.starts_with("digest ") => "digest 00".into(),
        _ => line.into(),
    };
    let lines: Vec<String> = text.lines().map(other).collect();
    fs::write(folder.join("drops.yaml.timeline"), lines.join("\n")).expect("the file");
    let told = check(folder, &["run", "."], 1, &["though its summary is", "= devices", "and home-00"]);
    assert_eq!(told.matches("home-00").count(), 15, "ten with their story, five by name: {told}");
}

/// A temporary file is its owner's alone; a snapshot is for the whole team.
#[cfg(unix)]
#[test]
fn a_snapshot_can_be_read_by_whoever_may_read_its_scenario() {
    use std::os::unix::fs::PermissionsExt;
    let folder = accepted();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).expect("a file").permissions().mode();
    assert_eq!(mode("drops.yaml.timeline"), mode("drops.yaml"));
}

#[test]
fn nothing_is_left_to_accept_where_snapshots_are_checked() {
    let folder = accepted();
    let folder = folder.path();
    replace(folder, "drops.yaml", "12 of home", "9 of home");
    let pending = folder.join("drops.yaml.timeline.new");
    for (ci, flags, leaves) in [
        (Some("true"), [].as_slice(), false),
        (Some("1"), &[], false),
        (None, &["--check"], false),
        (Some("true"), &["--check=true"], false),
        (Some("false"), &[], true),
        (Some(""), &[], true),
        (Some("true"), &["--check=false"], true),
        (Some("true"), &["--check=no"], true),
    ] {
        check_where(
            folder,
            ci,
            &[&["run", "."], flags].concat(),
            1,
            &["the timeline is not the accepted one"],
        );
        assert_eq!(pending.exists(), leaves, "{ci:?} {flags:?}");
        let _ = fs::remove_file(&pending);
    }
}

#[test]
fn a_snapshot_that_nobody_refers_to_is_named_where_whole_folders_are_checked() {
    let folder = accepted();
    let folder = folder.path();
    fs::copy(folder.join("drops.yaml.timeline"), folder.join("gone.yaml.timeline")).expect("a copy");
    fs::write(folder.join("other.timeline"), "of somebody else").expect("a file");
    let gone =
        ["nobody refers to the accepted timeline gone.yaml.timeline", "gone.yaml is gone", "remove it"];
    let told = check(folder, &["run", ".", "--check"], 1, &gone);
    assert!(told.contains("1 passed, 0 failed, 1 unreferenced snapshot"), "{told}");
    assert!(!told.contains("other.timeline"), "{told}");
    check_where(folder, Some("true"), &["run", "."], 1, &gone);
    let elsewhere = format!("../{}", folder.file_name().expect("a name").display());
    for flags in [["-k", "drops"], ["--seed", "7"], ["--engine", "all"], [&elsewhere, "./"]] {
        let told =
            check(folder, &[["run", ".", "--check"].as_slice(), &flags].concat(), 1, &["gone.yaml is gone"]);
        assert_eq!(told.matches("nobody refers to").count(), 1, "{told}");
    }
    for partly in [["run", "drops.yaml", "--check"].as_slice(), &["run", "."]] {
        check(folder, partly, 0, &[]);
    }
    fs::rename(folder.join("gone.yaml.timeline"), folder.join("gone.yaml.timeline.new"))
        .expect("another name");
    check(
        folder,
        &["run", ".", "--check"],
        1,
        &["nobody refers to the pending timeline gone.yaml.timeline.new"],
    );
    fs::remove_file(folder.join("gone.yaml.timeline.new")).expect("the file");
    replace(folder, "drops.yaml", "snapshot: true", "");
    check(folder, &["run", ".", "--check"], 1, &["drops.yaml does not say `snapshot: true`"]);
}

#[cfg(unix)]
#[test]
fn a_snapshot_that_is_no_text_is_named() {
    let folder = accepted();
    let folder = folder.path();
    let way_out = "remove it, or run drops.yaml again: `blynk-sim run drops.yaml`";
    fs::write(folder.join("drops.yaml.timeline.new"), b"\xff\xfe").expect("a file");
    for command in ["review", "accept"] {
        let words = ["cannot read drops.yaml.timeline.new: it is no UTF-8 text", way_out];
        check(folder, &[command, "."], 2, &words);
    }
    fs::remove_file(folder.join("drops.yaml.timeline.new")).expect("the file");
    fs::create_dir(folder.join("drops.yaml.timeline.new")).expect("a folder");
    check(folder, &["accept", "."], 2, &["cannot read drops.yaml.timeline.new: it is a folder", way_out]);
    fs::remove_dir(folder.join("drops.yaml.timeline.new")).expect("the folder");
    fs::write(folder.join("drops.yaml.timeline"), b"\xff\xfe").expect("a file");
    let words = ["cannot read the accepted timeline drops.yaml.timeline: it is no UTF-8 text", "put it back"];
    check(folder, &["run", "."], 1, &words);
    fs::write(folder.join("drops.yaml.timeline"), "").expect("a file");
    check(
        folder,
        &["run", "."],
        1,
        &["drops.yaml.timeline holds no timeline", "blynk-sim accept drops.yaml"],
    );
    check(folder, &["review", "."], 0, &["the accepted one is damaged; it would be"]);
    check(folder, &["accept", "."], 0, &[]);
    check(folder, &["run", "."], 0, &["1 passed"]);
}

#[test]
fn only_what_comes_from_the_scenario_as_it_is_can_be_accepted() {
    let folder = accepted();
    let folder = folder.path();
    let before = fs::read_to_string(folder.join("drops.yaml.timeline")).expect("the file");
    let now = || fs::read_to_string(folder.join("drops.yaml.timeline")).expect("the file");
    let stale =
        ["drops.yaml.timeline.new does not come from drops.yaml as it is now", "run drops.yaml again"];
    replace(folder, "drops.yaml", "12 of home", "9 of home");
    check(folder, &["run", "."], 1, &[]);
    replace(folder, "drops.yaml", "9 of home", "8 of home");
    check(folder, &["accept", "."], 2, &stale);
    check(folder, &["review", "."], 2, &stale);
    fs::write(folder.join("drops.yaml.timeline.new"), "").expect("a file");
    check(folder, &["accept", "."], 2, &stale);
    assert_eq!(now(), before);
    check(folder, &["run", "."], 1, &[]);
    // Whoever moves it accepts it as well.
    fs::rename(folder.join("drops.yaml.timeline.new"), folder.join("drops.yaml.timeline")).expect("the file");
    check(folder, &["run", ".", "--check"], 0, &["1 passed"]);
}

#[test]
fn what_waits_from_an_earlier_run_is_gone_when_a_run_passes() {
    let folder = accepted();
    let folder = folder.path();
    replace(folder, "drops.yaml", "12 of home", "9 of home");
    check(folder, &["run", "."], 1, &[]);
    replace(folder, "drops.yaml", "9 of home", "12 of home");
    check(folder, &["run", ".", "--check"], 0, &[]);
    check(folder, &["accept", "."], 4, &["no snapshot is pending here"]);
}

#[test]
fn a_snapshot_that_was_not_compared_is_counted() {
    let folder = accepted();
    let folder = folder.path();
    let words = |number: &str| format!("; {number} not compared: other seed or engine");
    check(folder, &["run", ".", "--seed", "8"], 0, &[&words("1 snapshot")]);
    check(folder, &["run", ".", "--seeds", "6..8"], 0, &[&words("2 snapshots")]);
    check(folder, &["run", ".", "--engine", "events"], 0, &[&words("1 snapshot")]);
    for all in [["run", "."].as_slice(), &["run", ".", "--engine", "all"], &["run", ".", "--seed", "7"]] {
        let told = check(folder, all, 0, &[]);
        assert!(!told.contains("not compared"), "{told}");
    }
}
