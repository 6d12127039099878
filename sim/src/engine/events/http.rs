//! Requests over HTTP, and their answers.
//!
//! The HTTP layer itself is left out here: what somebody asks is known before it is spelt, and becomes the call that the
//! server's own HTTP API would make of it. The [hub](blynk_core::hub) answers it, with the API's status code. Of the
//! answer only the head is made, since nobody in the simulated world reads more; so fewer bytes come back to a device
//! than from the server's whole shell. Paths, spelling and bodies are tried by the turmoil engine.

use std::net::SocketAddr;

use blynk_core::http;
use blynk_core::hub::{About, Call, Refusal, Reply, Wish};
use blynk_core::id::{DeviceId, Token};

use crate::device::Request;

/// What is asked is no request.
pub(super) const BAD_REQUEST: u16 = 400;
/// Who asks is no operator.
const UNAUTHORIZED: u16 = 401;

/// The call that a request comes to, from this address, to a server that counts devices from `first`.
///
/// # Errors
/// The status code of the answer, if the hub need not be asked.
pub(super) fn call(
    request: &Request,
    address: SocketAddr,
    operators: Token,
    first: DeviceId,
) -> Result<Call, u16> {
    let about = |device: &DeviceId| About::Device(DeviceId(device.0 - first.0));
    let (about, wish) = match request {
        Request::Update { token, pin, value } => {
            let values = vec![(*pin, (**value).into())];
            (About::Token(*token), Wish::Report { values, address })
        }
        Request::SetStatus { token, status } => (About::Token(*token), Wish::SetStatus((**status).into())),
        Request::OperatorSetStatus { operator, .. } | Request::Command { operator, .. }
            if *operator != operators =>
        {
            return Err(UNAUTHORIZED);
        }
        Request::OperatorSetStatus { device, status, .. } => {
            (about(device), Wish::SetStatus((**status).into()))
        }
        Request::Command { device, pin, value, .. } => (about(device), Wish::Command(*pin, (**value).into())),
    };
    Ok(Call { about, wish })
}

/// The answer to a call, as its bytes begin.
pub(super) fn answer(answer: &Result<Reply, Refusal>) -> Vec<u8> {
    head(http::status_code(answer))
}

/// An answer with this status code.
pub(super) fn head(code: u16) -> Vec<u8> {
    format!("HTTP/1.1 {code}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use blynk_core::id::Pin;

    use super::*;

    fn token(letter: u8) -> Token {
        Token::parse(&[letter; Token::LEN]).expect("32 characters")
    }

    #[test]
    fn operators_prove_their_right() {
        let request =
            |operator| Request::Command { operator, device: DeviceId(3), pin: Pin(1), value: "5".into() };
        let address = SocketAddr::from(([10, 0, 0, 3], 1));
        let commanded = Call { about: About::Device(DeviceId(3)), wish: Wish::Command(Pin(1), "5".into()) };
        assert_eq!(call(&request(token(b'a')), address, token(b'a'), DeviceId(0)), Ok(commanded));
        assert_eq!(call(&request(token(b'b')), address, token(b'a'), DeviceId(0)), Err(401));
    }

    #[test]
    fn answers_have_the_codes_of_the_api() {
        let code = |reply| String::from_utf8(answer(&reply)).expect("text")[9..12].to_owned();
        assert_eq!(code(Ok(Reply::Done)), "200");
        assert_eq!(code(Err(Refusal::InvalidToken)), "400");
        assert_eq!(code(Err(Refusal::Blocked { status: "x".into() })), "403");
        assert_eq!(code(Err(Refusal::NoSuchDevice(DeviceId(1)))), "404");
    }
}
