//! Actions with a time to steps in order.
//!
//! Owns each device's moments inside a window, how long what is done to it lasts, what undoes what, and the order of steps
//! at one instant: place in the file, then device. An undo belongs to the place of its verb.

use std::collections::BTreeMap;

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use super::action::Act;
use super::roster::Roster;
use crate::plan::{Action, Deed, FaultId, Receiver, ServerAction, Step, Window};
use crate::random::{Purpose, Seed};
use crate::scenario::length::Length;

/// More steps than this are refused: a plan must fit into memory.
pub(super) const MOST: u64 = 10_000_000;

/// Steps in the making.
pub(super) struct Steps<'a> {
    seed: Seed,
    roster: &'a Roster,
    /// How often something was drawn for each device.
    draws: Draws,
    drafts: Vec<Draft>,
    acts: u32,
    faults: u32,
}

/// A step with what its order depends on.
struct Draft {
    at: Instant,
    act: u32,
    /// Which repetition it is.
    turn: u32,
    undoes: bool,
    deed: Deed,
}

/// A heartbeat that holds until something undoes it, if anything does.
struct SetHeartbeat {
    /// Which turn of which act set it.
    by: (u32, u32),
    to: Duration,
}

/// Every draw has a number, so that none depends on what is drawn for anybody else.
struct Draws {
    moments: Vec<u32>,
    /// Of server and receiver.
    worlds_moments: u32,
    lengths: Vec<u32>,
    worlds_lengths: u32,
}

impl<'a> Steps<'a> {
    pub(super) fn new(seed: Seed, roster: &'a Roster) -> Self {
        let zeros = vec![0; roster.len() as usize];
        let draws = Draws { moments: zeros.clone(), worlds_moments: 0, lengths: zeros, worlds_lengths: 0 };
        Self { seed, roster, draws, drafts: Vec::new(), acts: 0, faults: 0 }
    }

    /// Whether the steps of one more act still fit.
    pub(super) fn fits(&self, window: Window, act: &Act) -> bool {
        let repetitions = act.every.map_or(0, |every| window.length().as_millis() / every.as_millis());
        let more = (act.deeds.len() as u64).saturating_mul(2).saturating_mul(repetitions + 1);
        more.saturating_add(self.drafts.len() as u64) <= MOST
    }

    /// Each device does it at its own moment inside the window, and again. Returns when the last of it is undone.
    pub(super) fn add(&mut self, window: Window, act: Act) -> Instant {
        let (count, mut latest) = (act.deeds.len() as u64, window.to);
        for (place, deed) in (0..).zip(&act.deeds) {
            let device = deed.device();
            let first_within = act.every.map_or(window.length(), |every| every.min(window.length()));
            let first = if act.evenly {
                window.from + first_within * place / count
            } else {
                self.moment(window.from, first_within, device)
            };
            let repeated = std::iter::successors(Some(first), |at| Some(*at + act.every?));
            for (turn, at) in (0..).zip(repeated.take_while(|at| *at <= window.to)) {
                let deed = self.numbered(deed.clone());
                let undo = act.lasts.and_then(|lasts| Some((undo_of(&deed)?, lasts)));
                self.draft(at, turn, false, deed);
                if let Some((undo, lasts)) = undo {
                    let end = at + self.length(lasts, device);
                    latest = latest.max(lasts.longest().map_or(end, |longest| window.to + longest));
                    self.draft(end, turn, true, undo);
                }
            }
        }
        self.acts += 1;
        latest
    }

    /// The steps in the order in which they happen.
    pub(super) fn finish(mut self) -> Vec<Step> {
        // What ends with one turn is over before the next begins.
        self.drafts.sort_by_key(|draft| (draft.at, draft.act, draft.deed.device(), draft.turn, draft.undoes));
        self.restore_heartbeats();
        self.drafts.into_iter().map(|draft| Step { at: draft.at, deed: draft.deed }).collect()
    }

    fn draft(&mut self, at: Instant, turn: u32, undoes: bool, deed: Deed) {
        self.drafts.push(Draft { at, act: self.acts, turn, undoes, deed });
    }

    /// Nothing is drawn for a single moment, so one more of them moves no window's draw.
    fn moment(&mut self, from: Instant, within: Duration, device: Option<DeviceId>) -> Instant {
        if within.is_zero() {
            return from;
        }
        let (whose, purpose, number) = match device {
            Some(device) => (device, Purpose::Window, &mut self.draws.moments[device.0 as usize]),
            None => (DeviceId(0), Purpose::World, &mut self.draws.worlds_moments),
        };
        *number += 1;
        from + self.seed.draw(whose, purpose, *number - 1).duration_up_to(within)
    }

    /// Nor is anything drawn for a fixed length.
    fn length(&mut self, length: Length, device: Option<DeviceId>) -> Duration {
        if let Length::Fixed(length) = length {
            return length;
        }
        let (whose, purpose, number) = match device {
            Some(device) => (device, Purpose::Length, &mut self.draws.lengths[device.0 as usize]),
            None => (DeviceId(0), Purpose::WorldLength, &mut self.draws.worlds_lengths),
        };
        *number += 1;
        length.draw(&mut self.seed.draw(whose, purpose, *number - 1))
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

    /// Only in order of time is it known which heartbeat holds when one of them ends: the newest that is left.
    fn restore_heartbeats(&mut self) {
        let mut set: BTreeMap<DeviceId, Vec<SetHeartbeat>> = BTreeMap::new();
        for draft in &mut self.drafts {
            let Deed::Device(device, Action::SetHeartbeat(to)) = &mut draft.deed else { continue };
            let (set, by) = (set.entry(*device).or_default(), (draft.act, draft.turn));
            if draft.undoes {
                set.retain(|other| other.by != by);
                *to = set.last().map_or(self.roster.device(*device).heartbeat, |newest| newest.to);
            } else {
                set.push(SetHeartbeat { by, to: *to });
            }
        }
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
