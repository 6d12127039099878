use blynk_core::id::{DeviceId, Pin};
use blynk_core::protocol::encode;

use super::*;

const DIALLED: Instant = Instant::ZERO;

fn token() -> Token {
    Token::parse(&[b'b'; Token::LEN]).expect("a token")
}

fn bad_token() -> Errand {
    Errand::BadToken(token())
}

fn command() -> Errand {
    let (operator, device) = (token(), DeviceId(0));
    Errand::Request(Request::Command { operator, device, pin: Pin(1), value: "5".into() })
}

fn update() -> Errand {
    Errand::Request(Request::Update { token: token(), pin: Pin(0), value: "1".into() })
}

fn answer(answer: Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(Frame::Response { id: MessageId::FIRST, answer }, &mut bytes);
    bytes
}

/// What a caller does with its connection, and notes, when it hears all this.
fn check(errand: Errand, arrivals: &[Arrival<'_>], expected: &[&str]) {
    let mut caller = calling(errand, arrivals);
    assert_eq!(drain(&mut caller), expected);
    assert!(caller.is_over());
}

fn calling(errand: Errand, arrivals: &[Arrival<'_>]) -> Caller {
    let mut caller = Caller::new(DIALLED, errand);
    for arrival in arrivals {
        caller.handle_input(DIALLED, Input::Arrival(arrival.clone()));
    }
    caller
}

fn drain(caller: &mut Caller) -> Vec<String> {
    let name = |output| match output {
        Output::Send(message) => message.content.name().into(),
        Output::Noted(noted) => noted.to_string(),
        Output::Dial | Output::Close | Output::Abandon | Output::Request(_) | Output::Remark(_) => {
            format!("{output:?}")
        }
    };
    std::iter::from_fn(|| caller.poll_output()).map(name).collect()
}

#[test]
fn a_bad_token_that_is_refused_is_noted_with_its_code() {
    let bytes = answer(Answer::INVALID_TOKEN);
    let arrivals = [Arrival::Connected, Arrival::Bytes(&bytes), Arrival::Fin];
    check(bad_token(), &arrivals, &["Dial", "login", "Close", "bad token refused (9)"]);
}

#[test]
fn a_bad_token_that_is_accepted_would_be_told_too() {
    let bytes = answer(Answer::OK);
    let arrivals = [Arrival::Connected, Arrival::Bytes(&bytes[..2]), Arrival::Bytes(&bytes[2..])];
    check(bad_token(), &arrivals, &["Dial", "login", "Close", "bad token: answered 200"]);
}

#[test]
fn a_bad_token_whose_connection_is_closed_has_no_answer() {
    let expected = ["Dial", "login", "Close", "bad token: no answer"];
    check(bad_token(), &[Arrival::Connected, Arrival::Fin], &expected);
    check(bad_token(), &[Arrival::Connected, Arrival::Reset], &expected);
}

#[test]
fn a_refused_connection_is_noted() {
    let expected = ["Dial", "Close", "HTTP command: server refused the connection"];
    check(command(), &[Arrival::Refused], &expected);
}

#[test]
fn an_answer_over_http_ends_with_its_connection() {
    let arrivals = [
        Arrival::Connected,
        Arrival::Bytes(b"HTTP/1.1 40"),
        Arrival::Bytes(b"3 Forbidden\r\nContent-Length: 2\r\n\r\n{}"),
    ];
    let mut caller = calling(command(), &arrivals);
    assert_eq!(drain(&mut caller), ["Dial", "HTTP command"]);
    caller.handle_input(DIALLED, Input::Arrival(Arrival::Fin));
    assert_eq!(drain(&mut caller), ["Close", "HTTP command: answered 403"]);
}

#[test]
fn what_is_not_http_is_no_answer() {
    let arrivals = [Arrival::Connected, Arrival::Bytes(&[0, 0, 1, 0, 200]), Arrival::Fin];
    check(command(), &arrivals, &["Dial", "HTTP command", "Close", "HTTP command: no answer"]);
}

#[test]
fn a_report_that_went_well_is_not_worth_a_note() {
    let arrivals = [Arrival::Connected, Arrival::Bytes(b"HTTP/1.1 200 OK\r\n\r\n"), Arrival::Fin];
    check(update(), &arrivals, &["Dial", "HTTP update", "Close"]);
    let arrivals = [Arrival::Connected, Arrival::Bytes(b"HTTP/1.1 429 \r\n\r\n"), Arrival::Fin];
    check(update(), &arrivals, &["Dial", "HTTP update", "Close", "HTTP update: answered 429"]);
}

#[test]
fn an_errand_ends_when_its_patience_does_and_not_before() {
    for (errand, patience) in [(bad_token(), BAD_TOKEN_PATIENCE), (command(), ATTEMPT)] {
        let mut caller = calling(errand, &[Arrival::Connected]);
        let over = DIALLED + patience;
        assert_eq!(caller.poll_timeout(), Some((over, Timer::AttemptOver)));
        caller.handle_input(DIALLED + patience.saturating_sub(Duration::MILLISECOND), Input::Timeout);
        assert!(!caller.is_over());
        caller.handle_input(over, Input::Timeout);
        assert!(drain(&mut caller).contains(&"Abandon".into()));
        assert_eq!(caller.poll_timeout(), None);
    }
}
