//! The device protocol: frames of `u8 command | u16 id | u16 length | body`, big-endian.
//!
//! Owns the bytes: [`Frame`] names what stands on the wire, [`decode`] and [`encode`] translate, [`DeviceInfo`] reads
//! what firmware says of itself after its login, [`hardware`] and [`sync`] what is about pins. Does not decide what a
//! message means: that is the [session](crate::session).

mod decode;
mod encode;
mod frame;
mod info;
mod pins;

pub use decode::{Unread, decode};
pub use encode::{encode, encode_fields};
pub use frame::{Answer, Command, Frame, HEADER_LEN, LONGEST_MESSAGE, MessageId};
pub use info::{DeviceInfo, HEARTBEAT_RANGE, InvalidHeartbeat};
pub use pins::{Hardware, IllegalBody, hardware, sync};
