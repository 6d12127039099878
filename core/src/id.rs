//! Names of devices, sessions, statuses, pins and the like: small copyable numbers, and the token a device proves itself with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A device, by its place in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeviceId(pub u32);

/// One session. Never used twice, so that a late word of an old session cannot be mistaken for the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

/// A status, by its place in its template's chain: 0 is Online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusIndex(pub u8);

impl StatusIndex {
    /// The first status of every chain.
    pub const ONLINE: Self = Self(0);

    /// The status after this one, whether the chain has one or not.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A user's command to a device. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub u64);

/// A notification. Never used twice, so that a receiver can tell a repetition from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub u64);

/// A virtual pin: `V0` to `V255`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pin(pub u8);

/// The text is no pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPin;

/// `V0` to `V255`; users and scripts write `v0` as well.
impl FromStr for Pin {
    type Err = NotAPin;

    fn from_str(text: &str) -> Result<Self, NotAPin> {
        Self::parse(text.strip_prefix(['V', 'v']).ok_or(NotAPin)?)
    }
}

impl Pin {
    /// The number alone, as it stands on the wire.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(digits: &str) -> Result<Self, NotAPin> {
        let number = Some(digits).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        number.and_then(|digits| digits.parse().ok()).map(Self).ok_or(NotAPin)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{}", self.0)
    }
}

/// What a device logs in with: 32 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token([u8; Token::LEN]);

impl Token {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// The token in a login's body, or `None` if the body cannot be one. Like every field, it may end with NUL.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let field = body.strip_suffix(b"\0").unwrap_or(body);
        let bytes: [u8; Self::LEN] = field.try_into().ok()?;
        bytes.iter().all(u8::is_ascii_graphic).then_some(Self(bytes))
    }

    /// The characters as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a token is ASCII")
    }

    /// The characters as they stand on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A token is a secret: logs and panics show only its first four characters.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}..)", String::from_utf8_lossy(&self.0[..4]))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_thirty_two_printable_characters() {
        assert!(Token::parse(&[b'a'; 32]).is_some());
        assert!(Token::parse(&[b'a'; 31]).is_none());
        assert!(Token::parse(&[b'a'; 33]).is_none());
        assert!(Token::parse(&[0; 32]).is_none());
    }

    #[test]
    fn the_last_nul_of_a_login_is_optional() {
        let body = b"abcdefghijklmnopqrstuvwxyz012345\0";
        assert_eq!(Token::parse(body), Token::parse(&body[..Token::LEN]));
        assert!(Token::parse(body).is_some());
        assert!(Token::parse(&[b'a'; 31].into_iter().chain([0]).collect::<Vec<_>>()).is_none());
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let token = Token::parse(b"abcdefghijklmnopqrstuvwxyz012345").expect("32 characters");
        assert_eq!(format!("{token:?}"), "Token(abcd..)");
    }
}
