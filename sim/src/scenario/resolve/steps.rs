//! Actions with a time to steps in order.
//!
//! Owns each device's moment inside a window, what undoes what, and the order of steps at one instant: place in the
//! file, then device. An undo belongs to the place of its verb.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use super::action::Act;
use super::devices::Roster;
use crate::plan::{Action, Deed, FaultId, Step, Window};
use crate::random::{Purpose, Seed, Stream};

/// More steps than this are refused: a plan must fit into memory.
pub(super) const MOST: usize = 10_000_000;

/// Steps in the making.
pub(super) struct Steps<'a> {
    seed: Seed,
    roster: &'a Roster,
    streams: BTreeMap<DeviceId, Stream>,
    drafts: Vec<Draft>,
    acts: usize,
    faults: u32,
}

/// A step with what its order depends on.
struct Draft {
    at: Instant,
    act: usize,
    device: DeviceId,
    undoes: bool,
    action: Action,
}

impl<'a> Steps<'a> {
    pub(super) fn new(seed: Seed, roster: &'a Roster) -> Self {
        Self { seed, roster, streams: BTreeMap::new(), drafts: Vec::new(), acts: 0, faults: 0 }
    }

    /// Whether the steps of one more act still fit.
    pub(super) fn fits(&self, act: &Act) -> bool {
        self.drafts.len() + 2 * act.who.len() <= MOST
    }

    /// Each device does it at its own moment inside the window.
    pub(super) fn add(&mut self, window: Window, act: &Act) {
        for &device in &act.who {
            let at = self.moment(window, device);
            let action = self.numbered(act.action.clone());
            let undo = act.lasts.and_then(|lasts| Some((at + lasts, undo_of(&action)?)));
            self.draft(at, device, false, action);
            if let Some((at, action)) = undo {
                self.draft(at, device, true, action);
            }
        }
        self.acts += 1;
    }

    /// The steps in the order in which they happen.
    pub(super) fn finish(mut self) -> Vec<Step> {
        self.drafts.sort_by_key(|draft| (draft.at, draft.act, draft.device, draft.undoes));
        self.restore_heartbeats();
        let step = |draft: Draft| Step { at: draft.at, deed: Deed::Device(draft.device, draft.action) };
        self.drafts.into_iter().map(step).collect()
    }

    fn draft(&mut self, at: Instant, device: DeviceId, undoes: bool, action: Action) {
        self.drafts.push(Draft { at, act: self.acts, device, undoes, action });
    }

    /// Nothing is drawn for a single moment, so one more of them moves no window's draw.
    fn moment(&mut self, window: Window, device: DeviceId) -> Instant {
        let length = window.to.since(window.from);
        if length.is_zero() {
            return window.from;
        }
        let seed = self.seed;
        let stream = self.streams.entry(device).or_insert_with(|| seed.stream(device, Purpose::Window));
        window.from + stream.duration_up_to(length)
    }

    fn numbered(&mut self, mut action: Action) -> Action {
        if let Action::Drop(fault) = &mut action {
            *fault = FaultId(self.faults);
            self.faults += 1;
        }
        action
    }

    /// Only in order of time is it known which heartbeat a `set-heartbeat` replaced.
    fn restore_heartbeats(&mut self) {
        let mut current: BTreeMap<DeviceId, Duration> = BTreeMap::new();
        let mut replaced: BTreeMap<(usize, DeviceId), Duration> = BTreeMap::new();
        for draft in &mut self.drafts {
            let Action::SetHeartbeat(to) = &mut draft.action else { continue };
            let announced = self.roster.device(draft.device).heartbeat;
            let now = current.entry(draft.device).or_insert(announced);
            if draft.undoes {
                *to = replaced.get(&(draft.act, draft.device)).copied().unwrap_or(announced);
            } else {
                replaced.insert((draft.act, draft.device), *now);
            }
            *now = *to;
        }
    }
}

/// What ends an action; a heartbeat's old value is filled in when the order is known.
fn undo_of(action: &Action) -> Option<Action> {
    match action {
        Action::Connect => Some(Action::Disconnect),
        Action::Disconnect => Some(Action::Connect),
        Action::Drop(fault) => Some(Action::Restore(*fault)),
        Action::PowerOff => Some(Action::PowerOn),
        Action::SetHeartbeat(to) => Some(Action::SetHeartbeat(*to)),
        Action::Restore(_)
        | Action::Heal
        | Action::Reset
        | Action::PowerOn
        | Action::Hang(_)
        | Action::Resume(_)
        | Action::Clone(_)
        | Action::EndClone(_)
        | Action::BadToken
        | Action::SetStatus { .. }
        | Action::Sleep { .. }
        | Action::Command { .. }
        | Action::Send { .. }
        | Action::Garbage(_) => None,
    }
}
