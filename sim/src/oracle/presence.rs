//! Whether a device is there, and what stands between it and the server: no power, silence, a freeze, a server that is down.
//!
//! Owns both, as the timeline tells them: what could be from what the scenario did and when the server ran, what is from the
//! server's record.

use blynk_core::id::StatusIndex;
use blynk_core::time::Instant;

use crate::plan::{Action, Client, Deed, Device, FaultId, Plan, Protocol, Reconnect};
use crate::timeline::{Entry, Event, Run, What};

/// Where one device stands between two entries of its lane.
#[derive(Clone, Debug)]
pub(super) struct Presence {
    has_connection: bool,
    intends: bool,
    power_lost: Option<Instant>,
    silences: Vec<(FaultId, Instant)>,
    freezes: Vec<(FaultId, Instant)>,
    server_down: Option<Instant>,
    is_connected: bool,
    is_online: bool,
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
    pub(super) fn of(device: &Device) -> Self {
        let has_connection = device.protocol != Protocol::Http;
        Self {
            has_connection,
            intends: false,
            power_lost: None,
            silences: Vec::new(),
            freezes: Vec::new(),
            server_down: None,
            // What has no connection cannot lose it.
            is_connected: !has_connection,
            is_online: false,
        }
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

    /// Whether a session speaks for it, or it needs none.
    pub(super) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Whether it is connected and its status says so.
    pub(super) fn is_there(&self) -> bool {
        self.is_connected && self.is_online
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
                // The record of the session's end comes with the next start.
                self.disconnect();
            }
            What::Server(event) => self.hear(event),
            What::Received { .. } | What::Noted(_) => {}
        }
    }

    fn act(&mut self, at: Instant, action: &Action) {
        match action {
            Action::Connect => self.intends = true,
            Action::Disconnect => self.intends = false,
            // Of a frozen application nobody can ask it.
            Action::Sleep { .. } if self.freezes.is_empty() => self.intends = false,
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
            | Action::Sleep { .. }
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

    fn hear(&mut self, event: &Event) {
        match event {
            Event::LoggedIn { .. } => self.is_connected = true,
            Event::Closed { .. } | Event::Interrupted { .. } => self.disconnect(),
            Event::Status(change) => self.is_online = change.to == StatusIndex::ONLINE,
            Event::Announced { .. }
            | Event::Superseded { .. }
            | Event::Reported { .. }
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }

    fn disconnect(&mut self) {
        self.is_connected = !self.has_connection;
    }
}

/// Why a device stays away for good when it has lost its connection, or never has one, if so.
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
