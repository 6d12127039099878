//! The device info: an INTERNAL message whose body is a list of keys and values, sent after the login and at any time.

use std::ops::RangeInclusive;
use std::str;

use crate::time::Duration;

/// The heartbeats that a device may announce (`lifecycle` section 4).
pub const HEARTBEAT_RANGE: RangeInclusive<Duration> = Duration::SECOND..=Duration::DAY;

/// The keys and values that a device sent about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceInfo<'a> {
    body: &'a str,
}

/// The device announced a heartbeat that is no number of seconds in [`HEARTBEAT_RANGE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHeartbeat;

impl<'a> DeviceInfo<'a> {
    /// The info in the body of an INTERNAL message, or `None` if the message is about something else.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        let body = str::from_utf8(body).ok()?;
        let first = body.split('\0').next()?;
        matches!(first, "ver" | "mcu" | "ncp").then_some(Self { body })
    }

    /// The value of a key.
    pub fn value(self, key: &str) -> Option<&'a str> {
        let mut fields = self.body.split('\0');
        while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
            if name == key {
                return Some(value);
            }
        }
        None
    }

    /// The announced heartbeat, if the device announces one: not every client library does.
    ///
    /// # Errors
    /// If what it announces is refused.
    pub fn heartbeat(self) -> Result<Option<Duration>, InvalidHeartbeat> {
        let Some(value) = self.value("h-beat") else { return Ok(None) };
        let heartbeat = value.parse().map(Duration::from_secs).map_err(|_| InvalidHeartbeat)?;
        if HEARTBEAT_RANGE.contains(&heartbeat) { Ok(Some(heartbeat)) } else { Err(InvalidHeartbeat) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Result<Option<u64>, InvalidHeartbeat>) {
        let info = DeviceInfo::parse(body.as_bytes()).expect("a device info");
        assert_eq!(info.heartbeat(), expected.map(|seconds| seconds.map(Duration::from_secs)));
    }

    #[test]
    fn a_heartbeat_is_announced_in_seconds() {
        check("ver\x001.4.0\0h-beat\x0040\0buff-in\x004096\0", Ok(Some(40)));
        check("mcu\x000.1.0\0h-beat\x001", Ok(Some(1)));
        check("ver\x000.5.4\0dev\0js", Ok(None));
    }

    #[test]
    fn heartbeats_out_of_range_are_refused() {
        check("ver\x001\0h-beat\x000", Err(InvalidHeartbeat));
        check("ver\x001\0h-beat\x0086400", Ok(Some(86_400)));
        check("ver\x001\0h-beat\x0086401", Err(InvalidHeartbeat));
        check("ver\x001\0h-beat\x00soon", Err(InvalidHeartbeat));
        check("ver\x001\0h-beat\x00-5", Err(InvalidHeartbeat));
        check("ver\x001\0h-beat\x0099999999999999999999", Err(InvalidHeartbeat));
    }

    #[test]
    fn other_internal_messages_are_no_device_info() {
        assert_eq!(DeviceInfo::parse(b"rtc\0sync"), None);
        assert_eq!(DeviceInfo::parse(b"\xff\xfe"), None);
        assert_eq!(DeviceInfo::parse(b""), None);
    }

    #[test]
    fn a_key_is_not_mistaken_for_a_value() {
        check("ver\0h-beat\0dev\0x", Ok(None));
    }
}
