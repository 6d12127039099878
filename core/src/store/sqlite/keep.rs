//! How long what people read is kept.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior};

use super::Sqlite;
use crate::id::DeviceId;
use crate::store::StoreError;
use crate::time::{Duration, Instant};

/// So many rows at most are forgotten in one transaction: whoever commits meanwhile waits no longer than that takes.
const AT_ONCE: usize = 500;

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
    /// Of which devices something is to be forgotten: of what [was moved](Self::settle_some) to its place. Others read and
    /// commit meanwhile.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn forgettable(&self, now: Instant, retention: &Retention) -> Result<Vec<DeviceId>, StoreError> {
        let sql = "SELECT id FROM device WHERE
                   (SELECT at FROM entry WHERE device = id ORDER BY sequence LIMIT 1) < ?1 OR
                   (SELECT sequence FROM entry WHERE device = id ORDER BY sequence DESC LIMIT 1) -
                   (SELECT sequence FROM entry WHERE device = id ORDER BY sequence LIMIT 1) >= ?2";
        let values = ((now - retention.entries).as_millis(), retention.most_entries);
        let mut statement = self.connection.prepare_cached(sql)?;
        let devices = statement.query_map(values, |row| row.get(0).map(DeviceId))?;
        Ok(devices.collect::<Result<_, _>>()?)
    }

    /// Forgets some of what is older than it is kept: notifications, and entries of these devices, which are taken from
    /// the list when they are done. One transaction of a few rows. Returns how many; nothing is left once that is zero.
    ///
    /// # Errors
    /// If the database cannot be changed.
    pub fn forget(
        &mut self,
        now: Instant,
        retention: &Retention,
        devices: &mut Vec<DeviceId>,
    ) -> Result<usize, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut forgotten = forget_letters(&transaction, now - retention.letters)?;
        while forgotten < AT_ONCE
            && let Some(device) = devices.last()
        {
            let (before, room) = (now - retention.entries, AT_ONCE - forgotten);
            match forget_entries(&transaction, *device, before, retention.most_entries, room)? {
                0 => drop(devices.pop()),
                entries => forgotten += entries,
            }
        }
        transaction.commit()?;
        Ok(forgotten)
    }
}

fn forget_letters(on: &Transaction<'_>, before: Instant) -> rusqlite::Result<usize> {
    let sql = "DELETE FROM notification WHERE id IN
               (SELECT id FROM notification WHERE stage <> 'owed' AND at < ?1
                AND id < (SELECT max(id) FROM notification) ORDER BY id LIMIT ?2)";
    on.prepare_cached(sql)?.execute((before.as_millis(), AT_ONCE))
}

/// The oldest go first, so that no sequence is left out; the newest stays, which says when the device was last heard of.
fn forget_entries(
    on: &Transaction<'_>,
    device: DeviceId,
    before: Instant,
    most: u32,
    room: usize,
) -> rusqlite::Result<usize> {
    let newest: Option<i64> = on
        .prepare_cached("SELECT sequence FROM entry WHERE device = ?1 ORDER BY sequence DESC LIMIT 1")?
        .query_row((device.0,), |row| row.get(0))
        .optional()?;
    let Some(newest) = newest else { return Ok(0) };
    let sql = "SELECT max(sequence) FROM
               (SELECT sequence, at FROM entry WHERE device = ?1 ORDER BY sequence LIMIT ?2)
               WHERE at < ?3 OR sequence <= ?4";
    let last: Option<i64> = on
        .prepare_cached(sql)?
        .query_row((device.0, room, before.as_millis(), newest - i64::from(most)), |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    let sql = "DELETE FROM entry WHERE device = ?1 AND sequence <= ?2";
    on.prepare_cached(sql)?.execute((device.0, last.min(newest - 1)))
}
