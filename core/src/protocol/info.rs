//! The device info: an INTERNAL message whose body is a list of keys and values, sent after the login and at any time.

use std::ops::RangeInclusive;
use std::str;

use crate::time::Duration;

/// The heartbeats that a device may announce (`lifecycle` section 4).
pub const HEARTBEAT_RANGE: RangeInclusive<Duration> = Duration::SECOND..=Duration::DAY;

/// More characters of what a device says about itself are not kept.
const LONGEST_CLIENT: usize = 80;

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

    /// The longest message that the device can take, if it says so.
    pub fn buffer(self) -> Option<usize> {
        self.value("buff-in")?.parse().ok()
    }

    /// Hardware, library and firmware, as far as the device names them: `ESP32 1.4.0, MyFirmware 0.1.0`.
    pub fn client(self) -> String {
        let named = |keys: [&str; 2]| {
            keys.into_iter().filter_map(|key| self.value(key)).collect::<Vec<_>>().join(" ")
        };
        let parts = [named(["dev", "ver"]), named(["fw-type", "fw"])];
        let told = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        told.chars().filter(|c| !c.is_control()).take(LONGEST_CLIENT).collect()
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
    fn a_client_is_named_by_hardware_library_and_firmware() {
        let client = |body: &str| DeviceInfo::parse(body.as_bytes()).expect("a device info").client();
        let full = "ver\x001.4.0\0h-beat\x0045\0dev\0ESP32\0fw-type\0TMPL1\0fw\x000.1.0";
        assert_eq!(client(full), "ESP32 1.4.0, TMPL1 0.1.0");
        assert_eq!(client("ver\x000.5.4"), "0.5.4");
        assert_eq!(client(&format!("ver\0{}\u{7}", "x".repeat(999))).len(), LONGEST_CLIENT);
    }

    #[test]
    fn a_buffer_is_a_number_of_bytes_or_none() {
        let buffer = |body: &str| DeviceInfo::parse(body.as_bytes()).expect("a device info").buffer();
        assert_eq!(buffer("ver\x001\0buff-in\x004096\0"), Some(4_096));
        assert_eq!(buffer("ver\x001\0buff-in\0many"), None);
        assert_eq!(buffer("ver\x001"), None);
    }

    #[test]
    fn a_key_is_not_mistaken_for_a_value() {
        check("ver\0h-beat\0dev\0x", Ok(None));
    }
}
