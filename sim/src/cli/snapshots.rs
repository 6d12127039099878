//! Accepted and pending snapshots beside their scenarios, and `blynk-sim accept`.
//!
//! Owns the files. What stands in them is [`snapshot`](crate::snapshot)'s.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::print::Printer;
use super::{Exit, files};
use crate::snapshot::{EXTENSION, PENDING};

/// The snapshots of one scenario.
#[derive(Clone, Debug)]
pub(super) struct Snapshots {
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
        Self { pending: beside(&format!("{accepted}.{PENDING}")), accepted: beside(&accepted) }
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
        match fs::read_to_string(&self.accepted) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Leaves this one to be accepted: the whole file, or none.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn propose(&self, text: &str) -> io::Result<()> {
        let folder = self.pending.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // The name of the file in between would tell nobody anything.
        let unnamed = |error: io::Error| io::Error::from(error.kind());
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unnamed)?;
        file.write_all(text.as_bytes()).map_err(unnamed)?;
        file.persist(&self.pending).map_err(|error| unnamed(error.error))?;
        Ok(())
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

    /// Takes the pending one for right. Returns whether there was one.
    fn accept(&self) -> io::Result<bool> {
        if !self.pending.is_file() {
            return Ok(false);
        }
        match fs::rename(&self.pending, &self.accepted) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Arguments of `accept`.
#[derive(Debug, clap::Args)]
pub(super) struct Accept {
    /// Scenario files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Accept {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let scenarios = match files::find_all(printer, &self.paths) {
            Ok(scenarios) => scenarios,
            Err(exit) => return exit,
        };
        let mut accepted = 0;
        for scenario in scenarios {
            let snapshots = Snapshots::of(&scenario);
            match snapshots.accept() {
                Ok(true) => {
                    printer.line(format_args!("accepted {}", snapshots.accepted.display()));
                    accepted += 1;
                }
                Ok(false) => {}
                Err(error) => {
                    let path = snapshots.accepted.display();
                    return Exit::CouldNotRun.said(printer, format_args!("cannot write {path}: {error}"));
                }
            }
        }
        if accepted > 0 {
            Exit::Passed
        } else {
            Exit::NothingMatched.said(printer, "no snapshot is pending here")
        }
    }
}
