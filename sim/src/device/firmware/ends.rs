//! How firmware comes to lose a stream, and what it does then.

use blynk_core::time::Instant;

use super::manners::{BLOCKED, Connect, LoginPatience, Notices};
use super::open::{Loss, Stage};
use super::{Firmware, State};
use crate::device::reconnect::{End, Ended};
use crate::device::{ATTEMPT, Output};

impl Firmware {
    /// Nobody listens there.
    pub(super) fn on_connection_refused(&mut self, now: Instant) {
        if self.ended().is_some() {
            self.close_and_redial(now);
        }
    }

    /// FIN or RST.
    pub(super) fn on_lost(&mut self, now: Instant, loss: Loss) {
        match &mut self.state {
            State::Idle | State::Waiting { .. } => {}
            State::Dialling { .. } => self.close_and_redial(now),
            State::Open(open) => match (self.manners.notices, open.stage, loss) {
                (Notices::AtOnce, _, Loss::Fin) => {
                    self.hearts.stop();
                    self.close_and_redial(now);
                }
                (Notices::AtOnce, _, Loss::Reset) => self.close_and_redial(now),
                (Notices::BySilence, Stage::Live { .. }, _) => {}
                (Notices::BySilence, Stage::LoggingIn | Stage::Introducing { .. }, Loss::Fin) => {
                    self.close_and_redial(now);
                }
                (Notices::BySilence, Stage::LoggingIn | Stage::Introducing { .. }, Loss::Reset) => {
                    self.stop(Output::Close);
                }
                (Notices::ByWriting, _, _) => open.unnoticed = open.unnoticed.max(Some(loss)),
            },
        }
    }

    /// An attempt took too long, or the server said nothing for too long.
    pub(super) fn lose_patience(&mut self, now: Instant) {
        let ended = self.ended().expect("only a connection runs out of time");
        match (self.state, self.manners.connect) {
            (State::Dialling { since, .. }, Connect::Blocking) if now < since + BLOCKED => {
                return self.dial_again(now, since);
            }
            (State::Dialling { .. } | State::Open(_) | State::Idle | State::Waiting { .. }, _) => {}
        }
        self.outputs.push_back(self.farewell());
        let how = if self.is_live() { End::Silence } else { ended.how };
        self.wait_to_redial(now, Ended { how, ..ended });
    }

    /// What a library does with a stream that it gives up on. What a live session ends with does not reach a server that
    /// cannot be reached, and is not sent later (`scenario-language`, "Silences overlap").
    fn farewell(&self) -> Output {
        let State::Open(open) = self.state else { return Output::Abandon };
        match (open.stage, self.manners.login_patience) {
            (Stage::Live { .. }, _) => Output::Abandon,
            (Stage::LoggingIn, LoginPatience::FromDialling(_) | LoginPatience::AsForAnyByte) => {
                Output::Abandon
            }
            (Stage::LoggingIn, LoginPatience::RoundFromDialling(_) | LoginPatience::FromLogin(_))
            | (Stage::Introducing { .. }, _) => Output::Close,
        }
    }

    /// The system's own next attempt, of which the program knows nothing.
    fn dial_again(&mut self, now: Instant, since: Instant) {
        self.state = State::Dialling { since, until: (now + ATTEMPT).min(since + BLOCKED) };
        self.outputs.push_back(Output::Abandon);
        self.outputs.push_back(Output::Dial);
    }

    pub(super) fn close_and_redial(&mut self, now: Instant) {
        if let Some(ended) = self.ended() {
            self.outputs.push_back(Output::Close);
            self.wait_to_redial(now, ended);
        }
    }

    /// For good, unless its owner wants something else.
    pub(super) fn stop(&mut self, farewell: Output) {
        self.hearts.stop();
        self.outputs.push_back(farewell);
        self.state = State::Idle;
    }

    fn wait_to_redial(&mut self, now: Instant, ended: Ended) {
        self.state = match self.redialling.next_attempt(now, ended) {
            Some(redial_at) => State::Waiting { redial_at },
            None => State::Idle,
        };
    }

    /// The connection, or the attempt at one, as it would end now because of the other side.
    pub(super) fn ended(&self) -> Option<Ended> {
        match self.state {
            State::Idle | State::Waiting { .. } => None,
            State::Dialling { since, .. } => {
                Some(Ended { dialled_at: since, last_word: since, how: End::Attempt })
            }
            State::Open(open) => {
                let how = match open.stage {
                    Stage::LoggingIn | Stage::Introducing { .. } => End::Attempt,
                    Stage::Live { .. } => End::Loss,
                };
                Some(Ended { dialled_at: open.dialled_at, last_word: open.last_ping, how })
            }
        }
    }
}
