//! The loop that owns the hub and the store: hears sessions, calls and receivers, wakes the hub, makes durable what it
//! says, and only then performs the rest.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc;

use super::alarm::Alarm;
use super::calls::{Answer, Look, Question};
use super::clock::Clock;
use super::deliveries::Deliveries;
use super::metrics::Metrics;
use super::news::Herald;
use super::notifier::{Notifier, Undelivered};
use super::replies::{self, Reply};
use crate::hub::{self, CallId, Hub, Input, Output, Refusal};
use crate::id::{DeviceId, NotificationId, SessionId};
use crate::notification::{Failure, Notification};
use crate::session::{LoginAnswer, Word};
use crate::store::{Store, StoreError, Write};
use crate::time::{Duration, Instant};
use crate::timeline::Entry;

/// At most this much of each kind is heard before it is made durable: who came first does not wait for all who follow.
const BATCH: usize = 256;

/// Gets every entry of every device's timeline, in the order in which the server makes them.
pub trait Recorder: Send + 'static {
    /// Keeps or shows one entry. Called when it is durable, and before anybody is told of what it says.
    fn record(&mut self, device: DeviceId, entry: &Entry);
}

/// Nobody watches: the store has it all.
impl Recorder for () {
    fn record(&mut self, _: DeviceId, _: &Entry) {}
}

/// What a session's task sends to the hub.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) at: Instant,
    pub(super) session: SessionId,
    pub(super) word: Word,
    /// Where replies to this session go: enclosed with its login alone. The driver then has the only sender, and a
    /// session hears that it is dismissed because that is dropped, however many replies wait before it.
    pub(super) replies: Option<replies::Sender>,
}

/// How the driver hears of what happens, and tells of it.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) inbox: mpsc::Receiver<Letter>,
    pub(super) questions: mpsc::Receiver<Question>,
    pub(super) herald: Herald,
    pub(super) metrics: Arc<Metrics>,
}

/// What woke the loop.
enum Wake {
    Arrived(Batch),
    Due,
    /// Nobody is left to hear from.
    Over,
}

/// What arrived since the last time.
#[derive(Default)]
struct Batch {
    letters: Vec<Letter>,
    questions: Vec<Question>,
    deliveries: Vec<(NotificationId, Result<(), Undelivered>)>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.letters.is_empty() && self.questions.is_empty() && self.deliveries.is_empty()
    }
}

#[derive(Debug)]
pub(super) struct Driver<S, N, R> {
    hub: Hub,
    store: S,
    recorder: R,
    clock: Clock,
    alarm: Alarm,
    /// The least time between one commit and the next.
    pause: Duration,
    rests_until: Instant,
    rest: Alarm,
    inbox: mpsc::Receiver<Letter>,
    questions: mpsc::Receiver<Question>,
    deliveries: Deliveries<N>,
    /// Sessions that asked for a login and have not ended.
    sessions: BTreeMap<SessionId, replies::Sender>,
    /// Calls that the hub has heard, until the batch that it heard them in is performed.
    calls: BTreeMap<CallId, Answer>,
    next_call: CallId,
    /// Those who want to look, until the batch that they came in is performed.
    looks: Vec<Look>,
    herald: Herald,
    metrics: Arc<Metrics>,
}

impl<S: Store, N: Notifier, R: Recorder> Driver<S, N, R> {
    pub(super) fn new(
        hub: Hub,
        store: S,
        notifier: N,
        recorder: R,
        clock: Clock,
        pause: Duration,
        Post { inbox, questions, herald, metrics }: Post,
    ) -> Self {
        Self {
            hub,
            store,
            recorder,
            clock,
            alarm: Alarm::new(clock),
            pause,
            rests_until: Instant::ZERO,
            rest: Alarm::new(clock),
            inbox,
            questions,
            deliveries: Deliveries::new(notifier),
            sessions: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: CallId(0),
            looks: Vec::new(),
            herald,
            metrics,
        }
    }

    /// Runs until all connections are gone and what they said is done, or until the store fails. Deliveries under way are
    /// dropped then: the store knows that they are still owed.
    pub(super) async fn run(mut self) -> Result<(), StoreError> {
        loop {
            // First of all, what the hub made of the restart.
            self.perform()?;
            match poll_fn(|cx| self.poll_wake(cx)).await {
                Wake::Arrived(batch) => self.hear(batch)?,
                Wake::Due => self.hub.handle_input(self.clock.now(), Input::Timeout),
                Wake::Over => return Ok(()),
            }
        }
    }

    /// What arrives goes before what is due.
    fn poll_wake(&mut self, cx: &mut Context<'_>) -> Poll<Wake> {
        ready!(self.poll_rested(cx));
        let mut batch = Batch::default();
        let letters = self.inbox.poll_recv_many(cx, &mut batch.letters, BATCH);
        let questions = self.questions.poll_recv_many(cx, &mut batch.questions, BATCH);
        while let Poll::Ready(ended) = self.deliveries.poll_ended(cx) {
            batch.deliveries.push(ended);
        }
        if !batch.is_empty() {
            return Poll::Ready(Wake::Arrived(batch));
        }
        // Both channels are closed: they would not be ready with nothing otherwise.
        if letters.is_ready() && questions.is_ready() {
            return Poll::Ready(Wake::Over);
        }
        match self.hub.poll_timeout() {
            Some((deadline, _)) => self.alarm.poll_at(cx, deadline.when_over()).map(|()| Wake::Due),
            None => Poll::Pending,
        }
    }

    /// Under load a commit for each word would be most of the work: whoever comes soon after one is heard together with all
    /// others who do. Who comes later than that waits for nothing.
    fn poll_rested(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.pause == Duration::ZERO || self.rests_until <= self.clock.now() {
            return Poll::Ready(());
        }
        self.rest.poll_at(cx, self.rests_until)
    }

    fn hear(&mut self, Batch { letters, questions, deliveries }: Batch) -> Result<(), StoreError> {
        letters.into_iter().for_each(|letter| self.on_letter(letter));
        questions.into_iter().try_for_each(|question| self.on_question(question))?;
        deliveries.into_iter().for_each(|(id, outcome)| self.on_delivery(id, outcome));
        Ok(())
    }

    fn on_letter(&mut self, Letter { at, session, word, replies }: Letter) {
        if let Some(replies) = replies {
            self.sessions.insert(session, replies);
        }
        if let Word::Closed(_) = word {
            self.sessions.remove(&session);
        }
        self.metrics.count_word(&word);
        self.hub.handle_input(at, Input::Word(session, word));
    }

    fn on_question(&mut self, question: Question) -> Result<(), StoreError> {
        let (id, now) = (self.next_call, self.clock.now());
        self.next_call = CallId(id.0 + 1);
        let (answer, input) = match question {
            Question::Call(call, answer) => (answer, Input::Call(id, call)),
            Question::Order(order, answer) => {
                // What happened before a template changes names statuses in the chain before, and is told with that.
                self.hub.handle_input(now, Input::Timeout);
                self.perform()?;
                (answer, Input::Order(id, order))
            }
            Question::Look(look) => {
                self.looks.push(look);
                return Ok(());
            }
        };
        self.calls.insert(id, answer);
        self.hub.handle_input(now, input);
        Ok(())
    }

    fn on_delivery(&mut self, id: NotificationId, outcome: Result<(), Undelivered>) {
        let input = match outcome {
            Ok(()) => {
                self.metrics.delivered.add(1);
                Input::Delivered(id)
            }
            Err(reason) => {
                self.metrics.undelivered.add(1);
                tracing::warn!(notification = id.0, %reason, "not delivered");
                let failure = Failure::from(&reason);
                match reason {
                    Undelivered::Never(why) => Input::Undeliverable(id, why),
                    Undelivered::RefusedForGood(_) => Input::Refused(id, failure),
                    Undelivered::Unreachable(_)
                    | Undelivered::Refused(_)
                    | Undelivered::Timeout(_)
                    | Undelivered::Broken(_) => Input::Undelivered(id, failure),
                }
            }
        };
        self.hub.handle_input(self.clock.now(), input);
    }

    /// Makes durable what the hub says, in one step; then tells of it. If the store fails, nobody is told anything.
    fn perform(&mut self) -> Result<(), StoreError> {
        let (writes, others) = self.hub.poll_outputs();
        if !writes.is_empty() {
            self.store.commit(&writes)?;
            self.rests_until = self.clock.now() + self.pause;
        }
        writes.iter().for_each(|write| self.record(write));
        self.metrics.count_writes(&self.hub, &writes);
        others.into_iter().for_each(|output| self.tell(output));
        let looks = std::mem::take(&mut self.looks);
        looks.into_iter().for_each(|look| look.at(self.clock.now(), &self.hub));
        Ok(())
    }

    fn record(&mut self, write: &Write) {
        if let Write::Entry(device, entry) = write {
            self.recorder.record(*device, entry);
        }
        self.herald.tell(write, |device| Some(self.hub.registry().get(device)?.template().clone()));
    }

    fn tell(&mut self, output: Output) {
        self.metrics.count_output(&output);
        match output {
            Output::Write(_) => unreachable!("writes were made durable before"),
            Output::Login(session, answer) => self.answer_login(session, answer),
            Output::Supersede(session) => drop(self.sessions.remove(&session)),
            Output::Answer(session, id, answer) => self.reply(session, Reply::Answer(id, answer)),
            Output::Values(session, id, values) => self.reply(session, Reply::Values(id, values)),
            Output::Heartbeat(session, heartbeat) => self.reply(session, Reply::Heartbeat(heartbeat)),
            Output::Reply(call, answer) => self.answer_call(call, answer),
            Output::Deliver(notification) => self.deliver(&notification),
        }
    }

    fn deliver(&mut self, notification: &Notification) {
        // Who was removed meanwhile owes nothing.
        if let Some(identity) = self.hub.identity(notification.device) {
            self.deliveries.start(notification, &identity.name);
        }
    }

    fn answer_login(&mut self, session: SessionId, answer: LoginAnswer) {
        self.reply(session, Reply::Login(answer));
        match answer {
            LoginAnswer::Accepted { .. } => {}
            // The hub has nothing more to say to it, and it will not say when it ends.
            LoginAnswer::Refused(_) | LoginAnswer::Withheld => drop(self.sessions.remove(&session)),
        }
    }

    fn reply(&self, session: SessionId, reply: Reply) {
        if let Some(replies) = self.sessions.get(&session) {
            replies.send(reply);
        }
    }

    fn answer_call(&mut self, call: CallId, answer: Result<hub::Reply, Refusal>) {
        if let Some(caller) = self.calls.remove(&call) {
            // Who asked may be gone, and needs no answer then.
            let _ = caller.send(answer);
        }
    }
}

#[cfg(test)]
mod tests;
