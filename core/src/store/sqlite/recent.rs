//! Entries and states that were committed last: appended row by row, and moved to their places many at a time.
//!
//! The places of two devices are far apart, and a commit that changed a page for each would write mostly what it did not
//! change. Whoever reads entries reads the view `timeline`, which has those of both. Other writes go to their places at once.

use std::collections::BTreeMap;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Params, Row, Statement, Transaction};

use super::json;
use crate::id::DeviceId;
use crate::lifecycle::State;
use crate::store::Write;
use crate::timeline::Entry;

/// So many rows are moved at once, and a commit waits for that. Few in tests, so that they see both.
const MOST: usize = if cfg!(test) { 5 } else { 40_000 };

/// What the one who appends knows.
#[derive(Debug)]
pub(super) struct Recent {
    /// How many rows there are.
    rows: usize,
    /// Of all devices.
    ends: BTreeMap<DeviceId, End>,
}

/// Where a timeline goes on.
#[derive(Clone, Copy, Debug)]
struct End {
    sequence: u64,
    /// Of the template.
    edition: i64,
}

impl Recent {
    /// Moves what is there, and goes on from that.
    pub(super) fn begin(on: &Transaction<'_>) -> rusqlite::Result<Self> {
        settle(on)?;
        let mut recent = Self { rows: 0, ends: BTreeMap::new() };
        recent.learn(on, "TRUE", ())?;
        Ok(recent)
    }

    /// Moves all rows to their places.
    pub(super) fn settle(&mut self, on: &Transaction<'_>) -> rusqlite::Result<()> {
        self.rows = 0;
        settle(on)
    }

    /// What this changes of where timelines go on.
    pub(super) fn follow(&mut self, on: &Transaction<'_>, write: &Write) -> rusqlite::Result<()> {
        match write {
            Write::Template(template) => self.learn(on, "template.name = ?1", (&template.name,)),
            Write::Device(device, _) | Write::Identity(device, _) => {
                self.learn(on, "device.id = ?1", (device.0,))
            }
            Write::Removed(device) => {
                self.ends.remove(device);
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

    fn learn(&mut self, on: &Transaction<'_>, which: &str, values: impl Params) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT device.id, next_entry, edition FROM device JOIN template ON template.name = device.template WHERE {which}"
        );
        let mut statement = on.prepare_cached(&sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let end = End { sequence: row.get(1)?, edition: row.get(2)? };
            // The sequence of a device that is known counts also what was appended since.
            self.ends.entry(DeviceId(row.get(0)?)).or_insert(end).edition = end.edition;
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
        let Some(end) = self.ends.get_mut(&device) else { return Ok(0) };
        let values = (device.0, end.sequence, at.as_millis(), json(event), end.edition);
        end.sequence += 1;
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
        if !self.ends.contains_key(&device) {
            return Ok(0);
        }
        self.add(on, "INSERT INTO recent (device, state) VALUES (?1, ?2)", (device.0, json(state)))
    }

    fn add(&mut self, on: &Transaction<'_>, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        if self.rows == MOST {
            self.settle(on)?;
        }
        self.rows += 1;
        on.prepare_cached(sql)?.execute(values)
    }
}

/// Moves all rows to their places. Anybody may do that at any time.
pub(super) fn settle(on: &Transaction<'_>) -> rusqlite::Result<()> {
    move_all(on)?;
    on.execute("DELETE FROM recent", ()).map(drop)
}

/// Device by device, so that each page is changed but once. And row by row: one statement for all of them would first keep
/// each page as it was, in case that it fails.
fn move_all(on: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut recent = on.prepare_cached(
        "SELECT device, sequence, at, event, edition, state FROM recent ORDER BY device, id",
    )?;
    let mut insert = on.prepare_cached(
        "INSERT INTO entry (device, sequence, at, event, edition) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut update = on.prepare_cached(
        "UPDATE device SET next_entry = coalesce(?2 + 1, next_entry), state = coalesce(?3, state) WHERE id = ?1",
    )?;
    let mut rows = recent.query(())?;
    let mut last: Option<Last> = None;
    while let Some(row) = rows.next()? {
        let device = row.get(0)?;
        if let Some(last) = last.take_if(|last| last.device != device) {
            last.write(&mut update)?;
        }
        let last = last.get_or_insert(Last { device, sequence: None, state: None });
        match row.get(1)? {
            Some(sequence) => {
                last.sequence = Some(sequence);
                copy(row, &mut insert)?;
            }
            None => last.state = Some(row.get(5)?),
        }
    }
    last.map_or(Ok(()), |last| last.write(&mut update))
}

/// The last entry and the last state of a device, if there are some.
struct Last {
    device: u32,
    sequence: Option<u64>,
    state: Option<Box<str>>,
}

impl Last {
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
