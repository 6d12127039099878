//! What spares people work: a scenario to begin with, lines of files, runs that stop or begin again by themselves, words
//! for shells and manuals, and guesses at what was meant.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_blynk-sim"));
    program.args(arguments).current_dir(folder).env_remove("CI");
    program
}

/// Exits with `code`, having said every one of these. Returns all that it said.
#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, said: &[&str]) -> String {
    let output = program(folder, arguments).output().expect("the program starts");
    let all = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{arguments:?} says {all}");
    said.iter()
        .for_each(|words| assert!(all.contains(words), "{arguments:?} does not say {words:?}, but {all}"));
    all
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_new_scenario_passes_on_both_engines_and_has_no_warnings() {
    let folder = folder();
    let folder = folder.path();
    check(folder, &["new", "stories/router-reboot"], 0, &["wrote stories/router-reboot.yaml"]);
    check(folder, &["check", "."], 0, &["1 scenario valid, 0 warnings"]);
    check(folder, &["run", "."], 0, &["Router reboot", "1 passed"]);
    check(folder, &["run", ".", "--engine", "events"], 0, &["1 passed"]);
}

#[test]
fn a_new_scenario_is_never_written_over_another() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("a.yaml"), "mine").expect("a file");
    check(folder, &["new", "a"], 2, &["a.yaml is there already"]);
    check(folder, &["new", "a.yaml"], 2, &["a.yaml is there already"]);
    check(folder, &["new", "a.yaml/b"], 3, &["cannot make a.yaml"]);
    check(folder, &["new", "b/"], 2, &["`b/` is a folder", "such as `b/router-reboot`"]);
    check(folder, &["new", "."], 2, &["`.` is a folder"]);
    check(folder, &["new", "x.json"], 2, &["a scenario is YAML, and `x.json` is not: name it `x`"]);
    assert_eq!(fs::read_to_string(folder.join("a.yaml")).expect("the file"), "mine");
}

#[test]
fn names_of_any_kind_make_scenarios_that_can_be_read() {
    let folder = folder();
    let folder = folder.path();
    for name in ["null", "42", "a: b #c", "\u{e4}rger", "it's", "true.yml"] {
        check(folder, &["new", name], 0, &[]);
    }
    check(folder, &["check", "."], 0, &["6 scenarios valid, 0 warnings"]);
}

/// Two mistakes: one on line 8, one on line 9.
const TWICE_WRONG: &str = "scenario: Two mistakes
template: { lifecycle: online -1m-> offline }
devices:
  a:
  b:
timeline: { 0s: { connect: all }, 1m: { disconnect: all } }
expect:
  a: { 0s: online, 3m: offline }
  b: { 0s: online, 4m: offline }
";

#[test]
fn what_stands_on_the_line_is_told_first() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("two.yaml"), TWICE_WRONG).expect("a file");
    let order = |argument: &str| {
        let told = check(folder, &["run", argument], 1, &["0 passed, 1 failed"]);
        [told.find("error: a went"), told.find("error: b went")]
    };
    let [a, b] = order("two.yaml:8");
    assert!(a.is_some() && a < b);
    let [a, b] = order("two.yaml:9:20");
    assert!(b.is_some() && b < a);
    check(folder, &["run", "two.yaml:10"], 2, &["two.yaml has the lines 1 to 9"]);
    check(folder, &["run", "two.yaml:0"], 2, &["two.yaml has the lines 1 to 9"]);
    check(folder, &["run", ".:3"], 2, &[". is a folder and has no line 3"]);
    check(folder, &["run", "two.yaml:8", "./two.yaml:9"], 2, &["two.yaml is named with the lines 8 and 9"]);
    check(folder, &["run", "three.yaml:1"], 2, &["cannot read three.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_called_like_a_line_is_that_file() {
    let folder = folder();
    let folder = folder.path();
    fs::write(folder.join("two.yaml:9"), TWICE_WRONG).expect("a file");
    check(folder, &["run", "two.yaml:9"], 1, &["FAIL  two.yaml:9  Two mistakes"]);
}

#[test]
fn after_enough_failures_no_other_scenario_begins() {
    let folder = folder();
    let folder = folder.path();
    for name in ["a", "b", "c", "d"] {
        fs::write(folder.join(format!("{name}.yaml")), TWICE_WRONG).expect("a file");
    }
    for jobs in ["1", "4"] {
        let told = check(folder, &["run", ".", "-j", jobs, "--max-fail", "2"], 1, &["0 passed, 2 failed"]);
        assert!(told.contains("stopped after 2 failures, 2 scenarios not run"), "{told}");
        assert_eq!(told.matches("FAIL").count(), 2, "{told}");
    }
    let told = check(folder, &["run", ".", "--max-fail", "4"], 1, &["0 passed, 4 failed"]);
    assert!(!told.contains("stopped"), "{told}");
    check(folder, &["run", ".", "--max-fail", "0"], 2, &["--max-fail"]);
}

#[test]
fn slips_of_the_pen_are_recognised() {
    let folder = folder();
    let folder = folder.path();
    check(folder, &["new", "a"], 0, &[]);
    for (arguments, meant) in [
        (["runn", "a.yaml"].as_slice(), "'run'"),
        (&["run", "a.yaml", "--max-fial", "1"], "'--max-fail'"),
        (&["run", "a.yaml", "--trace", "senosr"], "did you mean `sensor`?"),
        (&["timeline", "a.yaml", "--device", "Sensor"], "did you mean `sensor`?"),
    ] {
        check(folder, arguments, 2, &[meant]);
    }
    for (right, wrong) in [
        ("\ntimeline:", "\ntimelin:"),
        ("{ connect:", "{ conect:"),
        (", value:", ", vlaue:"),
        ("connect: sensor", "connect: senor"),
        ("3m: offline", "3m: ofline"),
    ] {
        let text = fs::read_to_string(folder.join("a.yaml")).expect("the file");
        fs::write(folder.join("b.yaml"), text.replacen(right, wrong, 1)).expect("a file");
        check(folder, &["check", "b.yaml"], 2, &["did you mean"]);
    }
}

/// Nobody is told that something is missing which is there under a misspelt name.
#[test]
fn a_misspelt_key_is_one_mistake() {
    let folder = folder();
    let folder = folder.path();
    check(folder, &["new", "a"], 0, &[]);
    let text = fs::read_to_string(folder.join("a.yaml")).expect("the file");
    for (right, wrong) in [
        ("scenario:", "scenaro:"),
        ("\ndevices:", "\ndevics:"),
        ("\ntemplate:", "\ntemplat:"),
        ("\ntimeline:", "\ntimelin:"),
        ("\nexpect:", "\nexpct:"),
    ] {
        fs::write(folder.join("b.yaml"), text.replacen(right, wrong, 1)).expect("a file");
        let told = check(folder, &["check", "b.yaml"], 2, &["did you mean"]);
        assert_eq!((told.matches("error: ").count(), told.matches("warning: ").count()), (1, 0), "{told}");
    }
}

#[test]
fn members_of_fleets_are_drawn_by_name_and_by_number() {
    let folder = folder();
    let folder = folder.path();
    let text =
        "scenario: x\ndevices: { home: { count: 6, id: home-000 } }\ntimeline: { 0s: { connect: all } }\n";
    fs::write(folder.join("a.yaml"), text).expect("a file");
    for device in ["home-002", "home/2", "home/2..4"] {
        let told = check(folder, &["timeline", "a.yaml", "--device", device], 0, &["home-002"]);
        assert_eq!(told.contains("home-004"), device.contains(".."), "{told}");
        assert!(!told.contains("home-005"), "{told}");
    }
    let none = ["the members of `home` are 0 to 5"];
    for device in ["home/6", "home/4..6", "home/4..2", "home/x"] {
        check(folder, &["timeline", "a.yaml", "--device", device], 2, &none);
    }
    check(folder, &["run", "a.yaml", "--trace", "home/6"], 2, &none);
}

/// What bash makes of the last word.
fn completed(folder: &Path, line: &str) -> String {
    let script = check(folder, &["completions", "bash"], 0, &[]);
    let ask = format!(
        "{script}\nCOMP_WORDS=({line}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _blynk__sim blynk-sim \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["-c", &ask]).output().expect("bash is there");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("text")
}

#[test]
fn shells_and_manuals_know_every_command_and_flag() {
    let folder = folder();
    let folder = folder.path();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        check(folder, &["completions", shell], 0, &["max-fail", "review"]);
    }
    check(folder, &["completions", "tcsh"], 2, &["tcsh"]);
    assert_eq!(completed(folder, "blynk-sim ti"), "timeline\n");
    assert_eq!(completed(folder, "blynk-sim run --wa"), "--watch\n");
    check(folder, &["man"], 0, &[".TH blynk-sim", "review"]);
    check(folder, &["man", "run"], 0, &[".TH blynk-sim-run", "max\\-fail"]);
    check(folder, &["man", "walk"], 2, &["there is no command `walk`"]);
}

/// A program that watches, and the lines that it prints.
struct Watching(Child, Receiver<String>);

impl Watching {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child =
            program(folder, arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| send.send(line)));
        Self(child, receive)
    }

    /// Everything up to the line that says these words.
    #[track_caller]
    fn until(&self, words: &str) -> String {
        let mut all = String::new();
        while !all.contains(words) {
            let line = self.1.recv_timeout(Duration::from_secs(60));
            all += &line.unwrap_or_else(|_| panic!("{words:?} never comes after {all}"));
            all.push('\n');
        }
        all
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.kill().expect("it runs until it is killed");
        self.0.wait().expect("it ends");
    }
}

#[test]
fn what_has_changed_is_run_again_and_nothing_else() {
    let folder = folder();
    let folder = folder.path();
    check(folder, &["new", "a"], 0, &[]);
    check(folder, &["new", "b"], 0, &[]);
    let watching = Watching::start(folder, &["run", ".", "--watch"]);
    watching.until("2 passed");
    watching.until("watching 2 scenarios");
    let text = fs::read_to_string(folder.join("a.yaml")).expect("the file");
    fs::write(folder.join("a.yaml"), text.replace("3m: offline", "4m: offline")).expect("the file");
    let told = watching.until("0 passed, 1 failed");
    assert!(told.contains("sensor went offline 1m early") && !told.contains("b.yaml"), "{told}");
    watching.until("watching 2 scenarios");
    fs::write(folder.join("a.yaml"), "scenario: [").expect("the file");
    watching.until("error");
    watching.until("watching 2 scenarios");
    fs::write(folder.join("a.yaml"), text).expect("the file");
    let told = watching.until("1 passed, 0 failed");
    assert!(told.contains("a.yaml"), "{told}");
    watching.until("watching 2 scenarios");
    fs::remove_file(folder.join("a.yaml")).expect("the file");
    watching.until("watching 1 scenario, ctrl-c ends it");
    fs::remove_file(folder.join("b.yaml")).expect("the file");
    watching.until("no scenario is left; watching for one to come back, ctrl-c ends it");
}

#[test]
fn a_report_of_what_is_watched_is_of_all_of_it() {
    let folder = folder();
    let folder = folder.path();
    check(folder, &["new", "a"], 0, &[]);
    check(folder, &["new", "b"], 0, &[]);
    let watching = Watching::start(folder, &["run", ".", "--watch", "--report", "tap=all.tap"]);
    watching.until("watching 2 scenarios");
    let text = fs::read_to_string(folder.join("a.yaml")).expect("the file");
    fs::write(folder.join("a.yaml"), text.replace("3m: offline", "4m: offline")).expect("the file");
    watching.until("1 passed, 1 failed");
    let report = fs::read_to_string(folder.join("all.tap")).expect("the report");
    assert!(report.contains("a.yaml") && report.contains("b.yaml"), "{report}");
}

#[test]
fn there_is_nothing_to_watch_where_nothing_can_be_run() {
    let folder = folder();
    check(folder.path(), &["run", "nowhere.yaml", "--watch"], 2, &["cannot read nowhere.yaml"]);
    check(folder.path(), &["run", ".", "--watch"], 4, &["no scenario"]);
}
