//! The link of one party: good or bad, up or silent, to a server that is up or down.
//!
//! Whatever is sent is under way until it is due, and passes then unless the link is silent. Silence holds it, as TCP's
//! retransmission would, and lets nobody know (`scenario-language`, "Silences overlap"): what became due meanwhile
//! arrives at the instant of the return. With an ideal network everything is due at once, and nothing is waited for.
//!
//! SYN, messages and FIN arrive in the end, since TCP sends them again. So do refusals and the RST of the server's host,
//! which are never sent again themselves, but what they answer is. What has lost its sender is gone: when the party
//! abandons it, when the server is down, and when the network tears the connection. That RST comes from the middle, both
//! ends see it at once, and nobody sends again what was under way.
//!
//! Owns what gets through and when; how long it takes is [`delay`](super::delay). Does not decide what is sent, or when a
//! device loses patience.

mod pipe;
mod way;

use blynk_core::queue::Queue;
use blynk_core::time::Instant;

use super::delay::impaired;
use super::{ConnectionId, FromServer, ToServer};
use crate::device::Message;
use crate::plan::{FaultId, Impairment, Quality};
use pipe::{Phase, Pipe};

/// The machine of one link.
#[derive(Debug)]
pub struct Link {
    line: u32,
    path: Path,
    /// Connections that something may still pass on, oldest first. Only the last can be the party's current one.
    pipes: Vec<Pipe>,
    dialled: u32,
    outputs: Queue<Output>,
}

/// What lies between the ends, and what is at the far one.
#[derive(Clone, Debug)]
struct Path {
    /// What every number of the device's network follows from.
    key: u64,
    /// The network while nothing impairs it.
    usual: Quality,
    impairments: Vec<(FaultId, Impairment)>,
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
    /// The link of a device's own line, without faults, to a server that is up. The key must be the device's own.
    pub fn new(network: Quality, key: u64) -> Self {
        Self::on(0, Path { key, usual: network, impairments: Vec::new(), host: Host::Serving })
    }

    /// A link from the same place: its network is the same, and whatever impairs that.
    pub fn beside(&self, line: u32) -> Self {
        Self::on(line, self.path.clone())
    }

    /// A link from elsewhere, where the network is ideal: only the server is the same.
    pub fn elsewhere(&self, line: u32) -> Self {
        let Path { key, host, .. } = self.path;
        Self::on(line, Path { key, usual: Quality::IDEAL, impairments: Vec::new(), host })
    }

    fn on(line: u32, path: Path) -> Self {
        Self { line, path, pipes: Vec::new(), dialled: 0, outputs: Queue::new() }
    }

    /// Its number among the lines of one device.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether a silence covers the link.
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

    /// When to call [`time_out`](Self::time_out): something may get through then.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.pipes.iter().filter_map(|pipe| pipe.due(&self.path)).min()
    }

    /// Time has passed: what is due by now gets through.
    pub fn time_out(&mut self, now: Instant) {
        self.flush(now);
    }

    /// The party dials. Attempts are never held: what meets silence or darkness is lost.
    pub fn dial(&mut self, now: Instant) {
        self.dialled += 1;
        let id = ConnectionId { line: self.line, dialled: self.dialled };
        // A device has one nearly always.
        self.pipes.reserve_exact(1);
        self.pipes.push(Pipe::dial(now, id, &self.path));
        self.flush(now);
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
    pub fn send(&mut self, now: Instant, message: Message) {
        if let Some((pipe, path)) = self.current() {
            pipe.send(now, path, ToServer::Message(message));
            self.flush(now);
        }
    }

    /// The party closes its current connection. While the link is silent its FIN waits.
    pub fn close(&mut self, now: Instant) {
        let Some((pipe, path)) = self.current() else { return };
        match pipe.phase {
            // Nobody is there who could be told.
            Phase::Dialling | Phase::Lost | Phase::Refused | Phase::Forgotten => self.abandon_last(),
            Phase::Attempt | Phase::Current | Phase::Closing => {
                pipe.phase = Phase::Closing;
                pipe.send(now, path, ToServer::Fin);
                self.flush(now);
            }
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
    pub fn reset(&mut self, now: Instant) -> bool {
        let Some((pipe, _)) = self.current() else { return false };
        pipe.tear(now);
        self.flush(now);
        true
    }

    /// Something comes from the server's side. What belongs to a connection that one side is done with is nobody's.
    pub fn from_server(&mut self, now: Instant, id: ConnectionId, what: FromServer) {
        let Self { path, pipes, .. } = self;
        if let Some(pipe) = pipes.iter_mut().find(|pipe| pipe.id == id && pipe.is_heard()) {
            pipe.answer(now, path, what);
            self.flush(now);
        }
    }

    /// Something happens to the server. What contradicts the state it is in changes nothing.
    pub fn server_changes(&mut self, now: Instant, change: ServerChange) {
        match (change, self.path.host) {
            (ServerChange::Crashed, Host::Serving | Host::Refusing) => self.on_crashed(),
            (ServerChange::Killed, Host::Serving | Host::Refusing) => self.on_killed(now),
            (ServerChange::Stopped, Host::Serving) => self.path.host = Host::Refusing,
            (ServerChange::Started, Host::Refusing | Host::Dark) => self.path.host = Host::Serving,
            (ServerChange::Crashed | ServerChange::Killed, Host::Dark)
            | (ServerChange::Stopped, Host::Refusing | Host::Dark)
            | (ServerChange::Started, Host::Serving) => {}
        }
        self.flush(now);
    }

    fn on_crashed(&mut self) {
        self.path.host = Host::Dark;
        let outputs = &mut self.outputs;
        self.pipes.retain_mut(|pipe| pipe.lose_power(outputs));
    }

    fn on_killed(&mut self, now: Instant) {
        self.path.host = Host::Refusing;
        let Self { path, pipes, outputs, .. } = self;
        pipes.retain_mut(|pipe| pipe.lose_process(now, path, outputs));
    }

    /// Something impairs the link from now on. What is under way is neither slowed nor lost by it, but held by a silence.
    pub fn impair(&mut self, impairment: Impairment, fault: FaultId) {
        self.path.impairments.push((fault, impairment));
        if self.is_silent() {
            self.pipes.iter_mut().for_each(Pipe::fall_silent);
        }
    }

    /// That ends. Returns whether it was still there.
    pub fn relieve(&mut self, now: Instant, fault: FaultId) -> bool {
        self.relieve_if(now, |it| it == fault)
    }

    /// Everything that impairs the link ends. Returns whether there was anything.
    pub fn heal(&mut self, now: Instant) -> bool {
        self.relieve_if(now, |_| true)
    }

    fn relieve_if(&mut self, now: Instant, ends: impl Fn(FaultId) -> bool) -> bool {
        let impairments = &mut self.path.impairments;
        let before = impairments.len();
        impairments.retain(|(fault, _)| !ends(*fault));
        let was_there = impairments.len() < before;
        self.flush(now);
        was_there
    }

    /// The connection that the party holds open.
    fn current(&mut self) -> Option<(&mut Pipe, &Path)> {
        let pipe = self.pipes.last_mut().filter(|pipe| pipe.phase != Phase::Closing)?;
        Some((pipe, &self.path))
    }

    fn flush(&mut self, now: Instant) {
        let Self { path, pipes, outputs, .. } = self;
        pipes.retain_mut(|pipe| pipe.pass(now, path, outputs));
    }
}

impl Path {
    fn is_silent(&self) -> bool {
        self.impairments.iter().any(|(_, impairment)| impairment.is_silence())
    }

    /// What the network is like now.
    fn quality(&self) -> Quality {
        self.impairments.iter().fold(self.usual, |quality, (_, impairment)| impaired(quality, *impairment))
    }

    /// Whether a message to the host can be answered at all, be it with RST.
    fn answers(&self) -> bool {
        !self.is_silent() && self.host != Host::Dark
    }
}

#[cfg(test)]
mod tests;
