//! What the hosts of the simulated world share beside the network: whether the server runs, how the receiver of
//! notifications behaves, and the server's disk.
//!
//! Owns what survives a crash of the server's host. Decides nothing: the plan does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use blynk_core::id::{DeviceId, NotificationId};
use blynk_core::store::{Identity, Sqlite, Store, Write};

use crate::endpoint::ServerChange;
use crate::engine::Probe;
use crate::plan::{Deed, Plan, Receiver};

/// The shared part of one simulated world.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// Nothing will ever be done to the server, so that nobody need listen.
    calm: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Everything that was done to the server, in order.
    changes: Vec<ServerChange>,
    receiver: Receiver,
    /// What the receiver took.
    taken: BTreeSet<NotificationId>,
    /// Whom the next change wakes: devices, and the server itself.
    wakers: BTreeMap<Option<DeviceId>, Waker>,
    disk: Sqlite,
}

impl World {
    /// The server's disk holds the templates and devices of the plan, and nothing has happened.
    pub(super) fn new(plan: &Plan, probe: Probe) -> Self {
        let mut disk = Sqlite::in_memory().expect("a database in memory can be made");
        disk.commit(&provision(plan)).expect("a plan fits into a database");
        let (changes, receiver, taken) = (Vec::new(), Receiver::default(), BTreeSet::new());
        let state = State { changes, receiver, taken, wakers: BTreeMap::new(), disk };
        let calm = probe.cut.is_none() && !plan.steps.iter().any(|step| matches!(step.deed, Deed::Server(_)));
        Self { calm, state: Arc::new(Mutex::new(state)) }
    }

    /// Something is done to the server; whoever waits for it is woken.
    pub(super) fn change(&self, change: ServerChange) {
        let mut state = self.state();
        state.changes.push(change);
        std::mem::take(&mut state.wakers).into_values().for_each(Waker::wake);
    }

    /// The change after the `seen` first ones, once it is made. `who` waits for it: a device, or the server.
    pub(super) fn poll_change(
        &self,
        cx: &mut Context<'_>,
        who: Option<DeviceId>,
        seen: usize,
    ) -> Poll<ServerChange> {
        if self.calm {
            return Poll::Pending;
        }
        let mut state = self.state();
        match state.changes.get(seen) {
            Some(change) => Poll::Ready(*change),
            None => {
                state.wakers.insert(who, cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// How many changes there were up to the last start: what was done at the same instant is still to be heard.
    pub(super) fn changes_before_start(&self) -> usize {
        let changes = &self.state().changes;
        changes.iter().rposition(|change| *change == ServerChange::Started).map_or(0, |start| start + 1)
    }

    /// From now on the receiver behaves like this.
    pub(super) fn set_receiver(&self, receiver: Receiver) {
        self.state().receiver = receiver;
    }

    /// How the receiver behaves.
    pub(super) fn receiver(&self) -> Receiver {
        self.state().receiver
    }

    /// The receiver takes a notification. Returns whether it had taken it before.
    pub(super) fn take(&self, notification: NotificationId) -> bool {
        !self.state().taken.insert(notification)
    }

    /// Reads or writes the server's disk.
    pub(super) fn disk<T>(&self, access: impl FnOnce(&mut Sqlite) -> T) -> T {
        access(&mut self.state().disk)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic in the simulated world ends the run")
    }
}

/// The templates and devices of the plan, as they are stored before the server starts for the first time.
fn provision(plan: &Plan) -> Vec<Write> {
    let by_name = plan.devices.iter().map(|device| (&device.template.name, &device.template));
    let templates: BTreeMap<_, _> = by_name.collect();
    let devices = plan.devices().map(|(id, device)| {
        let (token, template) = (plan.token(id), device.template.name.clone());
        Write::Device(id, Identity { token, template, contacts: BTreeMap::clone(&device.contacts) })
    });
    templates.into_values().cloned().map(Write::Template).chain(devices).collect()
}
