//! Connections: their names, and what passes on them.

use std::fmt;

use blynk_core::protocol::{Command, Frame, Hardware, decode, hardware};

use smallvec::SmallVec;

use crate::device::Message;

/// One connection, among all that a device or somebody in its name ever dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId {
    /// Whose line: 0 is the device's own.
    pub line: u32,
    /// Its place among those dialled on that line, counted from 1.
    pub dialled: u32,
}

/// As traces name it: `3` is the device's third, `2/1` the first of line 2.
impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { line: 0, dialled } => write!(f, "{dialled}"),
            Self { line, dialled } => write!(f, "{line}/{dialled}"),
        }
    }
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

/// Bytes on their way to a device. An answer over the device protocol needs no memory of its own.
pub type Bytes = SmallVec<[u8; 16]>;

/// What the server, or the network, puts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer {
    /// The stream is open.
    Connected,
    /// Nobody listens.
    Refused,
    /// Bytes.
    Bytes(Bytes),
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

/// As its [name](FromServer::name), but values that the server hands over are told: `got V1 = 5`.
impl fmt::Display for FromServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => fmt_bytes(bytes, f),
            Self::Connected | Self::Refused | Self::Fin | Self::Reset => f.write_str(self.name()),
        }
    }
}

fn fmt_bytes(mut bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = "";
    while let Ok(Some(frame)) = decode(&mut bytes, u16::MAX) {
        f.write_str(separator)?;
        separator = ", ";
        match frame {
            Frame::Response { answer, .. } => write!(f, "answer {}", answer.0)?,
            Frame::Request { command: Command::Hardware, body, .. } => match hardware(body) {
                Ok(Hardware::Write { pin, value }) => write!(f, "got {pin} = {value}")?,
                Ok(Hardware::Other) | Err(_) => f.write_str(Command::Hardware.name())?,
            },
            Frame::Request { command, .. } => f.write_str(command.name())?,
        }
    }
    // A part of a frame, or of an answer over HTTP.
    if separator.is_empty() { f.write_str("answer") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use blynk_core::protocol::{Answer, MessageId, encode, encode_fields};

    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(FromServer::Bytes(bytes.into()).to_string(), expected);
    }

    #[test]
    fn traces_tell_what_the_server_says() {
        let mut bytes = Vec::new();
        encode(Frame::Response { id: MessageId::FIRST, answer: Answer::OK }, &mut bytes);
        check(&bytes, "answer 200");
        encode_fields(Command::Hardware, MessageId::FIRST, &["vw", "1", "5"], &mut bytes);
        check(&bytes, "answer 200, got V1 = 5");
        check(b"HTTP/1.1 200 OK\r\n", "answer");
        check(b"", "answer");
    }

    #[test]
    fn only_lines_beside_the_devices_own_are_named() {
        assert_eq!(ConnectionId { line: 0, dialled: 3 }.to_string(), "3");
        assert_eq!(ConnectionId { line: 2, dialled: 1 }.to_string(), "2/1");
    }
}
