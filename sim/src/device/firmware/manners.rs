//! What the client libraries do, each in a table: the deviations of one machine.
//!
//! Owns the figures and where they come from. The figures of the JavaScript and Python libraries were read in their
//! packages and recorded from the libraries as they ran (Node 20, CPython 3.11, Linux) against servers that answer,
//! refuse, end the connection or say nothing; those of the C++ library were read in its source. A real loop comes round
//! every 1 to 50 ms and acts at the first turn after a deadline: here it acts at the deadline.

use blynk_core::time::Duration;

use crate::device::ATTEMPT;
use crate::device::reconnect::{Pause, Pauses};

/// How one library behaves, as far as a server can feel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manners {
    pub(super) login: Login,
    pub(super) introduction: Introduction,
    pub(super) connect: Connect,
    pub(super) login_patience: LoginPatience,
    pub(super) accepted_by: AcceptedBy,
    pub(super) refused: Refused,
    pub(super) reads: Reads,
    pub(super) pings: Pings,
    pub(super) gives_up: GivesUp,
    pub(super) notices: Notices,
    pub(super) ids: Ids,
}

/// Which command it logs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// 29.
    Current,
    /// 2.
    Old,
}

/// What it says once its login is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Introduction {
    /// Nothing.
    Nothing,
    /// Its heartbeat, and that it wants what it missed.
    HeartbeatAndSync,
    /// These keys and values, and its heartbeat.
    WithHeartbeat(&'static [&'static str]),
    /// As before, and nothing else happens until the first read, which must be an answer 200, for this long.
    Awaited(&'static [&'static str], Duration),
    /// These keys and values, and no heartbeat: it pings, and nobody knows how often.
    WithoutHeartbeat(&'static [&'static str]),
}

/// How it opens a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connect {
    /// It waits that long.
    Within(Duration),
    /// It waits until the system gives up, see [`BLOCKED`]; the system dials again each [`ATTEMPT`].
    Blocking,
}

/// How long it waits for the answer to its login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LoginPatience {
    /// What is left of this, counted from the dialling; then it forgets the stream without a goodbye.
    FromDialling(Duration),
    /// What is left of this, counted from the dialling; then it closes the stream.
    RoundFromDialling(Duration),
    /// So long from its sending; then it closes the stream.
    FromLogin(Duration),
    /// As for any other byte of the server, with pings in between.
    AsForAnyByte,
}

/// Which answers accept a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AcceptedBy {
    /// 200 and 4, "registered already".
    OkAndRegistered,
    /// 200 and nothing else.
    Ok,
}

/// What it does about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// Of the token: answer 9.
    pub(super) token: Consequence,
    /// For another reason.
    pub(super) otherwise: Consequence,
}

/// See [`Refused`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// It closes, and that is all for good.
    Stop,
    /// It says nothing more on the stream, which stays open, and that is all for good.
    FallSilent,
    /// It closes, and dials again after the pause of a failed attempt.
    Retry,
    /// It does nothing: its patience with the login runs on.
    Ignore,
}

/// What of that which arrives it takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Every message.
    Everything,
    /// The first message of each read, whatever it answers; what is glued to it is lost.
    FirstOfEach,
}

/// When it pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pings {
    /// When its last byte in or its last byte out is a heartbeat old, but not sooner after its last ping than this.
    WhenIdle(Again),
    /// Each heartbeat, whatever else is said: see [`Hearts`](super::hearts::Hearts).
    AtIntervals,
}

/// How long after a ping it may ping again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// A heartbeat.
    Heartbeat,
    /// A tenth of a heartbeat.
    Tenth,
    /// So long.
    After(Duration),
}

/// When it gives up on a server that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GivesUp {
    /// After one and a half heartbeats.
    OneAndAHalf,
    /// After a heartbeat and this.
    HeartbeatAnd(Duration),
    /// Never.
    Never,
}

/// How it learns that its session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notices {
    /// By FIN and RST, at once.
    AtOnce,
    /// Not by FIN, and not by RST. Before the session begins FIN fails the attempt, and RST ends the program.
    BySilence,
    /// By an error when it writes, which ends the program: the first write after RST, the second after FIN.
    ByWriting,
}

/// How it numbers its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// From 1 in each session; after 65,535 comes 1.
    Wrapping,
    /// From 1 in each session; after 65,535 comes 0, and nothing else any more in that session.
    ZeroAtTheEnd,
    /// The login is 1, all others go on from session to session, from 2; after 65,535 comes 1.
    Continuing,
}

/// How long a system tries to open a stream: six retransmissions of SYN (Linux, `tcp_syn_retries`).
pub(super) const BLOCKED: Duration = Duration::from_secs(127);

/// The plain device (`scenario-language`).
pub(super) const PLAIN: Manners = Manners {
    login: Login::Current,
    introduction: Introduction::HeartbeatAndSync,
    connect: Connect::Within(ATTEMPT),
    login_patience: LoginPatience::FromDialling(ATTEMPT),
    accepted_by: AcceptedBy::OkAndRegistered,
    refused: Refused { token: Consequence::Stop, otherwise: Consequence::Retry },
    reads: Reads::Everything,
    pings: Pings::WhenIdle(Again::Heartbeat),
    gives_up: GivesUp::OneAndAHalf,
    notices: Notices::AtOnce,
    ids: Ids::Wrapping,
};

/// One that logs in and pings, and says nothing else.
pub(super) const BARE: Manners = Manners { introduction: Introduction::Nothing, ..PLAIN };

/// The C++ library 1.4.0 on a board, `src/Blynk/BlynkProtocol.h`, `run` and `processInput`; 1.3.2 is the same.
/// `BLYNK_TIMEOUT_MS` is 6 s (`BlynkConfig.h`): the patience with a login, the time between pings, a third of the time
/// beyond the heartbeat, and what the network clients of the boards are told to wait for a stream
/// (`Adapters/BlynkArduinoClient.h`). Their `connected()` notices FIN and RST. That of the Linux build,
/// `linux/BlynkSocket.h`, notices neither, and its next write may end the program: it is not this.
pub(super) const CPP: Manners =
    cpp(&["ver", "1.4.0", "buff-in", "256", "dev", "board"], Duration::from_secs(6));

/// The C++ library 0.6, the same files. `BLYNK_TIMEOUT_MS` is 3 s, as in WIZnet's port of 0.6.0. (0.5.3 has
/// 2 s. Older ones, as 0.4.5, log in with command 2 and try a refused token again.)
pub(super) const CPP_0: Manners =
    cpp(&["ver", "0.6.1", "buff-in", "256", "dev", "board"], Duration::from_secs(3));

const fn cpp(fields: &'static [&'static str], timeout: Duration) -> Manners {
    Manners {
        login: Login::Current,
        introduction: Introduction::WithHeartbeat(fields),
        connect: Connect::Within(timeout),
        login_patience: LoginPatience::FromLogin(timeout),
        accepted_by: AcceptedBy::OkAndRegistered,
        refused: Refused { token: Consequence::Stop, otherwise: Consequence::Retry },
        reads: Reads::Everything,
        pings: Pings::WhenIdle(Again::After(timeout)),
        gives_up: GivesUp::HeartbeatAnd(Duration::from_millis(timeout.as_millis() * 3)),
        notices: Notices::AtOnce,
        ids: Ids::Wrapping,
    }
}

/// Of both C++ libraries: nothing is dialled within 5 s of `lastLogin`. That is the dialling of an attempt without a
/// stream, the login, and, because it shares its place with `lastHeartbeat`, also the answer to the login, the last
/// ping, and the loss of a session.
pub(super) const CPP_PAUSES: Pauses = Pauses {
    attempt: Pause::LastWord(Duration::from_secs(5)),
    loss: Pause::End(Duration::from_secs(5)),
    silence: Pause::LastWord(Duration::from_secs(5)),
};

/// npm `blynk-library` 0.5.4 over plain TCP: `blynk.js`, `connect`, `disconnect`, `error` and `onReceive`;
/// `blynk-node.js`, `TcpClient`. A loop dials every 10 s until a login is accepted, and each time closes what it has.
pub(super) const JS: Manners = Manners {
    login: Login::Current,
    introduction: Introduction::WithoutHeartbeat(&["ver", "0.5.4", "buff-in", "4096", "dev", "js"]),
    connect: Connect::Within(JS_ROUND),
    login_patience: LoginPatience::RoundFromDialling(JS_ROUND),
    accepted_by: AcceptedBy::OkAndRegistered,
    refused: Refused { token: Consequence::Stop, otherwise: Consequence::Ignore },
    reads: Reads::Everything,
    pings: Pings::AtIntervals,
    gives_up: GivesUp::Never,
    notices: Notices::AtOnce,
    ids: Ids::Continuing,
};

/// See [`JS`].
const JS_ROUND: Duration = Duration::from_secs(10);

/// See [`JS`].
pub(super) const JS_PAUSES: Pauses = Pauses {
    attempt: Pause::Start(JS_ROUND),
    loss: Pause::End(Duration::from_secs(5)),
    // It never gives up.
    silence: Pause::End(Duration::from_secs(5)),
};

/// PyPI `blynklib` 0.2.6: `blynklib.py`, `connect`, `is_server_alive`, `read_response` and `disconnect`. What the server
/// says of a token is to it as any other failure.
pub(super) const PYTHON: Manners = Manners {
    login: Login::Old,
    introduction: Introduction::Awaited(
        &["ver", "0.2.6", "buff-in", "1024", "dev", "python"],
        Duration::from_secs(5),
    ),
    connect: Connect::Blocking,
    login_patience: LoginPatience::FromLogin(Duration::from_secs(5)),
    accepted_by: AcceptedBy::Ok,
    refused: Refused { token: Consequence::Retry, otherwise: Consequence::Retry },
    reads: Reads::FirstOfEach,
    pings: Pings::WhenIdle(Again::Tenth),
    gives_up: GivesUp::OneAndAHalf,
    notices: Notices::BySilence,
    ids: Ids::ZeroAtTheEnd,
};

/// See [`PYTHON`]: `RECONNECT_SLEEP`.
pub(super) const PYTHON_PAUSES: Pauses = Pauses {
    attempt: Pause::End(Duration::SECOND),
    loss: Pause::End(Duration::SECOND),
    silence: Pause::End(Duration::SECOND),
};

/// PyPI `blynk-library-python` 0.2.0: `BlynkLib.py`, `connect`, `process` and `run`. Whatever ends its session it does
/// not dial again, and it does not close the stream.
pub(super) const PYTHON_LEGACY: Manners = Manners {
    login: Login::Current,
    introduction: Introduction::WithHeartbeat(&["ver", "0.2.0", "buff-in", "1024", "dev", "python"]),
    connect: Connect::Blocking,
    login_patience: LoginPatience::AsForAnyByte,
    accepted_by: AcceptedBy::Ok,
    refused: Refused { token: Consequence::FallSilent, otherwise: Consequence::FallSilent },
    reads: Reads::Everything,
    pings: Pings::WhenIdle(Again::Tenth),
    gives_up: GivesUp::OneAndAHalf,
    notices: Notices::ByWriting,
    ids: Ids::Wrapping,
};

impl Introduction {
    /// Whether the server learns the heartbeat.
    pub(super) fn announces(self) -> bool {
        match self {
            Self::HeartbeatAndSync | Self::WithHeartbeat(_) | Self::Awaited(..) => true,
            Self::Nothing | Self::WithoutHeartbeat(_) => false,
        }
    }
}
