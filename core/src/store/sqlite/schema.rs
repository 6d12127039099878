//! The versions of the tables, and how a database of an older one becomes one of the newest.

use rusqlite::Connection;

use crate::store::StoreError;

/// Marks a database as ours: "Blyn" in ASCII.
const APPLICATION: u32 = 0x426c_796e;

/// The n-th of these turns version n - 1 into version n. Never change one that was released: add another.
const MIGRATIONS: [&str; 4] = [
    include_str!("version_1.sql"),
    include_str!("version_2.sql"),
    include_str!("version_3.sql"),
    include_str!("version_4.sql"),
];

/// Brings a database to the newest version; an empty one has version 0. Other programs' databases are left alone.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    check_ours(connection)?;
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = MIGRATIONS.get(found as usize..).ok_or(StoreError::Newer { found, known: newest() })?;
    if missing.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    missing.iter().try_for_each(|migration| transaction.execute_batch(migration))?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", newest())?;
    Ok(transaction.commit()?)
}

/// A database that holds something is ours.
pub(super) fn check_ours(connection: &Connection) -> Result<(), StoreError> {
    let application: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION && !is_empty(connection)? {
        return Err(StoreError::Content("it is a database of another program".into()));
    }
    Ok(())
}

fn newest() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("few migrations")
}

fn is_empty(connection: &Connection) -> Result<bool, StoreError> {
    let tables: u64 = connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    Ok(tables == 0)
}
