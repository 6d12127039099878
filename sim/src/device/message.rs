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
    /// The device info with its heartbeat.
    Announce(Duration),
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
    /// A request over HTTP; its message has no id on the wire.
    Request(Request),
    /// Illegal bytes; the random ones are drawn beforehand.
    Garbage(Garbage, [u8; 16]),
}

impl Content {
    /// How traces call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Login(_) => "login",
            Self::Announce(_) => "device info",
            Self::Sync => "sync",
            Self::Ping => "ping",
            Self::Write { .. } => "write",
            Self::Status(_) => "status",
            Self::Request(request) => request.name(),
            Self::Garbage(..) => "garbage",
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
            Content::Announce(heartbeat) => {
                let seconds = (heartbeat.as_millis() / 1_000).to_string();
                let info = ["ver", "0.1.0", "h-beat", &seconds, "dev", "simulated"];
                encode_fields(Command::Internal, id, &info, out);
            }
            Content::Sync => encode(Frame::Request { command: Command::HwSync, id, body: b"" }, out),
            Content::Ping => encode(Frame::Request { command: Command::Ping, id, body: b"" }, out),
            Content::Write { pin, value } => {
                encode_fields(Command::Hardware, id, &["vw", &pin.0.to_string(), value], out);
            }
            Content::Status(status) => encode_fields(Command::Internal, id, &["status", status], out),
            Content::Request(request) => request.encode(out),
            Content::Garbage(kind, random) => encode_garbage(*kind, random, out),
        }
    }
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
