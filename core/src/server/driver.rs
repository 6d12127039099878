//! The loop that owns the hub: hears the words of all sessions, wakes the hub, performs its outputs.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use super::alarm::Alarm;
use super::clock::Clock;
use crate::hub::{Hub, Input, Output};
use crate::id::{DeviceId, SessionId};
use crate::session::{LoginAnswer, Word};
use crate::time::Instant;
use crate::timeline::Entry;

/// Gets every entry of every device's timeline, in the order in which the server makes them.
pub trait Recorder: Send + 'static {
    /// Keeps or shows one entry. Called before anybody is told of what it says.
    fn record(&mut self, device: DeviceId, entry: &Entry);
}

/// What a session's task sends to the hub.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) at: Instant,
    pub(super) session: SessionId,
    pub(super) word: Word,
    /// Where answers to this session go.
    pub(super) reply: mpsc::Sender<Reply>,
}

/// What the hub sends to a session's task.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reply {
    Login(LoginAnswer),
    Superseded,
}

/// What woke the loop.
enum Wake {
    Letter(Letter),
    Alarm,
}

#[derive(Debug)]
pub(super) struct Driver<R> {
    hub: Hub,
    recorder: R,
    clock: Clock,
    alarm: Alarm,
    inbox: mpsc::Receiver<Letter>,
    /// Sessions that asked for a login and have not ended.
    replies: BTreeMap<SessionId, mpsc::Sender<Reply>>,
}

impl<R: Recorder> Driver<R> {
    pub(super) fn new(hub: Hub, recorder: R, clock: Clock, inbox: mpsc::Receiver<Letter>) -> Self {
        Self { hub, recorder, clock, alarm: Alarm::new(clock), inbox, replies: BTreeMap::new() }
    }

    /// Runs until the server and all its sessions are gone.
    pub(super) async fn run(mut self) {
        while let Some(wake) = poll_fn(|cx| self.poll_wake(cx)).await {
            match wake {
                Wake::Letter(letter) => self.on_letter(letter),
                Wake::Alarm => self.hub.handle_input(self.clock.now(), Input::Timeout),
            }
            self.perform();
        }
    }

    /// What arrives goes before what is due. `None`: nobody is left to hear from.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Option<Wake>> {
        if let Poll::Ready(letter) = self.inbox.poll_recv(cx) {
            return Poll::Ready(letter.map(Wake::Letter));
        }
        match self.hub.poll_timeout() {
            Some((deadline, _)) => self.alarm.poll_at(cx, deadline.when_over()).map(|()| Some(Wake::Alarm)),
            None => Poll::Pending,
        }
    }

    fn on_letter(&mut self, Letter { at, session, word, reply }: Letter) {
        match word {
            Word::Login { .. } => drop(self.replies.insert(session, reply)),
            Word::Closed(_) => drop(self.replies.remove(&session)),
            Word::Announced(_) | Word::Data => {}
        }
        self.hub.handle_input(at, Input::Word(session, word));
    }

    fn perform(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Answer(session, answer) => self.answer(session, answer),
                Output::Supersede(session) => self.dismiss(session, Reply::Superseded),
                Output::Record(device, entry) => self.recorder.record(device, &entry),
            }
        }
    }

    fn answer(&mut self, session: SessionId, answer: LoginAnswer) {
        match answer {
            LoginAnswer::Accepted { .. } => self.reply(session, Reply::Login(answer)),
            LoginAnswer::Refused(_) => self.dismiss(session, Reply::Login(answer)),
        }
    }

    /// The last word to a session.
    fn dismiss(&mut self, session: SessionId, reply: Reply) {
        self.reply(session, reply);
        self.replies.remove(&session);
    }

    fn reply(&self, session: SessionId, reply: Reply) {
        if let Some(channel) = self.replies.get(&session) {
            // At most a login's answer and one dismissal are ever sent, and the channel holds both. It is closed
            // when the connection ended by itself, and then nobody needs the reply.
            let _ = channel.try_send(reply);
        }
    }
}
