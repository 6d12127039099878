//! A store that can be looked into, and broken.

use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::Template;
use blynk_core::notification::Notification;
use blynk_core::store::{self, Identity, Store, StoreError, Stored, Write};
use blynk_core::timeline::Entry;

/// Every handle is the same store, as every open file is the same file.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    store: store::Memory,
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
        let stored = self.lock().store.load().expect("memory can be read");
        stored.owed.iter().any(|(owed, _)| owed == notification)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics while it holds the store")
    }
}

impl Store for Memory {
    fn load(&mut self) -> Result<Stored, StoreError> {
        self.lock().store.load()
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        assert!(!writes.is_empty(), "a commit of nothing costs as much as any");
        let mut inner = self.lock();
        if inner.broken {
            return Err(StoreError::Medium("no space left".into()));
        }
        inner.writes.extend_from_slice(writes);
        inner.store.commit(writes)
    }
}
