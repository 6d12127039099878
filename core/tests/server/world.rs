//! A running server with two devices, and the tape of what it recorded.

use std::collections::BTreeMap;
use std::iter::from_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use blynk_core::command::Controls;
use blynk_core::http::OperatorToken;
use blynk_core::id::{DeviceId, Token};
use blynk_core::lifecycle::{Chain, Status, Template};
use blynk_core::notification::{Channel, Notification, Notify};
use blynk_core::protocol::Answer;
use blynk_core::server::{Clock, Recorder, Server, Tokens};
use blynk_core::settings::Settings;
use blynk_core::store::{Identity, StoreError};
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::{Close, Entry, Event};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time;

use crate::client::{Client, login};
use crate::network::Network;
use crate::postman::{Postman, Receiver};
use crate::store::Memory;

pub(crate) const LAMP: DeviceId = DeviceId(0);
pub(crate) const PUMP: DeviceId = DeviceId(1);
/// A device that the server does not know.
pub(crate) const STRANGER: DeviceId = DeviceId(2);
pub(crate) const OPERATOR: &str = "correct-horse-battery";

pub(crate) struct World<N> {
    pub(crate) clock: Clock,
    pub(crate) store: Memory,
    network: N,
    tape: mpsc::UnboundedReceiver<(DeviceId, Entry)>,
    tries: mpsc::UnboundedReceiver<Notification>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinSet<Result<(), StoreError>>,
}

/// Keeps every entry until the test asks for it.
struct Tape {
    store: Memory,
    entries: mpsc::UnboundedSender<(DeviceId, Entry)>,
}

impl Recorder for Tape {
    fn record(&mut self, device: DeviceId, entry: &Entry) {
        assert!(self.store.holds(device, entry), "what is not durable is not told");
        // A test that has seen enough is gone.
        let _ = self.entries.send((device, entry.clone()));
    }
}

/// One after the other.
fn tokens() -> Tokens {
    let next = AtomicU32::new(0);
    Arc::new(move || {
        let token = format!("{:032}", next.fetch_add(1, Ordering::Relaxed));
        Token::parse(token.as_bytes()).expect("32 characters")
    })
}

pub(crate) fn token(device: DeviceId) -> Token {
    let letter = b'a' + u8::try_from(device.0).expect("few devices");
    Token::parse(&[letter; Token::LEN]).expect("32 characters")
}

impl<N: Network> World<N> {
    /// A server whose clock shows zero, with two devices `online -1m-> offline -30d-> retired`. Offline warns who
    /// commands them, Retired blocks that and notifies the owner.
    pub(crate) async fn start(settings: Settings) -> Self {
        Self::serve(settings, store(), Instant::ZERO, []).await
    }

    /// As [`start`](Self::start), with receivers of notifications that do this, one after the other.
    pub(crate) async fn start_with_receivers(receivers: impl IntoIterator<Item = Receiver>) -> Self {
        Self::start_with(Settings::default(), receivers).await
    }

    /// Both.
    pub(crate) async fn start_with(
        settings: Settings,
        receivers: impl IntoIterator<Item = Receiver>,
    ) -> Self {
        Self::serve(settings, store(), Instant::ZERO, receivers).await
    }

    /// Another server on the same store, now, after the end of this one.
    pub(crate) async fn start_again(&self) -> Self {
        Self::serve(Settings::default(), self.store.clone(), self.clock.now(), []).await
    }

    async fn serve(
        settings: Settings,
        store: Memory,
        now: Instant,
        receivers: impl IntoIterator<Item = Receiver>,
    ) -> Self {
        let (network, listener) = N::open().await;
        let (entries, tape) = mpsc::unbounded_channel();
        let (tried, tries) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let clock = Clock::starting_at(now);
        let server = Server {
            settings: Arc::new(settings),
            store: store.clone(),
            notifier: Postman {
                store: store.clone(),
                receivers: receivers.into_iter().collect(),
                tries: tried,
            },
            recorder: Tape { store: store.clone(), entries },
            operator: OperatorToken::parse(OPERATOR).expect("long enough"),
            archive: Arc::new(store.clone()),
            clock,
            pause: Duration::ZERO,
            tokens: tokens(),
        };
        let mut tasks = JoinSet::new();
        tasks.spawn(server.run(listener, async { stopped.await.expect("a test stops it, or ends") }));
        Self { clock, store, network, tape, tries, stop: Some(stop), server: tasks }
    }

    /// The server is gone at once, as by `kill -9`.
    pub(crate) fn crash(&mut self) {
        self.server.abort_all();
    }

    /// Asks the server to stop.
    pub(crate) fn stop(&mut self) {
        let stop = self.stop.take().expect("a server stops once");
        stop.send(()).expect("the server runs");
    }

    /// How the server ended.
    pub(crate) async fn ended(&mut self) -> Result<(), StoreError> {
        self.server.join_next().await.expect("one server").expect("no panic")
    }

    pub(crate) async fn connect(&self) -> Client<N::Stream> {
        Client(self.network.connect().await)
    }

    pub(crate) async fn log_in(&self, device: DeviceId) -> Client<N::Stream> {
        let mut client = self.connect().await;
        client.check(&login(device), 1, Answer::OK).await;
        client
    }

    /// From here on the clock jumps to the next deadline whenever nothing else is left to do.
    pub(crate) fn let_time_pass(&self) {
        if N::REAL_TIME {
            time::pause();
        }
    }

    /// Lets this much of paused time pass.
    pub(crate) async fn pass(&self, length: Duration) {
        time::sleep(length.into()).await;
    }

    /// Everything that the server has recorded of this device, and nobody has asked for yet.
    pub(crate) fn recorded(&mut self, device: DeviceId) -> Vec<Event> {
        let entries = from_fn(|| self.tape.try_recv().ok());
        entries.filter(|(whose, _)| *whose == device).map(|(_, entry)| entry.event).collect()
    }

    /// The next entry of this device.
    pub(crate) async fn next(&mut self, device: DeviceId) -> (Instant, Event) {
        loop {
            let (whose, entry) = self.tape.recv().await.expect("the server runs");
            if whose == device {
                return (entry.at, entry.event);
            }
        }
    }

    /// The end of this device's connection.
    pub(crate) async fn closed(&mut self, device: DeviceId) -> (Instant, Close) {
        loop {
            if let (at, Event::Closed { close, .. }) = self.next(device).await {
                return (at, close);
            }
        }
    }

    /// The next try to deliver a notification.
    pub(crate) async fn tried(&mut self) -> Notification {
        self.tries.recv().await.expect("the server runs")
    }
}

fn store() -> Memory {
    let contacts = BTreeMap::from([("owner".into(), "https://example.org/hook".into())]);
    let template = Template { contacts, ..Template::new("sensor", chain()) };
    let identity = |device| Identity {
        name: "".into(),
        token: token(device),
        template: "sensor".into(),
        contacts: BTreeMap::new(),
    };
    Memory::with(template, [LAMP, PUMP].map(|device| (device, identity(device))))
}

fn chain() -> Chain {
    let online = Status::new("online", Duration::ZERO);
    let offline = Status { controls: Controls::Warn, ..Status::new("offline", Duration::MINUTE) };
    let retired = Status {
        controls: Controls::Block,
        notify: Some(notify()),
        ..Status::new("retired", Duration::DAY * 30)
    };
    Chain::new(vec![online, offline, retired]).expect("a legal chain")
}

fn notify() -> Notify {
    let every = 1.try_into().expect("not zero");
    let (channels, to) = (vec![Channel::Webhook], vec!["owner".into()]);
    Notify { channels, to, text: None, limit: Duration::ZERO, every }
}
