//! What stands between a device and the server, as the timeline tells it: no power, silence, a freeze, a server that is down.
//!
//! Owns when a device could be there. Reads only what the scenario did and when the server ran; what the server made of
//! it is in its own record.

use blynk_core::time::Instant;

use crate::plan::{Action, Client, Deed, Device, FaultId, Plan, Protocol, Reconnect};
use crate::timeline::{Entry, Run, What};

/// Where one device stands between two entries of its lane.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    intends: bool,
    power_lost: Option<Instant>,
    silences: Vec<(FaultId, Instant)>,
    freezes: Vec<(FaultId, Instant)>,
    server_down: Option<Instant>,
}

/// Why a device cannot be there, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nobody wants it to be there.
    NotWanted,
    /// It has no power.
    NoPower(Instant),
    /// Nothing passes its link.
    Silence(Instant),
    /// Its application is frozen.
    Frozen(Instant),
    /// The server does not run.
    ServerDown(Instant),
}

impl Presence {
    /// As it is at the start: powered, and not wanted yet.
    pub(super) fn new() -> Self {
        let (silences, freezes) = (Vec::new(), Vec::new());
        Self { intends: false, power_lost: None, silences, freezes, server_down: None }
    }

    /// What is in the way, the nearest to the device first.
    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        let first = |faults: &[(FaultId, Instant)]| faults.first().map(|(_, since)| *since);
        let not_wanted = (!self.intends).then_some(Obstacle::NotWanted);
        not_wanted
            .or(self.power_lost.map(Obstacle::NoPower))
            .or(first(&self.freezes).map(Obstacle::Frozen))
            .or(first(&self.silences).map(Obstacle::Silence))
            .or(self.server_down.map(Obstacle::ServerDown))
    }

    /// Takes note of an entry of the device's lane.
    pub(super) fn learn(&mut self, plan: &Plan, entry: &Entry) {
        match &entry.what {
            What::Step { step, .. } => match &plan.steps[*step].deed {
                Deed::Device(_, action) => self.act(entry.at, action),
                Deed::Server(_) | Deed::Receiver(_) => {}
            },
            What::Run(Run::Up) => self.server_down = None,
            What::Run(Run::Crashed | Run::Killed | Run::Stopped) => {
                self.server_down.get_or_insert(entry.at);
            }
            What::Server(_) | What::Received { .. } | What::Noted(_) => {}
        }
    }

    fn act(&mut self, at: Instant, action: &Action) {
        match action {
            Action::Connect => self.intends = true,
            Action::Disconnect | Action::Sleep { .. } => self.intends = false,
            Action::Impair(what, fault) if what.is_silence() => self.silences.push((*fault, at)),
            Action::Relieve(_, fault) => self.silences.retain(|(silence, _)| silence != fault),
            Action::Heal => self.silences.clear(),
            Action::PowerOff => {
                self.power_lost.get_or_insert(at);
                self.freezes.clear();
            }
            Action::PowerOn => self.power_lost = None,
            Action::Hang(fault) if self.power_lost.is_none() => self.freezes.push((*fault, at)),
            Action::Resume(fault) => self.freezes.retain(|(freeze, _)| freeze != fault),
            Action::Impair(..)
            | Action::Hang(_)
            | Action::Reset
            | Action::Send { .. }
            | Action::SetHeartbeat(_)
            | Action::Garbage(_)
            | Action::Clone(_)
            | Action::EndClone(_)
            | Action::BadToken
            | Action::SetStatus { .. }
            | Action::Command { .. } => {}
        }
    }
}

/// Why a device stays away for good when it has lost its connection, if it does.
pub(super) fn stays_away(device: &Device) -> Option<&'static str> {
    match device.protocol {
        _ if !device.has_right_token => Some("its token is wrong"),
        Protocol::Hardware(Client::Plain(Reconnect::Never)) => {
            Some("it never dials again (`reconnect: never`)")
        }
        Protocol::Hardware(Client::PythonLegacy) => Some("it never dials again (`client: python-legacy`)"),
        Protocol::Hardware(
            Client::Plain(Reconnect::Every(_) | Reconnect::Backoff { .. })
            | Client::Cpp
            | Client::Cpp0
            | Client::Js
            | Client::Python,
        )
        | Protocol::Http => None,
    }
}
