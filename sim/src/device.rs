//! Virtual devices, and who else speaks in their names, sans-IO.
//!
//! Three machines with one interface: [`Firmware`] keeps a connection, as the plain device (`scenario-language`) or as a
//! client library does, [`Reporter`] reports over HTTP, [`Caller`] goes on one errand and is done. None knows whether its
//! link is silent or the server down: that is the [link](crate::network::Link).

mod caller;
mod firmware;
mod message;
mod reconnect;
mod reporter;
mod request;

use blynk_core::id::Pin;
use blynk_core::time::{Duration, Instant};

pub use caller::{Caller, Ending, Errand, Noted};
pub use firmware::Firmware;
pub use message::{Content, Message};
use reconnect::Redial;
pub use reporter::Reporter;
pub use request::Request;

use crate::plan::Garbage;

/// How long an attempt may take, connect and login together; a request also.
pub const ATTEMPT: Duration = Duration::from_secs(5);
/// What applications write of their own accord.
const OWN_PIN: Pin = Pin(0);
/// See [`OWN_PIN`].
const OWN_VALUE: &str = "1";

/// What a machine hears.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Its owner wants something.
    Order(Order<'a>),
    /// Its connection says something.
    Arrival(Arrival<'a>),
    /// Time has passed.
    Timeout,
}

/// What the owner of a device wants, or does to it.
#[derive(Clone, Debug)]
pub enum Order<'a> {
    /// It shall be connected.
    Connect,
    /// It shall close and stay away.
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
    /// The application announces a status, by its key.
    SetStatus(&'a str),
    /// The application announces a status, closes and stays away.
    Sleep(&'a str),
    /// The application sends illegal bytes.
    Garbage(Garbage, [u8; 16]),
}

/// What a connection says to the one who dialled it.
#[derive(Clone, Debug)]
pub enum Arrival<'a> {
    /// The stream is open.
    Connected,
    /// Nobody listens there.
    Refused,
    /// Bytes arrived.
    Bytes(&'a [u8]),
    /// The server sent FIN.
    Fin,
    /// RST arrived.
    Reset,
}

/// What a machine wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Open a stream: from now on its one connection.
    Dial,
    /// Send a message on it.
    Send(Message),
    /// Close it with FIN.
    Close,
    /// Forget it without a goodbye.
    Abandon,
    /// Have somebody make this request, from the same place.
    Request(Box<Request>),
    /// Something was learned that belongs on the timeline.
    Noted(Noted),
    /// The order changed nothing, for this reason.
    Remark(&'static str),
}

/// Why a machine wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next attempt begins.
    Redial,
    /// The attempt, or the errand, took too long.
    AttemptOver,
    /// A ping is due.
    Ping,
    /// The server was silent for too long.
    GiveUp,
    /// The application writes or reports a value.
    Write,
}

/// The first instant after `now` that lies whole periods after `due`. What was missed meanwhile is not made up for, as
/// with the timers of embedded libraries.
fn next_due(due: Instant, period: Duration, now: Instant) -> Instant {
    let period = period.max(Duration::MILLISECOND);
    let missed = now.since(due).as_millis() / period.as_millis();
    due + period * (missed + 1)
}
