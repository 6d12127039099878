//! What sessions say of their devices, and what becomes of it: logins, announcements, data, ends.
//!
//! Owns who is heard (`lifecycle` section 6). Does not decide what a device's status does then: that is its
//! [machine](crate::lifecycle::Machine).

use std::net::SocketAddr;

use super::{Hub, Output};
use crate::id::{CommandId, DeviceId, Pin, SessionId, Token};
use crate::lifecycle;
use crate::origin::Origin;
use crate::protocol::{Answer, MessageId};
use crate::session::{LoginAnswer, Word};
use crate::settings::Takeover;
use crate::store::Write;
use crate::time::{Duration, Instant};
use crate::timeline::{Close, Event, Setter};

impl Hub {
    pub(super) fn on_word(&mut self, now: Instant, session: SessionId, word: Word) {
        if let Word::Login { token, address } = word {
            return self.on_login(now, session, token, address);
        }
        // A superseded session reports late; it no longer speaks for the device.
        let Some(device) = self.live.get(&session).copied() else { return };
        match word {
            Word::Login { .. } | Word::NoToken => unreachable!("logins speak for nobody yet"),
            Word::Announced { heartbeat, client } => {
                self.on_announced(now, device, session, heartbeat, client)
            }
            Word::Data => self.tell(now, device, lifecycle::Input::Data),
            Word::Wrote { pin, value } => self.on_wrote(now, device, pin, value),
            Word::Sync { id, pins } => {
                let values = self.control.wanted(device, &pins);
                self.outputs.push_back(Output::Values(session, Some(id), values));
            }
            Word::SetStatus { id, status } => self.on_set_status(now, device, session, id, &status),
            Word::Handed(command) => self.on_handed(now, device, command),
            Word::Closed(close) => self.on_closed(now, device, session, close),
        }
    }

    fn on_login(&mut self, now: Instant, session: SessionId, token: Token, address: SocketAddr) {
        let Some(device) = self.registry.find(&token) else {
            let answer = self.on_failed_login(now, address.ip().into(), token);
            return self.answer_login(session, answer);
        };
        match (self.live_session(device), self.settings.takeover) {
            (None, _) => self.accept(now, device, session, address),
            (Some(older), Takeover::Accept) => {
                self.supersede(now, device, older, session);
                self.accept(now, device, session, address);
            }
            (Some(_), Takeover::Reject) => {
                self.answer_login(session, LoginAnswer::Refused(Answer::NOT_ALLOWED));
            }
        }
    }

    fn on_failed_login(&mut self, now: Instant, origin: Origin, token: Token) -> LoginAnswer {
        let is_answered = self.failures.failed(now, (origin, token))
            && self.failures_of_origins.as_mut().is_none_or(|failures| failures.failed(now, origin));
        if is_answered { LoginAnswer::Refused(Answer::INVALID_TOKEN) } else { LoginAnswer::Withheld }
    }

    fn answer_login(&mut self, session: SessionId, answer: LoginAnswer) {
        self.outputs.push_back(Output::Login(session, answer));
    }

    fn supersede(&mut self, now: Instant, device: DeviceId, older: SessionId, newer: SessionId) {
        self.live.remove(&older);
        self.record(now, device, Event::Superseded { session: older, by: newer });
        self.outputs.push_back(Output::Supersede(older));
    }

    fn accept(&mut self, now: Instant, device: DeviceId, session: SessionId, address: SocketAddr) {
        self.live.insert(session, device);
        self.record(now, device, Event::LoggedIn { session, address });
        self.tell(now, device, lifecycle::Input::LoggedIn(session));
        let heartbeat = self.registry.machine(device).heartbeat();
        self.answer_login(session, LoginAnswer::Accepted { heartbeat });
    }

    fn on_announced(
        &mut self,
        now: Instant,
        device: DeviceId,
        session: SessionId,
        heartbeat: Option<Duration>,
        client: Box<str>,
    ) {
        self.record(now, device, Event::Announced { session, heartbeat, client });
        if let Some(heartbeat) = heartbeat {
            self.tell(now, device, lifecycle::Input::Announced(heartbeat));
        }
    }

    fn on_wrote(&mut self, now: Instant, device: DeviceId, pin: Pin, value: Box<str>) {
        self.write_value(device, pin, value);
        self.tell(now, device, lifecycle::Input::Data);
    }

    fn on_set_status(
        &mut self,
        now: Instant,
        device: DeviceId,
        session: SessionId,
        id: MessageId,
        status: &str,
    ) {
        let set = self.set_status(now, device, status, Setter::Device);
        let answer = if set.is_ok() { Answer::OK } else { Answer::NOT_ALLOWED };
        self.outputs.push_back(Output::Answer(session, id, answer));
    }

    fn on_handed(&mut self, now: Instant, device: DeviceId, command: CommandId) {
        if let Some((pin, value)) = self.control.settle(device, command) {
            self.write(Write::Settled(device, command));
            if let Some(value) = value {
                self.write(Write::Value(device, pin, value));
            }
            self.record(now, device, Event::Applied { command, pin });
        }
    }

    fn on_closed(&mut self, now: Instant, device: DeviceId, session: SessionId, close: Close) {
        self.live.remove(&session);
        self.record(now, device, Event::Closed { session, close });
        let Close { reason, last_byte_at, .. } = close;
        self.tell(now, device, lifecycle::Input::Closed { reason, last_byte_at });
    }
}
