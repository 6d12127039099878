//! The task of one connection: drives its session, unless its first byte says that it speaks HTTP.

use std::future::{Future, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::timeout;

use super::alarm::Alarm;
use super::clock::Clock;
use super::driver::Letter;
use super::replies::{self, Reply};
use crate::close::CloseReason;
use crate::http::Api;
use crate::id::CommandId;
use crate::queue::Queue;
use crate::session::{Input, LoginAnswer, Output, Session, Word};
use crate::time::{Duration, Instant};
use crate::timeline::Close;

/// How long a closing connection may take to send its last bytes.
pub(super) const FAREWELL: Duration = Duration::SECOND;
/// Bytes read at once.
const READ: usize = 4_096;
/// A peer that leaves this many bytes unread is sent nothing new until it takes them. It is heard all the same: who sends
/// bytes is there.
const UNSENT_LIMIT: usize = 16 * 1_024;

#[derive(Debug)]
pub(super) struct Connection<S> {
    session: Session,
    stream: S,
    house: Arc<House>,
    /// Ready when the connection is soon to be over.
    stop: Pin<Box<OwnedNotified>>,
    /// Whether a byte has arrived: the first one tells the protocol.
    spoken_to: bool,
    /// From the login on. When it closes, the hub has let go of the session.
    replies: Option<replies::Receiver>,
    unsent: Vec<u8>,
    /// Commands among the bytes that are not sent yet.
    handed: Queue<CommandId>,
    alarm: Alarm,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct House {
    pub(super) clock: Clock,
    pub(super) words: mpsc::Sender<Letter>,
    pub(super) api: Api,
}

/// What the session wants next.
enum Next {
    /// That the hub is told this.
    Say(Letter),
    /// Nothing, until something happens.
    Wait,
    /// That the connection ends.
    Close,
}

/// Why the session is not just driven on.
enum Turn {
    /// The hub has too much to hear: this waits until it has heard enough.
    Full(Saying),
    /// The connection speaks HTTP, and began so.
    Http(Vec<u8>),
    /// The session is over.
    Close,
}

type Saying = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What woke the task.
enum Wake {
    Reply(Option<Reply>),
    Read(io::Result<Read>),
    Written(io::Result<usize>),
    Stop,
    Alarm,
}

/// What was read.
enum Read {
    Fin,
    /// The session heard the bytes while they were read.
    Heard,
    /// The beginning of a request.
    Http(Vec<u8>),
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    pub(super) fn new(session: Session, stream: S, house: Arc<House>, stop: OwnedNotified) -> Self {
        let stop = Box::pin(stop);
        let (unsent, handed) = (Vec::new(), Queue::new());
        let (spoken_to, replies, alarm) = (false, None, Alarm::new(house.clock));
        Self { session, stream, house, stop, spoken_to, replies, unsent, handed, alarm }
    }

    /// Runs until the connection is over. What is rare is boxed, so that those who are idle do not carry its room.
    pub(super) async fn run(&mut self) {
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                Turn::Full(saying) => saying.await,
                Turn::Http(first) => return Box::pin(self.serve_http(first)).await,
                Turn::Close => break,
            }
        }
        let _ = Box::pin(timeout(FAREWELL.into(), self.farewell())).await;
    }

    /// Drives the session until it takes a turn.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            match self.next() {
                Next::Say(letter) => {
                    if let Some(saying) = self.say(letter) {
                        return Poll::Ready(Turn::Full(saying));
                    }
                }
                Next::Wait => {
                    let wake = ready!(self.poll_wake(cx));
                    if let Some(first) = self.on_wake(wake) {
                        return Poll::Ready(Turn::Http(first));
                    }
                }
                Next::Close => return Poll::Ready(Turn::Close),
            }
        }
    }

    /// Returns the beginning of a request, if the connection speaks HTTP.
    fn on_wake(&mut self, wake: Wake) -> Option<Vec<u8>> {
        match wake {
            Wake::Reply(Some(reply)) => self.on_reply(reply),
            Wake::Reply(None) => self.on_dismissed(),
            Wake::Read(Ok(Read::Http(first))) => return Some(first),
            Wake::Read(Ok(Read::Heard)) => {}
            Wake::Read(Ok(Read::Fin)) => self.hear(Input::Fin),
            Wake::Written(Ok(sent @ 1..)) => self.on_written(sent),
            // A stream that takes nothing will take nothing later.
            Wake::Read(Err(_)) | Wake::Written(Ok(0) | Err(_)) => self.hear(Input::Reset),
            Wake::Stop => self.hear(Input::Stop),
            Wake::Alarm => self.hear(Input::Timeout),
        }
        None
    }

    /// Tells the hub; if it has too much to hear already, by what is returned. Without a hub the server is gone, and this
    /// task with it.
    fn say(&self, letter: Letter) -> Option<Saying> {
        let Err(TrySendError::Full(letter)) = self.house.words.try_send(letter) else { return None };
        let words = self.house.words.clone();
        Some(Box::pin(async move { drop(words.send(letter).await) }))
    }

    fn hear(&mut self, input: Input<'_>) {
        self.session.handle_input(self.house.clock.now(), input);
    }

    /// A device that does not take what it is sent is sent nothing new: the reply is lost, as in a full channel.
    fn on_reply(&mut self, reply: Reply) {
        match reply {
            Reply::Login(answer) => self.on_login_answer(answer),
            Reply::Answer(..) | Reply::Values(..) if self.unsent.len() >= UNSENT_LIMIT => {}
            Reply::Answer(id, answer) => self.hear(Input::Answer(id, answer)),
            Reply::Values(id, values) => self.hear(Input::Values(id, &values)),
            Reply::Heartbeat(heartbeat) => self.hear(Input::Heartbeat(heartbeat)),
        }
    }

    fn on_login_answer(&mut self, answer: LoginAnswer) {
        match answer {
            LoginAnswer::Accepted { .. } => {}
            // The hub knows no such session: that it lets go of the channel is no dismissal.
            LoginAnswer::Refused(_) | LoginAnswer::Withheld => self.replies = None,
        }
        self.hear(Input::Login(answer));
    }

    fn on_dismissed(&mut self) {
        self.replies = None;
        self.hear(Input::Superseded);
    }

    /// Nothing is held when nothing is left.
    fn on_written(&mut self, sent: usize) {
        if sent == self.unsent.len() {
            self.unsent = Vec::new();
        } else {
            self.unsent.drain(..sent);
        }
    }

    fn next(&mut self) -> Next {
        self.take_answers();
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Word(_, Word::Handed(command)) => self.handed.push_back(command),
                Output::Word(at, word) => return Next::Say(self.letter(at, word)),
                Output::Close(end) => {
                    tracing::debug!(session = %self.session.id(), ?end, "closing");
                    return Next::Close;
                }
            }
        }
        // The device has a command when its bytes are written, and not before.
        if self.unsent.is_empty()
            && let Some(command) = self.handed.pop_front()
        {
            return Next::Say(self.letter(self.house.clock.now(), Word::Handed(command)));
        }
        Next::Wait
    }

    fn take_answers(&mut self) {
        let unsent = self.unsent.len();
        self.session.poll_transmit(&mut self.unsent);
        if unsent >= UNSENT_LIMIT {
            self.unsent.truncate(unsent);
        }
    }

    fn letter(&mut self, at: Instant, word: Word) -> Letter {
        let replies = matches!(word, Word::Login { .. }).then(|| self.open_replies());
        Letter { at, session: self.session.id(), word, replies }
    }

    fn open_replies(&mut self) -> replies::Sender {
        let (sender, receiver) = replies::channel();
        self.replies = Some(receiver);
        sender
    }

    /// What arrives goes before what is due. Replies go first: a superseded session must not read on.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        if let Some(replies) = &mut self.replies
            && let Poll::Ready(reply) = replies.poll(cx)
        {
            return Poll::Ready(Wake::Reply(reply));
        }
        if self.session.wants_bytes()
            && let Poll::Ready(read) = self.poll_read(cx)
        {
            return Poll::Ready(Wake::Read(read));
        }
        if !self.unsent.is_empty()
            && let Poll::Ready(sent) = Pin::new(&mut self.stream).poll_write(cx, &self.unsent)
        {
            return Poll::Ready(Wake::Written(sent));
        }
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Wake::Stop);
        }
        self.poll_alarm(cx).map(|()| Wake::Alarm)
    }

    /// Reads into a buffer that exists only while there is something to read: an idle connection holds none.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Read>> {
        let mut chunk = [MaybeUninit::uninit(); READ];
        let mut buffer = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(self.on_read(buffer.filled())))
    }

    fn on_read(&mut self, bytes: &[u8]) -> Read {
        match bytes {
            [] => return Read::Fin,
            // Ports are shared: methods of HTTP begin with a capital letter, and no login does.
            [b'A'..=b'Z', ..] if !self.spoken_to => return Read::Http(bytes.to_vec()),
            [..] => self.hear(Input::Bytes(bytes)),
        }
        self.spoken_to = true;
        Read::Heard
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.session.poll_timeout() {
            Some((deadline, _)) => self.alarm.poll_at(cx, deadline.when_over()),
            None => Poll::Pending,
        }
    }

    /// The session heard nothing, so its login timeout is the one that the request has to keep.
    async fn serve_http(&mut self, first: Vec<u8>) {
        let (due, _) = self.session.poll_timeout().expect("a session waits for its login");
        self.house.api.serve(&mut self.stream, first, self.session.address(), due, self.stop.as_mut()).await;
        let _ = timeout(FAREWELL.into(), self.stream.shutdown()).await;
    }

    async fn farewell(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.unsent).await?;
        self.stream.shutdown().await
    }
}

/// A panic here is a bug of ours, and everybody else is served on; but nobody watches this device any more, and it must
/// not be believed connected for ever.
impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        if thread::panicking() {
            let (last_byte_at, last_command) = self.session.last();
            let close = Close { reason: CloseReason::Reset, last_byte_at, last_command };
            let letter = Letter {
                at: self.house.clock.now(),
                session: self.session.id(),
                word: Word::Closed(close),
                replies: None,
            };
            let words = self.house.words.clone();
            tokio::spawn(async move { words.send(letter).await });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::ports::Stream;

    /// The size of the future that this makes.
    fn size_of_future<A, F: Future>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_connection_carries_no_room_for_what_is_rare() {
        let running = size_of_future(|connection: &'static mut Connection<Stream>| connection.run());
        let all = size_of::<Connection<Stream>>() + running;
        assert!(all <= 512, "{all} bytes");
    }
}
