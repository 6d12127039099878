//! Firmware that keeps a connection, of the plain kind.
//!
//! Owns intention, power and what it does with its connection: login, pings, giving up, dialling again.

mod live;

use std::collections::VecDeque;

use blynk_core::id::Token;
use blynk_core::protocol::{Answer, Frame, MessageId, Unread, decode};
use blynk_core::time::{Duration, Instant};

use super::{
    ATTEMPT, Arrival, Content, Input, Message, OWN_PIN, OWN_VALUE, Order, Output, Redial, Timer, next_due,
};
use live::Live;

/// The device reads whatever the server sends.
const BODY_LIMIT: u16 = u16::MAX;

/// The machine of one device.
#[derive(Debug)]
pub struct Firmware {
    token: Token,
    heartbeat: Duration,
    /// Whether it announces its heartbeat and asks for what it missed.
    introduces_itself: bool,
    /// How often its application writes a value while it is connected.
    sends: Option<Duration>,
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
    Live(Live),
}

impl Firmware {
    /// A powered device that does not intend to connect.
    pub fn new(token: Token, heartbeat: Duration, sends: Option<Duration>, redial: Redial) -> Self {
        Self {
            token,
            heartbeat,
            introduces_itself: true,
            sends,
            redial,
            intends: false,
            powered: true,
            state: State::Idle,
            next_id: MessageId::FIRST,
            unread: Unread::default(),
            outputs: VecDeque::new(),
        }
    }

    /// One that logs in and pings, and says nothing else.
    pub fn bare(token: Token, heartbeat: Duration, redial: Redial) -> Self {
        Self { introduces_itself: false, ..Self::new(token, heartbeat, None, redial) }
    }

    /// Whether the server has accepted its login.
    pub fn is_live(&self) -> bool {
        matches!(self.state, State::Live(_))
    }

    /// When it dialled the connection that it is logged in on.
    pub fn live_since_dialling(&self) -> Option<Instant> {
        if let State::Live(live) = self.state { Some(live.dialled_at) } else { None }
    }

    /// Whether it has no connection and will not dial of its own accord.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// Whether it has power.
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Order(order) => self.on_order(now, order),
            Input::Arrival(arrival) => self.on_arrival(now, arrival),
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
            State::Live(live) => live.timers(self.heartbeat).into_iter().flatten().min_by_key(|(at, _)| *at),
        }
    }

    fn on_order(&mut self, now: Instant, order: Order<'_>) {
        match order {
            Order::Connect => self.on_connect(now),
            Order::Disconnect => self.on_disconnect(),
            Order::PowerOff => self.on_power_off(),
            Order::PowerOn => self.on_power_on(now),
            Order::Write { pin, value } => self.say(now, Content::Write { pin, value: value.into() }),
            Order::SetHeartbeat(heartbeat) => self.on_set_heartbeat(now, heartbeat),
            Order::SetStatus(status) => self.say(now, Content::Status(status.into())),
            Order::Sleep(status) => self.on_sleep(now, status),
            Order::Garbage(kind, random) => self.say(now, Content::Garbage(kind, random)),
        }
    }

    fn on_arrival(&mut self, now: Instant, arrival: Arrival<'_>) {
        match arrival {
            Arrival::Connected => self.on_connected(now),
            Arrival::Bytes(bytes) => self.on_bytes(now, bytes),
            Arrival::Refused | Arrival::Fin | Arrival::Reset => self.on_lost(now),
        }
    }

    fn on_connect(&mut self, now: Instant) {
        self.intends = true;
        match self.state {
            _ if !self.powered => self.remark("no power: dials when it is back"),
            State::Idle | State::Waiting { .. } => self.dial(now),
            State::Dialling { .. } | State::LoggingIn { .. } => self.remark("already connecting"),
            State::Live(_) => self.remark("already connected"),
        }
    }

    fn on_disconnect(&mut self) {
        self.intends = false;
        match self.state {
            State::Idle => self.remark("not connected"),
            State::Waiting { .. } => {}
            State::Dialling { .. } | State::LoggingIn { .. } | State::Live(_) => {
                self.outputs.push_back(Output::Close);
            }
        }
        self.state = State::Idle;
    }

    /// The status goes out before the FIN.
    fn on_sleep(&mut self, now: Instant, status: &str) {
        if self.is_live() {
            self.send(now, Content::Status(status.into()));
            self.on_disconnect();
        } else {
            self.on_disconnect();
            self.remark("not connected: status not announced");
        }
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
            State::Live(live) => {
                // Counted from the announcement, as the server does: what was silent before is held against nobody.
                live.last_in = now;
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
        if let State::Live(live) = &mut self.state {
            live.last_in = now;
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
                | State::Live(_),
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
        let next_write = self.sends.map(|period| next_due(now, period, now));
        self.state =
            State::Live(Live { dialled_at, last_in: now, last_out: now, last_ping: now, next_write });
        if self.introduces_itself {
            self.send(now, Content::Announce(self.heartbeat));
            self.send(now, Content::Sync);
        }
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
        match if self.gives_up(now) { Timer::GiveUp } else { timer } {
            Timer::Redial => self.dial(now),
            Timer::Ping => self.send(now, Content::Ping),
            Timer::Write => self.write_own_value(now),
            Timer::AttemptOver | Timer::GiveUp => self.lose_patience(now),
        }
    }

    /// Whether the server was silent for too long. After a freeze a ping may be due that was due
    /// before; it is not worth sending.
    fn gives_up(&self, now: Instant) -> bool {
        matches!(self.state, State::Live(live) if live.gives_up_at(self.heartbeat) <= now)
    }

    fn lose_patience(&mut self, now: Instant) {
        let dialled_at = self.dialled_at().expect("only a connection runs out of time");
        self.abandon();
        self.wait_to_redial(now, dialled_at);
    }

    fn write_own_value(&mut self, now: Instant) {
        self.send(now, Content::Write { pin: OWN_PIN, value: OWN_VALUE.into() });
        if let (State::Live(live), Some(period)) = (&mut self.state, self.sends) {
            live.next_write = live.next_write.map(|due| next_due(due, period, now));
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
            State::Live(live) => Some(live.dialled_at),
        }
    }

    /// Sends what the application wants sent, if it can be.
    fn say(&mut self, now: Instant, content: Content) {
        if self.is_live() { self.send(now, content) } else { self.remark("not connected: discarded") }
    }

    fn send(&mut self, now: Instant, content: Content) {
        if let State::Live(live) = &mut self.state {
            live.last_out = now;
            if content == Content::Ping {
                live.last_ping = now;
            }
        }
        self.outputs.push_back(Output::Send(Message { id: self.next_id, content }));
        self.next_id = self.next_id.next();
    }

    fn remark(&mut self, text: &'static str) {
        self.outputs.push_back(Output::Remark(text));
    }
}

#[cfg(test)]
mod tests;
