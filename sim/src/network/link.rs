//! The link of one party: up or silent, to a server that is up or down. Silence holds what is on its way, as TCP's
//! retransmission would, and lets nobody know (`scenario-language`, "Silences overlap").
//!
//! Owns what gets through and when. Does not decide what is sent, or when a device loses patience.

mod pipe;

use std::collections::VecDeque;

use super::{ConnectionId, FromServer, ToServer};
use crate::device::Message;
use crate::plan::FaultId;
use pipe::{Phase, Pipe};

/// The machine of one link.
#[derive(Debug)]
pub struct Link {
    line: u32,
    path: Path,
    /// Connections that something may still pass on, oldest first. Only the last can be the party's current one.
    pipes: Vec<Pipe>,
    dialled: u32,
    outputs: VecDeque<Output>,
}

/// What lies between the ends, and what is at the far one.
#[derive(Clone, Debug)]
struct Path {
    /// Each silence that covers the link now.
    silences: Vec<FaultId>,
    host: Host,
}

/// What those who dial meet at the far end, and connections that the server has forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// The server listens.
    Serving,
    /// Nobody listens: the host says so.
    Refusing,
    /// No power: nothing comes from there.
    Dark,
}

/// What happens to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerChange {
    /// Power is lost: silence.
    Crashed,
    /// The process is gone: RST.
    Killed,
    /// A graceful stop: its streams end by themselves.
    Stopped,
    /// It listens again and remembers no connection.
    Started,
}

/// What comes out at the ends of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a stream to the server.
    Dial(ConnectionId),
    /// This reaches the server now.
    Deliver(ConnectionId, ToServer),
    /// This reaches the device now, on its current connection.
    Arrive(FromServer),
    /// Nothing passes between the device and this stream any more, and the server is not told.
    Abandon(ConnectionId),
}

impl Link {
    /// A link without faults to a server that is up.
    pub fn new(line: u32) -> Self {
        Self::on(line, Path { silences: Vec::new(), host: Host::Serving })
    }

    /// A link from the same place: what covers this one covers it.
    pub fn beside(&self, line: u32) -> Self {
        Self::on(line, self.path.clone())
    }

    /// A link from elsewhere: only the server is the same.
    pub fn elsewhere(&self, line: u32) -> Self {
        Self::on(line, Path { silences: Vec::new(), host: self.path.host })
    }

    fn on(line: u32, path: Path) -> Self {
        Self { line, path, pipes: Vec::new(), dialled: 0, outputs: VecDeque::new() }
    }

    /// Its number among the lines of one device.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether anything covers the link.
    pub fn is_silent(&self) -> bool {
        self.path.is_silent()
    }

    /// Whether nothing can pass any more unless the party dials.
    pub fn is_idle(&self) -> bool {
        self.pipes.is_empty() && self.outputs.is_empty()
    }

    /// The next thing that gets through.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The party dials. Attempts are never held: what meets silence or darkness is lost.
    pub fn dial(&mut self) {
        self.dialled += 1;
        let id = ConnectionId { line: self.line, dialled: self.dialled };
        if self.is_silent() || self.path.host == Host::Dark {
            self.pipes.push(Pipe::new(id, Phase::Lost));
        } else if self.path.host == Host::Refusing {
            self.outputs.push_back(Output::Arrive(FromServer::Refused));
        } else {
            self.pipes.push(Pipe::new(id, Phase::Attempt));
            self.outputs.push_back(Output::Dial(id));
        }
    }

    /// The device's login was accepted: from now on silence holds instead of losing.
    pub fn established(&mut self) {
        if let Some(pipe) = self.pipes.last_mut()
            && pipe.phase == Phase::Attempt
        {
            pipe.phase = Phase::Current;
        }
    }

    /// The party sends on its current connection.
    pub fn send(&mut self, message: Message) {
        if let Some(pipe) = self.current() {
            pipe.to_server.push_back(ToServer::Message(message));
            self.flush();
        }
    }

    /// The party closes its current connection. While the link is silent its FIN waits.
    pub fn close(&mut self) {
        match self.current() {
            Some(Pipe { phase: Phase::Lost | Phase::Forgotten { .. }, .. }) => self.abandon_last(),
            Some(pipe) => {
                pipe.phase = Phase::Closing;
                pipe.to_server.push_back(ToServer::Fin);
                self.flush();
            }
            None => {}
        }
    }

    /// The party forgets its current connection. Nothing that is held for it will pass.
    pub fn abandon(&mut self) {
        if self.current().is_some() {
            self.abandon_last();
        }
    }

    /// The party loses its memory: connections that it closed in the silence are gone as well.
    pub fn abandon_all(&mut self) {
        while !self.pipes.is_empty() {
            self.abandon_last();
        }
    }

    fn abandon_last(&mut self) {
        if let Some(mut pipe) = self.pipes.pop() {
            pipe.let_go(&mut self.outputs);
        }
    }

    /// The network tears the current connection; both ends see it. Returns whether there was one.
    pub fn reset(&mut self) -> bool {
        let Some(pipe) = self.current() else { return false };
        pipe.to_server.push_back(ToServer::Reset);
        pipe.to_device.push_back(FromServer::Reset);
        self.flush();
        true
    }

    /// Something comes from the server's side. What belongs to a connection that one side
    /// is done with is nobody's.
    pub fn from_server(&mut self, id: ConnectionId, what: FromServer) {
        if let Some(pipe) = self.pipes.iter_mut().find(|pipe| pipe.id == id && pipe.is_heard()) {
            pipe.to_device.push_back(what);
            self.flush();
        }
    }

    /// Something happens to the server. What contradicts the state it is in changes nothing.
    pub fn server_changes(&mut self, change: ServerChange) {
        match (change, self.path.host) {
            (ServerChange::Crashed, Host::Serving | Host::Refusing) => self.on_crashed(),
            (ServerChange::Killed, Host::Serving | Host::Refusing) => self.on_killed(),
            (ServerChange::Stopped, Host::Serving) => self.path.host = Host::Refusing,
            (ServerChange::Started, Host::Refusing | Host::Dark) => self.path.host = Host::Serving,
            (ServerChange::Crashed | ServerChange::Killed, Host::Dark)
            | (ServerChange::Stopped, Host::Refusing | Host::Dark)
            | (ServerChange::Started, Host::Serving) => {}
        }
        self.flush();
    }

    fn on_crashed(&mut self) {
        self.path.host = Host::Dark;
        let outputs = &mut self.outputs;
        self.pipes.retain_mut(|pipe| pipe.lose_power(outputs));
    }

    fn on_killed(&mut self) {
        self.path.host = Host::Refusing;
        let outputs = &mut self.outputs;
        self.pipes.retain_mut(|pipe| pipe.lose_process(outputs));
    }

    /// A silence begins.
    pub fn silence(&mut self, fault: FaultId) {
        self.path.silences.push(fault);
        for pipe in &mut self.pipes {
            if pipe.phase == Phase::Attempt {
                pipe.phase = Phase::Lost;
            }
        }
    }

    /// A silence ends. Returns whether it was still there.
    pub fn restore(&mut self, fault: FaultId) -> bool {
        let silences = &mut self.path.silences;
        let before = silences.len();
        silences.retain(|silence| *silence != fault);
        let was_there = silences.len() < before;
        self.flush();
        was_there
    }

    /// Every silence ends. Returns whether there was one.
    pub fn heal(&mut self) -> bool {
        let was_silent = self.is_silent();
        self.path.silences.clear();
        self.flush();
        was_silent
    }

    /// The connection that the party holds open.
    fn current(&mut self) -> Option<&mut Pipe> {
        self.pipes.last_mut().filter(|pipe| pipe.phase != Phase::Closing)
    }

    fn flush(&mut self) {
        let Self { path, pipes, outputs, .. } = self;
        pipes.retain_mut(|pipe| pipe.pass(path, outputs));
    }
}

impl Path {
    fn is_silent(&self) -> bool {
        !self.silences.is_empty()
    }

    /// Whether a message to the host can be answered at all, be it with RST.
    fn answers(&self) -> bool {
        !self.is_silent() && self.host != Host::Dark
    }
}

#[cfg(test)]
mod tests;
