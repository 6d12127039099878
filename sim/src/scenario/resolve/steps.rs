//! Actions with a time to steps in order.
//!
//! Owns each device's moment inside a window, what undoes what, and the order of steps at one instant: place in the
//! file, then device. An undo belongs to the place of its verb.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use super::action::Act;
use super::devices::Roster;
use crate::plan::{Action, Deed, FaultId, Receiver, ServerAction, Step, Window};
use crate::random::{Purpose, Seed, Stream};

/// More steps than this are refused: a plan must fit into memory.
pub(super) const MOST: usize = 10_000_000;

/// Steps in the making.
pub(super) struct Steps<'a> {
    seed: Seed,
    roster: &'a Roster,
    /// Each device's, and that of the server and the receiver.
    streams: BTreeMap<Option<DeviceId>, Stream>,
    drafts: Vec<Draft>,
    acts: usize,
    faults: u32,
}

/// A step with what its order depends on.
struct Draft {
    at: Instant,
    act: usize,
    undoes: bool,
    deed: Deed,
}

impl<'a> Steps<'a> {
    pub(super) fn new(seed: Seed, roster: &'a Roster) -> Self {
        Self { seed, roster, streams: BTreeMap::new(), drafts: Vec::new(), acts: 0, faults: 0 }
    }

    /// Whether the steps of one more act still fit.
    pub(super) fn fits(&self, act: &Act) -> bool {
        self.drafts.len() + 2 * act.deeds.len() <= MOST
    }

    /// Each device does it at its own moment inside the window.
    pub(super) fn add(&mut self, window: Window, act: Act) {
        for deed in act.deeds {
            let at = self.moment(window, device_of(&deed));
            let deed = self.numbered(deed);
            let undo = act.lasts.and_then(|lasts| Some((at + lasts, undo_of(&deed)?)));
            self.draft(at, false, deed);
            if let Some((at, deed)) = undo {
                self.draft(at, true, deed);
            }
        }
        self.acts += 1;
    }

    /// The steps in the order in which they happen.
    pub(super) fn finish(mut self) -> Vec<Step> {
        self.drafts.sort_by_key(|draft| (draft.at, draft.act, device_of(&draft.deed), draft.undoes));
        self.restore_heartbeats();
        self.drafts.into_iter().map(|draft| Step { at: draft.at, deed: draft.deed }).collect()
    }

    fn draft(&mut self, at: Instant, undoes: bool, deed: Deed) {
        self.drafts.push(Draft { at, act: self.acts, undoes, deed });
    }

    /// Nothing is drawn for a single moment, so one more of them moves no window's draw.
    fn moment(&mut self, window: Window, device: Option<DeviceId>) -> Instant {
        let length = window.to.since(window.from);
        if length.is_zero() {
            return window.from;
        }
        let seed = self.seed;
        let stream = self.streams.entry(device).or_insert_with(|| match device {
            Some(device) => seed.stream(device, Purpose::Window),
            None => seed.stream(DeviceId(0), Purpose::World),
        });
        window.from + stream.duration_up_to(length)
    }

    fn numbered(&mut self, mut deed: Deed) -> Deed {
        if let Deed::Device(_, Action::Impair(_, fault) | Action::Hang(fault) | Action::Clone(fault)) =
            &mut deed
        {
            *fault = FaultId(self.faults);
            self.faults += 1;
        }
        deed
    }

    /// Only in order of time is it known which heartbeat a `set-heartbeat` replaced.
    fn restore_heartbeats(&mut self) {
        let mut current: BTreeMap<DeviceId, Duration> = BTreeMap::new();
        let mut replaced: BTreeMap<(usize, DeviceId), Duration> = BTreeMap::new();
        for draft in &mut self.drafts {
            let Deed::Device(device, Action::SetHeartbeat(to)) = &mut draft.deed else { continue };
            let announced = self.roster.device(*device).heartbeat;
            let now = current.entry(*device).or_insert(announced);
            if draft.undoes {
                *to = replaced.get(&(draft.act, *device)).copied().unwrap_or(announced);
            } else {
                replaced.insert((draft.act, *device), *now);
            }
            *now = *to;
        }
    }
}

/// The device that it is done to, if it is done to one.
fn device_of(deed: &Deed) -> Option<DeviceId> {
    match deed {
        Deed::Device(device, _) => Some(*device),
        Deed::Server(_) | Deed::Receiver(_) => None,
    }
}

fn undo_of(deed: &Deed) -> Option<Deed> {
    match deed {
        Deed::Device(device, action) => Some(Deed::Device(*device, undo_of_action(action)?)),
        Deed::Server(ServerAction::Crash | ServerAction::Kill | ServerAction::Stop) => {
            Some(Deed::Server(ServerAction::Start))
        }
        Deed::Server(ServerAction::Start) => None,
        Deed::Receiver(_) => Some(Deed::Receiver(Receiver::Up)),
    }
}

/// What ends an action; a heartbeat's old value is filled in when the order is known.
fn undo_of_action(action: &Action) -> Option<Action> {
    match action {
        Action::Connect => Some(Action::Disconnect),
        Action::Disconnect | Action::Sleep { .. } => Some(Action::Connect),
        Action::Impair(what, fault) => Some(Action::Relieve(*what, *fault)),
        Action::PowerOff => Some(Action::PowerOn),
        Action::Hang(fault) => Some(Action::Resume(*fault)),
        Action::Clone(fault) => Some(Action::EndClone(*fault)),
        Action::SetHeartbeat(to) => Some(Action::SetHeartbeat(*to)),
        Action::Relieve(..)
        | Action::Heal
        | Action::Reset
        | Action::PowerOn
        | Action::Resume(_)
        | Action::EndClone(_)
        | Action::BadToken
        | Action::SetStatus { .. }
        | Action::Command { .. }
        | Action::Send { .. }
        | Action::Garbage(_) => None,
    }
}
