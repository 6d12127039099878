//! From frames to bytes, appended to a buffer of the caller.

use super::frame::{Command, Frame, MessageId};

/// Appends one frame.
///
/// # Panics
/// If a body is longer than 65,535 bytes: the caller knows the limits of both sides.
#[inline]
pub fn encode(frame: Frame<'_>, out: &mut Vec<u8>) {
    match frame {
        Frame::Response { id, answer } => out.extend_from_slice(&header(0, id, answer.0)),
        Frame::Request { command, id, body } => {
            let length = u16::try_from(body.len()).expect("a body is at most 65,535 bytes");
            out.extend_from_slice(&header(command.code(), id, length));
            out.extend_from_slice(body);
        }
    }
}

/// Appends one request whose body is these fields joined by NUL.
///
/// # Panics
/// As [`encode`].
pub fn encode_fields(command: Command, id: MessageId, fields: &[&str], out: &mut Vec<u8>) {
    encode(Frame::Request { command, id, body: fields.join("\0").as_bytes() }, out);
}

fn header(code: u8, id: MessageId, length: u16) -> [u8; 5] {
    let ([id_high, id_low], [length_high, length_low]) = (id.get().to_be_bytes(), length.to_be_bytes());
    [code, id_high, id_low, length_high, length_low]
}
