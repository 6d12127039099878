//! The virtual device: firmware of the plain kind, sans-IO.
//!
//! Owns intention, power and what the firmware does with its connection: login, pings, giving up, dialling again
//! (`scenario-language`, "The plain device"). Does not know whether its link is silent: that is the
//! [link](crate::network::Link).

mod message;
mod reconnect;
mod request;

use std::collections::VecDeque;

use blynk_core::id::{Pin, Token};
use blynk_core::protocol::{Answer, Frame, MessageId, Unread, decode};
use blynk_core::time::{Duration, Instant};

pub use message::{Content, Message};
pub use reconnect::Redial;
pub use request::Request;

use crate::plan::Garbage;

/// How long an attempt may take, connect and login together.
pub const ATTEMPT: Duration = Duration::from_secs(5);
/// The device reads whatever the server sends.
const BODY_LIMIT: u16 = u16::MAX;

/// The machine of one device.
#[derive(Debug)]
pub struct Device {
    token: Token,
    heartbeat: Duration,
    redial: Redial,
    intends: bool,
    powered: bool,
    state: State,
    next_id: MessageId,
    unread: Unread,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No connection and none coming.
    Idle,
    /// Between attempts.
    Waiting { redial_at: Instant },
    /// An attempt: no stream yet.
    Dialling { since: Instant },
    /// An attempt: the login is sent.
    LoggingIn { since: Instant },
    /// Logged in.
    Live { dialled_at: Instant, last_in: Instant, last_out: Instant, last_ping: Instant },
}

/// What the device hears.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The owner wants it connected.
    Connect,
    /// The owner wants it to close and stay away.
    Disconnect,
    /// Power is lost.
    PowerOff,
    /// Power is back.
    PowerOn,
    /// The application writes a value.
    Write {
        /// The pin.
        pin: Pin,
        /// The value.
        value: &'a str,
    },
    /// The application changes the heartbeat.
    SetHeartbeat(Duration),
    /// The application sends illegal bytes.
    Garbage(Garbage, [u8; 16]),
    /// The stream that it dialled is open.
    Connected,
    /// Nobody listens there.
    Refused,
    /// Bytes arrived.
    Bytes(&'a [u8]),
    /// The server sent FIN.
    Fin,
    /// RST arrived.
    Reset,
    /// Time has passed.
    Timeout,
}

/// What the device wants done with its one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a stream.
    Dial,
    /// Send a message on it.
    Send(Message),
    /// Close it with FIN.
    Close,
    /// Forget it without a goodbye.
    Abandon,
    /// The input changed nothing, for this reason.
    Remark(&'static str),
}

/// Why the device wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next attempt begins.
    Redial,
    /// The attempt took too long.
    AttemptOver,
    /// A ping is due.
    Ping,
    /// The server was silent for too long.
    GiveUp,
}

impl Device {
    /// A powered device that does not intend to connect.
    pub fn new(token: Token, heartbeat: Duration, redial: Redial) -> Self {
        Self {
            token,
            heartbeat,
            redial,
            intends: false,
            powered: true,
            state: State::Idle,
            next_id: MessageId::FIRST,
            unread: Unread::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Whether the server has accepted its login.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live { .. })
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Connect => self.on_connect(now),
            Input::Disconnect => self.on_disconnect(),
            Input::PowerOff => self.on_power_off(),
            Input::PowerOn => self.on_power_on(now),
            Input::Write { pin, value } => self.say(now, Content::Write { pin, value: value.into() }),
            Input::SetHeartbeat(heartbeat) => self.on_set_heartbeat(now, heartbeat),
            Input::Garbage(kind, random) => self.say(now, Content::Garbage(kind, random)),
            Input::Connected => self.on_connected(now),
            Input::Refused | Input::Fin | Input::Reset => self.on_lost(now),
            Input::Bytes(bytes) => self.on_bytes(now, bytes),
            Input::Timeout => self.on_timeout(now),
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why. Firmware acts at the instant, after whatever arrives at it.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        match self.state {
            State::Idle => None,
            State::Waiting { redial_at } => Some((redial_at, Timer::Redial)),
            State::Dialling { since } | State::LoggingIn { since } => {
                Some((since + ATTEMPT, Timer::AttemptOver))
            }
            State::Live { last_in, last_out, last_ping, .. } => {
                let ping = last_in.min(last_out).max(last_ping) + self.heartbeat;
                let give_up = last_in + self.heartbeat * 3 / 2;
                if give_up <= ping { Some((give_up, Timer::GiveUp)) } else { Some((ping, Timer::Ping)) }
            }
        }
    }

    fn on_connect(&mut self, now: Instant) {
        self.intends = true;
        match self.state {
            _ if !self.powered => self.remark("no power: dials when it is back"),
            State::Idle | State::Waiting { .. } => self.dial(now),
            State::Dialling { .. } | State::LoggingIn { .. } => self.remark("already connecting"),
            State::Live { .. } => self.remark("already connected"),
        }
    }

    fn on_disconnect(&mut self) {
        self.intends = false;
        match self.state {
            State::Idle => self.remark("not connected"),
            State::Waiting { .. } => {}
            State::Dialling { .. } | State::LoggingIn { .. } | State::Live { .. } => {
                self.outputs.push_back(Output::Close);
            }
        }
        self.state = State::Idle;
    }

    fn on_power_off(&mut self) {
        if !self.powered {
            return self.remark("no power already");
        }
        self.powered = false;
        self.abandon();
        self.state = State::Idle;
    }

    fn on_power_on(&mut self, now: Instant) {
        if self.powered {
            return self.remark("powered already");
        }
        self.powered = true;
        self.redial.succeeded();
        if self.intends {
            self.dial(now);
        }
    }

    fn on_set_heartbeat(&mut self, now: Instant, heartbeat: Duration) {
        self.heartbeat = heartbeat;
        match &mut self.state {
            State::Live { last_in, .. } => {
                // Counted from the announcement, as the server does: what was silent before is held against nobody.
                *last_in = now;
                self.say(now, Content::Announce(heartbeat));
            }
            State::Idle | State::Waiting { .. } | State::Dialling { .. } | State::LoggingIn { .. } => {
                self.remark("not connected: announced at the next login");
            }
        }
    }

    fn dial(&mut self, now: Instant) {
        self.state = State::Dialling { since: now };
        self.unread = Unread::default();
        self.outputs.push_back(Output::Dial);
    }

    fn on_connected(&mut self, now: Instant) {
        let State::Dialling { since } = self.state else { return };
        self.state = State::LoggingIn { since };
        self.next_id = MessageId::FIRST;
        self.send(now, Content::Login(self.token));
    }

    fn on_bytes(&mut self, now: Instant, bytes: &[u8]) {
        if let State::Live { last_in, .. } = &mut self.state {
            *last_in = now;
        }
        let joined = self.unread.join(bytes);
        let mut input = &*joined;
        // The server under test sends no illegal frames; if it ever does, its bytes are a sign of life and no more.
        while let Ok(Some(frame)) = decode(&mut input, BODY_LIMIT) {
            self.on_frame(now, frame);
        }
        let rest = input.len();
        self.unread.keep(joined, rest);
    }

    fn on_frame(&mut self, now: Instant, frame: Frame<'_>) {
        match (self.state, frame) {
            (State::LoggingIn { since }, Frame::Response { id: MessageId::FIRST, answer }) => {
                self.on_login_answer(now, since, answer);
            }
            (
                State::Idle
                | State::Waiting { .. }
                | State::Dialling { .. }
                | State::LoggingIn { .. }
                | State::Live { .. },
                Frame::Response { .. } | Frame::Request { .. },
            ) => {}
        }
    }

    fn on_login_answer(&mut self, now: Instant, dialled_at: Instant, answer: Answer) {
        match answer {
            Answer::OK | Answer::ALREADY_REGISTERED => self.on_logged_in(now, dialled_at),
            // A refused token stays refused: firmware stops for good.
            Answer::INVALID_TOKEN => self.give_up_for_good(),
            _ => self.close_and_redial(now, dialled_at),
        }
    }

    fn on_logged_in(&mut self, now: Instant, dialled_at: Instant) {
        self.redial.succeeded();
        self.state = State::Live { dialled_at, last_in: now, last_out: now, last_ping: now };
        self.send(now, Content::Announce(self.heartbeat));
        self.send(now, Content::Sync);
    }

    fn give_up_for_good(&mut self) {
        self.outputs.push_back(Output::Close);
        self.state = State::Idle;
    }

    fn close_and_redial(&mut self, now: Instant, dialled_at: Instant) {
        self.outputs.push_back(Output::Close);
        self.wait_to_redial(now, dialled_at);
    }

    /// FIN, RST or refusal: whatever is left of the connection is closed.
    fn on_lost(&mut self, now: Instant) {
        if let Some(dialled_at) = self.dialled_at() {
            self.close_and_redial(now, dialled_at);
        }
    }

    fn on_timeout(&mut self, now: Instant) {
        match self.poll_timeout() {
            Some((deadline, timer)) if deadline <= now => self.on_timer(now, timer),
            Some(_) | None => {}
        }
    }

    fn on_timer(&mut self, now: Instant, timer: Timer) {
        match timer {
            Timer::Redial => self.dial(now),
            Timer::Ping => self.send(now, Content::Ping),
            Timer::AttemptOver | Timer::GiveUp => {
                let dialled_at = self.dialled_at().expect("only a connection runs out of time");
                self.abandon();
                self.wait_to_redial(now, dialled_at);
            }
        }
    }

    fn wait_to_redial(&mut self, now: Instant, dialled_at: Instant) {
        self.state = match self.redial.next_attempt(now, dialled_at) {
            Some(redial_at) => State::Waiting { redial_at },
            None => State::Idle,
        };
    }

    fn abandon(&mut self) {
        if self.dialled_at().is_some() {
            self.outputs.push_back(Output::Abandon);
        }
    }

    /// When the connection, or the attempt at one, began.
    fn dialled_at(&self) -> Option<Instant> {
        match self.state {
            State::Idle | State::Waiting { .. } => None,
            State::Dialling { since } | State::LoggingIn { since } => Some(since),
            State::Live { dialled_at, .. } => Some(dialled_at),
        }
    }

    /// Sends what the application wants sent, if it can be.
    fn say(&mut self, now: Instant, content: Content) {
        if self.is_live() { self.send(now, content) } else { self.remark("not connected: discarded") }
    }

    fn send(&mut self, now: Instant, content: Content) {
        if let State::Live { last_out, last_ping, .. } = &mut self.state {
            *last_out = now;
            if content == Content::Ping {
                *last_ping = now;
            }
        }
        self.outputs.push_back(Output::Send(Message { id: self.next_id, content }));
        self.next_id = self.next_id.next();
    }

    fn remark(&mut self, text: &'static str) {
        self.outputs.push_back(Output::Remark(text));
    }
}
