//! The link of one device: up or silent. Silence holds what is on its way, as TCP's retransmission would, and lets
//! nobody know (`scenario-language`, "Silences overlap").
//!
//! Owns what gets through and when. Does not decide what is sent, or when a device loses patience.

use std::collections::VecDeque;

use crate::device::Message;
use crate::plan::FaultId;

/// One connection of a device, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

/// The machine of one link.
#[derive(Debug, Default)]
pub struct Link {
    /// Each silence that covers the link now.
    silences: Vec<FaultId>,
    /// Connections that something may still pass on, oldest first.
    pipes: Vec<Pipe>,
    dialled: u32,
    outputs: VecDeque<Output>,
}

/// One connection as the link sees it.
#[derive(Debug)]
struct Pipe {
    id: ConnectionId,
    phase: Phase,
    to_server: VecDeque<ToServer>,
    to_device: VecDeque<FromServer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Connect and login. Attempts are never held: one that meets silence is lost.
    Attempt,
    /// Met silence as an attempt: nothing passes any more.
    Lost,
    /// Logged in; the device's current connection.
    Current,
    /// Closed by the device; what is held still goes out.
    Closing,
}

/// What a device puts on its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToServer {
    /// A message.
    Message(Message),
    /// The graceful end.
    Fin,
    /// The connection is torn.
    Reset,
}

impl ToServer {
    /// Appends the bytes; ends have none.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Message(message) => message.encode(out),
            Self::Fin | Self::Reset => {}
        }
    }
}

/// What the server, or the network, puts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer {
    /// The stream is open.
    Connected,
    /// Nobody listens.
    Refused,
    /// Bytes.
    Bytes(Vec<u8>),
    /// The graceful end.
    Fin,
    /// The connection is torn.
    Reset,
}

impl FromServer {
    /// How traces call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Refused => "refused",
            Self::Bytes(_) => "answer",
            Self::Fin => "FIN of the server",
            Self::Reset => "RST to the device",
        }
    }
}

/// What comes out at the ends of the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a stream to the server.
    Dial(ConnectionId),
    /// This reaches the server now.
    Deliver(ConnectionId, ToServer),
    /// This reaches the device now.
    Arrive(FromServer),
    /// The device knows nothing of this connection any more, and the server is not told.
    Abandon(ConnectionId),
}

impl Link {
    /// Whether anything covers the link.
    pub fn is_silent(&self) -> bool {
        !self.silences.is_empty()
    }

    /// The next thing that gets through.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The device dials.
    pub fn dial(&mut self) {
        self.dialled += 1;
        let id = ConnectionId(self.dialled);
        let phase = if self.is_silent() { Phase::Lost } else { Phase::Attempt };
        if phase == Phase::Attempt {
            self.outputs.push_back(Output::Dial(id));
        }
        self.pipes.push(Pipe { id, phase, to_server: VecDeque::new(), to_device: VecDeque::new() });
    }

    /// The device's login was accepted: from now on silence holds instead of losing.
    pub fn established(&mut self) {
        if let Some(pipe) = self.pipes.last_mut()
            && pipe.phase == Phase::Attempt
        {
            pipe.phase = Phase::Current;
        }
    }

    /// The device sends on its current connection.
    pub fn send(&mut self, message: Message) {
        if let Some(pipe) = self.current() {
            pipe.to_server.push_back(ToServer::Message(message));
            self.flush();
        }
    }

    /// The device closes its current connection. While the link is silent its FIN waits.
    pub fn close(&mut self) {
        match self.current() {
            Some(pipe) if pipe.phase == Phase::Lost => self.abandon(),
            Some(pipe) => {
                pipe.phase = Phase::Closing;
                pipe.to_server.push_back(ToServer::Fin);
                self.flush();
            }
            None => {}
        }
    }

    /// The device forgets its current connection. Nothing that is held for it will pass.
    pub fn abandon(&mut self) {
        if self.current().is_some() {
            self.abandon_last();
        }
    }

    /// The device loses its memory: connections that it closed in the silence are gone as well.
    pub fn abandon_all(&mut self) {
        while !self.pipes.is_empty() {
            self.abandon_last();
        }
    }

    fn abandon_last(&mut self) {
        if let Some(pipe) = self.pipes.pop() {
            self.outputs.push_back(Output::Abandon(pipe.id));
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

    /// Something comes from the server's side. What belongs to a connection that the device forgot is nobody's.
    pub fn from_server(&mut self, id: ConnectionId, what: FromServer) {
        if let Some(pipe) = self.pipes.iter_mut().find(|pipe| pipe.id == id) {
            pipe.to_device.push_back(what);
            self.flush();
        }
    }

    /// A silence begins.
    pub fn silence(&mut self, fault: FaultId) {
        self.silences.push(fault);
        for pipe in &mut self.pipes {
            if pipe.phase == Phase::Attempt {
                pipe.phase = Phase::Lost;
            }
        }
    }

    /// A silence ends. Returns whether it was still there.
    pub fn restore(&mut self, fault: FaultId) -> bool {
        let before = self.silences.len();
        self.silences.retain(|silence| *silence != fault);
        self.flush();
        self.silences.len() < before
    }

    /// Every silence ends. Returns whether there was one.
    pub fn heal(&mut self) -> bool {
        let was_silent = self.is_silent();
        self.silences.clear();
        self.flush();
        was_silent
    }

    /// The connection that the device holds open.
    fn current(&mut self) -> Option<&mut Pipe> {
        self.pipes.last_mut().filter(|pipe| pipe.phase != Phase::Closing)
    }

    fn flush(&mut self) {
        let silent = self.is_silent();
        let outputs = &mut self.outputs;
        self.pipes.retain_mut(|pipe| pipe.pass(silent, outputs));
    }
}

impl Pipe {
    /// Lets through what may pass now, in order. Returns whether anything may pass later.
    fn pass(&mut self, silent: bool, outputs: &mut VecDeque<Output>) -> bool {
        match self.phase {
            Phase::Lost => {
                self.to_server.clear();
                self.to_device.clear();
                true
            }
            Phase::Attempt | Phase::Current | Phase::Closing if silent => true,
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
}

#[cfg(test)]
mod tests;
