//! A store in memory: what was committed, folded into what a server must know when it starts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::{State, Template};
use blynk_core::notification::{Ledger, Notification, Progress, Stage};
use blynk_core::store::{Identity, Store, StoreError, Stored, StoredDevice, Write};
use blynk_core::timeline::Entry;

/// Every handle is the same store, as every open file is the same file.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    writes: Vec<Write>,
    broken: bool,
}

impl Memory {
    /// A store with these devices, which were never seen, all of one template.
    pub(crate) fn with(template: Template, devices: impl IntoIterator<Item = (DeviceId, Identity)>) -> Self {
        let mut memory = Self::default();
        let devices = devices.into_iter().map(|(id, identity)| Write::Device(id, identity));
        let writes: Vec<_> = [Write::Template(Arc::new(template))].into_iter().chain(devices).collect();
        memory.commit(&writes).expect("a new store works");
        memory
    }

    /// From now on nothing can be made durable.
    pub(crate) fn fail(&self) {
        self.lock().broken = true;
    }

    /// Whether this entry is durable.
    pub(crate) fn holds(&self, device: DeviceId, entry: &Entry) -> bool {
        self.lock().writes.contains(&Write::Entry(device, entry.clone()))
    }

    /// Whether it is durable that this notification is owed.
    pub(crate) fn owes(&self, notification: &Notification) -> bool {
        let stored = self.lock().stored();
        stored.owed.iter().any(|(owed, _)| owed == notification)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics while it holds the store")
    }
}

impl Store for Memory {
    fn load(&mut self) -> Result<Stored, StoreError> {
        Ok(self.lock().stored())
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        assert!(!writes.is_empty(), "a commit of nothing costs as much as any");
        let mut inner = self.lock();
        if inner.broken {
            return Err(StoreError::Medium("no space left".into()));
        }
        inner.writes.extend_from_slice(writes);
        Ok(())
    }
}

impl Inner {
    fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        self.writes.iter().cloned().for_each(|write| fold(&mut stored, write));
        stored.owed.retain(|(_, progress)| progress.stage == Stage::Owed);
        stored
    }
}

fn fold(stored: &mut Stored, write: Write) {
    match write {
        Write::Template(template) => drop(stored.templates.insert(template.name.clone(), template)),
        Write::Device(id, identity) => {
            assert_eq!(stored.devices.len(), id.0 as usize, "devices are numbered in order");
            stored.devices.push(new_device(identity));
        }
        Write::State(id, state) => device(stored, id).state = state,
        Write::Entry(..) => {}
        Write::Value(id, pin, value) => drop(device(stored, id).values.insert(pin, value)),
        Write::Pending(id, command) => {
            stored.newest_command = stored.newest_command.max(Some(command.id));
            device(stored, id).pending.insert(command.pin, command);
        }
        Write::Settled(id, settled) => {
            device(stored, id).pending.retain(|_, command| command.id != settled);
        }
        Write::Notification(notification, progress) => note(stored, notification, progress),
        Write::Ledger(id, ledger) => device(stored, id).ledger = ledger,
    }
}

fn new_device(identity: Identity) -> StoredDevice {
    let (values, pending) = (BTreeMap::new(), BTreeMap::new());
    StoredDevice { identity, state: State::NEW, values, pending, ledger: Ledger::default() }
}

fn device(stored: &mut Stored, id: DeviceId) -> &mut StoredDevice {
    &mut stored.devices[id.0 as usize]
}

fn note(stored: &mut Stored, notification: Notification, progress: Progress) {
    stored.newest_notification = stored.newest_notification.max(Some(notification.id));
    match stored.owed.iter_mut().find(|(known, _)| known.id == notification.id) {
        Some((_, old)) => *old = progress,
        None => stored.owed.push((notification, progress)),
    }
}
