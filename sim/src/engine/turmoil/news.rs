//! How the hosts learn of what is done to the server: devices' links, and the server itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use blynk_core::id::DeviceId;

use crate::endpoint::ServerChange;
use crate::engine::Probe;
use crate::plan::{Deed, Plan};

/// Everything that was done to the server, and who waits for more.
#[derive(Clone, Debug)]
pub(super) struct News {
    /// Nothing will ever be done to the server, so that nobody need listen.
    calm: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// In order.
    changes: Vec<ServerChange>,
    /// The server's host came up after so many of them, if it ever came up before the server.
    awaited_after: usize,
    /// Whom the next change wakes: devices, and the server itself.
    wakers: BTreeMap<Option<DeviceId>, Waker>,
}

impl News {
    /// Nothing has happened.
    pub(super) fn new(plan: &Plan, probe: Probe) -> Self {
        let calm = probe.cut.is_none() && !plan.steps.iter().any(|step| matches!(step.deed, Deed::Server(_)));
        Self { calm, state: Arc::default() }
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

    /// The server's host comes up before the server does.
    pub(super) fn await_start(&self) {
        let mut state = self.state();
        state.awaited_after = state.changes.len();
    }

    /// Ready once the server starts, which waits for that.
    pub(super) fn poll_start(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.state();
        let since = &state.changes[state.awaited_after..];
        if state.awaited_after == 0 || since.contains(&ServerChange::Started) {
            return Poll::Ready(());
        }
        state.wakers.insert(None, cx.waker().clone());
        Poll::Pending
    }

    /// How many changes there were up to the last start: what was done at the same instant is still to be heard.
    pub(super) fn changes_before_start(&self) -> usize {
        let changes = &self.state().changes;
        changes.iter().rposition(|change| *change == ServerChange::Started).map_or(0, |start| start + 1)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a panic in the simulated world ends the run")
    }
}
