//! From bytes to frames, one at a time and without copying.

use std::borrow::Cow;
use std::mem;

use super::frame::{Answer, Command, Frame, HEADER_LEN, MessageId};
use crate::close::Violation;

const RESPONSE: u8 = 0;

/// Takes the first whole frame off the front of `input`. `None`: more bytes are needed, and none were taken.
///
/// # Errors
/// How the bytes break the protocol. An illegal header is reported before its body has arrived, so that nobody
/// waits for, or stores, a body of a length that is refused anyway.
#[inline]
pub fn decode<'a>(input: &mut &'a [u8], body_limit: u16) -> Result<Option<Frame<'a>>, Violation> {
    let Some((&[code, id_high, id_low, length_high, length_low], rest)) =
        input.split_first_chunk::<HEADER_LEN>()
    else {
        return Ok(None);
    };
    let id = u16::from_be_bytes([id_high, id_low]);
    let length = u16::from_be_bytes([length_high, length_low]);
    if code == RESPONSE {
        let id = MessageId::new(id).ok_or(Violation::IdZero)?;
        *input = rest;
        return Ok(Some(Frame::Response { id, answer: Answer(length) }));
    }
    let command = Command::from_code(code).ok_or(Violation::UnknownCommand(code))?;
    let id = MessageId::new(id).ok_or(Violation::IdZero)?;
    if length > body_limit {
        return Err(Violation::BodyTooLong(length));
    }
    let Some((body, rest)) = rest.split_at_checked(usize::from(length)) else { return Ok(None) };
    *input = rest;
    Ok(Some(Frame::Request { command, id, body }))
}

/// The beginning of a frame whose rest has not arrived yet. Empty most of the time, and then it holds no memory.
#[derive(Debug, Default)]
pub struct Unread(Vec<u8>);

impl Unread {
    /// What is there to decode: the kept beginning, if any, and what arrived after it.
    #[inline]
    pub fn join<'a>(&mut self, arrived: &'a [u8]) -> Cow<'a, [u8]> {
        if self.0.is_empty() {
            return Cow::Borrowed(arrived);
        }
        let mut joined = mem::take(&mut self.0);
        joined.extend_from_slice(arrived);
        Cow::Owned(joined)
    }

    /// Keeps the last `rest` bytes of what [`join`](Self::join) gave, which were not decoded.
    #[inline]
    pub fn keep(&mut self, joined: Cow<'_, [u8]>, rest: usize) {
        let decoded = joined.len() - rest;
        self.0 = match joined {
            _ if rest == 0 => Vec::new(),
            Cow::Borrowed(bytes) => bytes[decoded..].to_vec(),
            // A long body that arrives in small pieces is not copied with every piece.
            Cow::Owned(mut bytes) => {
                bytes.drain(..decoded);
                bytes
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::encode;

    const LIMIT: u16 = 4_096;

    fn check(bytes: &[u8], expected: Result<Option<Frame>, Violation>) {
        let mut input = bytes;
        assert_eq!(decode(&mut input, LIMIT), expected);
    }

    #[test]
    fn a_ping_is_five_bytes() {
        let id = MessageId::new(2).expect("not zero");
        check(&[6, 0, 2, 0, 0], Ok(Some(Frame::Request { command: Command::Ping, id, body: b"" })));
    }

    #[test]
    fn the_length_of_a_response_is_its_answer() {
        check(&[0, 0, 1, 0, 200], Ok(Some(Frame::Response { id: MessageId::FIRST, answer: Answer::OK })));
    }

    #[test]
    fn illegal_headers_are_named_before_their_bodies_arrive() {
        check(&[6, 0, 0, 0, 0], Err(Violation::IdZero));
        check(&[0, 0, 0, 0, 200], Err(Violation::IdZero));
        check(&[99, 0, 1, 0, 9], Err(Violation::UnknownCommand(99)));
        check(&[20, 0, 1, 0x10, 0x01], Err(Violation::BodyTooLong(4_097)));
    }

    #[test]
    fn a_body_of_exactly_the_limit_is_read() {
        let body = vec![b'x'; usize::from(LIMIT)];
        let bytes = encoded(Frame::Request { command: Command::Hardware, id: MessageId::FIRST, body: &body });
        let mut input = bytes.as_slice();
        assert!(matches!(decode(&mut input, LIMIT), Ok(Some(Frame::Request { .. }))));
        assert!(input.is_empty());
    }

    fn encoded(frame: Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(frame, &mut bytes);
        bytes
    }

    fn any_frame() -> impl Strategy<Value = (Command, u16, Vec<u8>, Option<u16>)> {
        let body = prop::collection::vec(any::<u8>(), 0..64);
        (prop::sample::select(Command::ALL), 1u16.., body, any::<Option<u16>>())
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded((command, id, body, answer) in any_frame()) {
            let id = MessageId::new(id).expect("drawn from 1");
            let frame = match answer {
                Some(answer) => Frame::Response { id, answer: Answer(answer) },
                None => Frame::Request { command, id, body: &body },
            };
            let bytes = encoded(frame);
            let mut input = bytes.as_slice();
            prop_assert_eq!(decode(&mut input, LIMIT), Ok(Some(frame)));
            prop_assert!(input.is_empty());
        }

        #[test]
        fn every_truncation_asks_for_more((command, id, body, _) in any_frame()) {
            let id = MessageId::new(id).expect("drawn from 1");
            let bytes = encoded(Frame::Request { command, id, body: &body });
            for cut in 0..bytes.len() {
                let mut input = &bytes[..cut];
                prop_assert_eq!(decode(&mut input, LIMIT), Ok(None));
                prop_assert_eq!(input.len(), cut);
            }
        }

        #[test]
        fn frames_are_found_however_the_bytes_are_cut(frames in prop::collection::vec(any_frame(), 1..5), cut in 1usize..9) {
            let id = |id| MessageId::new(id).expect("drawn from 1");
            let requests: Vec<_> =
                frames.iter().map(|(command, n, body, _)| Frame::Request { command: *command, id: id(*n), body }).collect();
            let bytes: Vec<u8> = requests.iter().flat_map(|frame| encoded(*frame)).collect();
            let (mut unread, mut found) = (Unread::default(), 0);
            for arrived in bytes.chunks(cut) {
                let joined = unread.join(arrived);
                let mut input = &*joined;
                while let Some(frame) = decode(&mut input, LIMIT).expect("legal frames") {
                    prop_assert_eq!(frame, requests[found]);
                    found += 1;
                }
                let rest = input.len();
                unread.keep(joined, rest);
            }
            prop_assert_eq!(found, requests.len());
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..256), limit: u16) {
            let mut input = bytes.as_slice();
            while let Ok(Some(_)) = decode(&mut input, limit) {}
            prop_assert!(bytes.ends_with(input));
        }
    }
}
