//! Firmware that keeps a connection: the plain kind, and the client libraries by their [manners].
//!
//! Owns intention, power and what it does with its connection: login, pings, giving up, dialling again. How it reads is
//! in [`listen`], how it loses a connection in [`ends`].

mod ends;
mod hearts;
mod listen;
mod manners;
mod numbers;
mod open;

use std::mem;

use blynk_core::id::Token;
use blynk_core::protocol::Unread;
use blynk_core::queue::Queue;
use blynk_core::time::{Duration, Instant, earlier};

use super::reconnect::Redialling;
use super::{
    ATTEMPT, Arrival, Content, Input, Message, OWN_PIN, OWN_VALUE, Order, Output, Redial, Timer, next_due,
};
use crate::plan::Client;
use crate::random::Stream;
use hearts::Hearts;
use manners::{Connect, Login, Manners, Pings};
use numbers::Numbers;
use open::{Loss, Open, Stage};

/// The device reads whatever the server sends.
const BODY_LIMIT: u16 = u16::MAX;

/// The machine of one device.
#[derive(Debug)]
pub struct Firmware {
    token: Token,
    heartbeat: Duration,
    manners: &'static Manners,
    /// How often its application writes a value while it is connected.
    sends: Option<Duration>,
    redialling: Redialling,
    intends: bool,
    powered: bool,
    state: State,
    hearts: Hearts,
    numbers: Numbers,
    unread: Unread,
    /// What was said before there was a stream; it goes before the login.
    unsent: Vec<Message>,
    outputs: Queue<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No connection and none coming.
    Idle,
    /// Between attempts.
    Waiting { redial_at: Instant },
    /// An attempt: no stream yet.
    Dialling { since: Instant, until: Instant },
    /// There is a stream.
    Open(Open),
}

impl Firmware {
    /// A powered device that does not intend to connect. The stream must be the device's own.
    pub fn of(
        client: Client,
        token: Token,
        heartbeat: Duration,
        sends: Option<Duration>,
        stream: Stream,
    ) -> Self {
        let (manners, redialling) = match client {
            Client::Plain(policy) => {
                (&manners::PLAIN, Redialling::Policy(Redial::new(policy, stream).into()))
            }
            Client::Cpp => (&manners::CPP, Redialling::Pauses(manners::CPP_PAUSES)),
            Client::Cpp0 => (&manners::CPP_0, Redialling::Pauses(manners::CPP_PAUSES)),
            Client::Js => (&manners::JS, Redialling::Pauses(manners::JS_PAUSES)),
            Client::Python => (&manners::PYTHON, Redialling::Pauses(manners::PYTHON_PAUSES)),
            Client::PythonLegacy => (&manners::PYTHON_LEGACY, Redialling::Never),
        };
        Self::with(manners, redialling, token, heartbeat, sends)
    }

    /// One that logs in and pings, says nothing else, and never returns.
    pub fn bare(token: Token, heartbeat: Duration) -> Self {
        Self::with(&manners::BARE, Redialling::Never, token, heartbeat, None)
    }

    fn with(
        manners: &'static Manners,
        redialling: Redialling,
        token: Token,
        heartbeat: Duration,
        sends: Option<Duration>,
    ) -> Self {
        Self {
            token,
            heartbeat,
            manners,
            sends,
            redialling,
            intends: false,
            powered: true,
            state: State::Idle,
            hearts: Hearts::default(),
            numbers: Numbers::new(manners.ids),
            unread: Unread::default(),
            unsent: Vec::new(),
            outputs: Queue::new(),
        }
    }

    /// When it dialled the connection that it is logged in on.
    pub fn live_since_dialling(&self) -> Option<Instant> {
        match self.state {
            State::Open(open) => (open.stage != Stage::LoggingIn).then_some(open.dialled_at),
            State::Idle | State::Waiting { .. } | State::Dialling { .. } => None,
        }
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
        let beat = self.hearts.next().map(|at| (at, Timer::Ping));
        let own = match self.state {
            State::Idle => None,
            State::Waiting { redial_at } => Some((redial_at, Timer::Redial)),
            State::Dialling { until, .. } => Some((until, Timer::AttemptOver)),
            State::Open(open) => open.next_timer(self.manners, self.heartbeat),
        };
        earlier(own, beat)
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
            Arrival::Refused => self.on_connection_refused(now),
            Arrival::Fin => self.on_lost(now, Loss::Fin),
            Arrival::Reset => self.on_lost(now, Loss::Reset),
        }
    }

    fn on_connect(&mut self, now: Instant) {
        self.intends = true;
        match self.state {
            _ if !self.powered => self.remark("no power: dials when it is back"),
            State::Idle | State::Waiting { .. } => self.dial(now),
            State::Open(_) if self.is_live() => self.remark("already connected"),
            State::Dialling { .. } | State::Open(_) => self.remark("already connecting"),
        }
    }

    fn on_disconnect(&mut self) {
        self.intends = false;
        match self.state {
            State::Idle => self.remark("not connected"),
            State::Waiting { .. } => {}
            State::Dialling { .. } | State::Open(_) => self.outputs.push_back(Output::Close),
        }
        self.hearts.stop();
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
        if self.ended().is_some() {
            self.outputs.push_back(Output::Abandon);
        }
        self.state = State::Idle;
        self.hearts = Hearts::default();
        self.numbers = Numbers::new(self.manners.ids);
    }

    fn on_power_on(&mut self, now: Instant) {
        if self.powered {
            return self.remark("powered already");
        }
        self.powered = true;
        self.redialling.succeeded();
        if self.intends {
            self.dial(now);
        }
    }

    fn on_set_heartbeat(&mut self, now: Instant, heartbeat: Duration) {
        self.heartbeat = heartbeat;
        if !self.manners.introduction.announces() {
            return self.remark("not announced: pings with it from the next login");
        }
        match &mut self.state {
            State::Open(open) if matches!(open.stage, Stage::Live { .. }) => {
                // Counted from the announcement, as the server does: what was silent before is held against nobody.
                open.last_in = now;
                self.say(now, self.info());
            }
            State::Idle | State::Waiting { .. } | State::Dialling { .. } | State::Open(_) => {
                self.remark("not connected: announced at the next login");
            }
        }
    }

    fn dial(&mut self, now: Instant) {
        let patience = match self.manners.connect {
            Connect::Within(patience) => patience,
            Connect::Blocking => ATTEMPT,
        };
        self.state = State::Dialling { since: now, until: now + patience };
        self.unread = Unread::default();
        self.unsent.clear();
        self.outputs.push_back(Output::Dial);
    }

    fn on_connected(&mut self, now: Instant) {
        let State::Dialling { since, .. } = self.state else { return };
        self.state = State::Open(Open::new(now, since));
        self.outputs.extend(mem::take(&mut self.unsent).into_iter().map(Output::Send));
        self.numbers.begin_session();
        let login = self.numbers.login(match self.manners.login {
            Login::Current => Content::Login(self.token),
            Login::Old => Content::OldLogin(self.token),
        });
        self.outputs.push_back(Output::Send(login));
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
            Timer::Ping => self.ping(now),
            Timer::Write => self.write_own_value(now),
            Timer::AttemptOver | Timer::GiveUp => self.lose_patience(now),
        }
    }

    /// Whether the server was silent for too long. After a freeze a ping may be due that was due
    /// before; it is not worth sending.
    fn gives_up(&self, now: Instant) -> bool {
        let State::Open(open) = self.state else { return false };
        let gives_up_at = open.gives_up_at(self.manners, self.heartbeat);
        open.is_watched(self.manners) && gives_up_at.is_some_and(|at| at <= now)
    }

    fn ping(&mut self, now: Instant) {
        match self.manners.pings {
            Pings::WhenIdle(_) => {}
            Pings::AtIntervals => self.hearts.take_beat(now),
        }
        self.send(now, Content::Ping);
    }

    fn write_own_value(&mut self, now: Instant) {
        self.send(now, Content::Write { pin: OWN_PIN, value: OWN_VALUE.into() });
        if let (State::Open(Open { stage: Stage::Live { next_write }, .. }), Some(period)) =
            (&mut self.state, self.sends)
        {
            *next_write = next_write.map(|due| next_due(due, period, now));
        }
    }

    /// Whether the application can speak on its connection.
    fn is_live(&self) -> bool {
        matches!(self.state, State::Open(Open { stage: Stage::Live { .. }, .. }))
    }

    /// Sends what the application wants sent, if it can be, or the library believes so.
    fn say(&mut self, now: Instant, content: Content) {
        if self.is_live() || self.hearts.beat() {
            self.send(now, content);
        } else {
            self.remark("not connected: discarded");
        }
    }

    fn send(&mut self, now: Instant, content: Content) {
        let is_ping = content == Content::Ping;
        let message = self.numbers.message(content);
        match &mut self.state {
            // Written to a stream that is gone.
            State::Idle | State::Waiting { .. } => {}
            State::Dialling { .. } => self.unsent.push(message),
            State::Open(open) => match open.unnoticed {
                Some(Loss::Reset) => self.stop(Output::Close),
                Some(Loss::Fin) | None => {
                    open.write(now, is_ping);
                    self.outputs.push_back(Output::Send(message));
                }
            },
        }
    }

    fn remark(&mut self, text: &'static str) {
        self.outputs.push_back(Output::Remark(text));
    }
}

#[cfg(test)]
mod tests;
