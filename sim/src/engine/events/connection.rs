//! The server's end of one connection: a [session](Session), and what waits for it.
//!
//! Owns what the shell's task of a connection owns: that nothing is read while a login is being answered, and that a
//! command is handed over once its bytes are out. Decides nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use blynk_core::id::{CommandId, SessionId};
use blynk_core::queue::Queue;
use blynk_core::session::{Input, Output, Session, Word};
use blynk_core::settings::Settings;
use blynk_core::time::Instant;

use super::queue::{self, Alarm, Wake, Who};
use super::wire::Peer;
use crate::network::Bytes;

/// One open connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) peer: Peer,
    /// Whether anybody is at the other end. The server does not know.
    pub(super) is_heard: bool,
    /// Whether a byte has arrived: the first one tells the protocol.
    is_spoken_to: bool,
    session: Session,
    /// What the session does not want to read yet.
    unread: Queue<Unread>,
    /// Commands among the bytes that are not out yet.
    handed: Queue<CommandId>,
    alarm: Alarm,
}

#[derive(Debug)]
enum Unread {
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// What a connection wants next.
pub(super) enum Next {
    /// That the hub is told this.
    Say(Instant, Word),
    /// That it ends.
    Close,
    /// Nothing, until something happens.
    Wait,
}

/// What begins with these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    Device,
    Http,
}

impl Connection {
    pub(super) fn new(now: Instant, id: SessionId, peer: Peer, settings: Arc<Settings>) -> Self {
        Self {
            peer,
            is_heard: true,
            is_spoken_to: false,
            session: Session::new(now, id, peer.address(), settings),
            unread: Queue::new(),
            handed: Queue::new(),
            alarm: Alarm::default(),
        }
    }

    pub(super) fn id(&self) -> SessionId {
        self.session.id()
    }

    /// Ports are shared: methods of HTTP begin with a capital letter, and no login does.
    pub(super) fn speech(&self, bytes: &[u8]) -> Speech {
        match bytes {
            [b'A'..=b'Z', ..] if !self.is_spoken_to => Speech::Http,
            [..] => Speech::Device,
        }
    }

    pub(super) fn on_bytes(&mut self, now: Instant, bytes: &[u8]) {
        self.is_spoken_to = true;
        if self.reads() {
            self.hear(now, Input::Bytes(bytes))
        } else {
            self.keep(Unread::Bytes(bytes.into()))
        }
    }

    pub(super) fn on_fin(&mut self, now: Instant) {
        if self.reads() { self.hear(now, Input::Fin) } else { self.keep(Unread::Fin) }
    }

    pub(super) fn on_reset(&mut self, now: Instant) {
        if self.reads() { self.hear(now, Input::Reset) } else { self.keep(Unread::Reset) }
    }

    fn reads(&self) -> bool {
        self.unread.is_empty() && self.session.wants_bytes()
    }

    fn keep(&mut self, unread: Unread) {
        self.unread.push_back(unread);
    }

    /// Something that is not read from the stream. What waits there is read as soon as it may be.
    pub(super) fn hear(&mut self, now: Instant, input: Input<'_>) {
        self.session.handle_input(now, input);
        while self.session.wants_bytes()
            && let Some(unread) = self.unread.pop_front()
        {
            match &unread {
                Unread::Bytes(bytes) => self.session.handle_input(now, Input::Bytes(bytes)),
                Unread::Fin => self.session.handle_input(now, Input::Fin),
                Unread::Reset => self.session.handle_input(now, Input::Reset),
            }
        }
    }

    /// What the session wants next, without what it wants to send.
    pub(super) fn next(&mut self) -> Next {
        loop {
            match self.session.poll_output() {
                Some(Output::Word(_, Word::Handed(command))) => self.handed.push_back(command),
                Some(Output::Word(at, word)) => return Next::Say(at, word),
                Some(Output::Close(_)) => return Next::Close,
                None => return Next::Wait,
            }
        }
    }

    /// What is to be sent by now, if anything is; by way of a buffer whose content does not matter.
    pub(super) fn written(&mut self, buffer: &mut Vec<u8>) -> Option<Bytes> {
        buffer.clear();
        self.session.poll_transmit(buffer);
        (!buffer.is_empty()).then(|| Bytes::from_slice(buffer))
    }

    /// The next command that the device has, now that everything is sent.
    pub(super) fn handed(&mut self) -> Option<CommandId> {
        self.handed.pop_front()
    }

    /// Sees to it that the session is woken when its next deadline is over.
    pub(super) fn set_alarm(&mut self, now: Instant, queue: &mut queue::Queue) {
        if let Some((deadline, _)) = self.session.poll_timeout() {
            let who = Who::Session(self.id());
            self.alarm.set(queue, Wake { at: deadline.when_over().max(now), who });
        }
    }

    /// Whether a deadline is over.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.session.poll_timeout().is_some_and(|(deadline, _)| deadline.is_over(now))
    }

    /// It is woken. Returns whether it was to be.
    pub(super) fn rings(&mut self, wake: Wake) -> bool {
        self.alarm.rings(wake)
    }
}

impl Peer {
    /// Where the server sees it: each device has an address of its own.
    pub(super) fn address(self) -> SocketAddr {
        const FIRST: u32 = u32::from_be_bytes([10, 0, 0, 1]);
        let address = Ipv4Addr::from(FIRST.wrapping_add(self.device.0));
        let [.., high, low] = self.connection.dialled.to_be_bytes();
        SocketAddr::from((address, u16::from_be_bytes([high, low])))
    }
}
