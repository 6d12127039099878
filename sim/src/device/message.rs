//! What a device sends: typed until the moment it is delivered, so that whoever watches need not decode.

use std::sync::Arc;

use blynk_core::id::{Pin, Token};
use blynk_core::protocol::{Command, Frame, MessageId, encode, encode_fields};
use blynk_core::time::Duration;

use super::request::Request;
use crate::plan::Garbage;

/// One message of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id on the wire.
    pub id: MessageId,
    /// What it says.
    pub content: Content,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The token, code 29.
    Login(Token),
    /// The token, code 2, as old libraries send it.
    OldLogin(Token),
    /// The device info with its heartbeat.
    Announce(Duration),
    /// The device info of a client library.
    Info {
        /// What it always says: keys and values.
        fields: &'static [&'static str],
        /// The heartbeat, if the library announces it.
        heartbeat: Option<Duration>,
    },
    /// Asks for what was missed.
    Sync,
    /// A sign of life.
    Ping,
    /// A value for a virtual pin.
    Write {
        /// The pin.
        pin: Pin,
        /// The value.
        value: Arc<str>,
    },
    /// Sets the device's status, by its key.
    Status(Arc<str>),
    /// A request over HTTP; its message has no id on the wire. Boxed: what devices say all the time is smaller.
    Request(Box<Request>),
    /// Illegal bytes; the random ones are drawn beforehand.
    Garbage(Garbage, [u8; 16]),
    /// This, under the illegal message id 0.
    IdZero(Box<Content>),
}

impl Content {
    /// How traces call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Login(_) | Self::OldLogin(_) => "login",
            Self::Announce(_) | Self::Info { .. } => "device info",
            Self::Sync => "sync",
            Self::Ping => "ping",
            Self::Write { .. } => "write",
            Self::Status(_) => "status",
            Self::Request(request) => request.name(),
            Self::Garbage(..) => "garbage",
            Self::IdZero(_) => "message with id 0",
        }
    }
}

impl Message {
    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let id = self.id;
        match &self.content {
            Content::Login(token) => {
                encode(Frame::Request { command: Command::HwLogin, id, body: token.as_bytes() }, out)
            }
            Content::OldLogin(token) => {
                encode(Frame::Request { command: Command::Login, id, body: token.as_bytes() }, out)
            }
            Content::Announce(heartbeat) => {
                let info = ["ver", "0.1.0", "h-beat", &in_seconds(*heartbeat), "dev", "simulated"];
                encode_fields(Command::Internal, id, &info, out);
            }
            Content::Info { fields, heartbeat } => encode_info(id, fields, *heartbeat, out),
            Content::Sync => encode(Frame::Request { command: Command::HwSync, id, body: b"" }, out),
            Content::Ping => encode(Frame::Request { command: Command::Ping, id, body: b"" }, out),
            Content::Write { pin, value } => {
                encode_fields(Command::Hardware, id, &["vw", &pin.0.to_string(), value], out);
            }
            Content::Status(status) => encode_fields(Command::Internal, id, &["status", status], out),
            Content::Request(request) => request.encode(out),
            Content::Garbage(kind, random) => encode_garbage(*kind, random, out),
            Content::IdZero(content) => encode_with_id_zero(content, out),
        }
    }
}

fn encode_info(id: MessageId, fields: &[&str], heartbeat: Option<Duration>, out: &mut Vec<u8>) {
    let heartbeat = heartbeat.map(in_seconds);
    let announced = heartbeat.iter().flat_map(|seconds| ["h-beat", seconds]);
    let info: Vec<_> = fields.iter().copied().chain(announced).collect();
    encode_fields(Command::Internal, id, &info, out);
}

fn in_seconds(heartbeat: Duration) -> String {
    (heartbeat.as_millis() / 1_000).to_string()
}

fn encode_with_id_zero(content: &Content, out: &mut Vec<u8>) {
    let start = out.len();
    Message { id: MessageId::FIRST, content: content.clone() }.encode(out);
    out[start + 1..start + 3].fill(0);
}

fn encode_garbage(kind: Garbage, random: &[u8], out: &mut Vec<u8>) {
    let ping = Command::Ping.code();
    let write = Command::Hardware.code();
    match kind {
        Garbage::IdZero => out.extend_from_slice(&[ping, 0, 0, 0, 0]),
        Garbage::UnknownCommand => out.extend_from_slice(&[99, 0, 1, 0, 0]),
        Garbage::Oversize => out.extend_from_slice(&[write, 0, 1, 0xff, 0xff]),
        Garbage::Truncated => out.extend_from_slice(&[write, 0, 1]),
        Garbage::Random => out.extend_from_slice(random),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: Content, expected: &[u8]) {
        let mut bytes = vec![0xff];
        Message { id: MessageId::FIRST.next(), content }.encode(&mut bytes);
        assert_eq!(bytes[1..], *expected);
    }

    #[test]
    fn the_device_info_of_a_library_names_its_heartbeat_if_the_library_does() {
        let fields = &["ver", "0.5.4", "dev", "js"];
        check(Content::Info { fields, heartbeat: None }, b"\x11\0\x02\0\x10ver\x000.5.4\0dev\0js");
        let info = Content::Info { fields: &["ver", "1"], heartbeat: Some(Duration::from_secs(40)) };
        check(info, b"\x11\0\x02\0\x0fver\x001\0h-beat\x0040");
    }

    #[test]
    fn what_goes_under_id_zero_is_otherwise_the_same() {
        check(Content::IdZero(Content::Ping.into()), &[6, 0, 0, 0, 0]);
    }

    #[test]
    fn old_libraries_log_in_with_the_old_command() {
        let token = Token::parse(&[b'a'; Token::LEN]).expect("a token");
        check(Content::OldLogin(token), &[&[2, 0, 2, 0, 32], token.as_bytes()].concat());
    }
}
