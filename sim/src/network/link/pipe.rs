//! One connection as its link sees it: what is under way on it, and what may pass.

use std::mem;

use blynk_core::queue::Queue;
use blynk_core::time::Instant;

use super::way::Way;
use super::{Host, Output, Path};
use crate::network::delay::{Chance, Direction};
use crate::network::{ConnectionId, FromServer, ToServer};

/// The machine of one connection.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) id: ConnectionId,
    pub(super) phase: Phase,
    /// Begins with SYN, which is that the engine shall dial.
    there: Way<Output>,
    back: Way<FromServer>,
    /// The engine was told that nothing passes any more; once is enough.
    let_go: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// SYN is under way: the server knows nothing yet.
    Dialling,
    /// Connect and login. Attempts are never held: one that meets silence is lost.
    Attempt,
    /// An attempt that met silence, or a server without power: nothing passes any more.
    Lost,
    /// Logged in; the party's current connection.
    Current,
    /// Closed by the party; what is under way still goes out.
    Closing,
    /// An attempt that the host has refused, or torn: the party does not know yet.
    Refused,
    /// The party believes in it, and the server knows nothing of it any more. Only RST comes back, as soon as the host can
    /// answer what the party has to say.
    Forgotten,
}

impl Pipe {
    /// The party dials.
    pub(super) fn dial(now: Instant, id: ConnectionId, path: &Path) -> Self {
        let chance = |direction| Chance::new(path.key, id, direction);
        let mut there = Way::new(chance(Direction::ToServer));
        let phase = if path.is_silent() { Phase::Lost } else { Phase::Dialling };
        there.send(now, path.quality(), Output::Dial(id));
        Self { id, phase, there, back: Way::new(chance(Direction::ToDevice)), let_go: false }
    }

    /// Whether what comes from the server means anything to the party.
    pub(super) fn is_heard(&self) -> bool {
        match self.phase {
            Phase::Attempt | Phase::Current => true,
            Phase::Dialling | Phase::Lost | Phase::Refused | Phase::Closing | Phase::Forgotten => false,
        }
    }

    /// Something sets out to the server.
    pub(super) fn send(&mut self, now: Instant, path: &Path, what: ToServer) {
        self.there.send(now, path.quality(), Output::Deliver(self.id, what));
    }

    /// Something sets out from the server.
    pub(super) fn answer(&mut self, now: Instant, path: &Path, what: FromServer) {
        self.back.send(now, path.quality(), what);
    }

    /// The network tears it: RST goes out both ways from the middle and takes no time. What is under way still is lost,
    /// since nobody sends it again.
    pub(super) fn tear(&mut self, now: Instant) {
        if self.phase == Phase::Dialling {
            self.phase = Phase::Refused;
        }
        self.there.cut(now, Output::Deliver(self.id, ToServer::Reset));
        self.back.cut(now, FromServer::Reset);
    }

    /// Tells the engine that nothing passes any more.
    pub(super) fn let_go(&mut self, outputs: &mut Queue<Output>) {
        if !mem::replace(&mut self.let_go, true) {
            outputs.push_back(Output::Abandon(self.id));
        }
    }

    /// The link falls silent: an attempt is lost.
    pub(super) fn fall_silent(&mut self) {
        match self.phase {
            Phase::Dialling | Phase::Attempt | Phase::Refused => self.phase = Phase::Lost,
            Phase::Lost | Phase::Current | Phase::Closing | Phase::Forgotten => {}
        }
    }

    /// The server's power is lost: an attempt is lost, a connection mute. What is under way to the server will find it
    /// without memory of the connection. Returns whether the party believes in that.
    pub(super) fn lose_power(&mut self, outputs: &mut Queue<Output>) -> bool {
        match self.phase {
            Phase::Attempt => self.end_at_server(Phase::Lost, outputs),
            Phase::Current => self.end_at_server(Phase::Forgotten, outputs),
            Phase::Closing => self.let_go(outputs),
            Phase::Dialling | Phase::Lost | Phase::Refused | Phase::Forgotten => {}
        }
        self.phase != Phase::Closing
    }

    /// The server's process is gone, and its host says so at once. Returns whether the party believes in the connection.
    pub(super) fn lose_process(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        match self.phase {
            Phase::Attempt => self.end_at_server(Phase::Refused, outputs),
            Phase::Current => self.end_at_server(Phase::Forgotten, outputs),
            Phase::Closing => self.let_go(outputs),
            Phase::Dialling | Phase::Lost | Phase::Refused | Phase::Forgotten => return true,
        }
        self.answer(now, path, FromServer::Reset);
        self.phase != Phase::Closing
    }

    /// What was under way from the server is gone, since nobody sends it again.
    fn end_at_server(&mut self, phase: Phase, outputs: &mut Queue<Output>) {
        self.phase = phase;
        self.back.clear();
        self.let_go(outputs);
    }

    /// Lets through what may pass now, in order. Returns whether anything may pass later.
    pub(super) fn pass(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        if path.is_silent() {
            return true;
        }
        match self.phase {
            Phase::Dialling => self.pass_syn(now, path, outputs),
            Phase::Attempt | Phase::Current => {
                while self.pass_back(now, path, outputs) {}
                self.pass_there(now, path, outputs)
            }
            Phase::Lost => true,
            Phase::Closing => self.pass_there(now, path, outputs),
            Phase::Refused => !self.pass_back(now, path, outputs),
            Phase::Forgotten => self.pass_reset(now, path, outputs),
        }
    }

    /// When something may pass, if nothing happens before.
    pub(super) fn due(&self, path: &Path) -> Option<Instant> {
        if path.is_silent() {
            return None;
        }
        let (there, back) = (self.there.due(), self.back.due());
        match self.phase {
            Phase::Dialling | Phase::Closing => there,
            Phase::Attempt | Phase::Current => there.into_iter().chain(back).min(),
            Phase::Lost => None,
            Phase::Refused => back,
            Phase::Forgotten => back.or(there.filter(|_| path.answers())),
        }
    }

    /// SYN meets whatever is there by now.
    fn pass_syn(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        let Some(syn) = self.there.arrived(now, path.quality()) else { return true };
        match path.host {
            Host::Serving => {
                self.phase = Phase::Attempt;
                outputs.push_back(syn);
            }
            Host::Refusing => {
                self.phase = Phase::Refused;
                self.answer(now, path, FromServer::Refused);
            }
            Host::Dark => self.phase = Phase::Lost,
        }
        self.pass(now, path, outputs)
    }

    fn pass_there(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        while let Some(what) = self.there.arrived(now, path.quality()) {
            let ends = matches!(what, Output::Deliver(_, ToServer::Fin | ToServer::Reset));
            outputs.push_back(what);
            if ends {
                return false;
            }
        }
        true
    }

    /// Returns whether something passed.
    fn pass_back(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        let arrived = self.back.arrived(now, path.quality());
        let passes = arrived.is_some();
        outputs.extend(arrived.map(Output::Arrive));
        passes
    }

    /// RST is under way, or the host answers with it whatever the party has to say.
    fn pass_reset(&mut self, now: Instant, path: &Path, outputs: &mut Queue<Output>) -> bool {
        if self.back.is_empty() && path.answers() && self.there.arrived(now, path.quality()).is_some() {
            self.answer(now, path, FromServer::Reset);
        }
        !self.pass_back(now, path, outputs)
    }
}
