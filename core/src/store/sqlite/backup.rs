//! Copies of all of a database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{PATIENCE, Sqlite, schema};
use crate::store::StoreError;

impl Sqlite {
    /// Copies a database that may be in use to a new file, which is for its owner alone: all of it, as of one moment. The
    /// name stands for a whole copy or for none: until it is whole, it has another, which ends in `.part`.
    ///
    /// # Errors
    /// If one of the files cannot be used, or there is something under that name.
    pub fn back_up(from: &Path, to: &Path) -> Result<(), StoreError> {
        let cannot = |error: io::Error| StoreError::Medium(format!("{}: {error}", to.display()));
        let connection = open(from)?;
        if to.symlink_metadata().is_ok() {
            return Err(cannot(ErrorKind::AlreadyExists.into()));
        }
        let part = part(to);
        let copied = copy(&connection, &part).and_then(|()| publish(&part, to).map_err(cannot));
        // A part is worth nothing; why it is none is told below.
        let _ = fs::remove_file(&part);
        copied
    }
}

fn open(from: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let about = |error: rusqlite::Error| StoreError::from(error).about(from.display());
    let connection = Connection::open_with_flags(from, flags).map_err(about)?;
    connection.busy_timeout(PATIENCE)?;
    schema::check_ours(&connection).map_err(|error| error.about(from.display()))?;
    Ok(connection)
}

fn part(to: &Path) -> PathBuf {
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// What an earlier copy left behind, which was not ended, makes way.
fn copy(connection: &Connection, part: &Path) -> Result<(), StoreError> {
    let cannot = |error: io::Error| StoreError::Medium(format!("{}: {error}", part.display()));
    if let Err(error) = fs::remove_file(part)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(cannot(error));
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(part).map_err(cannot)?;
    let name = part.to_str().ok_or_else(|| cannot(ErrorKind::InvalidFilename.into()))?;
    let copied = connection.execute("VACUUM INTO ?1", (name,));
    copied.map_err(|error| StoreError::from(error).about(part.display()))?;
    File::open(part).and_then(|file| file.sync_all()).map_err(cannot)
}

/// A second name replaces nothing that came under it meanwhile; where files have but one, the first is changed.
fn publish(part: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(part, to) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => fs::rename(part, to),
        linked => linked,
    }
}
