//! The way from requests to the hub and back.

use std::fmt;

use tokio::sync::{broadcast, mpsc, oneshot};

use super::news::News;
use crate::hub::{Call, Hub, Order, Refusal, Reply};
use crate::time::Instant;

/// How many questions may wait for the hub before requests wait themselves.
const CALLS_CAPACITY: usize = 256;

/// Asks the hub.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    questions: mpsc::Sender<Question>,
    news: broadcast::Sender<News>,
}

/// What is asked, and where the answer goes.
#[derive(Debug)]
pub(super) enum Question {
    Call(Call, Answer),
    Order(Order, Answer),
    Look(Look),
}

pub(super) type Answer = oneshot::Sender<Result<Reply, Refusal>>;

/// Looks at the hub when all that it knows is durable.
pub(super) struct Look(Box<See>);

type See = dyn FnOnce(Instant, &Hub) + Send;

/// The server stops: nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopping;

pub(super) fn channel(news: broadcast::Sender<News>) -> (Calls, mpsc::Receiver<Question>) {
    let (questions, receiver) = mpsc::channel(CALLS_CAPACITY);
    (Calls { questions, news }, receiver)
}

impl Calls {
    /// Asks, and waits until what the answer says is durable.
    pub(crate) async fn ask(&self, call: Call) -> Result<Result<Reply, Refusal>, Stopping> {
        self.send(|answer| Question::Call(call, answer)).await
    }

    /// Orders, and waits until it is done and durable.
    pub(crate) async fn order(&self, order: Order) -> Result<Result<Reply, Refusal>, Stopping> {
        self.send(|answer| Question::Order(order, answer)).await
    }

    /// What somebody sees who looks at the hub now. Everything else waits meanwhile, so a look is short.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        see: impl FnOnce(Instant, &Hub) -> T + Send + 'static,
    ) -> Result<T, Stopping> {
        self.send(|answer| {
            Question::Look(Look(Box::new(move |now, hub| {
                // Who asked may be gone.
                let _ = answer.send(see(now, hub));
            })))
        })
        .await
    }

    /// All that happens from now on.
    pub(crate) fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    async fn send<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> Result<T, Stopping> {
        let (answer, answered) = oneshot::channel();
        self.questions.send(question(answer)).await.map_err(|_| Stopping)?;
        answered.await.map_err(|_| Stopping)
    }
}

impl Look {
    pub(super) fn at(self, now: Instant, hub: &Hub) {
        (self.0)(now, hub);
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look(..)")
    }
}
