//! The shell around the machines: sockets, tasks and the clock. It performs, it decides nothing.
//!
//! Start at [`Server::run`]. A task per connection drives a [session](crate::session) ([`connection`]); the server's
//! own task accepts them and owns the [hub](crate::hub) ([`driver`]); they talk through bounded channels. Generic over the [`Listener`], so that the
//! same server serves real sockets, a simulated network and pipes in memory.

mod alarm;
mod clock;
mod connection;
mod driver;
mod listener;

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use alarm::Alarm;
pub use clock::Clock;
pub use driver::Recorder;
pub use listener::Listener;

use crate::hub::Hub;
use crate::id::SessionId;
use crate::session::Session;
use crate::settings::Settings;
use connection::Connection;
use driver::{Driver, Letter};

/// How many words of sessions may wait for the hub before the sessions wait themselves.
const WORDS_CAPACITY: usize = 1_024;

/// A server, ready to run.
#[derive(Debug)]
pub struct Server<R> {
    /// The devices and where they stand.
    pub hub: Hub,
    /// Gets every entry of every device's timeline.
    pub recorder: R,
    /// The time.
    pub clock: Clock,
}

impl<R: Recorder> Server<R> {
    /// Accepts connections and serves them. Dropping the future ends the server and every connection at once.
    ///
    /// # Panics
    /// If the hub or the recorder does: without them nothing that a server says is true.
    pub async fn run(self, listener: impl Listener) -> Infallible {
        let Self { hub, recorder, clock } = self;
        let settings = hub.settings().clone();
        let (words, inbox) = mpsc::channel(WORDS_CAPACITY);
        let mut driver = pin!(Driver::new(hub, recorder, clock, inbox).run());
        let mut accepting = pin!(accept(listener, settings, clock, words));
        poll_fn(|cx| match accepting.as_mut().poll(cx) {
            Poll::Ready(never) => Poll::Ready(never),
            Poll::Pending => {
                driver.as_mut().poll(cx).map(|()| unreachable!("its sender lives in the other future"))
            }
        })
        .await
    }
}

/// Gives every connection a session and a task. Dropping the future drops the tasks.
async fn accept(
    mut listener: impl Listener,
    settings: Arc<Settings>,
    clock: Clock,
    words: mpsc::Sender<Letter>,
) -> Infallible {
    let mut connections = JoinSet::new();
    for id in (1..).map(SessionId) {
        let (stream, address) = listener.accept().await;
        let session = Session::new(clock.now(), id, address, settings.clone());
        connections.spawn(Connection::new(session, stream, clock, words.clone()).run());
        forget_finished(&mut connections);
    }
    unreachable!("2^64 sessions do not run out")
}

fn forget_finished(connections: &mut JoinSet<()>) {
    while let Some(finished) = connections.try_join_next() {
        if let Err(error) = finished {
            tracing::error!(%error, "the task of a connection failed");
        }
    }
}
