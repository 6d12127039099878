//! A store that can be looked into, and broken.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::Template;
use blynk_core::notification::{Notification, Stage};
use blynk_core::store::{
    self, Archive, Excerpt, Identity, Kept, Letters, Past, Recorded, Section, Store, StoreError, Stored,
    Write,
};
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

impl Inner {
    fn template(&mut self) -> Arc<Template> {
        let stored = self.store.load().expect("memory can be read");
        stored.templates.into_values().next().expect("a template")
    }
}

impl Archive for Memory {
    fn timeline(&self, device: DeviceId, section: Section) -> Result<Excerpt<Recorded>, StoreError> {
        let (mut templates, mut followed) = (BTreeMap::new(), None);
        let mut all = Vec::new();
        for write in &self.lock().writes {
            if let Write::Template(template) = write {
                templates.insert(template.name.clone(), template.clone());
            } else if let Write::Device(whose, identity) | Write::Identity(whose, identity) = write {
                followed = if *whose == device { Some(identity.template.clone()) } else { followed };
            } else if let Some(entry) = entry(write, device) {
                let template = followed.as_ref().and_then(|name| templates.get(name)).cloned();
                let template = template.expect("who has a past has a template");
                all.push(Recorded { sequence: all.len() as u64, entry: entry.clone(), template });
            }
        }
        Ok(excerpt(all, section))
    }

    fn past(&self, device: DeviceId) -> Result<Past, StoreError> {
        Ok(Past::of(self.lock().writes.iter().filter_map(|write| entry(write, device))))
    }

    fn notifications(&self, which: Letters, section: Section) -> Result<Excerpt<Kept>, StoreError> {
        let mut inner = self.lock();
        let template = inner.template();
        let mut all: Vec<Kept> = Vec::new();
        for write in &inner.writes {
            if let Write::Notification(notification, progress) = write {
                all.retain(|kept| kept.notification.id != notification.id);
                let (notification, template) = (notification.clone(), template.clone());
                all.push(Kept { notification, progress: progress.clone(), template });
            }
        }
        all.retain(|kept| match which {
            Letters::Dead => matches!(kept.progress.stage, Stage::Dead(_)),
            Letters::Of(device) => kept.notification.device == device,
            Letters::Numbered(id) => kept.notification.id == id,
            Letters::All => true,
        });
        Ok(excerpt(all, section))
    }
}

fn entry(write: &Write, device: DeviceId) -> Option<&Entry> {
    if let Write::Entry(whose, entry) = write { Some(entry).filter(|_| *whose == device) } else { None }
}

/// A section of a list that begins with the oldest.
fn excerpt<T>(all: Vec<T>, Section { offset, limit }: Section) -> Excerpt<T> {
    let total = all.len() as u64;
    let content = all.into_iter().rev().skip(offset as usize).take(limit as usize).collect();
    Excerpt { content, total }
}
