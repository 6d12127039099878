//! A store that ends with its process: what was committed, folded into what a server must know when it starts.
//!
//! Keeps no timelines: a server that starts does not ask for them.

use std::collections::BTreeMap;

use super::{Identity, Store, StoreError, Stored, StoredDevice, Write};
use crate::id::DeviceId;
use crate::lifecycle::State;
use crate::notification::{Ledger, Notification, Progress, Stage};
use crate::timeline::{Entry, Event};

/// For those who need no file: tests, and servers that are simulated by the thousand.
#[derive(Clone, Debug, Default)]
pub struct Memory(Stored);

impl Store for Memory {
    fn load(&mut self) -> Result<Stored, StoreError> {
        Ok(self.0.clone())
    }

    /// # Panics
    /// If a write belongs to a device that is not stored, or the number of one is used again.
    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        writes.iter().for_each(|write| self.0.fold(write));
        Ok(())
    }
}

impl Stored {
    fn fold(&mut self, write: &Write) {
        match write {
            Write::Template(template) => {
                self.templates.insert(template.name.clone(), template.clone());
            }
            Write::Device(id, identity) => {
                let newest = self.devices.last().map(|device| device.id).max(self.newest_removed);
                assert!(newest < Some(*id), "no number of a device is used again");
                self.devices.push(StoredDevice::new(*id, identity.clone()));
            }
            Write::Identity(id, identity) => self.device(*id).identity = identity.clone(),
            Write::State(id, state) => self.device(*id).state = *state,
            Write::Entry(_, entry) => self.pass(entry),
            Write::Value(id, pin, value) => _ = self.device(*id).values.insert(*pin, value.clone()),
            Write::Pending(id, command) => {
                self.newest_command = self.newest_command.max(Some(command.id));
                self.device(*id).pending.insert(command.pin, command.clone());
            }
            Write::Settled(id, settled) => self.device(*id).pending.retain(|_, kept| kept.id != *settled),
            Write::Notification(notification, progress) => self.owe(notification, progress),
            Write::Ledger(id, ledger) => self.device(*id).ledger = ledger.clone(),
            Write::Removed(id) => self.remove(*id),
            Write::TemplateRemoved(name) => _ = self.templates.remove(name),
        }
    }

    /// The number of a command is never used again, whatever becomes of it.
    fn pass(&mut self, entry: &Entry) {
        if let Event::Commanded { command, .. } = &entry.event {
            self.newest_command = self.newest_command.max(Some(command.id));
        }
    }

    fn owe(&mut self, notification: &Notification, progress: &Progress) {
        self.newest_notification = self.newest_notification.max(Some(notification.id));
        let place = self.owed.binary_search_by_key(&notification.id, |(owed, _)| owed.id);
        match (place, progress.stage) {
            (Ok(place), Stage::Owed) => self.owed[place] = (notification.clone(), progress.clone()),
            (Err(place), Stage::Owed) => self.owed.insert(place, (notification.clone(), progress.clone())),
            (Ok(place), Stage::Delivered | Stage::Dead(_)) => drop(self.owed.remove(place)),
            (Err(_), Stage::Delivered | Stage::Dead(_)) => {}
        }
    }

    fn device(&mut self, id: DeviceId) -> &mut StoredDevice {
        let place = self.place(id);
        &mut self.devices[place]
    }

    /// Its number, unless a device before it was removed.
    fn place(&self, id: DeviceId) -> usize {
        let place = id.0 as usize;
        if self.devices.get(place).is_some_and(|device| device.id == id) {
            return place;
        }
        self.devices.binary_search_by_key(&id, |device| device.id).expect("the device is stored")
    }

    fn remove(&mut self, id: DeviceId) {
        let removed = self.devices.remove(self.place(id));
        self.owed.retain(|(notification, _)| notification.device != id);
        self.newest_removed = self.newest_removed.max(Some(id));
        self.newest_removed_session = self.newest_removed_session.max(removed.state.newest_session);
    }
}

impl StoredDevice {
    /// One that was never seen.
    fn new(id: DeviceId, identity: Identity) -> Self {
        let (values, pending) = (BTreeMap::new(), BTreeMap::new());
        Self { id, identity, state: State::NEW, values, pending, ledger: Ledger::default() }
    }
}
