//! The host of the server: its whole shell, on a disk and with a receiver of notifications that the world keeps.

use std::future::{Future, poll_fn};
use std::sync::Arc;

use blynk_core::http::OperatorToken;
use blynk_core::notification::Notification;
use blynk_core::server::{Clock, Notifier, Server, Undelivered};
use blynk_core::store::{Store, StoreError, Stored, Write};
use blynk_core::time::Duration;

use super::clock;
use super::network::Network;
use super::news::News;
use crate::endpoint::ServerChange;
use crate::engine::world::World;
use crate::plan::Plan;

/// How long a slow receiver takes to answer: longer than any server waits.
const SLOW: Duration = Duration::from_secs(30);

/// Listens, and runs the server from its start until it is stopped, or its host is gone.
pub(super) async fn run(
    plan: Arc<Plan>,
    network: Network,
    news: News,
    world: World,
) -> Result<(), StoreError> {
    let listener = network.listen().await.map_err(|error| StoreError::Medium(error.to_string()))?;
    poll_fn(|cx| news.poll_start(cx)).await;
    let seen = news.changes_before_start();
    let clock = clock(plan.tick).await;
    let server = Server {
        settings: Arc::new(plan.server),
        archive: Arc::new(()),
        store: Disk { world: world.clone(), clock },
        notifier: Gateway { world, clock },
        recorder: (),
        operator: operator(&plan),
        clock,
        pause: Duration::ZERO,
        tokens: Arc::new(|| unreachable!("no scenario adds a device while it runs, or replaces a token")),
    };
    server.run(network.accept(listener, clock), stopped(news, seen)).await
}

fn operator(plan: &Plan) -> OperatorToken {
    let token = plan.operator_token();
    let token = str::from_utf8(token.as_bytes()).ok().and_then(OperatorToken::parse);
    token.expect("32 printable characters prove an operator's right")
}

/// Ready when the server is to stop.
async fn stopped(news: News, mut seen: usize) {
    loop {
        let change = poll_fn(|cx| news.poll_change(cx, None, seen)).await;
        seen += 1;
        match change {
            ServerChange::Stopped => return,
            ServerChange::Crashed | ServerChange::Killed | ServerChange::Started => {}
        }
    }
}

/// The server's disk.
struct Disk {
    world: World,
    clock: Clock,
}

impl Store for Disk {
    fn load(&mut self) -> Result<Stored, StoreError> {
        self.world.load()
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.world.commit(self.clock.now(), writes)
    }
}

/// The way to the receiver of notifications.
struct Gateway {
    world: World,
    clock: Clock,
}

impl Notifier for Gateway {
    fn deliver(
        &mut self,
        notification: &Notification,
        _: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        let answer = self.world.receive(self.clock.now(), notification);
        async move {
            if answer.is_none() {
                tokio::time::sleep(SLOW.into()).await;
            }
            answer.unwrap_or(Ok(()))
        }
    }
}
