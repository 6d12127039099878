//! Files that are there whole or not at all: written under no name yet, beside the one that they are to become.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The text, on the same disk as the file that it is to become.
///
/// # Errors
/// It cannot be written.
pub(super) fn beside(path: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // As any program leaves its files, not readable for their owner alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.prefix(".blynk-sim").tempfile_in(folder(path)).map_err(unnamed)?;
    file.write_all(text.as_bytes()).map_err(unnamed)?;
    Ok(file)
}

/// Puts it in its place.
///
/// # Errors
/// It cannot be put there.
pub(super) fn place(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.persist(path).map_err(|error| unnamed(error.error))?;
    Ok(())
}

/// The name of the file in between would tell nobody anything.
fn unnamed(error: impl Into<io::Error>) -> io::Error {
    io::Error::from(error.into().kind())
}
