mod calls;
mod commands;
mod history;
mod notifications;
mod orders;
mod restart;
mod retry;
mod sessions;
mod status;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use super::*;
use crate::close::CloseReason;
use crate::command::{self, Controls, Verdict};
use crate::id::{CommandId, Token};
use crate::lifecycle::{Chain, Standing, State, Status, Template};
use crate::notification::{Channel, Failure, Ledger, Notify, Progress, Stage};
use crate::protocol::Command;
use crate::settings::Takeover;
use crate::store::StoredDevice;
use crate::time::Duration;
use crate::timeline::{Cause, Change, Close};
use world::World;

const OLD: SessionId = SessionId(1);
const NEW: SessionId = SessionId(2);
const LAMP: DeviceId = DeviceId(0);
const PUMP: DeviceId = DeviceId(1);
const NOBODY: DeviceId = DeviceId(2);
const CALL: CallId = CallId(7);
/// Its allowance is 45 s.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// `online -1m-> standby -1h-> offline -1d-> retired`; commands are warned of in Standby and blocked in Offline.
fn template() -> Template {
    let status = |key, wait, controls| Status { controls, ..Status::new(key, wait) };
    let mut offline = status("offline", Duration::HOUR, Controls::Block);
    offline.look.label = Some("Gone".into());
    let chain = vec![
        status("online", Duration::ZERO, Controls::Allow),
        status("standby", Duration::MINUTE, Controls::Warn),
        offline,
        status("retired", Duration::DAY, Controls::Allow),
    ];
    Template { heartbeat: HEARTBEAT, ..Template::new("sensor", Chain::new(chain).expect("a chain")) }
}

/// The same, and the owner is told by two ways of every entry into Standby and Retired.
fn notifying_template() -> Template {
    let template = template();
    let mut statuses = Vec::from(template.chain.clone());
    for place in [1, 3] {
        statuses[place].notify = Some(Notify {
            channels: vec![Channel::Email, Channel::Webhook],
            to: vec!["owner".into()],
            text: None,
            limit: Duration::ZERO,
            every: NonZeroU32::MIN,
        });
    }
    let contacts = BTreeMap::from([("owner".into(), "http://owner.example".into())]);
    Template { contacts, chain: Chain::new(statuses).expect("a chain"), ..template }
}

/// Two devices that were never seen.
fn world() -> World {
    World::new(Settings::default(), template())
}

/// A world whose lamp logged in at the epoch.
fn connected() -> World {
    let mut world = world();
    world.hear(at(0), login(OLD, LAMP));
    world
}

/// A world whose lamp logged in at the epoch and closed at this second.
fn waiting(second: u64) -> World {
    let mut world = connected();
    world.hear(at(second), closed(OLD, second));
    world
}

fn token(device: DeviceId) -> Token {
    Token::parse(&[b'a' + u8::try_from(device.0).expect("small"); Token::LEN]).expect("32 characters")
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))
}

fn id(id: u16) -> MessageId {
    MessageId::new(id).expect("not zero")
}

// What the hub hears.

fn login(session: SessionId, device: DeviceId) -> Input {
    Input::Word(session, Word::Login { token: token(device), address: address() })
}

fn close(second: u64) -> Close {
    Close { reason: CloseReason::Closed, last_byte_at: at(second), last_command: Command::Ping }
}

fn closed(session: SessionId, second: u64) -> Input {
    Input::Word(session, Word::Closed(close(second)))
}

fn data(session: SessionId) -> Input {
    Input::Word(session, Word::Data)
}

fn announced(session: SessionId, heartbeat: Option<u64>) -> Input {
    let heartbeat = heartbeat.map(Duration::from_secs);
    Input::Word(session, Word::Announced { heartbeat, client: "ESP32".into() })
}

fn wrote(session: SessionId, pin: u8, value: &str) -> Input {
    Input::Word(session, Word::Wrote { pin: Pin(pin), value: value.into() })
}

fn handed(session: SessionId, command: u64) -> Input {
    Input::Word(session, Word::Handed(CommandId(command)))
}

fn sync(session: SessionId) -> Input {
    Input::Word(session, Word::Sync { id: id(9), pins: vec![] })
}

/// A call of the lamp itself.
fn ask(wish: Wish) -> Input {
    Input::Call(CALL, Call { about: About::Token(token(LAMP)), wish })
}

/// A call of an operator or a user, about the lamp.
fn order(wish: Wish) -> Input {
    Input::Call(CALL, Call { about: About::Device(LAMP), wish })
}

fn report(values: &[(u8, &str)]) -> Wish {
    let values = values.iter().map(|(pin, value)| (Pin(*pin), (*value).into())).collect();
    Wish::Report { values, address: address() }
}

// What the hub has recorded.

fn entry(second: u64, device: DeviceId, event: Event) -> Write {
    Write::Entry(device, Entry { at: at(second), event })
}

fn logged_in(second: u64, device: DeviceId, session: SessionId) -> Write {
    entry(second, device, Event::LoggedIn { session, address: address() })
}

fn status(second: u64, device: DeviceId, from: Option<u8>, to: u8, cause: Cause) -> Write {
    let change = Change { from: from.map(StatusIndex), to: StatusIndex(to), cause };
    entry(second, device, Event::Status(change))
}

fn online(second: u64, device: DeviceId, from: Option<u8>, cause: Cause) -> Write {
    status(second, device, from, 0, cause)
}

/// The lamp is in Standby, a minute after its close.
fn standby(closed: u64) -> Write {
    let cause = Cause::Wait { base: at(closed), wait: Duration::MINUTE, detected: at(closed) };
    status(closed + 60, LAMP, Some(0), 1, cause)
}

fn reported(second: u64) -> Write {
    entry(second, LAMP, Event::Reported { address: address() })
}

fn value(pin: u8, value: &str) -> Write {
    Write::Value(LAMP, Pin(pin), value.into())
}

// What the hub tells.

fn accepted(session: SessionId) -> Output {
    Output::Login(session, LoginAnswer::Accepted { heartbeat: HEARTBEAT })
}

fn refused(session: SessionId, answer: Answer) -> Output {
    Output::Login(session, LoginAnswer::Refused(answer))
}

fn reply(reply: Result<Reply, Refusal>) -> Output {
    Output::Reply(CALL, reply)
}

/// What an input has recorded, and what is told then.
fn check(world: &mut World, now: Instant, input: Input, recorded: &[Write], told: &[Output]) {
    let (writes, rest) = world.hear(now, input);
    assert_eq!(writes, recorded);
    assert_eq!(rest, told);
}

fn connection(world: &World, device: DeviceId) -> Connection {
    world.hub.registry().machine(device).connection()
}

fn standing(world: &World, device: DeviceId) -> Option<Standing> {
    world.hub.registry().machine(device).standing()
}
