//! The shell around the machines: sockets, tasks and the clock. It performs, it decides nothing.
//!
//! Start at [`Server::run`]. A task per connection drives a [session](crate::session) (`connection`), or serves
//! [HTTP](crate::http), as its first byte says; the server's own task accepts them and owns the [hub](crate::hub) and
//! the store (`driver`). They talk through bounded channels. Generic over the [`Listener`], so that the same server
//! serves real sockets, a simulated network and pipes in memory.

mod admission;
pub(crate) mod alarm;
pub(crate) mod calls;
pub(crate) mod clock;
mod connection;
mod deliveries;
mod driver;
mod listener;
pub(crate) mod metrics;
pub(crate) mod news;
mod notifier;
mod ports;
mod replies;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use alarm::Alarm;
pub use clock::Clock;
pub use deliveries::PATIENCE;
pub use driver::Recorder;
pub use listener::Listener;
pub use notifier::{Notifier, Undelivered};
pub use ports::{Ports, Security, SecurityError};

use crate::http::{Api, Desk, OperatorToken};
use crate::hub::Hub;
use crate::id::{SessionId, Token};
use crate::session::Session;
use crate::settings::Settings;
use crate::store::{Archive, Store, StoreError};
use crate::time::{Duration, Instant};
use admission::{Admission, TurnedAway};
use connection::{Connection, FAREWELL, House};
use driver::{Driver, Post};
use metrics::Metrics;
use news::Herald;

/// How many words of sessions may wait for the hub before the sessions wait themselves.
const WORDS_CAPACITY: usize = 1_024;

/// A server, ready to run.
pub struct Server<S, N, R> {
    /// What an operator can set.
    pub settings: Arc<Settings>,
    /// What survives a restart. It says which devices there are.
    pub store: S,
    /// Delivers notifications.
    pub notifier: N,
    /// Gets every entry of every device's timeline.
    pub recorder: R,
    /// What operators prove themselves with.
    pub operator: OperatorToken,
    /// What people read who ask by HTTP.
    pub archive: Arc<dyn Archive>,
    /// The time.
    pub clock: Clock,
    /// The least time between two commits. What comes meanwhile is kept together by the next.
    pub pause: Duration,
    /// Chance: tokens that nobody can guess.
    pub tokens: Tokens,
}

/// Draws a token that was never drawn before. Where runs are to be repeated, it repeats its tokens too.
pub type Tokens = Arc<dyn Fn() -> Token + Send + Sync>;

impl<S: Store, N: Notifier, R: Recorder> Server<S, N, R> {
    /// Accepts connections and serves them until `stop` is ready; then sends each peer a FIN, makes durable what was
    /// said before, and returns. Who is connected then did not disconnect. Dropping the future ends the server and every
    /// connection at once.
    ///
    /// # Errors
    /// If the store fails. What it could not keep was told to nobody, and every connection is closed at once.
    ///
    /// # Panics
    /// If the hub, the store, the notifier or the recorder does: without them nothing that a server says is true.
    pub async fn run(
        self,
        listener: impl Listener,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StoreError> {
        let Self { settings, mut store, notifier, recorder, operator, archive, clock, pause, tokens } = self;
        let hub = Hub::new(clock.now(), settings.clone(), store.load()?);
        let (words, inbox) = mpsc::channel(WORDS_CAPACITY);
        let herald = Herald::new();
        let (calls, questions) = calls::channel(herald.audience());
        let metrics = Arc::new(Metrics::default());
        let api =
            Api::new(Desk { calls, token: operator, archive, tokens }, metrics.clone(), clock, &settings);
        let next = hub.first_session();
        let house = Arc::new(House { clock, words, api });
        let admission = Admission::new(&settings, metrics.clone());
        let doorman = Doorman { settings, house, admission, next, complained: None };
        let post = Post { inbox, questions, herald, metrics };
        let driver = Driver::new(hub, store, notifier, recorder, clock, pause, post);
        both(pin!(doorman.run(listener, stop)), pin!(driver.run())).await
    }
}

/// Runs both until the driver ends: with an error at once, and otherwise when nobody is left who could say anything.
async fn both(
    mut doorman: Pin<&mut impl Future<Output = ()>>,
    mut driver: Pin<&mut impl Future<Output = Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let mut accepting = true;
    poll_fn(|cx| {
        if accepting {
            accepting = doorman.as_mut().poll(cx).is_pending();
        }
        driver.as_mut().poll(cx)
    })
    .await
}

/// Gives every connection a session and a task.
struct Doorman {
    settings: Arc<Settings>,
    house: Arc<House>,
    admission: Admission,
    next: SessionId,
    /// When it was last told that connections are turned away.
    complained: Option<Instant>,
}

/// Whoever keeps knocking must not fill the log.
const BETWEEN_COMPLAINTS: Duration = Duration::MINUTE;

impl Doorman {
    /// Lets in until it is to stop, then waits until all have left. Dropping the future drops the tasks.
    async fn run(mut self, mut listener: impl Listener, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let (mut connections, closing) = (JoinSet::new(), Arc::new(Notify::new()));
        while let Some((stream, address)) = until(stop.as_mut(), listener.accept()).await {
            forget_finished(&mut connections);
            let place = match self.admission.admit(address.ip(), connections.len()) {
                Ok(place) => place,
                Err(why) => {
                    self.complain(address, why);
                    continue;
                }
            };
            let session = Session::new(self.house.clock.now(), self.number(), address, self.settings.clone());
            let stop = closing.clone().notified_owned();
            let mut connection = Connection::new(session, stream, self.house.clone(), stop);
            // Lent, not given: a future holds what it is given twice.
            connections.spawn(async move {
                connection.run().await;
                drop(place);
            });
        }
        drop(listener);
        closing.notify_waiters();
        // Who takes longer is cut off.
        let _ = timeout(FAREWELL.into(), async { while connections.join_next().await.is_some() {} }).await;
    }

    fn number(&mut self) -> SessionId {
        let number = self.next;
        self.next = SessionId(number.0 + 1);
        number
    }

    fn complain(&mut self, address: SocketAddr, why: TurnedAway) {
        let now = self.house.clock.now();
        if self.complained.is_some_and(|before| now.since(before) < BETWEEN_COMPLAINTS) {
            return;
        }
        self.complained = Some(now);
        match why {
            TurnedAway::Full => {
                tracing::warn!(%address, "turned away: as many connections are open as there may be (connection-limit)")
            }
            TurnedAway::Crowd => {
                tracing::warn!(%address, "turned away: its address has as many connections as one may have (connections-per-address)")
            }
        }
    }
}

/// What the other future gives, unless it is to stop.
async fn until<T>(mut stop: Pin<&mut impl Future<Output = ()>>, other: impl Future<Output = T>) -> Option<T> {
    let mut other = pin!(other);
    let poll = |cx: &mut Context<'_>| match stop.as_mut().poll(cx) {
        Poll::Ready(()) => Poll::Ready(None),
        Poll::Pending => other.as_mut().poll(cx).map(Some),
    };
    poll_fn(poll).await
}

fn forget_finished(connections: &mut JoinSet<()>) {
    while let Some(finished) = connections.try_join_next() {
        if let Err(error) = finished {
            tracing::error!(%error, "the task of a connection failed");
        }
    }
}
