//! Accepted and pending snapshots beside their scenarios, and the commands about them.
//!
//! Owns the files. What stands in them is [`snapshot`](crate::snapshot)'s.

mod accept;
mod review;
mod unreferenced;

use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{files, interrupt, whole};
use crate::shell;
use crate::snapshot::{EXTENSION, PENDING, of_scenario, with_origin, without_origin};

pub(super) use accept::Accept;
pub(super) use review::Review;
pub(super) use unreferenced::unreferenced;

/// The snapshots of one scenario.
#[derive(Clone, Debug)]
pub(super) struct Snapshots {
    scenario: PathBuf,
    accepted: PathBuf,
    pending: PathBuf,
}

impl Snapshots {
    /// Those beside this file.
    pub(super) fn of(scenario: impl AsRef<Path>) -> Self {
        let beside = |extension: &str| {
            let mut path = scenario.as_ref().as_os_str().to_owned();
            path.push(extension);
            PathBuf::from(path)
        };
        let accepted = format!(".{EXTENSION}");
        let scenario = scenario.as_ref().to_owned();
        Self { pending: beside(&format!("{accepted}.{PENDING}")), accepted: beside(&accepted), scenario }
    }

    /// Where the accepted one is, if there is one.
    pub(super) fn accepted(&self) -> &Path {
        &self.accepted
    }

    /// Where one is left that nobody has accepted yet.
    pub(super) fn pending(&self) -> &Path {
        &self.pending
    }

    /// The accepted one, if there is one.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub(super) fn read(&self) -> io::Result<Option<String>> {
        let text = read(&self.accepted)?;
        // Whoever renames one that waits accepts it too.
        Ok(text.map(|text| without_origin(&text).to_owned()))
    }

    /// The one that nobody has accepted yet, if there is one that may be accepted.
    ///
    /// # Errors
    /// What is said of one that may not be, with the way out.
    fn waiting(&self) -> Result<Option<String>, String> {
        let (pending, scenario) = (self.pending.display(), self.scenario.display());
        let help = format!(
            "remove it, or run {scenario} again: `blynk-sim run {}`",
            shell::word(&self.scenario.display().to_string())
        );
        let cannot =
            |path: &dyn Display, error: &io::Error| format!("cannot read {path}: {}", files::why(error));
        let Some(text) =
            read(&self.pending).map_err(|error| format!("{}; {help}", cannot(&pending, &error)))?
        else {
            return Ok(None);
        };
        let source = files::read_file(&self.scenario).map_err(|error| cannot(&scenario, &error))?;
        match of_scenario(&text, &source.text) {
            Some(snapshot) => Ok(Some(snapshot.to_owned())),
            None => Err(format!("{pending} does not come from {scenario} as it is now; {help}")),
        }
    }

    /// Leaves this one, of a scenario of this text, to be accepted: the whole file, or none.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn propose(&self, text: &str, scenario: &str) -> io::Result<()> {
        write(&self.pending, &with_origin(text, scenario))
    }

    /// Nothing is pending any more.
    ///
    /// # Errors
    /// What is pending cannot be removed.
    pub(super) fn settle(&self) -> io::Result<()> {
        match fs::remove_file(&self.pending) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Takes this one, which was waiting, for right.
    ///
    /// # Errors
    /// It cannot be written, or waits still.
    fn accept(&self, text: &str) -> io::Result<()> {
        write(&self.accepted, text)?;
        self.settle()
    }
}

/// The whole file, or none.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let _held = interrupt::held_off();
    whole::place(whole::beside(path, text)?, path)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
