//! `blynk-sim new`: a scenario to begin with.
//!
//! Owns where it goes and what it is called. What stands in it is `new/scenario.yaml`, which passes.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::print::Printer;
use super::{Exit, files};
use crate::shell;

/// With a title to be filled in.
const SCENARIO: &str = include_str!("new/scenario.yaml");
const TITLE: &str = "TITLE";

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// What the scenario is called: `router-reboot` is written as `router-reboot.yaml`; may have folders before it.
    name: PathBuf,
}

impl New {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        if let Some(why) = no_name(&self.name) {
            return Exit::Refused.said(printer, why);
        }
        let Some(title) = title(&self.name) else {
            let why = format_args!("`{}` cannot be the name of a scenario", self.name.display());
            return Exit::Refused.said(printer, why);
        };
        let path = path(&self.name);
        if let Some(folder) = path.parent()
            && let Err(error) = fs::create_dir_all(folder)
        {
            return Exit::CouldNotRun
                .said(printer, format_args!("cannot make {}: {error}", folder.display()));
        }
        match write(&path, &SCENARIO.replace(TITLE, &title)) {
            Ok(()) => {
                let name = path.display().to_string();
                let (shown, word) = (files::shown(&path), shell::word(&name));
                printer.line(format_args!("wrote {shown}; `blynk-sim run {word}` runs it"));
                Exit::Passed
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Exit::Refused
                .said(printer, format_args!("{} is there already, and stays as it is", path.display())),
            Err(error) => {
                Exit::CouldNotRun.said(printer, format_args!("cannot write {}: {error}", path.display()))
            }
        }
    }
}

/// Why that is no name of a scenario, with one that is.
fn no_name(name: &Path) -> Option<String> {
    let shown = name.display();
    if name.to_string_lossy().ends_with(std::path::is_separator) || name.is_dir() {
        let within = name.join("router-reboot");
        return Some(format!("`{shown}` is a folder: name a scenario in it, such as `{}`", within.display()));
    }
    let ending = name.extension()?.to_str()?;
    let is_of_another_kind =
        !files::is_scenario(name) && ending.starts_with(|c: char| c.is_ascii_alphabetic());
    let stem = name.with_extension("");
    is_of_another_kind
        .then(|| format!("a scenario is YAML, and `{shown}` is not: name it `{}`", stem.display()))
}

fn path(name: &Path) -> PathBuf {
    if files::is_scenario(name) {
        return name.to_owned();
    }
    let mut file = name.file_name().unwrap_or_default().to_owned();
    file.push(".yaml");
    name.with_file_name(file)
}

/// `router-reboot` is `Router reboot`; nothing if there is no letter in it.
fn title(name: &Path) -> Option<String> {
    let name = if files::is_scenario(name) { name.file_stem() } else { name.file_name() };
    let words = name?.to_str()?.replace(['-', '_'], " ");
    let plain: String = words.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect();
    let mut letters = plain.trim().chars();
    let first = letters.next()?;
    // In YAML it could be something else than a text: a number, or `null`.
    Some(format!("\"{}{}\"", first.to_uppercase(), letters.as_str()))
}

/// The whole file, or none; never over another.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let written = File::create_new(path)?.write_all(text.as_bytes());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_made_of_the_name() {
        assert_eq!(title(Path::new("a/router-reboot")).as_deref(), Some("\"Router reboot\""));
        assert_eq!(title(Path::new("4_wifi_loss.yml")).as_deref(), Some("\"4 wifi loss\""));
        assert_eq!(title(Path::new("null: \"# }")).as_deref(), Some("\"Null\""));
        assert_eq!(title(Path::new("..")), None);
        assert_eq!(title(Path::new("--")), None);
    }

    #[test]
    fn the_ending_is_written_once() {
        assert_eq!(path(Path::new("a/b")), Path::new("a/b.yaml"));
        assert_eq!(path(Path::new("a.yml")), Path::new("a.yml"));
        assert_eq!(path(Path::new("v1.2")), Path::new("v1.2.yaml"));
    }
}
