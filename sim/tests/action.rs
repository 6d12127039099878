//! The GitHub Action: what it promises to workflows, and its own steps, as a runner would start them.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_yaml::{Mapping, Value};

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/actions/run")
}

fn action() -> Value {
    let text = fs::read_to_string(home().join("action.yml")).expect("the action");
    serde_yaml::from_str(&text).expect("YAML")
}

fn steps(action: &Value) -> Vec<Mapping> {
    let steps = action["runs"]["steps"].as_sequence().expect("steps");
    steps.iter().map(|step| step.as_mapping().expect("a step").clone()).collect()
}

/// The steps that are scripts.
fn scripts(action: &Value) -> Vec<Mapping> {
    steps(action).into_iter().filter(|step| step.contains_key("run")).collect()
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn nothing_that_a_workflow_says_becomes_part_of_a_script() {
    let action = action();
    assert_eq!(text(action["runs"].get("using")), "composite");
    for step in scripts(&action) {
        assert!(!text(step.get("run")).contains("${{"), "{step:?}");
        assert_eq!(text(step.get("shell")), "bash", "{step:?}");
    }
}

#[test]
fn every_input_is_described_and_used() {
    let action = action();
    let all = fs::read_to_string(home().join("action.yml")).expect("the action");
    for (name, input) in action["inputs"].as_mapping().expect("inputs") {
        let name = name.as_str().expect("a name");
        assert!(!text(input.get("description")).is_empty() && input.get("default").is_some(), "{name}");
        assert!(all.contains(&format!("${{{{ inputs.{name} }}}}")), "{name}");
    }
}

/// A workflow's own folder, and the runner's.
struct Runner {
    workspace: tempfile::TempDir,
    temp: tempfile::TempDir,
}

impl Runner {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        let runner = Self { workspace: folder(), temp: folder() };
        let bin = runner.temp.path().join("blynk-sim/bin");
        fs::create_dir_all(&bin).expect("a folder");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_blynk-sim"), bin.join("blynk-sim")).expect("a link");
        runner
    }

    /// Instead of the program, one that prints its arguments, each in brackets.
    fn echoing() -> Self {
        let runner = Self::new();
        let program = runner.temp.path().join("blynk-sim/bin/blynk-sim");
        fs::remove_file(&program).expect("the link");
        fs::write(&program, "#!/usr/bin/env bash\nprintf '[%s]' \"$@\"\n").expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&program, mode).expect("a program");
        runner
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.workspace.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Starts the step of this name as a runner does, with these inputs and the defaults of the others.
    fn step(&self, name: &str, inputs: &[(&str, &str)]) -> Output {
        let action = action();
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        for (input, about) in action["inputs"].as_mapping().expect("inputs") {
            values.insert(text(Some(input)).to_owned(), text(about.get("default")).to_owned());
        }
        values.extend(inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let filled = |template: &str| {
            let fill = |text: String, (name, value): (&String, &String)| {
                text.replace(&format!("${{{{ inputs.{name} }}}}"), value)
            };
            values.iter().fold(template.to_owned(), fill)
        };
        let step =
            scripts(&action).into_iter().find(|step| text(step.get("name")) == name).expect("the step");
        let mut bash = Command::new("bash");
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", text(step.get("run"))]);
        let folder = filled(text(step.get("working-directory")));
        bash.current_dir(self.workspace.path().join(folder));
        for (variable, template) in step.get("env").and_then(Value::as_mapping).into_iter().flatten() {
            bash.env(text(Some(variable)), filled(text(Some(template))));
        }
        bash.env("GITHUB_ACTION_PATH", home()).env("RUNNER_TEMP", self.temp.path()).env("CI", "true");
        bash.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", self.temp.path().join("summary"));
        bash.env("GITHUB_OUTPUT", self.temp.path().join("output"));
        bash.output().expect("bash")
    }
}

const RUN: &str = "Run the scenarios";

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn scenarios_are_run_and_their_verdict_is_the_steps() {
    let runner = Runner::new();
    let passing =
        "scenario: x\ndevices: { a: }\ntimeline: { 0s: { connect: a } }\nexpect: { a: { 0s: online } }\n";
    runner.file("project/scenarios/good.yaml", passing);
    runner.file("project/scenarios/bad one.yaml", &passing.replace("{ 0s: online }", "{ 5s: online }"));
    let run = |paths: &str| {
        let inputs =
            [("working-directory", "project"), ("paths", paths), ("summary", "true"), ("engine", "events")];
        runner.step(RUN, &inputs)
    };
    let output = run("scenarios/good.yaml");
    assert!(output.status.success() && told(&output).contains("1 passed, 0 failed"), "{}", told(&output));
    let output = run("  scenarios/good.yaml\n\n  scenarios/bad one.yaml  \n");
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("1 passed, 1 failed"), "{}", told(&output));
    let summary = fs::read_to_string(runner.temp.path().join("summary")).expect("a summary of the job");
    assert!(
        summary.contains("1 passed, 1 failed") && summary.contains("scenarios/bad one.yaml"),
        "{summary}"
    );
    assert_eq!(run("nowhere").status.code(), Some(2));
}

#[test]
fn what_a_workflow_says_arrives_whole_and_is_never_executed() {
    let runner = Runner::echoing();
    let wild = "$(touch pwned) `touch pwned`; touch pwned #";
    let inputs = [
        ("paths", "a folder\n  *.yaml\n--help\n"),
        ("args", "--tags=fleet and not slow\n-q"),
        ("seed", wild),
        ("seeds", "1..2"),
        ("engine", "events"),
        ("junit", "out put.xml"),
    ];
    let output = runner.step(RUN, &inputs);
    let summary = runner.temp.path().join("blynk-sim-summary.md");
    let expected = format!(
        "[run][--tags=fleet and not slow][-q][--seed={wild}][--seeds=1..2][--engine=events]\
         [--report=junit=out put.xml][--report=markdown={}][--][a folder][*.yaml][--help]",
        summary.display()
    );
    assert_eq!(told(&output), expected);
    assert!(!runner.workspace.path().join("pwned").exists());
}

#[test]
fn without_a_word_the_folder_of_scenarios_is_run_and_summed_up() {
    let runner = Runner::echoing();
    let told = told(&runner.step(RUN, &[]));
    assert!(told.starts_with("[run][--report=markdown=") && told.ends_with("[--][scenarios]"), "{told}");
}

#[test]
fn the_key_of_the_cache_is_the_same_while_the_sources_are() {
    let runner = Runner::new();
    for _ in 0..2 {
        let output = runner.step("What the program is made of", &[]);
        assert!(output.status.success(), "{}", told(&output));
    }
    let keys = fs::read_to_string(runner.temp.path().join("output")).expect("keys");
    let keys: Vec<&str> = keys.lines().collect();
    assert_eq!(keys[0], keys[1]);
    let key = keys[0].strip_prefix("key=").expect("a key");
    assert!(key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
}
