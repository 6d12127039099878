//! A store in a SQLite database: a file, or memory.
//!
//! Start with `sqlite/version_1.sql`. What only the core reads is JSON; what is searched for is a column. A commit is one
//! transaction; entries and states wait in the table `recent` until many of them can be moved to their places. Does not
//! decide what must be durable: that is the [hub](crate::hub).

mod archive;
mod backup;
mod keep;
mod load;
mod recent;
mod schema;
mod secrets;
mod write;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use keep::Retention;
use recent::Recent;

use super::{Store, StoreError, Stored, Write};

/// How long another process, such as a backup, may keep us from the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pages, of 4 KB each, that the log holds before they are copied to their places: one that changes often is copied once.
const LOG: u32 = 8_000;

/// More statements than the store has.
const STATEMENTS: usize = 64;

/// Keeps everything in one SQLite database. Several may be open on one file, but only one of them may
/// [commit](Store::commit): it knows where timelines go on, and does not ask again.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    /// Once something was loaded or committed.
    recent: Option<Recent>,
}

/// What a commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process at any moment.
    #[default]
    Process,
    /// The loss of power as well: each commit waits for the disk.
    Power,
}

impl Sqlite {
    /// Opens the database in a file, and makes it if there is none. Commits survive the end of the process.
    ///
    /// # Errors
    /// If the file cannot be read and written, is no database of ours, or was made by a newer version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        // Without URIs: a file's name is a name, whatever it looks like.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        Self::over(connection).map_err(|error| error.about(path.display()))
    }

    /// A database in memory, which ends with it.
    ///
    /// # Errors
    /// If there is not enough memory.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::over(Connection::open_in_memory()?)
    }

    /// Sets what commits survive from now on.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub fn with_durability(self, durability: Durability) -> Result<Self, StoreError> {
        let synchronous = match durability {
            Durability::Process => "NORMAL",
            Durability::Power => "FULL",
        };
        self.connection.pragma_update(None, "synchronous", synchronous)?;
        Ok(self)
    }

    fn over(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(PATIENCE)?;
        if connection.is_readonly("main")? {
            return Err(StoreError::Medium("it may be read but not written".into()));
        }
        schema::migrate(&mut connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is sorted needs no file, which may be nowhere to be made.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // Otherwise some statements are made anew for each execution, in case a better plan fits the values.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Self { connection, recent: None }.with_durability(Durability::default())
    }
}

impl Store for Sqlite {
    fn load(&mut self) -> Result<Stored, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let recent = Recent::begin(&transaction)?;
        let stored = load::load(&transaction)?;
        transaction.commit()?;
        self.recent = Some(recent);
        Ok(stored)
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = self.recent.take();
        let mut recent = known.map_or_else(|| Recent::begin(&transaction), Ok)?;
        write::perform(&transaction, &mut recent, writes)?;
        transaction.commit()?;
        self.recent = Some(recent);
        Ok(())
    }
}

impl StoreError {
    /// Names what it is about.
    fn about(self, what: impl fmt::Display) -> Self {
        match self {
            Self::Medium(why) => Self::Medium(format!("{what}: {why}")),
            Self::Content(why) => Self::Content(format!("{what}: {why}")),
            newer @ Self::Newer { .. } => newer,
        }
    }
}

/// What SQLite says of the file or the disk is the medium's fault; what it or we cannot make sense of is the content's.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use ErrorCode::{ConstraintViolation, DatabaseCorrupt, NotADatabase};
        let content = [ConstraintViolation, DatabaseCorrupt, NotADatabase];
        match error.sqlite_error_code() {
            Some(code) if !content.contains(&code) => Self::Medium(error.to_string()),
            Some(_) | None => Self::Content(error.to_string()),
        }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("every word of the core can be written as JSON")
}

fn parse<T: DeserializeOwned>(text: &str, what: impl FnOnce() -> String) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Content(format!("{}: {error}", what())))
}

#[cfg(test)]
mod tests;
