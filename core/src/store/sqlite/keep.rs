//! How long what people read is kept, and copies of all of it.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::{PATIENCE, Sqlite, schema};
use crate::id::DeviceId;
use crate::store::StoreError;
use crate::time::{Duration, Instant};

/// So many rows at most are forgotten in one transaction: whoever commits meanwhile waits no longer than that takes.
const AT_ONCE: u32 = 500;

/// How long what people read is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Entries of timelines that are older are forgotten, but the newest of each device.
    pub entries: Duration,
    /// No timeline is longer.
    pub most_entries: u32,
    /// Notifications that came to their end longer ago are forgotten.
    pub letters: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self { entries: Duration::DAY * 365, most_entries: 20_000, letters: Duration::DAY * 90 }
    }
}

impl Sqlite {
    /// Forgets some of what is older than it is kept. Returns how much; nothing is left once that is zero.
    ///
    /// # Errors
    /// If the database cannot be changed.
    pub fn forget(&mut self, now: Instant, retention: &Retention) -> Result<usize, StoreError> {
        let mut forgotten = self.forget_letters(now - retention.letters)?;
        for device in self.forgettable(now - retention.entries, retention.most_entries)? {
            forgotten += self.forget_entries(device, now - retention.entries, retention.most_entries)?;
        }
        Ok(forgotten)
    }

    fn forget_letters(&mut self, before: Instant) -> Result<usize, StoreError> {
        let sql = "DELETE FROM notification WHERE id IN
                   (SELECT id FROM notification WHERE stage <> 'owed' AND at < ?1
                    AND id < (SELECT max(id) FROM notification) ORDER BY id LIMIT ?2)";
        Ok(self.connection.execute(sql, (before.as_millis(), AT_ONCE))?)
    }

    /// Devices whose oldest entry is too old, or whose timeline is too long.
    fn forgettable(&self, before: Instant, most: u32) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT id FROM device WHERE
                   (SELECT at FROM entry WHERE device = id ORDER BY sequence LIMIT 1) < ?1 OR
                   (SELECT sequence FROM entry WHERE device = id ORDER BY sequence DESC LIMIT 1) -
                   (SELECT sequence FROM entry WHERE device = id ORDER BY sequence LIMIT 1) >= ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let devices = statement.query_map((before.as_millis(), most), |row| row.get(0).map(DeviceId))?;
        Ok(devices.collect::<Result<_, _>>()?)
    }

    /// The oldest go first, so that no sequence is left out; the newest stays, so that none is used again.
    fn forget_entries(&mut self, device: DeviceId, before: Instant, most: u32) -> Result<usize, StoreError> {
        let sql = "SELECT max(sequence) FROM
                   (SELECT sequence, at FROM entry WHERE device = ?1 ORDER BY sequence LIMIT ?2)
                   WHERE at < ?3 OR sequence <= ?4";
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let newest: Option<i64> = transaction
            .prepare_cached("SELECT sequence FROM entry WHERE device = ?1 ORDER BY sequence DESC LIMIT 1")?
            .query_row((device.0,), |row| row.get(0))
            .optional()?;
        let Some(newest) = newest else { return Ok(0) };
        let last: Option<i64> = transaction
            .prepare_cached(sql)?
            .query_row((device.0, AT_ONCE, before.as_millis(), newest - i64::from(most)), |row| row.get(0))?;
        let Some(last) = last else { return Ok(0) };
        let sql = "DELETE FROM entry WHERE device = ?1 AND sequence <= ?2";
        let forgotten = transaction.prepare_cached(sql)?.execute((device.0, last.min(newest - 1)))?;
        transaction.commit()?;
        Ok(forgotten)
    }

    /// Copies a database that may be in use to a new file, which is for its owner alone: all of it, as of one moment.
    ///
    /// # Errors
    /// If one of the files cannot be used, or there is something under that name.
    pub fn back_up(from: &Path, to: &Path) -> Result<(), StoreError> {
        let cannot = |error: std::io::Error| StoreError::Medium(format!("{}: {error}", to.display()));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let about = |error: rusqlite::Error| StoreError::from(error).about(from.display());
        let connection = Connection::open_with_flags(from, flags).map_err(about)?;
        connection.busy_timeout(PATIENCE)?;
        schema::check_ours(&connection).map_err(|error| error.about(from.display()))?;
        let mut options = OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.write(true).create_new(true).open(to).map_err(cannot)?;
        let name = to.to_str().ok_or_else(|| cannot(ErrorKind::InvalidFilename.into()))?;
        let copied = connection.execute("VACUUM INTO ?1", (name,));
        if copied.is_err() {
            // Half a copy is worse than none; why it is half is told below.
            let _ = std::fs::remove_file(to);
        }
        copied.map_err(|error| StoreError::from(error).about(to.display()))?;
        Ok(())
    }
}
