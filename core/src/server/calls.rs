//! The way from requests to the hub and back.

use tokio::sync::{mpsc, oneshot};

use crate::hub::{Call, Refusal, Reply};

/// How many calls may wait for the hub before requests wait themselves.
const CALLS_CAPACITY: usize = 256;

/// Asks the hub.
#[derive(Clone, Debug)]
pub(crate) struct Calls(mpsc::Sender<Question>);

/// A call, and where its answer goes.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) call: Call,
    pub(super) answer: oneshot::Sender<Result<Reply, Refusal>>,
}

/// The server stops: nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopping;

pub(super) fn channel() -> (Calls, mpsc::Receiver<Question>) {
    let (sender, receiver) = mpsc::channel(CALLS_CAPACITY);
    (Calls(sender), receiver)
}

impl Calls {
    /// Asks, and waits until what the answer says is durable.
    pub(crate) async fn ask(&self, call: Call) -> Result<Result<Reply, Refusal>, Stopping> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Question { call, answer }).await.map_err(|_| Stopping)?;
        answered.await.map_err(|_| Stopping)
    }
}
