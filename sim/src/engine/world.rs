//! What lies around the server and survives it: its disk, and the receiver of notifications.
//!
//! The same in all engines. Decides nothing: the plan does.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::id::{DeviceId, NotificationId};
use blynk_core::notification::Notification;
use blynk_core::server::Undelivered;
use blynk_core::store::{Identity, Store, StoreError, Stored, Write};
use blynk_core::time::Instant;

use super::observer::Observer;
use crate::plan::{Plan, Receiver};

/// The surroundings of one server.
#[derive(Clone)]
pub(super) struct World {
    observer: Observer,
    state: Arc<Mutex<State>>,
}

struct State {
    receiver: Receiver,
    /// What the receiver took.
    taken: BTreeSet<NotificationId>,
    disk: Box<dyn Store>,
}

impl World {
    /// The server's disk, until now a new one, holds these devices of the plan and their templates, and nothing has happened.
    /// The server counts them from zero, as any server counts its devices.
    pub(super) fn new(plan: &Plan, devices: Range<u32>, mut disk: impl Store, observer: &Observer) -> Self {
        disk.commit(&provision(plan, devices)).expect("a plan fits on a disk");
        let state = State { receiver: Receiver::default(), taken: BTreeSet::new(), disk: Box::new(disk) };
        Self { observer: observer.clone(), state: Arc::new(Mutex::new(state)) }
    }

    /// From now on the receiver behaves like this.
    pub(super) fn set_receiver(&self, receiver: Receiver) {
        self.state().receiver = receiver;
    }

    /// A notification is sent to the receiver. Returns what comes of it; nothing, where the receiver takes it and does not say
    /// so while the server waits.
    pub(super) fn receive(
        &self,
        now: Instant,
        notification: &Notification,
    ) -> Option<Result<(), Undelivered>> {
        let receiver = self.state().receiver;
        match receiver {
            Receiver::Up => {
                self.take(now, notification);
                Some(Ok(()))
            }
            Receiver::Slow => {
                self.take(now, notification);
                None
            }
            Receiver::Failing => Some(Err(Undelivered::Refused("500".into()))),
            Receiver::Down => Some(Err(Undelivered::Unreachable("connection refused".into()))),
        }
    }

    fn take(&self, now: Instant, notification: &Notification) {
        let again = !self.state().taken.insert(notification.id);
        self.observer.received(now, notification, again);
    }

    /// What the server finds when it starts.
    ///
    /// # Errors
    /// If the disk cannot be read.
    pub(super) fn load(&self) -> Result<Stored, StoreError> {
        self.state().disk.load()
    }

    /// The server writes. What is written to a timeline counts as recorded once it is durable.
    ///
    /// # Errors
    /// If the power is cut at this very commit.
    pub(super) fn commit(&self, now: Instant, writes: &[Write]) -> Result<(), StoreError> {
        let cut = self.observer.commit_begins();
        if cut.is_none_or(|cut| cut.durable) {
            self.state().disk.commit(writes)?;
            self.observer.committed(now, writes);
        }
        if cut.is_some() { Err(StoreError::Medium("the power is gone".into())) } else { Ok(()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic in the simulated world ends the run")
    }
}

/// Devices and their templates, as they are stored before the server starts for the first time.
fn provision(plan: &Plan, devices: Range<u32>) -> Vec<Write> {
    let known = &plan.devices[devices.start as usize..devices.end as usize];
    let templates: BTreeMap<_, _> =
        known.iter().map(|device| (&device.template.name, &device.template)).collect();
    let devices = devices.zip(known).zip(0..).map(|((id, device), number)| {
        let (token, template) = (plan.token(DeviceId(id)), device.template.name.clone());
        let (name, contacts) = (device.name.as_str().into(), BTreeMap::clone(&device.contacts));
        let identity = Identity { name, token, template, contacts };
        Write::Device(DeviceId(number), identity)
    });
    templates.into_values().cloned().map(Write::Template).chain(devices).collect()
}
