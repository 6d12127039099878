//! Entries and states that were committed last: appended row by row, and moved to their places many at a time.
//!
//! The places of two devices are far apart, and a commit that changed a page for each would write mostly what it did not
//! change. Whoever reads entries reads the view `timeline`, which has those of both. Other writes go to their places at once.
//! Only one may append, since it alone knows where timelines go on; anybody may move.

use std::collections::BTreeMap;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Params, Row, Statement, Transaction, TransactionBehavior};

use super::{Sqlite, json};
use crate::id::DeviceId;
use crate::lifecycle::State;
use crate::store::{StoreError, Write};
use crate::timeline::Entry;

/// So many rows wait at most. A commit that finds as many moves them all, and waits for that. Few in tests, so that they
/// see both.
const MOST: usize = if cfg!(test) { 5 } else { 40_000 };

/// So many rows are moved at once by somebody else: a commit that waits for that waits but a moment.
const PART: usize = if cfg!(test) { 2 } else { 500 };

/// What the one who appends knows.
#[derive(Debug)]
pub(super) struct Recent {
    /// How many rows there are, or more: others may have moved some.
    rows: usize,
    /// Of all devices.
    tails: BTreeMap<DeviceId, Tail>,
}

/// Where a timeline goes on.
#[derive(Clone, Copy, Debug)]
struct Tail {
    sequence: u64,
    /// Of the template.
    edition: i64,
}

impl Recent {
    /// Moves what is there, and goes on from that.
    pub(super) fn begin(on: &Transaction<'_>) -> rusqlite::Result<Self> {
        settle(on)?;
        let mut recent = Self { rows: 0, tails: BTreeMap::new() };
        recent.learn(on, "TRUE", ())?;
        Ok(recent)
    }

    /// What this, which was written, changes of where timelines go on.
    pub(super) fn follow(&mut self, on: &Transaction<'_>, write: &Write) -> rusqlite::Result<()> {
        match write {
            Write::Template(template) => self.learn(on, "template.name = ?1", (&template.name,)),
            Write::Device(device, _) | Write::Identity(device, _) => {
                self.learn(on, "device.id = ?1", (device.0,))
            }
            Write::Removed(device) => {
                self.tails.remove(device);
                Ok(())
            }
            Write::State(..)
            | Write::Entry(..)
            | Write::Value(..)
            | Write::Pending(..)
            | Write::Settled(..)
            | Write::Notification(..)
            | Write::Ledger(..)
            | Write::TemplateRemoved(_) => Ok(()),
        }
    }

    /// Of devices that are known only the edition: what was appended of them may not be moved yet.
    fn learn(&mut self, on: &Transaction<'_>, which: &str, values: impl Params) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT device.id, next_entry, edition
             FROM device JOIN template ON template.name = device.template WHERE {which}"
        );
        let mut statement = on.prepare_cached(&sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let found = Tail { sequence: row.get(1)?, edition: row.get(2)? };
            let tail = self.tails.entry(DeviceId(row.get(0)?)).or_insert(found);
            tail.edition = found.edition;
        }
        Ok(())
    }

    /// Returns how many rows are new: none if there is no such device.
    pub(super) fn append(
        &mut self,
        on: &Transaction<'_>,
        device: DeviceId,
        Entry { at, event }: &Entry,
    ) -> rusqlite::Result<usize> {
        let Some(tail) = self.tails.get_mut(&device) else { return Ok(0) };
        let values = (device.0, tail.sequence, at.as_millis(), json(event), tail.edition);
        tail.sequence += 1;
        let sql = "INSERT INTO recent (device, sequence, at, event, edition) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.add(on, sql, values)
    }

    /// Returns how many rows are new: none if there is no such device.
    pub(super) fn change(
        &mut self,
        on: &Transaction<'_>,
        device: DeviceId,
        state: &State,
    ) -> rusqlite::Result<usize> {
        if !self.tails.contains_key(&device) {
            return Ok(0);
        }
        self.add(on, "INSERT INTO recent (device, state) VALUES (?1, ?2)", (device.0, json(state)))
    }

    fn add(&mut self, on: &Transaction<'_>, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        if self.rows == MOST {
            settle(on)?;
            self.rows = 0;
        }
        self.rows += 1;
        on.prepare_cached(sql)?.execute(values)
    }
}

impl Sqlite {
    /// Moves some of what was committed last to its place, the oldest first, so that it can be forgotten one day and the one
    /// who commits has less to move. One transaction of a few rows. Returns whether as much may be left.
    ///
    /// # Errors
    /// If the database cannot be changed.
    pub fn settle_some(&mut self) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = "SELECT max(id), count(*) FROM (SELECT id FROM recent ORDER BY id LIMIT ?1)";
        let (last, rows): (Option<i64>, usize) =
            transaction.query_row(sql, (PART,), |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some(last) = last {
            settle_until(&transaction, last)?;
            transaction.execute("DELETE FROM recent WHERE id <= ?1", (last,))?;
        }
        transaction.commit()?;
        Ok(rows == PART)
    }
}

/// Moves all rows to their places.
fn settle(on: &Transaction<'_>) -> rusqlite::Result<()> {
    settle_until(on, i64::MAX)?;
    on.execute("DELETE FROM recent", ()).map(drop)
}

/// Device by device, so that each page is changed but once. And row by row: one statement for all of them would first keep
/// each page as it was, in case that it fails.
fn settle_until(on: &Transaction<'_>, last: i64) -> rusqlite::Result<()> {
    let mut recent = on.prepare_cached(
        "SELECT device, sequence, at, event, edition, state FROM recent WHERE id <= ?1 ORDER BY device, id",
    )?;
    let mut insert = on.prepare_cached(
        "INSERT INTO entry (device, sequence, at, event, edition) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut update = on.prepare_cached(
        "UPDATE device SET next_entry = coalesce(?2 + 1, next_entry), state = coalesce(?3, state) WHERE id = ?1",
    )?;
    let mut rows = recent.query((last,))?;
    let mut newest: Option<Newest> = None;
    while let Some(row) = rows.next()? {
        let device = row.get(0)?;
        if let Some(before) = newest.take_if(|newest| newest.device != device) {
            before.write(&mut update)?;
        }
        let newest = newest.get_or_insert(Newest { device, sequence: None, state: None });
        match row.get(1)? {
            Some(sequence) => {
                newest.sequence = Some(sequence);
                copy(row, &mut insert)?;
            }
            None => newest.state = Some(row.get(5)?),
        }
    }
    newest.map_or(Ok(()), |newest| newest.write(&mut update))
}

/// A device's newest entry and newest state, if some were moved.
struct Newest {
    device: u32,
    sequence: Option<u64>,
    state: Option<Box<str>>,
}

impl Newest {
    fn write(self, update: &mut Statement<'_>) -> rusqlite::Result<()> {
        update.execute((self.device, self.sequence, self.state)).map(drop)
    }
}

/// As many columns as the statement has parameters, as they are.
fn copy(row: &Row<'_>, insert: &mut Statement<'_>) -> rusqlite::Result<usize> {
    for column in 0..insert.parameter_count() {
        insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
    }
    insert.raw_execute()
}
