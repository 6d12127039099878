//! Somebody who calls the server once: a request over HTTP, or a login with a wrong token.
//!
//! Owns how long it waits and what it makes of the answer. Keeps no connection and never repeats itself.

use std::collections::VecDeque;
use std::fmt;

use blynk_core::id::Token;
use blynk_core::protocol::{Answer, Frame, MessageId, decode};
use blynk_core::time::{Duration, Instant};

use super::{ATTEMPT, Arrival, Content, Input, Message, Order, Output, Request, Timer};

/// How long the answer to a wrong token is waited for: longer than the server's default patience for logins (10 s), so
/// that a login which the server withholds from others is seen to its end.
const BAD_TOKEN_PATIENCE: Duration = Duration::from_secs(12);
/// As much of an answer as says how it went: `HTTP/1.1 200`.
const HEAD: usize = 12;

/// What a caller is up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Logs in with a token that no device has.
    BadToken(Token),
    /// Makes a request.
    Request(Request),
}

/// What came of an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Which errand.
    pub errand: &'static str,
    /// How it ended.
    pub ending: Ending,
}

/// How an errand ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this code.
    Answered(u16),
    /// In silence, or with the end of the connection.
    NoAnswer,
    /// Nobody listened.
    Refused,
}

/// As the timeline tells it: `HTTP command: answered 403`.
impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { errand, ending } = self;
        match ending {
            Ending::Answered(code) if *code == Answer::INVALID_TOKEN.0 => {
                write!(f, "{errand} refused ({code})")
            }
            Ending::Answered(code) => write!(f, "{errand}: answered {code}"),
            Ending::NoAnswer => write!(f, "{errand}: no answer"),
            Ending::Refused => write!(f, "{errand}: server refused the connection"),
        }
    }
}

/// The machine of one errand.
#[derive(Debug)]
pub struct Caller {
    errand: Errand,
    state: State,
    gives_up_at: Instant,
    /// The first bytes of the answer.
    head: Vec<u8>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Dialling,
    Waiting,
    Over,
}

impl Caller {
    /// Somebody who dials now.
    pub fn new(now: Instant, errand: Errand) -> Self {
        let gives_up_at = now + errand.patience();
        let outputs = VecDeque::from([Output::Dial]);
        Self { errand, state: State::Dialling, gives_up_at, head: Vec::new(), outputs }
    }

    /// Whether the errand has ended.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// Takes one input.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        match (self.state, input) {
            (State::Dialling, Input::Arrival(Arrival::Connected)) => self.on_connected(),
            (State::Dialling, Input::Arrival(Arrival::Refused)) => self.end(Output::Close, Ending::Refused),
            (State::Waiting, Input::Arrival(Arrival::Bytes(bytes))) => self.on_bytes(bytes),
            (State::Dialling | State::Waiting, Input::Arrival(Arrival::Fin | Arrival::Reset)) => {
                self.end(Output::Close, self.ending());
            }
            (State::Dialling | State::Waiting, Input::Timeout) if self.gives_up_at <= now => {
                self.end(Output::Abandon, self.ending());
            }
            // Who calls on behalf of a device ends with its power, and nobody is left to tell.
            (State::Dialling | State::Waiting, Input::Order(Order::PowerOff)) => self.state = State::Over,
            // Other orders are not for callers, and when it is over nothing matters.
            (
                State::Dialling | State::Waiting | State::Over,
                Input::Order(_) | Input::Arrival(_) | Input::Timeout,
            ) => {}
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        (!self.is_over()).then_some((self.gives_up_at, Timer::AttemptOver))
    }

    fn on_connected(&mut self) {
        self.state = State::Waiting;
        let message = Message { id: MessageId::FIRST, content: self.errand.content() };
        self.outputs.push_back(Output::Send(message));
    }

    fn on_bytes(&mut self, bytes: &[u8]) {
        let missing = HEAD - self.head.len();
        self.head.extend(bytes.iter().take(missing));
        let ending = self.ending();
        // The answer to a login is a frame; that to a request ends with its connection.
        if matches!(self.errand, Errand::BadToken(_)) && ending != Ending::NoAnswer {
            self.end(Output::Close, ending);
        }
    }

    fn ending(&self) -> Ending {
        let code = match self.errand {
            Errand::BadToken(_) => login_answer(&self.head),
            Errand::Request(_) => status_code(&self.head),
        };
        code.map_or(Ending::NoAnswer, Ending::Answered)
    }

    fn end(&mut self, connection: Output, ending: Ending) {
        self.state = State::Over;
        self.outputs.push_back(connection);
        if self.errand.is_worth_a_note(ending) {
            self.outputs.push_back(Output::Noted(Noted { errand: self.errand.name(), ending }));
        }
    }
}

impl Errand {
    /// How the timeline calls it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BadToken(_) => "bad token",
            Self::Request(request) => request.name(),
        }
    }

    const fn patience(&self) -> Duration {
        match self {
            Self::BadToken(_) => BAD_TOKEN_PATIENCE,
            Self::Request(_) => ATTEMPT,
        }
    }

    fn content(&self) -> Content {
        match self {
            Self::BadToken(token) => Content::Login(*token),
            Self::Request(request) => Content::Request(request.clone().into()),
        }
    }

    /// A report that went well is in the server's own record.
    fn is_worth_a_note(&self, ending: Ending) -> bool {
        match self {
            Self::Request(Request::Update { .. }) => ending != Ending::Answered(200),
            Self::Request(
                Request::SetStatus { .. } | Request::OperatorSetStatus { .. } | Request::Command { .. },
            )
            | Self::BadToken(_) => true,
        }
    }
}

fn login_answer(mut head: &[u8]) -> Option<u16> {
    match decode(&mut head, u16::MAX) {
        Ok(Some(Frame::Response { answer, .. })) => Some(answer.0),
        Ok(Some(Frame::Request { .. }) | None) | Err(_) => None,
    }
}

/// `HTTP/1.1 200` is 200.
fn status_code(head: &[u8]) -> Option<u16> {
    let (version, code) = str::from_utf8(head).ok()?.split_once(' ')?;
    let is_code = version.starts_with("HTTP/") && code.len() == 3;
    is_code.then(|| code.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
