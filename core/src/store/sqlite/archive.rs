//! What people read, from the tables.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::{Sqlite, parse};
use crate::id::DeviceId;
use crate::lifecycle::Template;
use crate::store::{Archive, Excerpt, Kept, Letters, Past, Recorded, Section, StoreError};
use crate::time::Instant;
use crate::timeline::Entry;

impl Sqlite {
    /// See [`Archive::timeline`].
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn timeline(&self, device: DeviceId, section: Section) -> Result<Excerpt<Recorded>, StoreError> {
        let Some((oldest, newest)) = self.ends(device)? else {
            return Ok(Excerpt { content: Vec::new(), total: 0 });
        };
        // Sequences have no gaps, so a section needs no counting: it begins here.
        let first = newest.checked_sub(section.offset).filter(|first| *first >= oldest);
        let sql = "SELECT sequence, at, event, edition FROM timeline
                   WHERE device = ?1 AND sequence <= ?2 ORDER BY sequence DESC LIMIT ?3";
        let content = match first {
            Some(first) => self.read(sql, (device.0, first, section.limit), |row, editions| {
                let what = || format!("an entry of device {}", device.0);
                let event = parse(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?, what)?;
                let entry = Entry { at: Instant::from_millis(row.get(1)?), event };
                Ok(Recorded { sequence: row.get(0)?, entry, template: editions.find(row.get(3)?)? })
            })?,
            None => Vec::new(),
        };
        Ok(Excerpt { content, total: newest - oldest + 1 })
    }

    /// See [`Archive::past`].
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn past(&self, device: DeviceId) -> Result<Past, StoreError> {
        let one = |kinds, order| self.entry(device, kinds, order);
        // Between one and the next there may be any number of others: they are passed over, and not read.
        let (arrivals, ends) = (["LoggedIn", "Reported"], ["Closed", "Interrupted"]);
        let newest = [one(arrivals, "DESC")?, one(ends, "DESC")?, one(["Announced"; 2], "DESC")?];
        let oldest = one(arrivals, "ASC")?;
        let newest = Past::of(newest.iter().flatten());
        Ok(Past { oldest_arrival: Past::of(&oldest).oldest_arrival, ..newest })
    }

    /// The first entry of one of these kinds in this order.
    fn entry(&self, device: DeviceId, kinds: [&str; 2], order: &str) -> Result<Option<Entry>, StoreError> {
        let sql = first_of(kinds, order);
        let mut found = self.read(&sql, (device.0,), |row, _| {
            let what = || format!("an entry of device {}", device.0);
            let event = parse(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?, what)?;
            Ok(Entry { at: Instant::from_millis(row.get(0)?), event })
        })?;
        Ok(found.pop())
    }

    /// See [`Archive::notifications`].
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn notifications(&self, which: Letters, section: Section) -> Result<Excerpt<Kept>, StoreError> {
        let (condition, number) = match which {
            Letters::Dead => ("stage = 'dead' AND ?1 IS NULL", None),
            Letters::Of(device) => ("device = ?1", Some(device.0.into())),
            Letters::Numbered(id) => ("id = ?1", Some(id.0)),
            Letters::All => ("?1 IS NULL", None),
        };
        let sql = format!(
            "SELECT id, body, progress, edition FROM notification WHERE {condition} ORDER BY id DESC LIMIT ?2 OFFSET ?3"
        );
        let content = self.read(&sql, (number, section.limit, section.offset), |row, editions| {
            let id: u64 = row.get(0)?;
            let what = || format!("notification {id}");
            let notification = parse(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?, what)?;
            let progress = parse(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?, what)?;
            Ok(Kept { notification, progress, template: editions.find(row.get(3)?)? })
        })?;
        let count = format!("SELECT count(*) FROM notification WHERE {condition}");
        let total = self.connection.prepare_cached(&count)?.query_row((number,), |row| row.get(0))?;
        Ok(Excerpt { content, total })
    }

    /// The newest instant that the store knows: a server's clock must not begin before it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn newest_instant(&self) -> Result<Option<Instant>, StoreError> {
        let sql = "SELECT max(at) FROM
                   (SELECT (SELECT at FROM entry WHERE device = id ORDER BY sequence DESC LIMIT 1) AS at FROM device
                    UNION ALL SELECT max(at) FROM recent)";
        let newest: Option<u64> = self.connection.query_row(sql, (), |row| row.get(0))?;
        Ok(newest.map(Instant::from_millis))
    }

    /// What no other database is called: 32 digits that were drawn when it was made.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn origin(&self) -> Result<String, StoreError> {
        Ok(self.connection.query_row("SELECT value FROM fact WHERE what = 'origin'", (), |row| row.get(0))?)
    }

    /// The oldest and the newest sequence of a device's timeline, if it has entries.
    fn ends(&self, device: DeviceId) -> Result<Option<(u64, u64)>, StoreError> {
        let end = |sql| {
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_row((device.0,), |row| row.get(0)).optional()
        };
        let oldest = end("SELECT sequence FROM timeline WHERE device = ?1 ORDER BY sequence LIMIT 1")?;
        let newest = end("SELECT sequence FROM timeline WHERE device = ?1 ORDER BY sequence DESC LIMIT 1")?;
        Ok(oldest.zip(newest))
    }

    fn read<T>(
        &self,
        sql: &str,
        values: impl Params,
        mut each: impl FnMut(&Row<'_>, &mut Editions<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut editions = Editions { connection: &self.connection, known: BTreeMap::new() };
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            read.push(each(row, &mut editions)?);
        }
        Ok(read)
    }
}

/// Without the sequence in the result SQLite would read all entries, and sort them.
pub(super) fn first_of([one, other]: [&str; 2], order: &str) -> String {
    format!(
        "SELECT at, event, sequence FROM timeline
         WHERE device = ?1 AND (event GLOB '{{\"{one}\":*' OR event GLOB '{{\"{other}\":*')
         ORDER BY sequence {order} LIMIT 1"
    )
}

/// A store that is opened once more, for reading.
impl Archive for Mutex<Sqlite> {
    fn timeline(&self, device: DeviceId, section: Section) -> Result<Excerpt<Recorded>, StoreError> {
        self.lock().expect("no reader panics").timeline(device, section)
    }

    fn past(&self, device: DeviceId) -> Result<Past, StoreError> {
        self.lock().expect("no reader panics").past(device)
    }

    fn notifications(&self, which: Letters, section: Section) -> Result<Excerpt<Kept>, StoreError> {
        self.lock().expect("no reader panics").notifications(which, section)
    }
}

/// Templates as they were; those of one section are few.
struct Editions<'a> {
    connection: &'a Connection,
    known: BTreeMap<i64, Arc<Template>>,
}

impl Editions<'_> {
    fn find(&mut self, edition: i64) -> Result<Arc<Template>, StoreError> {
        if let Some(template) = self.known.get(&edition) {
            return Ok(template.clone());
        }
        let mut statement = self.connection.prepare_cached("SELECT body FROM edition WHERE id = ?1")?;
        let body: String = statement.query_row((edition,), |row| row.get(0))?;
        let template: Arc<Template> = Arc::new(parse(&body, || format!("edition {edition} of a template"))?);
        self.known.insert(edition, template.clone());
        Ok(template)
    }
}
