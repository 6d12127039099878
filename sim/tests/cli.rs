//! The program as its users meet it: arguments in, text and an exit code out.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const DOCUMENTED: &str = "../scenarios/documented";
const GRACEFUL: &str = "../scenarios/documented/1-graceful.yaml";
const FAILING: &str = "tests/failing/too-early.yaml";
const BROKEN: &str = "tests/invalid/unknown-names.yaml";

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    program.args(arguments);
    program
}

fn call(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

/// Exits with `code`, having said every one of these on either output.
fn check(arguments: &[&str], code: i32, said: &[&str]) {
    let Output { status, stdout, stderr } = call(arguments);
    let all = text(&stdout).to_owned() + text(&stderr);
    assert_eq!(status.code(), Some(code), "{arguments:?} says {all}");
    for words in said {
        assert!(all.contains(words), "{arguments:?} does not say {words:?}, but {all}");
    }
}

/// Never says these words.
fn silent_about(arguments: &[&str], words: &str) {
    let Output { stdout, .. } = call(arguments);
    assert!(!text(&stdout).contains(words), "{arguments:?} says {words:?}");
}

#[test]
fn what_passes_exits_with_0() {
    check(&["run", DOCUMENTED], 0, &["PASS", "7 passed, 0 failed"]);
    check(&["check", DOCUMENTED], 0, &["7 scenarios valid, 0 warnings"]);
    check(&["explain", GRACEFUL], 0, &["heartbeat 45s", "10:50:00       sensor  disconnect"]);
    check(&["timeline", GRACEFUL], 0, &["sensor", "10:55:00       OFFLINE: the 5m wait is over"]);
    check(&["--version"], 0, &["blynk-sim"]);
}

#[test]
fn what_fails_exits_with_1_and_says_why() {
    let why = ["FAIL", "sensor went offline 2.5s early", "because", "rerun", "0 passed, 1 failed"];
    check(&["run", FAILING], 1, &why);
    check(&["run", DOCUMENTED, FAILING], 1, &["7 passed, 1 failed"]);
}

#[test]
fn an_engine_can_be_chosen() {
    check(&["run", DOCUMENTED, "--engine", "events"], 0, &["7 passed, 0 failed"]);
    check(
        &["timeline", "--text", GRACEFUL, "--engine", "events"],
        0,
        &["engine events · 1 device", "10:49:30 "],
    );
    check(
        &["timeline", "--text", GRACEFUL, "--engine", "turmoil"],
        0,
        &["engine turmoil · tick 100ms · 1 device"],
    );
    let exactly =
        ["^^^^^^^^ expected here, tolerance 1s\n", "too-early.yaml --seed 1 --engine events --trace sensor"];
    check(&["run", FAILING, "--engine", "events"], 1, &exactly);
    check(&["run", DOCUMENTED, "--engine", "live"], 2, &["turmoil, events, all"]);
    check(&["timeline", GRACEFUL, "--engine", "all"], 2, &["turmoil, events"]);
}

#[test]
fn all_engines_must_agree() {
    let all = |path: &str, code, said: &[&str]| check(&["run", path, "--engine", "all"], code, said);
    all(DOCUMENTED, 0, &["(12m7s on both engines in ", "7 passed, 0 failed", ", 0 races"]);
    all(FAILING, 1, &["= engines  turmoil and events"]);
    let told = call(&["run", FAILING, "--engine", "all"]).stdout;
    assert_eq!(text(&told).matches("error: ").count(), 1, "what both engines say is told once");
    all("../scenarios/regressions/given-up-and-accepted.yaml", 0, &["(20s on turmoil only in "]);
    check(&["run", DOCUMENTED, "--engine", "all", "--check-determinism"], 0, &["7 passed", "0 races"]);
    check(&["run", GRACEFUL, "--engine", "all", "--trace", "sensor"], 0, &["on turmoil:", "on events:"]);
    silent_about(&["run", DOCUMENTED], " races");
}

#[test]
fn a_scenario_that_hangs_on_a_tick_fails_on_all_engines_and_on_none_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("race.yaml");
    let text = "scenario: x\ntemplate: { lifecycle: online -2m-> offline }\ndevices: { a: }\nuntil: 4m\n\
                timeline: { 0s: { connect: a }, 1m: { disconnect: a }, 3m: { connect: a } }\n\
                expect: { a: { at: { 4m: online } } }\n";
    fs::write(&file, text).expect("a file");
    let file = file.display().to_string();
    check(&["run", &file], 0, &["1 passed"]);
    check(&["run", &file, "--engine", "events"], 0, &["1 passed"]);
    check(
        &["run", &file, "--engine", "all"],
        1,
        &["a tick decides what becomes of a", "1 failed", ", 1 race"],
    );
    fs::write(&file, text.to_owned() + "engine: events\n").expect("a file");
    check(&["run", &file, "--engine", "all"], 0, &["(4m on events only in ", "1 passed"]);
}

#[test]
fn a_broken_file_stops_everything() {
    check(&["run", BROKEN], 2, &["error", BROKEN]);
    check(&["run", BROKEN, "tests/invalid/percent.yaml", GRACEFUL], 2, &[BROKEN, "percent.yaml"]);
    silent_about(&["run", BROKEN, GRACEFUL], "PASS");
    check(&["check", BROKEN], 2, &[]);
    check(&["timeline", BROKEN], 2, &[]);
    check(&["explain", BROKEN], 2, &[]);
}

#[test]
fn a_path_that_cannot_be_used_is_named() {
    check(&["run", "nowhere.yaml"], 2, &["cannot read nowhere.yaml"]);
    check(&["run", GRACEFUL, "nowhere"], 2, &["cannot read nowhere"]);
    check(&["run", "no\nwhere\u{1b}[31m"], 2, &[r"cannot read no\nwhere\u{1b}[31m: "]);
    check(&["run", "-"], 2, &["not read from standard input: name a file"]);
    check(&["explain", DOCUMENTED], 2, &["is a folder; name one scenario file"]);
    check(&["timeline", DOCUMENTED], 2, &["is a folder; name one scenario file"]);
}

#[test]
fn a_file_that_is_no_text_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latin.yaml");
    fs::write(&file, b"scenario: caf\xe9\n").expect("a file");
    let refused = |words: &str| check(&["run", &file.display().to_string()], 2, &["latin.yaml", words]);
    refused("no UTF-8 text");
    fs::write(&file, b"\xff\xfes\0").expect("a file");
    refused("it is UTF-16; save it as UTF-8");
    fs::write(&file, b"s\0c\0").expect("a file");
    refused("U+0000");
}

#[test]
fn wrong_flags_exit_with_2() {
    check(&["run", GRACEFUL, "--fast"], 2, &["--fast"]);
    check(&["run"], 2, &["PATHS"]);
    check(&["run", GRACEFUL, "-t", "a and"], 2, &["a tag is missing at the end"]);
    check(&["run", GRACEFUL, "--trace", "nobody"], 2, &["no scenario here has a device `nobody`"]);
    check(&["run", GRACEFUL, "-j", "0"], 2, &["-j"]);
    let seed = "a seed is a whole number from 0 to 18446744073709551615";
    for command in ["run", "explain", "timeline"] {
        check(&[command, GRACEFUL, "--seed", "-1"], 2, &["--seed", seed]);
    }
    check(&["run", GRACEFUL, "--seed=-1"], 2, &["--seed", seed]);
    check(&["run", GRACEFUL, "-j", "-1"], 2, &["-1 is not in 1..=65535"]);
    for seeds in ["-1..3", "1..=3", "3..1"] {
        check(&["run", GRACEFUL, "--seeds", seeds], 2, &["such as `1..20`; both are run"]);
    }
    check(&["run", GRACEFUL, "--seed", "18446744073709551616"], 2, &["--seed"]);
    check(&["run", GRACEFUL, "--color", "pink"], 2, &["pink"]);
}

#[test]
fn nothing_to_run_exits_with_4() {
    let empty = tempfile::tempdir().expect("a folder");
    let empty = empty.path().display().to_string();
    check(&["run", &empty], 4, &["no scenario files there: they end in `.yaml` or `.yml`"]);
    check(&["check", &empty], 4, &["no scenario files there"]);
    check(&["run", DOCUMENTED, "-k", "nothing like it"], 4, &["no scenario"]);
    check(&["run", DOCUMENTED, "-t", "documented and not documented"], 4, &["no scenario"]);
}

#[test]
fn scenarios_are_chosen_by_words_and_tags() {
    check(&["run", DOCUMENTED, "-k", "graceful-twice"], 0, &["1 passed"]);
    check(&["run", DOCUMENTED, "-k", "as printed"], 0, &["2 passed"]);
    check(&["run", DOCUMENTED, "-t", "silent"], 0, &["4 passed"]);
    check(&["run", DOCUMENTED, "-t", "documented and not silent", "-k", "twice"], 0, &["1 passed"]);
}

#[test]
fn a_path_given_twice_is_run_once() {
    check(&["run", GRACEFUL, GRACEFUL, DOCUMENTED], 0, &["7 passed"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_links_to_itself_is_read_once() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(GRACEFUL, folder.path().join("one.yaml")).expect("a copy");
    std::os::unix::fs::symlink(".", folder.path().join("loop")).expect("a link");
    check(&["run", &folder.path().display().to_string()], 0, &["1 passed"]);
}

#[test]
fn any_seed_of_64_bits_works() {
    check(
        &["timeline", "--text", GRACEFUL, "--seed", "18446744073709551615"],
        0,
        &["seed 18446744073709551615"],
    );
    check(&["run", GRACEFUL, "--seed", "0"], 0, &["1 passed"]);
}

#[test]
fn a_trace_shows_the_messages_of_its_device() {
    check(&["run", GRACEFUL, "--trace", "sensor"], 0, &["connection 1: device info", "connection 1: FIN"]);
    silent_about(&["run", GRACEFUL], "device info");
}

#[test]
fn determinism_can_be_checked() {
    check(&["run", DOCUMENTED, "--check-determinism"], 0, &["7 passed"]);
}

#[test]
fn colours_are_for_terminals() {
    silent_about(&["run", FAILING], "\u{1b}[");
    silent_about(&["run", FAILING, "--color", "never"], "\u{1b}[");
    check(&["run", FAILING, "--color", "always"], 1, &["\u{1b}["]);
}

#[test]
fn no_color_is_honoured() {
    let output = program(&["run", FAILING]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "").output();
    assert!(!text(&output.expect("the program starts").stdout).contains("\u{1b}["));
}

#[test]
fn output_that_cannot_be_written_exits_with_3() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let full = File::options().write(true).open(full).expect("a device that is always full");
    let output = program(&["run", GRACEFUL]).stdout(full).stderr(Stdio::piped()).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("cannot write the output"));
    let full = File::options().write(true).open("/dev/full").expect("a device that is always full");
    let output =
        program(&["--help"]).stdout(full).stderr(Stdio::piped()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("cannot write the output"));
}

/// Closes the program's output as soon as `bytes` bytes of it were read.
fn cut_off(arguments: &[&str], bytes: usize) -> (Option<i32>, String) {
    let mut program = program(arguments);
    let mut child =
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut stdout = child.stdout.take().expect("its output");
    stdout.read_exact(&mut vec![0; bytes]).expect("some output");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    (output.status.code(), text(&output.stderr).to_owned())
}

#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    assert_eq!(cut_off(&["run", DOCUMENTED, "-j", "1"], 1), (Some(0), String::new()));
    assert_eq!(cut_off(&["run", DOCUMENTED, FAILING, "-j", "1"], 1), (Some(1), String::new()));
    assert_eq!(cut_off(&["timeline", "--text", GRACEFUL], 0), (Some(0), String::new()));
}

/// A folder with a scenario that passes and one that fails.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(GRACEFUL, folder.path().join("good.yaml")).expect("a copy");
    fs::copy(FAILING, folder.path().join("late.yaml")).expect("a copy");
    folder
}

/// Runs in that folder; returns the exit code and both outputs.
fn run_in(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        program(arguments).current_dir(folder).env_remove("CI").env_remove("GITHUB_ACTIONS").output();
    let Output { status, stdout, stderr } = output.expect("the program starts");
    (status.code(), text(&stdout).to_owned(), text(&stderr).to_owned())
}

/// The names of all files there.
fn files_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn reports_say_what_the_terminal_says() {
    let folder = folder();
    let kinds = ["github", "html", "json", "junit", "markdown", "ndjson", "tap"];
    let wanted: Vec<_> =
        kinds.iter().flat_map(|kind| ["--report".to_owned(), format!("{kind}=out.{kind}")]).collect();
    let arguments: Vec<_> = ["run", "."].into_iter().chain(wanted.iter().map(String::as_str)).collect();
    let (code, told, _) = run_in(&folder, &arguments);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("sensor went offline 2.5s early")
            && told.trim_end().lines().last().expect("a line").contains("1 passed, 1 failed")
    );
    for kind in kinds {
        let report = fs::read_to_string(folder.path().join(format!("out.{kind}"))).expect("it is left");
        for words in ["sensor went offline 2.5s early", "no byte for 67s (1.5 x 45s)", "late.yaml"] {
            assert!(report.contains(words), "{kind} does not say {words:?}, but {report}");
        }
    }
    assert_eq!(files_in(folder.path()).len(), 2 + kinds.len());
}

#[test]
fn the_same_run_gives_the_same_reports() {
    let folder = folder();
    let read = |threads| {
        run_in(
            &folder,
            &[
                "run",
                ".",
                "-j",
                threads,
                "--report",
                "html=a.html",
                "--report",
                "junit=a.xml",
                "--report",
                "json=a.json",
            ],
        );
        let of = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it is left");
        let json = of("a.json");
        (of("a.html"), of("a.xml"), json.split("\"real_milliseconds\"").next().expect("a text").to_owned())
    };
    assert_eq!(read("1"), read("2"));
}

#[test]
fn a_report_on_standard_output_stands_there_alone() {
    let folder = folder();
    for report in ["json=-", "json=/dev/stdout"] {
        let (code, out, err) = run_in(&folder, &["run", ".", "--report", report, "--seeds", "1..2"]);
        assert_eq!(code, Some(1));
        let run: serde_json::Value = serde_json::from_str(&out).expect("nothing but JSON");
        assert_eq!((run["passed"].as_u64(), run["failed"].as_u64()), (Some(2), Some(2)));
        assert!(err.contains("FAIL") && err.contains("2 passed, 2 failed"), "{err}");
    }
}

#[test]
fn what_is_wrong_with_a_report_is_said_before_anything_runs() {
    let folder = folder();
    let refused = |reports: &[&str], words: &str| {
        let arguments = reports.iter().flat_map(|report| ["--report", *report]);
        let arguments: Vec<_> = ["run", "."].into_iter().chain(arguments).collect();
        let (code, out, err) = run_in(&folder, &arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(err.contains(words), "{err}");
    };
    refused(&["junti=a.xml"], "did you mean `junit`?");
    refused(&["junit"], "KIND=PATH");
    refused(&["junit=nowhere/a.xml"], "there is no folder nowhere");
    refused(&["junit=."], "it is a folder");
    refused(&["junit=a", "json=a"], "two reports cannot both go to a");
    refused(&["junit=-", "json=-"], "two reports cannot both go to standard output");
    assert_eq!(files_in(folder.path()), ["good.yaml", "late.yaml"]);
}

/// The superuser may write anywhere: a name that is too long cannot be written by anybody.
#[test]
fn reports_are_left_all_or_none() {
    let folder = folder();
    let long = format!("json={}", "x".repeat(300));
    let (code, out, err) =
        run_in(&folder, &["run", "good.yaml", "--report", "junit=a.xml", "--report", &long]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("cannot write the report xxx") && out.contains("1 passed"), "{err}");
    assert_eq!(files_in(folder.path()), ["good.yaml", "late.yaml"]);
    fs::write(folder.path().join("a.xml"), "of before").expect("a file");
    run_in(&folder, &["run", "good.yaml", "--report", "junit=a.xml", "--report", &long]);
    assert_eq!(files_in(folder.path()), ["a.xml", "good.yaml", "late.yaml"]);
    assert_eq!(fs::read_to_string(folder.path().join("a.xml")).expect("the file"), "of before");
}

/// Who reads the rest may go away before the report comes.
#[test]
fn a_report_on_standard_output_needs_nobody_who_reads_the_rest() {
    let folder = folder();
    let mut child = program(&["run", ".", "--report", "tap=-"])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stderr.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("TAP version 14\n"), "{}", text(&output.stdout));
}

#[test]
fn a_report_takes_the_place_of_no_scenario_whatever_that_is_called() {
    let folder = folder();
    let (odd, good) = (folder.path().join("odd.txt"), folder.path().join("good.yaml"));
    fs::rename(&good, &odd).expect("another name");
    let before = fs::read(&odd).expect("the scenario");
    let (code, _, err) = run_in(&folder, &["run", "odd.txt", "--report", "json=./odd.txt"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("cannot write a report to odd.txt: it is a scenario of this run"), "{err}");
    assert_eq!(fs::read(&odd).expect("the scenario"), before);
}

#[test]
fn a_refused_file_is_in_the_reports() {
    let folder = folder();
    fs::copy(BROKEN, folder.path().join("broken.yaml")).expect("a copy");
    let (code, _, _) = run_in(&folder, &["run", ".", "--report", "junit=a.xml", "--report", "json=a.json"]);
    assert_eq!(code, Some(2));
    let junit = fs::read_to_string(folder.path().join("a.xml")).expect("it is left");
    assert!(
        junit.contains("broken.yaml") && junit.contains("errors=\"1\"") && !junit.contains("late.yaml"),
        "{junit}"
    );
}

#[test]
fn annotations_come_by_themselves_where_github_runs() {
    let folder = folder();
    let annotations = |value: Option<&str>| {
        let mut program = program(&["run", "."]);
        program.current_dir(&folder).env_remove("GITHUB_ACTIONS");
        value.map(|value| program.env("GITHUB_ACTIONS", value));
        let output = program.output().expect("the program starts");
        text(&output.stdout).lines().filter(|line| line.starts_with("::error file=late.yaml,line=")).count()
    };
    assert_eq!([annotations(None), annotations(Some("false")), annotations(Some("true"))], [0, 0, 1]);
}

#[test]
fn two_runs_are_compared() {
    let folder = folder();
    for (name, seed) in [("a", "1"), ("b", "1"), ("c", "2")] {
        let report = format!("json={name}.json");
        run_in(&folder, &["run", "good.yaml", "--seed", seed, "--report", &report]);
    }
    let (code, out, _) = run_in(&folder, &["compare", "a.json", "b.json"]);
    assert_eq!((code, out.as_str()), (Some(0), "1 scenario compared: 1 the same, 0 not\n"));
    run_in(&folder, &["run", ".", "--report", "json=both.json"]);
    let (code, out, _) = run_in(&folder, &["compare", "a.json", "both.json"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("late.yaml: only the second has it"), "{out}");
}

#[test]
fn what_is_no_report_cannot_be_compared() {
    let folder = folder();
    run_in(&folder, &["run", "good.yaml", "--report", "json=a.json"]);
    let newer = fs::read_to_string(folder.path().join("a.json")).expect("it is left").replacen(
        "\"format\":1",
        "\"format\":2",
        1,
    );
    fs::write(folder.path().join("newer.json"), newer).expect("a file");
    fs::write(folder.path().join("torn.json"), "{\"format\":1,\"sce").expect("a file");
    fs::write(folder.path().join("bytes.json"), b"\xff\xfe").expect("a file");
    let refused = |other: &str, words: &str| {
        let (code, _, err) = run_in(&folder, &["compare", "a.json", other]);
        assert_eq!(code, Some(2));
        assert!(err.contains(words), "{err}");
    };
    refused("newer.json", "newer.json is a report of format 2, and this program reads format 1");
    refused("torn.json", "torn.json is no JSON report of blynk-sim: EOF");
    refused("bytes.json", "cannot read bytes.json");
    refused("nowhere.json", "cannot read nowhere.json");
    refused("good.yaml", "good.yaml is no JSON report of blynk-sim");
}

#[cfg(unix)]
#[test]
fn a_report_replaces_no_device() {
    let folder = folder();
    let (code, _, err) = run_in(&folder, &["run", "good.yaml", "--report", "tap=/dev/null"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(!fs::metadata("/dev/null").expect("it is still there").is_file());
    let (code, _, err) = run_in(&folder, &["run", "good.yaml", "--report", "tap=/dev/full"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("cannot write the report /dev/full"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_report_is_written_through_links() {
    let folder = folder();
    fs::create_dir(folder.path().join("there")).expect("a folder");
    std::os::unix::fs::symlink("there/a.tap", folder.path().join("link.tap")).expect("a link");
    for _ in 0..2 {
        let (code, _, err) = run_in(&folder, &["run", "good.yaml", "--report", "tap=link.tap"]);
        assert_eq!(code, Some(0), "{err}");
        assert!(folder.path().join("link.tap").is_symlink());
        let report = fs::read_to_string(folder.path().join("there/a.tap")).expect("it is left");
        assert!(report.starts_with("TAP"), "{report}");
    }
    std::os::unix::fs::symlink("circle", folder.path().join("circle")).expect("a link");
    let (code, _, err) = run_in(&folder, &["run", "good.yaml", "--report", "tap=circle"]);
    assert!(code == Some(2) && err.contains("its links lead in a circle"), "{err}");
    let twice = ["run", "good.yaml", "--report", "tap=link.tap", "--report", "json=there/a.tap"];
    let (code, _, err) = run_in(&folder, &twice);
    assert_eq!(code, Some(2), "{err}");
}

/// What a title says ends no line and moves no cursor, wherever it is shown.
#[test]
fn titles_are_text_on_one_line() {
    let folder = folder();
    let late = fs::read_to_string(folder.path().join("late.yaml")).expect("the file");
    let (_, rest) = late.split_once("scenario:").expect("a title");
    let (_, rest) = rest.split_once('\n').expect("a line");
    fs::write(folder.path().join("late.yaml"), format!("scenario: \"a\\nb\\e[31m\\u202Ec\"\n{rest}"))
        .expect("a file");
    let kinds = ["github", "html", "json", "junit", "markdown", "ndjson", "tap"];
    for kind in kinds {
        let (code, out, err) = run_in(&folder, &["run", "late.yaml", "--report", &format!("{kind}=-")]);
        assert_eq!(code, Some(1), "{err}");
        assert!(err.contains(r"FAIL  late.yaml  a\nb\u{1b}[31m\u{202e}c"), "{err}");
        for text in [&out, &err] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{kind}: {text}");
        }
    }
}

#[test]
fn two_different_scenarios_are_compared_as_what_they_are() {
    let folder = folder();
    run_in(&folder, &["run", "good.yaml", "--report", "json=a.json"]);
    run_in(&folder, &["run", "late.yaml", "--report", "json=b.json"]);
    let (_, out, _) = run_in(&folder, &["compare", "a.json", "b.json"]);
    assert!(out.starts_with("two different scenarios are compared: good.yaml and late.yaml\n"), "{out}");
}
