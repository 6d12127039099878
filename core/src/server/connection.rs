//! The task of one connection: drives its session.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::alarm::Alarm;
use super::clock::Clock;
use super::driver::{Letter, Reply};
use crate::close::CloseReason;
use crate::session::{Input, Output, Session, Word};
use crate::time::{Duration, Instant};
use crate::timeline::Close;

/// Bytes read at once.
const READ: usize = 4_096;
/// A peer that leaves this many bytes unread is not read from either, until it takes them.
const UNSENT_LIMIT: usize = 16 * 1_024;
/// How long a closing connection may take to send its last bytes.
const FAREWELL: Duration = Duration::SECOND;
/// A login's answer and one dismissal: more is never sent.
const REPLIES: usize = 2;

#[derive(Debug)]
pub(super) struct Connection<S> {
    session: Session,
    stream: S,
    clock: Clock,
    words: mpsc::Sender<Letter>,
    reply: mpsc::Sender<Reply>,
    replies: mpsc::Receiver<Reply>,
    unsent: Vec<u8>,
    alarm: Alarm,
}

/// What woke the task.
enum Wake {
    Reply(Reply),
    Read(io::Result<usize>),
    Written(io::Result<usize>),
    Alarm,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(super) fn new(session: Session, stream: S, clock: Clock, words: mpsc::Sender<Letter>) -> Self {
        let (reply, replies) = mpsc::channel(REPLIES);
        Self { session, stream, clock, words, reply, replies, unsent: Vec::new(), alarm: Alarm::new(clock) }
    }

    /// Runs until the session is over.
    pub(super) async fn run(mut self) {
        while self.perform().await {
            match poll_fn(|cx| self.poll_wake(cx)).await {
                Wake::Reply(Reply::Login(answer)) => self.hear(Input::Login(answer)),
                Wake::Reply(Reply::Superseded) => self.hear(Input::Superseded),
                // The session heard the bytes while they were read.
                Wake::Read(Ok(1..)) => {}
                Wake::Read(Ok(0)) => self.hear(Input::Fin),
                Wake::Written(Ok(sent @ 1..)) => drop(self.unsent.drain(..sent)),
                // A stream that takes nothing will take nothing later.
                Wake::Read(Err(_)) | Wake::Written(Ok(0) | Err(_)) => self.hear(Input::Reset),
                Wake::Alarm => self.hear(Input::Timeout),
            }
        }
        let _ = timeout(FAREWELL.into(), self.farewell()).await;
    }

    fn hear(&mut self, input: Input<'_>) {
        self.session.handle_input(self.clock.now(), input);
    }

    /// Does what the session wants. Returns whether it goes on.
    async fn perform(&mut self) -> bool {
        self.session.poll_transmit(&mut self.unsent);
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Word(at, word) => self.say(at, word).await,
                Output::Close(end) => {
                    tracing::debug!(session = %self.session.id(), ?end, "closing");
                    return false;
                }
            }
        }
        true
    }

    async fn say(&mut self, at: Instant, word: Word) {
        let letter = Letter { at, session: self.session.id(), word, reply: self.reply.clone() };
        // Without a hub the server is gone, and this task with it.
        let _ = self.words.send(letter).await;
    }

    /// What arrives goes before what is due. Replies go first: a superseded session must not read on.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        if let Poll::Ready(Some(reply)) = self.replies.poll_recv(cx) {
            return Poll::Ready(Wake::Reply(reply));
        }
        if self.session.wants_bytes()
            && self.unsent.len() < UNSENT_LIMIT
            && let Poll::Ready(read) = self.poll_read(cx)
        {
            return Poll::Ready(Wake::Read(read));
        }
        if !self.unsent.is_empty()
            && let Poll::Ready(sent) = Pin::new(&mut self.stream).poll_write(cx, &self.unsent)
        {
            return Poll::Ready(Wake::Written(sent));
        }
        self.poll_alarm(cx).map(|()| Wake::Alarm)
    }

    /// Reads into a buffer that exists only while there is something to read: an idle connection holds none.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [MaybeUninit::uninit(); READ];
        let mut buffer = ReadBuf::uninit(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled();
        if !bytes.is_empty() {
            self.session.handle_input(self.clock.now(), Input::Bytes(bytes));
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.session.poll_timeout() {
            Some((deadline, _)) => self.alarm.poll_at(cx, deadline.when_over()),
            None => Poll::Pending,
        }
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
            let (at, session, reply) = (self.clock.now(), self.session.id(), self.reply.clone());
            let (words, word) = (self.words.clone(), Word::Closed(close));
            tokio::spawn(async move { words.send(Letter { at, session, word, reply }).await });
        }
    }
}
