//! Accepted and pending snapshots beside their scenarios, and the commands about them.
//!
//! Owns the files. What stands in them is [`snapshot`](crate::snapshot)'s.

mod accept;
mod review;
mod unreferenced;

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::snapshot::{EXTENSION, PENDING};

pub(super) use accept::Accept;
pub(super) use review::Review;
pub(super) use unreferenced::unreferenced;

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
        read(&self.accepted)
    }

    /// The one that nobody has accepted yet, if there is one.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn read_pending(&self) -> io::Result<Option<String>> {
        read(&self.pending)
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
        let mut file = temporary().tempfile_in(folder).map_err(unnamed)?;
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

/// A file that others may read, as far as the user lets them.
fn temporary() -> tempfile::Builder<'static, 'static> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut temporary = tempfile::Builder::new();
    #[cfg(unix)]
    temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    temporary
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
