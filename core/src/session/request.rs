//! What a live session is asked by its device, and the values that it hands over.
//!
//! Owns which messages are data and which are answered, and by whom (`lifecycle` section 3). What follows from them is
//! the [hub](crate::hub)'s.

use super::{Output, PinValue, Session, State, Word};
use crate::protocol::{
    Answer, Command, DeviceInfo, HEADER_LEN, Hardware, IllegalBody, LONGEST_MESSAGE, MessageId,
    encode_fields, hardware, sync,
};
use crate::time::Instant;

impl Session {
    pub(super) fn on_request(&mut self, now: Instant, command: Command, id: MessageId, body: &[u8]) {
        match command {
            Command::Ping => self.answer(id, Answer::OK),
            Command::Login | Command::HwLogin => self.answer(id, Answer::ALREADY_REGISTERED),
            Command::Internal => self.on_internal(now, id, body),
            Command::HwSync => match sync(body) {
                Ok(pins) => self.say(now, Word::Sync { id, pins }),
                Err(IllegalBody) => self.answer(id, Answer::ILLEGAL_BODY),
            },
            Command::Bridge => self.answer(id, Answer::NOT_ALLOWED),
            Command::Redirect | Command::DebugPrint => self.answer(id, Answer::ILLEGAL_COMMAND),
            Command::Hardware => self.on_hardware(now, id, body),
            Command::Property | Command::Group | Command::EventLog | Command::EventClear => self.on_data(now),
        }
    }

    /// Data is not answered when all is well: real clients expect silence.
    fn on_hardware(&mut self, now: Instant, id: MessageId, body: &[u8]) {
        match hardware(body) {
            Ok(Hardware::Write { pin, value }) if value.len() <= usize::from(self.settings.value_limit) => {
                self.say(now, Word::Wrote { pin, value: value.into() });
            }
            Ok(Hardware::Other) => self.on_data(now),
            Ok(Hardware::Write { .. }) | Err(IllegalBody) => {
                self.on_data(now);
                self.answer(id, Answer::ILLEGAL_BODY);
            }
        }
    }

    /// The hub is told once per read, however many messages it holds.
    fn on_data(&mut self, now: Instant) {
        if self.outputs.back() != Some(&Output::Word(now, Word::Data)) {
            self.say(now, Word::Data);
        }
    }

    fn on_internal(&mut self, now: Instant, id: MessageId, body: &[u8]) {
        if let Some(info) = DeviceInfo::parse(body) {
            return self.on_info(now, id, info);
        }
        match status_announced(body) {
            Some(status) => self.say(now, Word::SetStatus { id, status: status.into() }),
            None => self.answer(id, Answer::ILLEGAL_COMMAND),
        }
    }

    fn on_info(&mut self, now: Instant, id: MessageId, info: DeviceInfo<'_>) {
        let Ok(heartbeat) = info.heartbeat() else { return self.answer(id, Answer::ILLEGAL_BODY) };
        if let Some(heartbeat) = heartbeat {
            self.state = State::Live { heartbeat, since: now, is_announced: true };
        }
        self.buffer = info.buffer().map_or(self.buffer, |buffer| buffer.min(LONGEST_MESSAGE));
        self.say(now, Word::Announced { heartbeat, client: info.client().into() });
        self.answer(id, Answer::OK);
    }

    /// The answers to a sync carry its id. What the device's buffer does not hold is not sent: it would be lost.
    pub(super) fn on_values(&mut self, now: Instant, id: Option<MessageId>, values: &[PinValue]) {
        let State::Live { .. } = self.state else { return };
        for PinValue { pin, value, command } in values {
            let fields = ["vw", &pin.0.to_string(), value];
            if HEADER_LEN + fields.join("\0").len() > self.buffer {
                continue;
            }
            let id = id.unwrap_or_else(|| self.own_id());
            encode_fields(Command::Hardware, id, &fields, &mut self.transmit);
            if let Some(command) = command {
                self.say(now, Word::Handed(*command));
            }
        }
    }

    fn own_id(&mut self) -> MessageId {
        let id = self.next_id;
        self.next_id = id.next();
        id
    }
}

/// The status in the body of an INTERNAL message that sets one: `status` NUL key.
fn status_announced(body: &[u8]) -> Option<&str> {
    let key = str::from_utf8(body).ok()?.strip_prefix("status\0")?;
    Some(key.strip_suffix('\0').unwrap_or(key))
}
