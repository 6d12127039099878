//! Requests over HTTP: what devices without a connection, users and operators ask of the server.

use std::fmt::Write;
use std::sync::Arc;

use blynk_core::id::{DeviceId, Pin, Token};

/// One request. It closes its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The device reports a value.
    Update {
        /// The device's.
        token: Token,
        /// The pin.
        pin: Pin,
        /// The value.
        value: Arc<str>,
    },
    /// The device sets its status.
    SetStatus {
        /// The device's.
        token: Token,
        /// The status's key.
        status: Arc<str>,
    },
    /// An operator sets the status of a device.
    OperatorSetStatus {
        /// Proves the operator's right.
        operator: Token,
        /// Whose.
        device: DeviceId,
        /// The status's key.
        status: Arc<str>,
    },
    /// A user commands a device.
    Command {
        /// Proves the user's right.
        operator: Token,
        /// Which.
        device: DeviceId,
        /// The pin.
        pin: Pin,
        /// The value.
        value: Arc<str>,
    },
}

impl Request {
    /// How traces call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Update { .. } => "HTTP update",
            Self::SetStatus { .. } | Self::OperatorSetStatus { .. } => "HTTP set status",
            Self::Command { .. } => "HTTP command",
        }
    }

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let text = match self {
            Self::Update { token, pin, value } => {
                get(&format!("update?token={}&{pin}={}", spell(token), escaped(value)))
            }
            Self::SetStatus { token, status } => {
                get(&format!("setStatus?token={}&status={}", spell(token), escaped(status)))
            }
            Self::OperatorSetStatus { operator, device, status } => {
                post("status", operator, *device, &format!(r#"{{"status":{}}}"#, quoted(status)))
            }
            Self::Command { operator, device, pin, value } => {
                let body = format!(r#"{{"pin":"{pin}","value":{}}}"#, quoted(value));
                post("command", operator, *device, &body)
            }
        };
        out.extend_from_slice(text.as_bytes());
    }
}

fn get(path_and_query: &str) -> String {
    format!("GET /external/api/{path_and_query} HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n")
}

fn post(what: &str, operator: &Token, device: DeviceId, body: &str) -> String {
    format!(
        "POST /api/v1/organization/device/{what}?deviceId={} HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        device.0,
        spell(operator),
        body.len()
    )
}

fn spell(token: &Token) -> &str {
    str::from_utf8(token.as_bytes()).expect("a token is printable ASCII")
}

/// A value as it stands in a query.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => escaped.push(byte.into()),
            other => write!(escaped, "%{other:02X}").expect("a string takes all text"),
        }
        escaped
    })
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04x}", c as u32).expect("a string takes all text"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_for_query_and_json() {
        assert_eq!(escaped("22.5 °C&x=1"), "22.5%20%C2%B0C%26x%3D1");
        assert_eq!(quoted("a \"b\" \\ \n"), r#""a \"b\" \\ \u000a""#);
    }
}
