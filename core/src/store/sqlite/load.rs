//! What a server must know when it starts, from the tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Row, Transaction};

use super::parse;
use crate::command::Command;
use crate::id::{CommandId, DeviceId, NotificationId, Pin, SessionId, Token};
use crate::lifecycle::{State, Template};
use crate::notification::{Ledger, Notification, Progress};
use crate::store::{Identity, StoreError, Stored, StoredDevice};

/// Everything, as of one moment.
pub(super) fn load(from: &Transaction<'_>) -> Result<Stored, StoreError> {
    let mut stored = Stored {
        newest_notification: newest(from, "SELECT max(id) FROM notification")?
            .max(used_up(from, "notification")?)
            .map(NotificationId),
        newest_command: used_up(from, "command")?.map(CommandId),
        newest_removed: used_up(from, "device")?.and_then(|id| u32::try_from(id).ok()).map(DeviceId),
        newest_removed_session: used_up(from, "session")?.map(SessionId),
        ..Stored::default()
    };
    each(
        from,
        "SELECT name, body FROM template LEFT JOIN edition ON edition.id = template.edition",
        |row| add_template(&mut stored, row),
    )?;
    each(from, "SELECT id, token, template, contacts, state, ledger, name FROM device ORDER BY id", |row| {
        add_device(&mut stored, row)
    })?;
    each(from, "SELECT device, pin, value FROM pin_value", |row| add_value(&mut stored, row))?;
    each(from, "SELECT device, pin, command, value FROM pending", |row| add_pending(&mut stored, row))?;
    let owed = "SELECT id, body, progress FROM notification WHERE stage = 'owed' ORDER BY id";
    each(from, owed, |row| add_owed(&mut stored, row))?;
    Ok(stored)
}

fn newest(from: &Transaction<'_>, sql: &str) -> Result<Option<u64>, StoreError> {
    Ok(from.query_row(sql, (), |row| row.get(0))?)
}

/// The highest number of its kind whose row may be gone.
fn used_up(from: &Transaction<'_>, what: &str) -> Result<Option<u64>, StoreError> {
    Ok(from.query_row("SELECT max(number) FROM newest WHERE what = ?1", (what,), |row| row.get(0))?)
}

fn each(
    from: &Transaction<'_>,
    sql: &str,
    mut add: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = from.prepare(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        add(row)?;
    }
    Ok(())
}

/// The text of a column, not copied.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, StoreError> {
    Ok(row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
}

fn add_template(stored: &mut Stored, row: &Row<'_>) -> Result<(), StoreError> {
    let name: String = row.get(0)?;
    let body = text(row, 1)?.unwrap_or_default();
    let template: Template = parse(body, || format!("template `{name}`"))?;
    stored.templates.insert(name, Arc::new(template));
    Ok(())
}

fn add_device(stored: &mut Stored, row: &Row<'_>) -> Result<(), StoreError> {
    let (id, next) = (row.get(0)?, stored.devices.last().map_or(0, |device| device.id.0 + 1));
    if id > next && stored.newest_removed < Some(DeviceId(id - 1)) {
        return Err(StoreError::Content(format!("device {id} follows where device {next} should")));
    }
    let what = |part: &'static str| move || format!("the {part} of device {id}");
    let token = text(row, 1)?.and_then(|token| Token::parse(token.as_bytes()));
    let token = token.ok_or_else(|| StoreError::Content(format!("the token of device {id} is none")))?;
    let contacts = parse(text(row, 3)?.unwrap_or_default(), what("contacts"))?;
    let state = text(row, 4)?.map_or(Ok(State::NEW), |state| parse(state, what("state")))?;
    let ledger = text(row, 5)?.map_or(Ok(Ledger::default()), |ledger| parse(ledger, what("ledger")))?;
    let identity = Identity { name: row.get(6)?, token, template: row.get(2)?, contacts };
    check_standing(stored, id, &identity, &state)?;
    let (values, pending) = (BTreeMap::new(), BTreeMap::new());
    stored.devices.push(StoredDevice { id: DeviceId(id), identity, state, values, pending, ledger });
    Ok(())
}

/// The template is stored, and has the status that the device is in.
fn check_standing(
    stored: &Stored,
    id: u32,
    Identity { template: name, .. }: &Identity,
    state: &State,
) -> Result<(), StoreError> {
    let Some(template) = stored.templates.get(name) else {
        return Err(StoreError::Content(format!(
            "device {id} has the template `{name}`, which is not stored"
        )));
    };
    let (length, place) = (template.chain.iter().count(), state.standing.map(|standing| standing.status.0));
    match place.filter(|place| usize::from(*place) >= length) {
        Some(place) => Err(StoreError::Content(format!(
            "device {id} is in status {place}, counted from 0, and its template `{name}` has only {length}"
        ))),
        None => Ok(()),
    }
}

fn add_value(stored: &mut Stored, row: &Row<'_>) -> Result<(), StoreError> {
    device(stored, row)?.values.insert(Pin(row.get(1)?), row.get(2)?);
    Ok(())
}

fn add_pending(stored: &mut Stored, row: &Row<'_>) -> Result<(), StoreError> {
    let pin = Pin(row.get(1)?);
    let command = Command { id: CommandId(row.get(2)?), pin, value: row.get(3)? };
    device(stored, row)?.pending.insert(pin, command);
    Ok(())
}

/// The device of a row that begins with its number.
fn device<'a>(stored: &'a mut Stored, row: &Row<'_>) -> Result<&'a mut StoredDevice, StoreError> {
    let id: u32 = row.get(0)?;
    let place = stored.devices.binary_search_by_key(&DeviceId(id), |device| device.id).ok();
    place
        .map(|place| &mut stored.devices[place])
        .ok_or_else(|| StoreError::Content(format!("device {id} has values, and is not stored")))
}

fn add_owed(stored: &mut Stored, row: &Row<'_>) -> Result<(), StoreError> {
    let id: u64 = row.get(0)?;
    let what = || format!("notification {id}");
    let notification: Notification = parse(text(row, 1)?.unwrap_or_default(), what)?;
    let progress: Progress = parse(text(row, 2)?.unwrap_or_default(), what)?;
    stored.owed.push((notification, progress));
    Ok(())
}
