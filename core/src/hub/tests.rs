use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::close::CloseReason;
use crate::id::StatusIndex;
use crate::lifecycle::Chain;
use crate::protocol::Command;
use crate::timeline::{Cause, Change};

const OLD: SessionId = SessionId(1);
const NEW: SessionId = SessionId(2);
const LAMP: DeviceId = DeviceId(0);
const PUMP: DeviceId = DeviceId(1);

/// Two devices, `online -1m-> offline`.
fn hub(takeover: Takeover) -> Hub {
    let mut hub = Hub::new(Arc::new(Settings { takeover, ..Settings::default() }));
    let heartbeat = Duration::from_secs(30);
    let template = Arc::new(Template { name: "sensor".into(), heartbeat, chain: Chain::default() });
    for device in [LAMP, PUMP] {
        assert_eq!(hub.add_device(token(device), template.clone()), device);
    }
    hub
}

/// A hub whose lamp logged in at the epoch.
fn connected(takeover: Takeover) -> Hub {
    let mut hub = hub(takeover);
    hear(&mut hub, at(0), login(OLD, LAMP));
    hub
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

fn record(second: u64, device: DeviceId, event: Event) -> Output {
    Output::Record(device, Entry { at: at(second), event })
}

fn logged_in(second: u64, device: DeviceId, session: SessionId) -> Output {
    record(second, device, Event::LoggedIn { session, address: address() })
}

fn online(second: u64, device: DeviceId, from: Option<u8>, cause: Cause) -> Output {
    let change = Change { from: from.map(StatusIndex), to: StatusIndex::ONLINE, cause };
    record(second, device, Event::Status(change))
}

/// The lamp is offline, a minute after its close.
fn offline(closed: u64) -> Output {
    let cause = Cause::Wait { base: at(closed), wait: Duration::MINUTE, detected: at(closed) };
    let change = Change { from: Some(StatusIndex::ONLINE), to: StatusIndex(1), cause };
    record(closed + 60, LAMP, Event::Status(change))
}

fn accepted(session: SessionId) -> Output {
    Output::Answer(session, LoginAnswer::Accepted { heartbeat: Duration::from_secs(30) })
}

fn refused(session: SessionId, answer: Answer) -> Output {
    Output::Answer(session, LoginAnswer::Refused(answer))
}

fn hear(hub: &mut Hub, now: Instant, input: Input) -> Vec<Output> {
    hub.handle_input(now, input);
    std::iter::from_fn(|| hub.poll_output()).collect()
}

fn check(hub: &mut Hub, now: Instant, input: Input, expected: &[Output]) {
    assert_eq!(hear(hub, now, input), expected);
}

fn connection(hub: &Hub, device: DeviceId) -> Connection {
    hub.registry().machine(device).connection()
}

#[test]
fn all_that_a_login_changes_is_recorded_before_it_is_answered() {
    let expected = [logged_in(5, LAMP, OLD), online(5, LAMP, None, Cause::Login), accepted(OLD)];
    check(&mut hub(Takeover::Accept), at(5), login(OLD, LAMP), &expected);
}

#[test]
fn an_unknown_token_is_refused_and_nothing_is_recorded() {
    let expected = [refused(OLD, Answer::INVALID_TOKEN)];
    check(&mut hub(Takeover::Accept), at(5), login(OLD, DeviceId(2)), &expected);
}

#[test]
fn a_newer_login_takes_over_and_the_status_does_not_change() {
    let mut hub = connected(Takeover::Accept);
    let superseded = record(5, LAMP, Event::Superseded { session: OLD, by: NEW });
    let expected = [superseded, Output::Supersede(OLD), logged_in(5, LAMP, NEW), accepted(NEW)];
    check(&mut hub, at(5), login(NEW, LAMP), &expected);
    assert_eq!(connection(&hub, LAMP), Connection::Connected { session: NEW, since: at(5) });
}

#[test]
fn a_newer_login_is_refused_where_the_settings_say_so() {
    let mut hub = connected(Takeover::Reject);
    check(&mut hub, at(5), login(NEW, LAMP), &[refused(NEW, Answer::NOT_ALLOWED)]);
    assert_eq!(connection(&hub, LAMP), Connection::Connected { session: OLD, since: at(0) });
}

#[test]
fn after_a_refused_takeover_the_older_session_still_speaks() {
    let mut hub = connected(Takeover::Reject);
    hear(&mut hub, at(5), login(NEW, LAMP));
    check(&mut hub, at(6), closed(NEW, 6), &[]);
    let event = Event::Closed { session: OLD, close: close(7) };
    check(&mut hub, at(7), closed(OLD, 7), &[record(7, LAMP, event)]);
    check(
        &mut hub,
        at(8),
        login(SessionId(3), LAMP),
        &[logged_in(8, LAMP, SessionId(3)), accepted(SessionId(3))],
    );
}

#[test]
fn the_late_end_of_a_superseded_session_is_ignored() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), login(NEW, LAMP));
    check(&mut hub, at(6), closed(OLD, 4), &[]);
    assert_eq!(connection(&hub, LAMP), Connection::Connected { session: NEW, since: at(5) });
    assert_eq!(hub.poll_timeout(), None);
}

#[test]
fn what_a_superseded_session_says_late_is_ignored() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), login(NEW, LAMP));
    hear(&mut hub, at(6), closed(NEW, 6));
    hear(&mut hub, at(67), Input::Timeout);
    check(&mut hub, at(68), data(OLD), &[]);
    check(&mut hub, at(68), Input::Word(OLD, Word::Announced(Duration::SECOND)), &[]);
}

#[test]
fn a_session_that_ended_speaks_no_more() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), closed(OLD, 5));
    check(&mut hub, at(6), closed(OLD, 6), &[]);
    check(&mut hub, at(6), data(OLD), &[]);
}

#[test]
fn a_close_is_recorded_with_its_reason_and_starts_the_wait() {
    let mut hub = connected(Takeover::Accept);
    let event = Event::Closed { session: OLD, close: close(3) };
    check(&mut hub, at(5), closed(OLD, 3), &[record(5, LAMP, event)]);
    assert_eq!(hub.poll_timeout(), Some((at(65), StatusDue(LAMP))));
}

#[test]
fn a_due_status_is_recorded_at_its_deadline() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), closed(OLD, 5));
    check(&mut hub, at(65), Input::Timeout, &[]);
    check(&mut hub, at(65).when_over(), Input::Timeout, &[offline(5)]);
}

#[test]
fn a_login_in_the_millisecond_of_the_deadline_comes_before_it() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), closed(OLD, 5));
    check(&mut hub, at(65), login(NEW, LAMP), &[logged_in(65, LAMP, NEW), accepted(NEW)]);
    check(&mut hub, at(66), Input::Timeout, &[]);
}

#[test]
fn what_was_due_before_a_word_comes_before_it_however_late_the_driver_is() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(5), closed(OLD, 5));
    let now = online(66, LAMP, Some(1), Cause::Login);
    check(&mut hub, at(66), login(NEW, LAMP), &[offline(5), logged_in(66, LAMP, NEW), now, accepted(NEW)]);
}

#[test]
fn an_announced_heartbeat_is_recorded() {
    let heartbeat = Duration::from_secs(40);
    let event = Event::Announced { session: OLD, heartbeat };
    let word = Input::Word(OLD, Word::Announced(heartbeat));
    check(&mut connected(Takeover::Accept), at(1), word, &[record(1, LAMP, event)]);
}

#[test]
fn data_of_an_online_device_changes_nothing() {
    check(&mut connected(Takeover::Accept), at(1), data(OLD), &[]);
}

#[test]
fn one_session_speaks_for_each_device_however_many_log_in() {
    let mut hub = hub(Takeover::Accept);
    (1..=5).for_each(|id| drop(hear(&mut hub, at(id), login(SessionId(id), LAMP))));
    assert_eq!(hub.live, BTreeMap::from([(SessionId(5), LAMP)]));
}

#[test]
fn devices_do_not_concern_each_other() {
    let mut hub = connected(Takeover::Accept);
    hear(&mut hub, at(1), login(NEW, PUMP));
    hear(&mut hub, at(2), closed(NEW, 2));
    assert_eq!(connection(&hub, LAMP), Connection::Connected { session: OLD, since: at(0) });
    assert_eq!(hub.poll_timeout(), Some((at(62), StatusDue(PUMP))));
}

/// Words of four sessions of two devices, 40 s apart. No session logs in twice: the session itself sees to that.
fn any_words() -> impl Strategy<Value = Vec<Input>> {
    let (session, device) = ((1u64..5).prop_map(SessionId), (0u32..2).prop_map(DeviceId));
    let word = (session, device, 0..3).prop_map(|(session, device, word)| match word {
        0 => login(session, device),
        1 => closed(session, 0),
        _ => data(session),
    });
    prop::collection::vec(word, 0..40).prop_map(|mut words| {
        let mut asked = Vec::new();
        words.retain(|word| match word {
            Input::Word(session, Word::Login { .. }) if asked.contains(session) => false,
            Input::Word(session, Word::Login { .. }) => {
                asked.push(*session);
                true
            }
            Input::Word(..) | Input::Timeout => true,
        });
        words
    })
}

proptest! {
    #[test]
    fn whatever_is_said_each_device_has_one_live_session_or_none(words in any_words()) {
        let mut hub = hub(Takeover::Accept);
        for (second, word) in (0..).zip(words) {
            hear(&mut hub, at(second * 40), word);
            let connected = [LAMP, PUMP].into_iter().filter_map(|device| match connection(&hub, device) {
                Connection::Connected { session, .. } => Some((session, device)),
                Connection::Never | Connection::Disconnected { .. } => None,
            });
            prop_assert_eq!(&hub.live, &connected.collect::<BTreeMap<_, _>>());
        }
    }

    #[test]
    fn entries_are_in_order_of_time_though_nobody_calls_the_timeouts(words in any_words()) {
        let mut hub = hub(Takeover::Accept);
        let outputs = (0..).zip(words).flat_map(|(second, word)| hear(&mut hub, at(second * 40), word));
        let instants = outputs.filter_map(|output| match output {
            Output::Record(_, entry) => Some(entry.at),
            Output::Answer(..) | Output::Supersede(_) => None,
        });
        prop_assert!(instants.is_sorted());
    }
}
