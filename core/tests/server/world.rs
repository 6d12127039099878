//! A running server with two devices, and the tape of what it recorded.

use std::iter::from_fn;
use std::sync::Arc;

use blynk_core::hub::Hub;
use blynk_core::id::{DeviceId, Token};
use blynk_core::lifecycle::{Chain, Template};
use blynk_core::protocol::Answer;
use blynk_core::server::{Clock, Recorder, Server};
use blynk_core::settings::Settings;
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::{Close, Entry, Event};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time;

use crate::client::{Client, login};
use crate::network::Network;

pub(crate) const LAMP: DeviceId = DeviceId(0);
pub(crate) const PUMP: DeviceId = DeviceId(1);
/// A device that the server does not know.
pub(crate) const STRANGER: DeviceId = DeviceId(2);

pub(crate) struct World<N> {
    pub(crate) clock: Clock,
    network: N,
    tape: mpsc::UnboundedReceiver<(DeviceId, Entry)>,
    server: JoinSet<()>,
}

/// Keeps every entry until the test asks for it.
struct Tape(mpsc::UnboundedSender<(DeviceId, Entry)>);

impl Recorder for Tape {
    fn record(&mut self, device: DeviceId, entry: &Entry) {
        // A test that has seen enough is gone.
        let _ = self.0.send((device, *entry));
    }
}

pub(crate) fn token(device: DeviceId) -> Token {
    let letter = b'a' + u8::try_from(device.0).expect("few devices");
    Token::parse(&[letter; Token::LEN]).expect("32 characters")
}

impl<N: Network> World<N> {
    /// A server whose clock shows zero, with two devices `online -1m-> offline`.
    pub(crate) async fn start(settings: Settings) -> Self {
        let (network, listener) = N::open().await;
        let (recorder, tape) = mpsc::unbounded_channel();
        let clock = Clock::starting_at(Instant::ZERO);
        let server = Server { hub: hub(settings), recorder: Tape(recorder), clock };
        let mut tasks = JoinSet::new();
        tasks.spawn(async { match server.run(listener).await {} });
        Self { clock, network, tape, server: tasks }
    }

    pub(crate) fn stop(&mut self) {
        self.server.abort_all();
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
}

fn hub(settings: Settings) -> Hub {
    let mut hub = Hub::new(Arc::new(settings));
    let heartbeat = Template::DEFAULT_HEARTBEAT;
    let template = Arc::new(Template { name: "sensor".into(), heartbeat, chain: Chain::default() });
    for device in [LAMP, PUMP] {
        assert_eq!(hub.add_device(token(device), template.clone()), device);
    }
    hub
}
