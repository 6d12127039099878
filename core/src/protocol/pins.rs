//! Bodies about virtual pins: writes and syncs.

use std::str;

use crate::id::{NotAPin, Pin};

/// What a HARDWARE message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hardware<'a> {
    /// A value for a virtual pin; several are joined by NUL.
    Write {
        /// The pin.
        pin: Pin,
        /// The value.
        value: &'a str,
    },
    /// Anything about other pins, which no server keeps.
    Other,
}

/// A body that cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IllegalBody;

impl From<NotAPin> for IllegalBody {
    fn from(NotAPin: NotAPin) -> Self {
        Self
    }
}

/// Reads the body of a HARDWARE message.
///
/// # Errors
/// If a write to a virtual pin names no pin or no value, or is not text.
pub fn hardware(body: &[u8]) -> Result<Hardware<'_>, IllegalBody> {
    let Some(written) = body.strip_prefix(b"vw\0") else { return Ok(Hardware::Other) };
    let written = str::from_utf8(written).map_err(|_| IllegalBody)?;
    let (pin, value) = written.split_once('\0').ok_or(IllegalBody)?;
    Ok(Hardware::Write { pin: Pin::parse(pin)?, value: value.strip_suffix('\0').unwrap_or(value) })
}

/// Reads the body of a HW_SYNC message: the pins that it names; none: all.
///
/// # Errors
/// If it asks for anything else.
pub fn sync(body: &[u8]) -> Result<Vec<Pin>, IllegalBody> {
    let text = str::from_utf8(body).map_err(|_| IllegalBody)?;
    let mut fields = text.split_terminator('\0');
    match fields.next() {
        None => Ok(Vec::new()),
        Some("vr") => fields.map(|pin| Ok(Pin::parse(pin)?)).collect(),
        Some(_) => Err(IllegalBody),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Result<Hardware, IllegalBody>) {
        assert_eq!(hardware(body.as_bytes()), expected);
    }

    #[test]
    fn a_write_names_a_pin_and_a_value() {
        check("vw\x001\x0022.5", Ok(Hardware::Write { pin: Pin(1), value: "22.5" }));
        check("vw\x00255\x00on\0", Ok(Hardware::Write { pin: Pin(255), value: "on" }));
        check("vw\x001\x00a\x00b", Ok(Hardware::Write { pin: Pin(1), value: "a\0b" }));
        check("vw\x001\0", Ok(Hardware::Write { pin: Pin(1), value: "" }));
        check("dw\x0013\x001", Ok(Hardware::Other));
    }

    #[test]
    fn broken_writes_are_refused() {
        check("vw\0", Err(IllegalBody));
        check("vw\x001", Err(IllegalBody));
        check("vw\x00256\x001", Err(IllegalBody));
        check("vw\x00+1\x001", Err(IllegalBody));
        assert_eq!(hardware(b"vw\0\x31\0\xff"), Err(IllegalBody));
    }

    #[test]
    fn a_sync_names_pins_or_wants_all() {
        assert_eq!(sync(b""), Ok(vec![]));
        assert_eq!(sync(b"vr\x001\x002\0"), Ok(vec![Pin(1), Pin(2)]));
        assert_eq!(sync(b"vr\0x"), Err(IllegalBody));
        assert_eq!(sync(b"dr\x001"), Err(IllegalBody));
    }
}
