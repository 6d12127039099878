//! The few messages that the load is made of.

use blynk_core::id::Token;
use blynk_core::protocol::{Answer, Command, Frame, HEADER_LEN, MessageId, encode, encode_fields};

/// The length of a ping, and of an answer.
pub(crate) const ANSWER: usize = HEADER_LEN;

/// What every answer of the server is: that all is well.
pub(crate) fn ok() -> Vec<u8> {
    encoded(Frame::Response { id: MessageId::FIRST, answer: Answer::OK })
}

pub(crate) fn ping() -> Vec<u8> {
    encoded(Frame::Request { command: Command::Ping, id: MessageId::FIRST, body: b"" })
}

pub(crate) fn login(token: &Token) -> Vec<u8> {
    encoded(Frame::Request { command: Command::HwLogin, id: MessageId::FIRST, body: token.as_bytes() })
}

/// What a library tells of itself after its login.
pub(crate) fn info() -> Vec<u8> {
    let mut bytes = Vec::new();
    let fields = ["ver", "1.4.0", "h-beat", "600", "buff-in", "1024", "dev", "ESP32"];
    encode_fields(Command::Internal, MessageId::FIRST, &fields, &mut bytes);
    bytes
}

fn encoded(frame: Frame<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(frame, &mut bytes);
    bytes
}
