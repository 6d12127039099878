use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::Waker;

use super::super::calls;
use super::super::news::News;
use tokio::sync::oneshot;
use tokio::time;

use super::*;
use crate::hub::{About, Call, Order, Wish};
use crate::id::{Pin, Token};
use crate::lifecycle::{Chain, State, Status, Template};
use crate::notification::{Ledger, Notification};
use crate::protocol::{Answer, MessageId};
use crate::settings::Settings;
use crate::store::{Identity, Stored, StoredDevice};
use crate::time::Duration;

/// Keeps nothing, and says so or not.
struct Sieve {
    works: bool,
}

impl Store for Sieve {
    fn load(&mut self) -> Result<Stored, StoreError> {
        unreachable!("the tests say what is stored")
    }

    fn commit(&mut self, _: &[Write]) -> Result<(), StoreError> {
        if self.works { Ok(()) } else { Err(StoreError::Medium("no space left".into())) }
    }
}

struct Nobody;

impl Recorder for Nobody {
    fn record(&mut self, _: DeviceId, _: &Entry) {}
}

impl Notifier for Nobody {
    fn deliver(
        &mut self,
        _: &Notification,
        _: &str,
    ) -> impl Future<Output = Result<(), Undelivered>> + Send + 'static {
        ready(Ok(()))
    }
}

fn token() -> Token {
    Token::parse(&[b'a'; Token::LEN]).expect("32 characters")
}

fn address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 1))
}

fn stored() -> Stored {
    let template = Template::new("sensor", Chain::default());
    let identity = Identity {
        name: "".into(),
        token: token(),
        template: template.name.clone(),
        contacts: BTreeMap::new(),
    };
    let (values, pending) = (BTreeMap::new(), BTreeMap::new());
    let device = StoredDevice {
        id: DeviceId(0),
        identity,
        state: State::NEW,
        values,
        pending,
        ledger: Ledger::default(),
    };
    let templates = BTreeMap::from([(template.name.clone(), Arc::new(template))]);
    Stored { templates, devices: vec![device], ..Stored::default() }
}

fn driver(works: bool) -> Driver<Sieve, Nobody, Nobody> {
    let hub = Hub::new(Instant::ZERO, Arc::new(Settings::default()), stored());
    let herald = Herald::new();
    let ((_, inbox), (_, questions)) = (mpsc::channel(1), calls::channel(herald.audience()));
    let clock = Clock::starting_at(Instant::ZERO);
    Driver::new(
        hub,
        Sieve { works },
        Nobody,
        Nobody,
        clock,
        Duration::ZERO,
        Post { inbox, questions, herald, metrics: Arc::default() },
    )
}

fn log_in(driver: &mut Driver<Sieve, Nobody, Nobody>) -> replies::Receiver {
    let (replies, replied) = replies::channel();
    let word = Word::Login { token: token(), address: address() };
    driver.on_letter(Letter { at: Instant::ZERO, session: SessionId(1), word, replies: Some(replies) });
    replied
}

/// What has arrived.
fn read(replied: &mut replies::Receiver) -> Poll<Option<Reply>> {
    replied.poll(&mut Context::from_waker(Waker::noop()))
}

fn update(driver: &mut Driver<Sieve, Nobody, Nobody>) -> oneshot::Receiver<Result<hub::Reply, Refusal>> {
    let (answer, answered) = oneshot::channel();
    let wish = Wish::Report { values: vec![(Pin(1), "5".into())], address: address() };
    let call = Call { about: About::Token(token()), wish };
    driver.on_question(Question::Call(call, answer)).expect("nothing is committed yet");
    answered
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_made_durable_is_told_to_nobody() {
    let mut driver = driver(false);
    let (mut replied, mut answered) = (log_in(&mut driver), update(&mut driver));
    assert!(driver.perform().is_err());
    assert!(read(&mut replied).is_pending() && answered.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn what_is_durable_is_told_to_all() {
    let mut driver = driver(true);
    let (mut replied, mut answered) = (log_in(&mut driver), update(&mut driver));
    driver.perform().expect("the store works");
    assert!(matches!(read(&mut replied), Poll::Ready(Some(Reply::Login(LoginAnswer::Accepted { .. })))));
    assert_eq!(answered.try_recv(), Ok(Ok(hub::Reply::Done)));
}

#[tokio::test(start_paused = true)]
async fn what_comes_soon_after_a_commit_waits_for_others() {
    let millis = Duration::from_millis;
    let mut driver = Driver { pause: millis(2), ..driver(true) };
    let is_rested =
        |driver: &mut Driver<_, _, _>| driver.poll_rested(&mut Context::from_waker(Waker::noop())).is_ready();
    assert!(is_rested(&mut driver), "nothing was committed yet");
    let _replied = log_in(&mut driver);
    driver.perform().expect("the store works");
    assert!(!is_rested(&mut driver));
    time::advance(millis(1).into()).await;
    assert!(!is_rested(&mut driver));
    time::advance(millis(1).into()).await;
    assert!(is_rested(&mut driver));
    driver.perform().expect("there is nothing to do");
    assert!(is_rested(&mut driver), "nothing was committed since");
}

#[tokio::test(start_paused = true)]
async fn what_happened_before_a_template_changed_is_told_in_the_chain_before() {
    let mut driver = driver(true);
    let mut news = driver.herald.audience().subscribe();
    let _replied = log_in(&mut driver);
    let statuses = ["online", "standby", "offline"].map(|key| Status::new(key, Duration::ZERO));
    let longer = Template::new("sensor", Chain::new(statuses.into()).expect("a chain"));
    let (answer, _answered) = oneshot::channel();
    driver.on_question(Question::Order(Order::Template(longer), answer)).expect("the store works");
    driver.perform().expect("the store works");
    let mut told = std::iter::from_fn(|| news.try_recv().ok());
    let before = told.find_map(|news| if let News::Entry(_, _, chain) = news { Some(chain) } else { None });
    assert_eq!(*before.expect("a login"), Template::new("sensor", Chain::default()));
}

#[tokio::test(start_paused = true)]
async fn a_dismissal_is_heard_behind_a_full_channel() {
    let mut driver = driver(true);
    let mut replied = log_in(&mut driver);
    for id in 1..99 {
        let id = MessageId::new(id).expect("not zero");
        driver.tell(Output::Answer(SessionId(1), id, Answer::OK));
    }
    driver.tell(Output::Supersede(SessionId(1)));
    for _ in 0..64 {
        assert!(matches!(read(&mut replied), Poll::Ready(Some(_))));
    }
    assert_eq!(read(&mut replied), Poll::Ready(None), "sixty-four replies had room");
}
