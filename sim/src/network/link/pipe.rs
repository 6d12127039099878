//! One connection as its link sees it: what is held on it, and what may pass.

use std::collections::VecDeque;
use std::mem;

use super::{Output, Path};
use crate::network::{ConnectionId, FromServer, ToServer};

/// The machine of one connection.
#[derive(Debug)]
pub(super) struct Pipe {
    pub(super) id: ConnectionId,
    pub(super) phase: Phase,
    pub(super) to_server: VecDeque<ToServer>,
    pub(super) to_device: VecDeque<FromServer>,
    /// The engine was told that nothing passes any more; once is enough.
    let_go: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Connect and login. Attempts are never held: one that meets silence is lost.
    Attempt,
    /// An attempt that met silence, or a power loss of the server: nothing passes any more.
    Lost,
    /// Logged in; the party's current connection.
    Current,
    /// Closed by the party; what is held still goes out.
    Closing,
    /// The party believes in it, and the server knows nothing of it any more.
    Forgotten {
        /// The party has, or had, something to say: RST is the answer as soon as the host can answer.
        reset_due: bool,
    },
}

impl Pipe {
    pub(super) fn new(id: ConnectionId, phase: Phase) -> Self {
        Self { id, phase, to_server: VecDeque::new(), to_device: VecDeque::new(), let_go: false }
    }

    /// Whether what comes from the server means anything to the party.
    pub(super) fn is_heard(&self) -> bool {
        match self.phase {
            Phase::Attempt | Phase::Current => true,
            Phase::Lost | Phase::Closing | Phase::Forgotten { .. } => false,
        }
    }

    /// Tells the engine that nothing passes any more.
    pub(super) fn let_go(&mut self, outputs: &mut VecDeque<Output>) {
        if !mem::replace(&mut self.let_go, true) {
            outputs.push_back(Output::Abandon(self.id));
        }
    }

    /// The server's power is lost: an attempt is lost, a connection mute. Returns whether the party believes in it.
    pub(super) fn lose_power(&mut self, outputs: &mut VecDeque<Output>) -> bool {
        match self.phase {
            Phase::Attempt => self.end_at_server(Phase::Lost, outputs),
            Phase::Current => {
                let reset_due = !self.to_server.is_empty();
                self.end_at_server(Phase::Forgotten { reset_due }, outputs);
            }
            Phase::Closing => self.let_go(outputs),
            Phase::Lost | Phase::Forgotten { .. } => {}
        }
        self.phase != Phase::Closing
    }

    /// The server's process is gone, and its host says so. Returns whether the party believes in the connection.
    pub(super) fn lose_process(&mut self, outputs: &mut VecDeque<Output>) -> bool {
        match self.phase {
            Phase::Attempt | Phase::Current => {
                self.end_at_server(Phase::Forgotten { reset_due: true }, outputs);
            }
            Phase::Closing => self.let_go(outputs),
            Phase::Lost | Phase::Forgotten { .. } => {}
        }
        self.phase != Phase::Closing
    }

    /// What was on its way is gone, in both directions.
    fn end_at_server(&mut self, phase: Phase, outputs: &mut VecDeque<Output>) {
        self.phase = phase;
        self.to_server.clear();
        self.to_device.clear();
        self.let_go(outputs);
    }

    /// Lets through what may pass now, in order. Returns whether anything may pass later.
    pub(super) fn pass(&mut self, path: &Path, outputs: &mut VecDeque<Output>) -> bool {
        match self.phase {
            Phase::Lost => {
                self.to_server.clear();
                self.to_device.clear();
                true
            }
            Phase::Forgotten { reset_due } => self.pass_reset(reset_due, path, outputs),
            Phase::Attempt | Phase::Current | Phase::Closing if path.is_silent() => true,
            Phase::Attempt | Phase::Current => {
                outputs.extend(self.to_device.drain(..).map(Output::Arrive));
                self.pass_to_server(outputs)
            }
            Phase::Closing => self.pass_to_server(outputs),
        }
    }

    fn pass_to_server(&mut self, outputs: &mut VecDeque<Output>) -> bool {
        while let Some(what) = self.to_server.pop_front() {
            let ends = matches!(what, ToServer::Fin | ToServer::Reset);
            outputs.push_back(Output::Deliver(self.id, what));
            if ends {
                return false;
            }
        }
        true
    }

    /// Of a forgotten connection only its end is left: by the host, or by the network that tears it.
    fn pass_reset(&mut self, due: bool, path: &Path, outputs: &mut VecDeque<Output>) -> bool {
        let due = due || !self.to_server.is_empty();
        self.to_server.clear();
        self.phase = Phase::Forgotten { reset_due: due };
        let torn = !self.to_device.is_empty();
        let passes = if torn { !path.is_silent() } else { due && path.answers() };
        if passes {
            outputs.push_back(Output::Arrive(FromServer::Reset));
        }
        !passes
    }
}
