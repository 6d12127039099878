//! The task of one connection: drives its session, unless its first byte says that it speaks HTTP.

use std::future::{Future, poll_fn};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::mpsc;
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
    clock: Clock,
    words: mpsc::Sender<Letter>,
    api: Api,
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

/// What the session wants next.
enum Next {
    /// That the hub is told this.
    Say(Letter),
    /// Nothing, until something happens.
    Wait,
    /// That the connection ends.
    Close,
}

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
    pub(super) fn new(
        session: Session,
        stream: S,
        clock: Clock,
        words: mpsc::Sender<Letter>,
        api: Api,
        stop: OwnedNotified,
    ) -> Self {
        let stop = Box::pin(stop);
        let (unsent, handed) = (Vec::new(), Queue::new());
        let (spoken_to, replies, alarm) = (false, None, Alarm::new(clock));
        Self { session, stream, clock, words, api, stop, spoken_to, replies, unsent, handed, alarm }
    }

    /// Runs until the connection is over.
    pub(super) async fn run(&mut self) {
        loop {
            match self.next() {
                Next::Say(letter) => {
                    // Without a hub the server is gone, and this task with it.
                    if let Ok(room) = self.words.reserve().await {
                        room.send(letter);
                    }
                }
                Next::Wait => match poll_fn(|cx| self.poll_wake(cx)).await {
                    Wake::Reply(Some(reply)) => self.on_reply(reply),
                    Wake::Reply(None) => self.on_dismissed(),
                    Wake::Read(Ok(Read::Http(first))) => return self.serve_http(first).await,
                    Wake::Read(Ok(Read::Heard)) => {}
                    Wake::Read(Ok(Read::Fin)) => self.hear(Input::Fin),
                    Wake::Written(Ok(sent @ 1..)) => drop(self.unsent.drain(..sent)),
                    // A stream that takes nothing will take nothing later.
                    Wake::Read(Err(_)) | Wake::Written(Ok(0) | Err(_)) => self.hear(Input::Reset),
                    Wake::Stop => self.hear(Input::Stop),
                    Wake::Alarm => self.hear(Input::Timeout),
                },
                Next::Close => break,
            }
        }
        let _ = timeout(FAREWELL.into(), self.farewell()).await;
    }

    fn hear(&mut self, input: Input<'_>) {
        self.session.handle_input(self.clock.now(), input);
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
            return Next::Say(self.letter(self.clock.now(), Word::Handed(command)));
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
        let serving =
            self.api.serve(&mut self.stream, first, self.session.address(), due, self.stop.as_mut());
        // Boxed, so that idle devices do not carry the room that a request needs.
        Box::pin(serving).await;
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
                at: self.clock.now(),
                session: self.session.id(),
                word: Word::Closed(close),
                replies: None,
            };
            let words = self.words.clone();
            tokio::spawn(async move { words.send(letter).await });
        }
    }
}
