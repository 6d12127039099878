//! One connection, from its first byte to its end.
//!
//! Owns the protocol state: login, pings, device info, limits, the heartbeat allowance and the reason of the end.
//! Does not decide whether a token is valid or what an end means for the device: that is the [hub](crate::hub), to
//! which a session speaks in [words](Word).

mod flood;
mod request;
mod word;

use std::net::SocketAddr;
use std::sync::Arc;

pub use word::{LoginAnswer, PinValue, Word};

use crate::close::{CloseReason, Violation};
use crate::id::{SessionId, Token};
use crate::protocol::{Answer, Command, Frame, LONGEST_MESSAGE, MessageId, Unread, decode, encode};
use crate::queue::Queue;
use crate::settings::Settings;
use crate::time::{Duration, Instant};
use crate::timeline::Close;
use flood::FloodGauge;

/// A session that is idle holds no longer buffer than this. A single answer fits.
const KEPT: usize = 64;

/// The machine of one connection.
#[derive(Debug)]
pub struct Session {
    id: SessionId,
    address: SocketAddr,
    settings: Arc<Settings>,
    state: State,
    last_byte_at: Instant,
    last_command: Command,
    /// The id of the next message that nobody asked for.
    next_id: MessageId,
    /// The longest message that the device can take.
    buffer: usize,
    flood: FloodGauge,
    /// The beginning of a frame, or what came after a login that is not answered yet.
    unread: Unread,
    transmit: Vec<u8>,
    outputs: Queue<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Open, not logged in.
    Fresh { opened_at: Instant },
    /// The hub was asked about a token.
    LoggingIn { id: MessageId, opened_at: Instant },
    /// The login failed, as too many did before, and is not answered.
    Withheld { opened_at: Instant },
    /// Speaks for its device.
    Live {
        heartbeat: Duration,
        /// Silence counts from here at the earliest: another heartbeat takes nobody by surprise.
        since: Instant,
        /// By the device, which knows better than its template.
        is_announced: bool,
    },
    /// Nothing more will be read or said.
    Over,
}

/// What a session hears.
#[derive(Debug)]
pub enum Input<'a> {
    /// Bytes arrived.
    Bytes(&'a [u8]),
    /// The peer sent FIN.
    Fin,
    /// The peer sent RST, or the transport failed.
    Reset,
    /// The hub answered the login.
    Login(LoginAnswer),
    /// The hub answered another request.
    Answer(MessageId, Answer),
    /// The hub has values for the device: as the answer to a sync, or because a user commanded it.
    Values(Option<MessageId>, &'a [PinValue]),
    /// The device's template has another heartbeat.
    Heartbeat(Duration),
    /// A newer session of the device took over.
    Superseded,
    /// The server stops.
    Stop,
    /// Time has passed.
    Timeout,
}

/// What a session wants done. Bytes to send are apart: see [`Session::poll_transmit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Tell the hub, with the instant at which it became true.
    Word(Instant, Word),
    /// Send what is left to send, then close the connection.
    Close(End),
}

/// Why a session closes its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The reasons of `lifecycle` section 4.
    Closed(CloseReason),
    /// The login was refused.
    Refused(Answer),
    /// No login came in time.
    LoginTimeout,
}

/// Why a session wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The login is overdue.
    Login,
    /// The allowance of the heartbeat is over.
    Heartbeat,
}

impl Session {
    /// A connection that was just opened.
    pub fn new(now: Instant, id: SessionId, address: SocketAddr, settings: Arc<Settings>) -> Self {
        Self {
            id,
            address,
            settings,
            state: State::Fresh { opened_at: now },
            last_byte_at: now,
            last_command: Command::HwLogin,
            next_id: MessageId::FIRST,
            buffer: LONGEST_MESSAGE,
            flood: FloodGauge::default(),
            unread: Unread::default(),
            transmit: Vec::new(),
            outputs: Queue::new(),
        }
    }

    /// Takes one input. `now` may not go back. Bytes count even if a deadline is over that nobody called out yet: a
    /// server that was late or suspended must not take its own delay for the silence of its devices.
    #[inline]
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Bytes(bytes) => self.on_bytes(now, bytes),
            Input::Fin => self.close(now, CloseReason::Closed),
            Input::Reset => self.close(now, CloseReason::Reset),
            Input::Login(answer) => self.on_login_answer(now, answer),
            Input::Answer(id, answer) => self.on_answer(id, answer),
            Input::Values(id, values) => self.on_values(now, id, values),
            Input::Heartbeat(heartbeat) => self.on_heartbeat(now, heartbeat),
            Input::Superseded => self.on_superseded(),
            Input::Stop => self.on_stop(),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// Moves the bytes that are to be sent to the end of `buffer`. Call it before each [`poll_output`](Self::poll_output).
    #[inline]
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) {
        buffer.append(&mut self.transmit);
        if self.transmit.capacity() > KEPT {
            self.transmit = Vec::new();
        }
    }

    /// The next thing to do.
    #[inline]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    #[inline]
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        match self.state {
            State::Fresh { opened_at } | State::Withheld { opened_at } => {
                Some((opened_at + self.settings.login_timeout, Timer::Login))
            }
            State::Live { heartbeat, since, .. } => {
                let silent_since = self.last_byte_at.max(since);
                Some((silent_since + self.settings.allowance.of(heartbeat), Timer::Heartbeat))
            }
            State::LoggingIn { .. } | State::Over => None,
        }
    }

    /// Whether bytes are wanted now. While a login is being answered they wait in the transport, which bounds them.
    #[inline]
    pub fn wants_bytes(&self) -> bool {
        matches!(self.state, State::Fresh { .. } | State::Live { .. })
    }

    #[inline]
    fn on_bytes(&mut self, now: Instant, bytes: &[u8]) {
        if self.state == State::Over {
            return;
        }
        self.last_byte_at = now;
        self.read(now, bytes);
    }

    /// Reads whole frames; keeps the rest.
    #[inline]
    fn read(&mut self, now: Instant, arrived: &[u8]) {
        let joined = self.unread.join(arrived);
        let mut input = &*joined;
        while self.wants_bytes() {
            match decode(&mut input, self.settings.body_limit) {
                Ok(Some(frame)) => self.on_frame(now, frame),
                Ok(None) => break,
                Err(violation) => self.close(now, CloseReason::Protocol(violation)),
            }
        }
        let rest = input.len();
        self.unread.keep(joined, rest);
    }

    fn on_frame(&mut self, now: Instant, frame: Frame<'_>) {
        if self.flood.message(now) > usize::from(self.settings.messages_per_second) {
            return self.close(now, CloseReason::Flood);
        }
        // An answer of the device to something that the server sent: a sign of life, and nothing else.
        let Frame::Request { command, id, body } = frame else { return };
        self.last_command = command;
        match self.state {
            State::Fresh { opened_at } => self.on_request_before_login(now, opened_at, command, id, body),
            State::Live { .. } => self.on_request(now, command, id, body),
            State::LoggingIn { .. } | State::Withheld { .. } | State::Over => {
                unreachable!("frames are read only while bytes are wanted")
            }
        }
    }

    fn on_request_before_login(
        &mut self,
        now: Instant,
        opened_at: Instant,
        command: Command,
        id: MessageId,
        body: &[u8],
    ) {
        match command {
            Command::Login | Command::HwLogin => self.on_login(now, opened_at, id, body),
            // One client library pings before its login is answered.
            Command::Ping => self.answer(id, Answer::NOT_AUTHENTICATED),
            Command::Bridge
            | Command::HwSync
            | Command::Internal
            | Command::Property
            | Command::Hardware
            | Command::Group
            | Command::Redirect
            | Command::DebugPrint
            | Command::EventLog
            | Command::EventClear => self.close(now, CloseReason::Protocol(Violation::NotLoggedIn)),
        }
    }

    fn on_login(&mut self, now: Instant, opened_at: Instant, id: MessageId, body: &[u8]) {
        self.state = State::LoggingIn { id, opened_at };
        match Token::parse(body) {
            Some(token) => self.say(now, Word::Login { token, address: self.address }),
            None => {
                self.say(now, Word::NoToken);
                self.refuse(id, Answer::INVALID_TOKEN);
            }
        }
    }

    fn on_login_answer(&mut self, now: Instant, answer: LoginAnswer) {
        // The connection may have ended while the hub was thinking.
        let State::LoggingIn { id, opened_at } = self.state else { return };
        match answer {
            LoginAnswer::Accepted { heartbeat } => {
                self.state = State::Live { heartbeat, since: self.last_byte_at, is_announced: false };
                self.answer(id, Answer::OK);
                self.read(now, &[]);
            }
            LoginAnswer::Refused(answer) => self.refuse(id, answer),
            LoginAnswer::Withheld => self.state = State::Withheld { opened_at },
        }
    }

    fn on_answer(&mut self, id: MessageId, answer: Answer) {
        if let State::Live { .. } = self.state {
            self.answer(id, answer);
        }
    }

    fn on_heartbeat(&mut self, now: Instant, of_template: Duration) {
        if let State::Live { heartbeat, since, is_announced: false } = &mut self.state {
            (*heartbeat, *since) = (of_template, now);
        }
    }

    fn refuse(&mut self, id: MessageId, answer: Answer) {
        self.answer(id, answer);
        self.end(End::Refused(answer));
    }

    fn on_superseded(&mut self) {
        if self.state != State::Over {
            self.end(End::Closed(CloseReason::Superseded));
        }
    }

    /// The hub is not told: who is connected when the server stops did not disconnect.
    fn on_stop(&mut self) {
        if self.state != State::Over {
            self.end(End::Closed(CloseReason::Server));
        }
    }

    fn on_timeout(&mut self, now: Instant) {
        match self.poll_timeout() {
            Some((deadline, Timer::Heartbeat)) if deadline.is_over(now) => self.on_silence(deadline),
            Some((deadline, Timer::Login)) if deadline.is_over(now) => self.end(End::LoginTimeout),
            Some(_) | None => {}
        }
    }

    fn on_silence(&mut self, deadline: Instant) {
        let State::Live { heartbeat, .. } = self.state else {
            unreachable!("only a live session has a heartbeat")
        };
        self.close(deadline, CloseReason::Heartbeat { heartbeat, rule: self.settings.allowance });
    }

    /// Ends the session, and tells the hub if the hub knows of it.
    fn close(&mut self, at: Instant, reason: CloseReason) {
        match self.state {
            State::Over => return,
            State::Fresh { .. } | State::Withheld { .. } => {}
            State::LoggingIn { .. } | State::Live { .. } => {
                let Self { last_byte_at, last_command, .. } = *self;
                self.say(at, Word::Closed(Close { reason, last_byte_at, last_command }));
            }
        }
        self.end(End::Closed(reason));
    }

    fn end(&mut self, end: End) {
        self.state = State::Over;
        self.outputs.push_back(Output::Close(end));
    }

    fn say(&mut self, at: Instant, word: Word) {
        self.outputs.push_back(Output::Word(at, word));
    }

    fn answer(&mut self, id: MessageId, answer: Answer) {
        encode(Frame::Response { id, answer }, &mut self.transmit);
    }

    /// When its last byte arrived, and the last message.
    pub fn last(&self) -> (Instant, Command) {
        (self.last_byte_at, self.last_command)
    }

    /// Where it comes from.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The number of this session.
    pub fn id(&self) -> SessionId {
        self.id
    }
}

#[cfg(test)]
mod tests;
