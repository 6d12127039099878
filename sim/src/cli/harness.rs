//! A scenario as a test of a Rust project.

use std::env;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use anstream::adapter::strip_str;
use blynk_reports::model::Finding;
use blynk_reports::terminal;

use super::files;
use super::run::{Job, Manner};
use crate::engine::Progress;
use crate::scenario::{self, Options};

/// Runs a scenario file and panics, in the words of the terminal, if it does not pass: a test of one line.
///
/// A relative path begins where Cargo runs tests, in the folder of the package. The accepted timeline beside the file is
/// respected as by `blynk-sim run`: what differs is left to be accepted, unless `CI` is set.
///
/// ```
/// blynk_sim::check("../scenarios/documented/4-wifi-loss.yaml");
/// ```
///
/// A scenario that fails says why:
///
/// ```should_panic
/// blynk_sim::check("tests/failing/too-early.yaml"); // error: sensor went offline 2.5s early ...
/// ```
///
/// # Panics
/// If the file cannot be read, is no sound scenario, or does not pass.
#[track_caller]
pub fn check(scenario: impl AsRef<Path>) {
    if let Err(words) = verdict(scenario.as_ref(), !is_ci()) {
        panic!("{}", strip_str(&words));
    }
}

/// `proposes`: whether a timeline that differs may be left to be accepted.
fn verdict(path: &Path, proposes: bool) -> Result<(), String> {
    let source = files::read_file(path)
        .map_err(|error| format!("cannot read {}: {}", path.display(), files::why(&error)))?;
    let loaded = scenario::load(source, &Options::default()).map_err(|findings| told(&findings))?;
    let plan = Arc::new(loaded.plan);
    let job = Job {
        source: plan.source.clone(),
        options: Options::default(),
        name: plan.source.path.clone(),
        line: None,
        on_all_engines: false,
    };
    let manner = Manner { traced: None, twice: false, proposes, threads: NonZeroUsize::MIN, in_full: false };
    let attempt = job.attempt(&plan, manner, &Progress::default());
    if !attempt.is_failure() {
        return Ok(());
    }
    let line = terminal::scenario(&attempt.shown, &job.name, Some(attempt.took), 0);
    Err(format!("{line}\n\n{}", told(&attempt.shown.findings)))
}

fn told(findings: &[Finding]) -> String {
    findings.iter().map(terminal::finding).collect::<Vec<_>>().join("\n\n")
}

/// Whether `CI` says that nobody is there to accept anything.
pub(super) fn is_ci() -> bool {
    let value = env::var_os("CI").unwrap_or_default().to_string_lossy().to_lowercase();
    !["", "n", "no", "f", "false", "off", "0"].contains(&value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_says_nothing() {
        check("../scenarios/documented/1-graceful.yaml");
    }

    #[test]
    #[should_panic(expected = "error: sensor went offline 2.5s early\n  --> tests/failing/too-early.yaml:")]
    fn what_fails_says_what_the_terminal_says() {
        check("tests/failing/too-early.yaml");
    }

    #[test]
    #[should_panic(expected = "did you mean")]
    fn a_broken_file_is_told_with_the_way_out() {
        check("tests/invalid/unknown-names.yaml");
    }

    #[test]
    #[should_panic(expected = "cannot read nowhere.yaml")]
    fn a_file_that_is_not_there_is_named() {
        check("nowhere.yaml");
    }

    #[test]
    fn a_snapshot_is_left_to_be_accepted_only_where_it_may_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.yaml");
        let text = "scenario: x\ndevices: { a: }\ntimeline: { 0s: { connect: a } }\nexpect: { a: { 0s: online } }\nsnapshot: true\n";
        std::fs::write(&path, text).expect("a file");
        for proposes in [false, true] {
            let words = verdict(&path, proposes).expect_err("nothing is accepted yet");
            assert!(words.contains("there is no accepted timeline"), "{words}");
            assert_eq!(folder.path().join("a.yaml.timeline.new").exists(), proposes);
        }
    }
}
