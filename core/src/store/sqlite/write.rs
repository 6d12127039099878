//! How each [`Write`] changes the tables.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Params, Transaction, ffi};

use super::json;
use super::recent::Recent;
use crate::command::Command;
use crate::id::DeviceId;
use crate::lifecycle::Template;
use crate::notification::{Notification, Progress, Stage};
use crate::store::{Identity, StoreError, Write};
use crate::timeline::{Entry, Event};

/// Performs writes as part of a transaction. A state that a later one overwrites need not be written.
pub(super) fn perform(on: &Transaction<'_>, recent: &mut Recent, writes: &[Write]) -> Result<(), StoreError> {
    let mut newest = BTreeMap::new();
    for (place, write) in writes.iter().enumerate() {
        if let Write::State(device, _) = write {
            newest.insert(*device, place);
        }
    }
    let is_overwritten =
        |place, write: &Write| matches!(write, Write::State(device, _) if newest[device] != place);
    let mut lasting = writes.iter().enumerate().filter(|(place, write)| !is_overwritten(*place, write));
    lasting.try_for_each(|(_, write)| perform_one(on, recent, write))
}

fn perform_one(on: &Transaction<'_>, recent: &mut Recent, write: &Write) -> Result<(), StoreError> {
    let changed = change(on, recent, write).map_err(|error| refusal(write, error))?;
    if changed == 0 {
        return Err(refused(write, MISSING));
    }
    recent.follow(on, write).map_err(|error| refusal(write, error))
}

const MISSING: &str = "what it belongs to is not stored";

/// Returns how many rows changed. None is a mistake.
fn change(on: &Transaction<'_>, recent: &mut Recent, write: &Write) -> rusqlite::Result<usize> {
    match write {
        Write::Template(template) => edit(on, template),
        Write::Device(device, identity) => add_device(on, *device, identity),
        Write::Identity(device, identity) => change_device(on, *device, identity),
        Write::State(device, state) => recent.change(on, *device, state),
        Write::Entry(device, entry) => append(on, recent, *device, entry),
        Write::Value(device, pin, value) => {
            let sql = "INSERT INTO pin_value (device, pin, value) VALUES (?1, ?2, ?3)
                       ON CONFLICT (device, pin) DO UPDATE SET value = excluded.value";
            run(on, sql, (device.0, pin.0, &**value))
        }
        Write::Pending(device, command) => keep(on, *device, command),
        Write::Settled(device, command) => {
            run(on, "DELETE FROM pending WHERE device = ?1 AND command = ?2", (device.0, command.0))?;
            // One that waits no more needs no row to be gone: a newer command may have taken its place.
            Ok(1)
        }
        Write::Notification(notification, progress) => owe(on, notification, progress),
        Write::Ledger(device, ledger) => {
            run(on, "UPDATE device SET ledger = ?2 WHERE id = ?1", (device.0, json(ledger)))
        }
        Write::Removed(device) => remove_device(on, *device),
        Write::TemplateRemoved(name) => run(on, "DELETE FROM template WHERE name = ?1", (name,)),
    }
}

fn run(on: &Transaction<'_>, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
    on.prepare_cached(sql)?.execute(values)
}

/// What was recorded before goes on to name its statuses by the older edition.
fn edit(on: &Transaction<'_>, template: &Template) -> rusqlite::Result<usize> {
    run(on, "INSERT INTO edition (body) VALUES (?1)", (json(template),))?;
    let sql = "INSERT INTO template (name, edition) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET edition = excluded.edition";
    run(on, sql, (&template.name, on.last_insert_rowid()))
}

fn add_device(on: &Transaction<'_>, device: DeviceId, identity: &Identity) -> rusqlite::Result<usize> {
    let Identity { name, token, template, contacts } = identity;
    let sql = "INSERT INTO device (id, name, token, template, contacts) VALUES (?1, ?2, ?3, ?4, ?5)";
    run(on, sql, (device.0, name, token.as_str(), template, json(contacts)))
}

fn change_device(on: &Transaction<'_>, device: DeviceId, identity: &Identity) -> rusqlite::Result<usize> {
    let Identity { name, token, template, contacts } = identity;
    let sql = "UPDATE device SET name = ?2, token = ?3, template = ?4, contacts = ?5 WHERE id = ?1";
    run(on, sql, (device.0, name, token.as_str(), template, json(contacts)))
}

fn append(
    on: &Transaction<'_>,
    recent: &mut Recent,
    device: DeviceId,
    entry: &Entry,
) -> rusqlite::Result<usize> {
    if let Event::Commanded { command, .. } = &entry.event {
        use_up(on, "command", command.id.0)?;
    }
    recent.append(on, device, entry)
}

fn keep(on: &Transaction<'_>, device: DeviceId, command: &Command) -> rusqlite::Result<usize> {
    use_up(on, "command", command.id.0)?;
    let sql = "INSERT INTO pending (device, pin, command, value) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (device, pin) DO UPDATE SET command = excluded.command, value = excluded.value";
    run(on, sql, (device.0, command.pin.0, command.id.0, &*command.value))
}

/// The number is never used again, whatever becomes of what had it.
fn use_up(on: &Transaction<'_>, what: &str, number: u64) -> rusqlite::Result<usize> {
    let sql = "INSERT INTO newest (what, number) VALUES (?1, ?2)
               ON CONFLICT (what) DO UPDATE SET number = max(number, excluded.number)";
    run(on, sql, (what, number))
}

fn remove_device(on: &Transaction<'_>, device: DeviceId) -> rusqlite::Result<usize> {
    let number = |sql| -> rusqlite::Result<Option<u64>> {
        let mut statement = on.prepare_cached(sql)?;
        Ok(statement.query_row((device.0,), |row| row.get(0)).optional()?.flatten())
    };
    let notification = number("SELECT max(id) FROM notification WHERE device = ?1")?;
    let session = number(
        "SELECT json_extract(coalesce((SELECT state FROM recent WHERE device = ?1 AND state IS NOT NULL
                                       ORDER BY id DESC LIMIT 1), state), '$.newest_session')
         FROM device WHERE id = ?1",
    )?;
    let used = [("device", Some(device.0.into())), ("notification", notification), ("session", session)];
    for (what, number) in used {
        number.map(|number| use_up(on, what, number)).transpose()?;
    }
    for table in ["recent", "entry", "pin_value", "pending", "notification"] {
        run(on, &format!("DELETE FROM {table} WHERE device = ?1"), (device.0,))?;
    }
    run(on, "DELETE FROM device WHERE id = ?1", (device.0,))
}

fn owe(on: &Transaction<'_>, notification: &Notification, progress: &Progress) -> rusqlite::Result<usize> {
    let stage = match progress.stage {
        Stage::Owed => "owed",
        Stage::Delivered => "delivered",
        Stage::Dead(_) => "dead",
    };
    let sql = "INSERT INTO notification (id, device, stage, progress, body, at, edition)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6,
                       (SELECT edition FROM template WHERE name = (SELECT template FROM device WHERE id = ?2)))
               ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, progress = excluded.progress, at = excluded.at,
                   body = excluded.body";
    let (id, device, at) = (notification.id.0, notification.device.0, progress.at.as_millis());
    run(on, sql, (id, device, stage, json(progress), json(notification), at))
}

fn refusal(write: &Write, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error().map(|error| error.extended_code) {
        // What belongs to no device has no edition of a template either.
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) if matches!(write, Write::TemplateRemoved(_)) => {
            refused(write, "devices follow it")
        }
        Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_NOTNULL) => refused(write, MISSING),
        Some(_) | None => StoreError::from(error).about(subject(write)),
    }
}

fn refused(write: &Write, why: &str) -> StoreError {
    StoreError::Content(why.into()).about(subject(write))
}

/// What a write is about, for people.
fn subject(write: &Write) -> String {
    match write {
        Write::Template(template) => format!("template `{}`", template.name),
        Write::Device(device, identity) | Write::Identity(device, identity) => {
            format!("device {} of template `{}`", device.0, identity.template)
        }
        Write::State(device, _) => format!("the state of device {}", device.0),
        Write::Entry(device, entry) => format!("an entry of device {} at {}", device.0, entry.at),
        Write::Value(device, pin, _) => format!("{pin} of device {}", device.0),
        Write::Pending(device, Command { id, .. }) | Write::Settled(device, id) => {
            format!("command {} for device {}", id.0, device.0)
        }
        Write::Notification(notification, _) => {
            format!("notification {} of device {}", notification.id.0, notification.device.0)
        }
        Write::Ledger(device, _) => format!("the ledger of device {}", device.0),
        Write::Removed(device) => format!("the removal of device {}", device.0),
        Write::TemplateRemoved(name) => format!("the removal of template `{name}`"),
    }
}
