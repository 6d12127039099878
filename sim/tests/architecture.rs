//! The walls of the house, as far as a text search can see them.

use std::fs;
use std::path::{Path, PathBuf};

/// Every source file below `src/`, without its tests.
fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs")
                && !entry.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&entry).expect("a text");
                files.push((entry, text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()));
            }
        }
    }
    files
}

/// Every line of code that says `word` must be in a file whose path contains one of `allowed`.
fn only_in(word: &str, allowed: &[&str]) {
    for (path, text) in sources() {
        let says = text.lines().any(|line| line.contains(word) && !line.trim_start().starts_with("//"));
        let path = path.display().to_string();
        assert!(!says || allowed.iter().any(|place| path.contains(place)), "{path} says {word}");
    }
}

#[test]
fn only_the_turmoil_engine_names_turmoil() {
    only_in("turmoil::", &["engine/turmoil", "engine.rs"]);
}

/// The event engine has no tasks, and nothing else waits for anything.
#[test]
fn only_the_turmoil_engine_and_the_served_process_have_a_runtime() {
    only_in("tokio", &["engine/turmoil", "cli/serve"]);
    only_in("async ", &["engine/turmoil", "cli/serve"]);
}

#[test]
fn only_the_scenario_language_knows_yaml() {
    only_in("serde_saphyr", &["scenario/syntax"]);
}

#[test]
fn only_the_command_line_reads_files() {
    only_in("std::fs", &["src/cli"]);
    only_in("std::env", &["src/cli"]);
}

/// Scenarios run beside each other, and so do shards, which share nothing.
#[test]
fn only_the_command_line_and_the_event_engine_start_threads() {
    only_in("std::thread", &["src/cli", "src/engine/events.rs"]);
}

#[test]
fn the_oracle_is_an_outsider() {
    for (path, text) in sources().iter().filter(|(path, _)| path.display().to_string().contains("src/oracle"))
    {
        for line in text.lines().filter(|line| line.contains("blynk_core::")) {
            let shared = line.contains("blynk_core::time") || line.contains("blynk_core::id");
            assert!(shared, "{}: {line}", path.display());
        }
    }
}
