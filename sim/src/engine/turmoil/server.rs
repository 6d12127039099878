//! The host of the server: its whole shell, on a disk and with a receiver of notifications that the world keeps.

use std::future::{Future, poll_fn};
use std::sync::Arc;

use blynk_core::http::OperatorToken;
use blynk_core::notification::Notification;
use blynk_core::server::{Clock, Notifier, Server, Undelivered};
use blynk_core::store::{Store, StoreError, Stored, Write};
use blynk_core::time::Duration;

use super::network::{Network, PORT};
use super::world::World;
use super::{Observer, clock};
use crate::endpoint::ServerChange;
use crate::plan::{Plan, Receiver};

/// How long a slow receiver takes to answer: longer than any server waits.
const SLOW: Duration = Duration::from_secs(30);

/// Runs the server from its start until it is stopped, or its host is gone.
pub(super) async fn run(
    plan: Arc<Plan>,
    observer: Observer,
    network: Network,
    world: World,
) -> Result<(), StoreError> {
    let seen = world.changes_before_start();
    let listener = network.listen(PORT).await.map_err(|error| StoreError::Medium(error.to_string()))?;
    let clock = clock(plan.tick).await;
    let server = Server {
        settings: Arc::new(plan.server),
        store: Disk { world: world.clone(), observer: observer.clone(), clock },
        notifier: Gateway { world: world.clone(), observer, clock },
        recorder: (),
        operator: operator(&plan),
        clock,
    };
    server.run(listener, stopped(world, seen)).await
}

fn operator(plan: &Plan) -> OperatorToken {
    let token = plan.operator_token();
    let token = str::from_utf8(token.as_bytes()).ok().and_then(OperatorToken::parse);
    token.expect("32 printable characters prove an operator's right")
}

/// Ready when the server is to stop.
async fn stopped(world: World, mut seen: usize) {
    loop {
        let change = poll_fn(|cx| world.poll_change(cx, None, seen)).await;
        seen += 1;
        match change {
            ServerChange::Stopped => return,
            ServerChange::Crashed | ServerChange::Killed | ServerChange::Started => {}
        }
    }
}

/// The server's disk. What is written to a timeline counts as recorded once it is durable.
struct Disk {
    world: World,
    observer: Observer,
    clock: Clock,
}

impl Store for Disk {
    fn load(&mut self) -> Result<Stored, StoreError> {
        self.world.disk(Store::load)
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let cut = self.observer.commit_begins();
        if cut.is_none_or(|cut| cut.durable) {
            self.world.disk(|disk| disk.commit(writes))?;
            self.observer.committed(self.clock.now(), writes);
        }
        if cut.is_some() { Err(StoreError::Medium("the power is gone".into())) } else { Ok(()) }
    }
}

/// The way to the receiver of notifications.
struct Gateway {
    world: World,
    observer: Observer,
    clock: Clock,
}

impl Notifier for Gateway {
    fn deliver(
        &mut self,
        notification: &Notification,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        let receiver = self.world.receiver();
        match receiver {
            Receiver::Up | Receiver::Slow => {
                let again = self.world.take(notification.id);
                self.observer.received(self.clock.now(), notification, again);
            }
            Receiver::Failing | Receiver::Down => {}
        }
        async move {
            match receiver {
                Receiver::Up => Ok(()),
                Receiver::Slow => {
                    tokio::time::sleep(SLOW.into()).await;
                    Ok(())
                }
                Receiver::Failing => Err(Undelivered::Refused("500".into())),
                Receiver::Down => Err(Undelivered::Unreachable("connection refused".into())),
            }
        }
    }
}
