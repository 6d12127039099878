mod cpp;
mod js;
mod python;
mod python_legacy;
mod recorded;

use blynk_core::id::{DeviceId, Pin};
use blynk_core::protocol::{Answer, Command, Frame, MessageId, encode, encode_fields};

use super::*;
use crate::plan::Reconnect;
use crate::random::{Purpose, Seed};

const HEARTBEAT: Duration = Duration::from_secs(10);

fn second(second: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(second)
}

fn token() -> Token {
    Token::parse(&[b'a'; Token::LEN]).expect("a token")
}

fn of(client: Client, heartbeat: Duration, sends: Option<Duration>) -> Firmware {
    Firmware::of(client, token(), heartbeat, sends, Seed(1).stream(DeviceId(0), Purpose::Reconnect))
}

fn plain(sends: Option<Duration>) -> Firmware {
    of(Client::Plain(Reconnect::Every(Duration::from_secs(5))), HEARTBEAT, sends)
}

fn answer(answer: Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(Frame::Response { id: MessageId::FIRST, answer }, &mut bytes);
    bytes
}

/// Logged in at 0 s.
fn live(mut firmware: Firmware) -> Firmware {
    firmware.handle_input(second(0), Input::Order(Order::Connect));
    firmware.handle_input(second(0), Input::Arrival(Arrival::Connected));
    assert_eq!(drain(&mut firmware), ["Dial", "login"]);
    firmware.handle_input(second(0), Input::Arrival(Arrival::Bytes(&answer(Answer::OK))));
    firmware
}

fn device() -> Firmware {
    plain(None)
}

fn hear(firmware: &mut Firmware, at: u64, input: Input<'_>) -> Vec<String> {
    firmware.handle_input(second(at), input);
    drain(firmware)
}

fn drain(firmware: &mut Firmware) -> Vec<String> {
    let name = |output| match output {
        Output::Send(message) => message.content.name().into(),
        Output::Remark(text) => text.into(),
        Output::Dial | Output::Close | Output::Abandon | Output::Request(_) | Output::Noted(_) => {
            format!("{output:?}")
        }
    };
    std::iter::from_fn(|| firmware.poll_output()).map(name).collect()
}

#[test]
fn a_device_introduces_itself_and_a_bare_one_does_not() {
    assert_eq!(drain(&mut live(device())), ["device info", "sync"]);
    assert_eq!(drain(&mut live(Firmware::bare(token(), HEARTBEAT))), [""; 0]);
}

#[test]
fn a_bare_device_pings_and_gives_up_like_any_other() {
    let mut clone = live(Firmware::bare(token(), HEARTBEAT));
    assert_eq!(clone.poll_timeout(), Some((second(10), Timer::Ping)));
    assert_eq!(hear(&mut clone, 10, Input::Timeout), ["ping"]);
    assert_eq!(clone.poll_timeout(), Some((second(15), Timer::GiveUp)));
    assert_eq!(hear(&mut clone, 15, Input::Timeout), ["Abandon"]);
}

#[test]
fn its_application_writes_each_period_counted_from_the_login() {
    let sends = Some(Duration::from_secs(4));
    let mut device = live(plain(sends));
    drain(&mut device);
    assert_eq!(device.poll_timeout(), Some((second(4), Timer::Write)));
    assert_eq!(hear(&mut device, 4, Input::Timeout), ["write"]);
    assert_eq!(device.poll_timeout(), Some((second(8), Timer::Write)));
    hear(&mut device, 5, Input::Arrival(Arrival::Fin));
    assert_eq!(device.poll_timeout(), Some((second(5), Timer::Redial)));
}

#[test]
fn a_status_is_announced_if_it_is_connected() {
    let mut device = live(device());
    drain(&mut device);
    assert_eq!(hear(&mut device, 1, Input::Order(Order::SetStatus("standby"))), ["status"]);
    hear(&mut device, 2, Input::Order(Order::Disconnect));
    let remark = hear(&mut device, 3, Input::Order(Order::SetStatus("standby")));
    assert_eq!(remark, ["not connected: discarded"]);
}

#[test]
fn sleep_announces_the_status_then_closes_and_stays_away() {
    let mut device = live(device());
    drain(&mut device);
    assert_eq!(hear(&mut device, 1, Input::Order(Order::Sleep("standby"))), ["status", "Close"]);
    assert_eq!(device.poll_timeout(), None);
}

#[test]
fn sleep_ends_an_attempt_and_says_that_nothing_was_announced() {
    let mut device = device();
    hear(&mut device, 0, Input::Order(Order::Connect));
    let done = hear(&mut device, 1, Input::Order(Order::Sleep("standby")));
    assert_eq!(done, ["Close", "not connected: status not announced"]);
    assert_eq!(device.poll_timeout(), None);
}

#[test]
fn a_value_from_the_server_is_read_counts_as_a_byte_and_needs_no_answer() {
    let mut device = live(device());
    drain(&mut device);
    let mut bytes = Vec::new();
    encode_fields(Command::Hardware, MessageId::FIRST, &["vw", "1", "5"], &mut bytes);
    assert_eq!(hear(&mut device, 9, Input::Arrival(Arrival::Bytes(&bytes))), [""; 0]);
    assert_eq!(hear(&mut device, 10, Input::Timeout), ["ping"]);
    assert_eq!(device.poll_timeout(), Some((second(20), Timer::Ping)));
    assert_eq!(hear(&mut device, 20, Input::Timeout), ["ping"]);
    assert_eq!(device.poll_timeout(), Some((second(24), Timer::GiveUp)));
}

#[test]
fn who_wakes_after_its_patience_is_over_gives_up_and_pings_no_more() {
    let mut device = live(device());
    drain(&mut device);
    assert_eq!(device.poll_timeout(), Some((second(10), Timer::Ping)));
    assert_eq!(hear(&mut device, 15, Input::Timeout), ["Abandon"]);
}
