//! What firmware makes of the bytes that arrive: the answer to its login, and that to its introduction.

use blynk_core::protocol::{Answer, Command, Frame, HEADER_LEN, MessageId, decode};
use blynk_core::time::Instant;

use super::manners::{AcceptedBy, Consequence, Introduction, Pings, Reads};
use super::open::{Open, Stage};
use super::{BODY_LIMIT, Firmware, State};
use crate::device::{Content, Output, next_due};

impl Firmware {
    pub(super) fn on_bytes(&mut self, now: Instant, bytes: &[u8]) {
        if let State::Open(open) = &mut self.state {
            open.last_in = now;
        }
        match self.manners.reads {
            Reads::Everything => self.read_all(now, bytes),
            Reads::FirstOfEach => self.read_first(now, bytes),
        }
    }

    fn read_all(&mut self, now: Instant, bytes: &[u8]) {
        let joined = self.unread.join(bytes);
        let mut input = &*joined;
        // The server under test sends no illegal frames; if it ever does, its bytes are a sign of life and no more.
        while let Ok(Some(frame)) = decode(&mut input, BODY_LIMIT) {
            self.on_frame(now, frame);
        }
        let rest = input.len();
        self.unread.keep(joined, rest);
    }

    fn on_frame(&mut self, now: Instant, frame: Frame<'_>) {
        let State::Open(open) = self.state else { return };
        match (open.stage, frame) {
            (Stage::LoggingIn, Frame::Response { id: MessageId::FIRST, answer }) => {
                self.on_login_answer(now, open, answer);
            }
            (
                Stage::LoggingIn | Stage::Introducing { .. } | Stage::Live { .. },
                Frame::Response { .. } | Frame::Request { .. },
            ) => {}
        }
    }

    /// What cannot be read ends the session.
    fn read_first(&mut self, now: Instant, bytes: &[u8]) {
        let State::Open(open) = self.state else { return };
        match (first_of_read(bytes), open.stage) {
            (None, _) => self.close_and_redial(now),
            (Some(answer), Stage::LoggingIn) => self.on_login_answer(now, open, answer),
            (Some(Answer::OK), Stage::Introducing { .. }) => {
                self.state = State::Open(Open { stage: self.live(now), ..open });
            }
            (Some(_), Stage::Introducing { .. }) => self.close_and_redial(now),
            (Some(_), Stage::Live { .. }) => {}
        }
    }

    fn on_login_answer(&mut self, now: Instant, open: Open, answer: Answer) {
        let is_accepted = match self.manners.accepted_by {
            AcceptedBy::OkAndRegistered => matches!(answer, Answer::OK | Answer::ALREADY_REGISTERED),
            AcceptedBy::Ok => answer == Answer::OK,
        };
        if is_accepted { self.on_logged_in(now, open) } else { self.on_refused(now, answer) }
    }

    fn on_refused(&mut self, now: Instant, answer: Answer) {
        let refused = self.manners.refused;
        match if answer == Answer::INVALID_TOKEN { refused.token } else { refused.otherwise } {
            Consequence::Stop => self.stop(Output::Close),
            Consequence::FallSilent => self.stop(Output::Abandon),
            Consequence::Retry => self.close_and_redial(now),
            Consequence::Ignore => {}
        }
    }

    fn on_logged_in(&mut self, now: Instant, open: Open) {
        self.redialling.succeeded();
        let stage = match self.manners.introduction {
            Introduction::Awaited(_, patience) => Stage::Introducing { until: now + patience },
            Introduction::Nothing
            | Introduction::HeartbeatAndSync
            | Introduction::WithHeartbeat(_)
            | Introduction::WithoutHeartbeat(_) => self.live(now),
        };
        self.state = State::Open(open.accepted(now, stage));
        match self.manners.pings {
            Pings::WhenIdle(_) => {}
            Pings::AtIntervals => self.hearts.start(now, self.heartbeat),
        }
        self.introduce_itself(now);
    }

    fn live(&self, now: Instant) -> Stage {
        Stage::Live { next_write: self.sends.map(|period| next_due(now, period, now)) }
    }

    fn introduce_itself(&mut self, now: Instant) {
        match self.manners.introduction {
            Introduction::Nothing => {}
            Introduction::HeartbeatAndSync => {
                self.send(now, self.info());
                self.send(now, Content::Sync);
            }
            Introduction::WithHeartbeat(_)
            | Introduction::Awaited(..)
            | Introduction::WithoutHeartbeat(_) => {
                self.send(now, self.info());
            }
        }
    }

    /// What it says of itself.
    pub(super) fn info(&self) -> Content {
        match self.manners.introduction {
            Introduction::Nothing | Introduction::HeartbeatAndSync => Content::Announce(self.heartbeat),
            Introduction::WithHeartbeat(fields) | Introduction::Awaited(fields, _) => {
                Content::Info { fields, heartbeat: Some(self.heartbeat) }
            }
            Introduction::WithoutHeartbeat(fields) => Content::Info { fields, heartbeat: None },
        }
    }
}

/// What `blynklib` reads, whatever it waits for: the first message of the bytes, whose length it takes for an answer if
/// it is none. `None`: it cannot be read. (`parse_response`; `MSG_HEAD_LEN`, `rcv_buffer`.)
fn first_of_read(bytes: &[u8]) -> Option<Answer> {
    const BUFFER: u16 = 1_024;
    let &[code, id_high, id_low, length_high, length_low] = bytes.first_chunk::<HEADER_LEN>()?;
    let is_known = match Command::from_code(code) {
        None => code == 0,
        Some(Command::Ping | Command::Hardware | Command::Bridge | Command::Internal | Command::Redirect) => {
            true
        }
        Some(
            Command::Login
            | Command::HwSync
            | Command::Property
            | Command::Group
            | Command::HwLogin
            | Command::DebugPrint
            | Command::EventLog
            | Command::EventClear,
        ) => false,
    };
    let length = u16::from_be_bytes([length_high, length_low]);
    (is_known && [id_high, id_low] != [0, 0] && length < BUFFER).then_some(Answer(length))
}
