//! What is asked by HTTP, on the port of the devices.

use blynk_core::close::{CloseReason, Violation};
use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::protocol::Answer;
use blynk_core::settings::Settings;
use blynk_core::time::Duration;
use blynk_core::timeline::{Cause, Change, Event, Setter};

use crate::client::{login, ping, set_status, write};
use crate::network::{Network, Pipes};
use crate::world::{LAMP, OPERATOR, PUMP, STRANGER, World, token};

on_every_network! {
    an_update_sets_online_and_closes_at_once
    an_update_beside_a_live_session_leaves_it_alone
    a_value_that_the_device_wrote_can_be_asked_for
    values_are_told_as_they_were_written
    an_event_is_data
    a_device_is_connected_or_not
    a_wrong_question_is_told_what_is_wrong
    a_refused_status_is_told_what_is_allowed
    a_device_sets_its_status_by_message_or_request
    operators_prove_themselves
    an_operator_sets_a_status
    a_wrong_order_is_told_what_is_wrong
    long_requests_are_refused
    a_connection_carries_many_requests
    a_request_in_pieces_is_read
    a_request_that_never_ends_is_given_up
    a_connection_without_a_next_request_is_given_up
}

/// The path of a request about a device, which ends where the rest of the query begins.
pub(crate) fn path(what: &str, device: DeviceId) -> String {
    let token = String::from_utf8_lossy(token(device).as_bytes()).into_owned();
    format!("/external/api/{what}?token={token}")
}

impl<N: Network> World<N> {
    /// Sends a whole request, and returns status and body of the response.
    pub(crate) async fn ask(&self, request: &str) -> (u16, String) {
        let mut client = self.connect().await;
        client.send(request.as_bytes()).await;
        let response = client.rest().await;
        let (head, body) = response.split_once("\r\n\r\n").expect("a response");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        assert!(!head.contains("date:"), "the server knows no date");
        (status, body.into())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    /// An order of an operator about a device.
    pub(crate) async fn order(&self, what: &str, device: DeviceId, body: &str) -> (u16, String) {
        let path = format!("/api/v1/organization/device/{what}?deviceId={}", device.0);
        self.post(&path, &format!("Bearer {OPERATOR}"), body).await
    }

    async fn post(&self, path: &str, authorization: &str, body: &str) -> (u16, String) {
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {authorization}\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    async fn check(&self, path: &str, status: u16, body: &str) {
        assert_eq!(self.get(path).await, (status, body.into()), "{path}");
    }
}

pub(crate) fn error(message: &str) -> String {
    format!(r#"{{"error":{{"message":"{message}"}}}}"#)
}

async fn an_update_sets_online_and_closes_at_once<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.check(&(path("update", LAMP) + "&V1=22.5"), 200, "").await;
    let online = Event::Status(Change { from: None, to: StatusIndex::ONLINE, cause: Cause::Data });
    let recorded = world.recorded(LAMP);
    assert!(matches!(&recorded[..], [Event::Reported { .. }, status] if *status == online), "{recorded:?}");
    assert_eq!(world.recorded(PUMP), []);
    world.check(&path("isHardwareConnected", LAMP), 200, "false").await;
    world.let_time_pass();
    assert!(matches!(world.next(LAMP).await.1, Event::Status(Change { to: StatusIndex(1), .. })));
}

async fn an_update_beside_a_live_session_leaves_it_alone<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.recorded(LAMP);
    world.check(&(path("batch/update", LAMP) + "&V1=1&v2=2"), 200, "").await;
    lamp.check(&ping(2), 2, Answer::OK).await;
    assert_eq!(world.recorded(LAMP), []);
}

async fn a_value_that_the_device_wrote_can_be_asked_for<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    lamp.check(&[write(2), ping(3)].concat(), 3, Answer::OK).await;
    for query in ["&V1", "&v1", "&V1=", "&pin=V1", "&pin=v1", "&%561"] {
        world.check(&(path("get", LAMP) + query), 200, "22.5").await;
    }
}

async fn values_are_told_as_they_were_written<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    world.check(&(path("batch/update", LAMP) + "&V10=a+%22b%22&V2=1%00two&V1="), 200, "").await;
    world.check(&(path("get", LAMP) + "&V10"), 200, "a \"b\"").await;
    world.check(&(path("get", LAMP) + "&V2"), 200, r#"["1","two"]"#).await;
    world.check(&(path("get", LAMP) + "&V1"), 200, "").await;
    world.check(&(path("get", LAMP) + "&V10&V1"), 200, r#"{"V1":"","V10":"a \"b\""}"#).await;
    world.check(&path("getAll", LAMP), 200, r#"{"V1":"","V2":["1","two"],"V10":"a \"b\""}"#).await;
    world.check(&path("getAll", PUMP), 200, "{}").await;
}

async fn an_event_is_data<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.check(&(path("logEvent", LAMP) + "&code=hot&description=too+hot"), 200, "").await;
    assert!(matches!(world.recorded(LAMP)[..], [Event::Reported { .. }, Event::Status(_)]));
    world.check(&path("logEvent", LAMP), 400, &error("No code provided.")).await;
}

async fn a_device_is_connected_or_not<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    world.check(&path("isHardwareConnected", LAMP), 200, "false").await;
    let mut lamp = world.log_in(LAMP).await;
    world.check(&path("isHardwareConnected", LAMP), 200, "true").await;
    lamp.finish().await;
    world.closed(LAMP).await;
    world.check(&path("isHardwareConnected", LAMP), 200, "false").await;
}

async fn a_wrong_question_is_told_what_is_wrong<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let long = "x".repeat(1_025);
    let wrong = [
        ("/external/api/getAll".into(), 400, "No token provided."),
        ("/external/api/getAll?token=short".into(), 400, "Invalid token."),
        (path("isHardwareConnected", STRANGER), 400, "Invalid token."),
        (path("update", STRANGER) + "&V1=1", 400, "Invalid token."),
        (path("getAll", LAMP) + "&token=x", 400, "token is given twice."),
        (path("get", LAMP), 400, "No pin provided."),
        (path("get", LAMP) + "&V256", 400, "Wrong pin format."),
        (path("get", LAMP) + "&D1", 400, "Wrong pin format."),
        (path("get", LAMP) + "&V1=5", 400, "Wrong pin format."),
        (path("get", LAMP) + "&V7", 400, "Pin V7 has no value."),
        (path("get", LAMP) + "&V1&v1", 400, "V1 is given twice."),
        (path("update", LAMP), 400, "No pin provided."),
        (path("update", LAMP) + "&V1", 400, "No value provided for pin V1."),
        (path("update", LAMP) + "&1=1", 400, "Wrong pin format."),
        (path("batch/update", LAMP), 400, "No pin provided."),
        (path("batch/update", LAMP) + "&V1=1&v1=2", 400, "V1 is given twice."),
        (path("batch/update", LAMP) + "&V1=1&V%31=2", 400, "V1 is given twice."),
        (path("update", LAMP) + "&V1=%zz", 400, "V1=%zz is no percent-encoded UTF-8 text."),
        (path("update", LAMP) + "&V1=%ff", 400, "V1=%ff is no percent-encoded UTF-8 text."),
        (
            path("update", LAMP) + "&V1=1&V2=2",
            400,
            "Only one pin is updated at a time; for several there is /external/api/batch/update.",
        ),
        (
            path("update", LAMP) + "&V1=" + &long,
            400,
            "The value of V1 has 1025 bytes; at most 1024 are allowed.",
        ),
        (path("setStatus", LAMP), 400, "No status provided."),
        (path("nothing", LAMP), 404, "Nothing is found at this path."),
        ("/nothing".into(), 404, "Nothing is found at this path."),
    ];
    for (path, status, message) in wrong {
        world.check(&path, status, &error(message)).await;
    }
    let post = world.post(&(path("update", LAMP) + "&V1=1"), "none", "").await;
    assert_eq!(post, (405, error("This path does not know this method.")));
    assert_eq!(world.recorded(LAMP), []);
}

async fn a_refused_status_is_told_what_is_allowed<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let set = |status: &str| path("setStatus", LAMP) + "&status=" + status;
    let refused = |status: &str, allowed: &str| {
        error(&format!("Status {status} cannot be set now; allowed: {allowed}."))
    };
    world.check(&set("offline"), 400, &refused("offline", "none")).await;
    let _lamp = world.log_in(LAMP).await;
    world.check(&set("online"), 400, &refused("online", "offline, retired")).await;
    world.check(&set("offline"), 200, "").await;
    world.check(&set("offline"), 400, &refused("offline", "retired")).await;
}

fn set_to(from: u8, to: u8, by: Setter) -> Event {
    Event::Status(Change { from: Some(StatusIndex(from)), to: StatusIndex(to), cause: Cause::Set(by) })
}

async fn a_device_sets_its_status_by_message_or_request<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let mut lamp = world.log_in(LAMP).await;
    world.recorded(LAMP);
    lamp.check(&set_status(2, "offline"), 2, Answer::OK).await;
    lamp.check(&set_status(3, "online"), 3, Answer::NOT_ALLOWED).await;
    world.check(&(path("setStatus", LAMP) + "&status=retired"), 200, "").await;
    let statuses: Vec<_> =
        world.recorded(LAMP).into_iter().filter(|event| matches!(event, Event::Status(_))).collect();
    assert_eq!(statuses, [set_to(0, 1, Setter::Device), set_to(1, 2, Setter::Device)]);
}

async fn operators_prove_themselves<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    world.recorded(LAMP);
    let message = "Unauthorized: an operator's token is needed, as `Authorization: Bearer TOKEN`.";
    for device in ["?deviceId=0", "?deviceId=99", ""] {
        let path = format!("/api/v1/organization/device/status{device}");
        for authorization in ["Bearer correct-horse-batters", "Bearer", OPERATOR] {
            let answer = world.post(&path, authorization, r#"{"status":"offline"}"#).await;
            assert_eq!(answer, (401, error(message)));
        }
        assert_eq!(world.get(&path).await.0, 405);
    }
    assert_eq!(world.recorded(LAMP), []);
}

async fn an_operator_sets_a_status<N: Network>() {
    let mut world = World::<N>::start(Settings::default()).await;
    let _lamp = world.log_in(LAMP).await;
    world.recorded(LAMP);
    assert_eq!(world.order("status", LAMP, r#"{"status":"offline"}"#).await, (200, String::new()));
    assert_eq!(world.recorded(LAMP), [set_to(0, 1, Setter::Operator)]);
    let again = world.order("status", LAMP, r#"{"status":"online"}"#).await;
    assert_eq!(again, (400, error("Status online cannot be set now; allowed: retired.")));
}

async fn a_wrong_order_is_told_what_is_wrong<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let path = |query: &str| format!("/api/v1/organization/device/command{query}");
    let command = r#"{"pin":"V1","value":"5"}"#;
    let wrong = [
        ("", command, 400, "No deviceId provided."),
        ("?deviceId=abc", command, 400, "Wrong deviceId format: abc is no number of a device."),
        ("?deviceId=-1", command, 400, "Wrong deviceId format: -1 is no number of a device."),
        ("?deviceId=4294967296", command, 400, "Wrong deviceId format: 4294967296 is no number of a device."),
        ("?deviceId=2", command, 404, "Device with identifier 2 is not found."),
        ("?deviceId=0", r#"{"pin":"D1","value":"5"}"#, 400, "Wrong pin format."),
        (
            "?deviceId=0",
            r#"{"pin":"V1"}"#,
            400,
            "The body cannot be understood: missing field `value` at line 1 column 12.",
        ),
        (
            "?deviceId=0",
            "",
            400,
            "The body cannot be understood: EOF while parsing a value at line 1 column 0.",
        ),
    ];
    for (query, body, status, message) in wrong {
        let answer = world.post(&path(query), &format!("Bearer {OPERATOR}"), body).await;
        assert_eq!(answer, (status, error(message)));
    }
    let long = "x".repeat(16 * 1_024 + 1);
    assert_eq!(world.order("command", LAMP, &long).await.0, 413);
}

async fn long_requests_are_refused<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let query = "&V1=".to_owned() + &"x".repeat(10_000);
    let length = path("", LAMP).split_once('?').expect("a query").1.len() + query.len();
    let message = format!("The query has {length} bytes; at most 8192 are allowed.");
    world.check(&(path("update", LAMP) + &query), 400, &error(&message)).await;
    let mut client = world.connect().await;
    let endless = tokio::spawn(async move {
        // The server need not read it all.
        let _ = client.try_send(&[b"GET /".to_vec(), vec![b'x'; 100_000]].concat()).await;
        client.rest().await
    });
    assert!(endless.await.expect("no panic").split(' ').nth(1).is_none_or(|status| status.starts_with('4')));
}

const QUESTION: &str = "GET /external/api/getAll HTTP/1.1\r\nhost: x\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 400 Bad Request\r\n";

async fn a_connection_carries_many_requests<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut client = world.connect().await;
    for _ in 0..3 {
        client.send(QUESTION.as_bytes()).await;
        client.reads_until(r#""}}"#).await;
    }
}

async fn a_request_in_pieces_is_read<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut client = world.connect().await;
    for byte in QUESTION.bytes() {
        client.send(&[byte]).await;
    }
    assert!(client.reads_until(r#""}}"#).await.starts_with(ANSWER));
}

async fn a_request_that_never_ends_is_given_up<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let (mut head, mut body, opened_at) = (world.connect().await, world.connect().await, world.clock.now());
    head.send(b"GET /nothing HTTP/1.1\r\nhost: x\r\n").await;
    let order = "POST /api/v1/organization/device/status?deviceId=0 HTTP/1.1\r\nhost: x\r\n\
                 authorization: Bearer correct-horse-battery\r\ncontent-length: 9\r\n\r\n{";
    body.send(order.as_bytes()).await;
    // By then both are being served.
    assert_eq!(world.get("/nothing").await.0, 404);
    world.let_time_pass();
    assert_eq!((head.rest().await, body.rest().await), (String::new(), String::new()));
    assert!((opened_at + Duration::from_secs(10)).is_over(world.clock.now()));
}

async fn a_connection_without_a_next_request_is_given_up<N: Network>() {
    let world = World::<N>::start(Settings::default()).await;
    let mut client = world.connect().await;
    client.send(QUESTION.as_bytes()).await;
    client.reads_until(r#""}}"#).await;
    let answered_at = world.clock.now();
    world.let_time_pass();
    client.sees_fin().await;
    let waited = world.clock.now().since(answered_at);
    assert!(waited <= Duration::from_secs(11) && waited > Duration::from_secs(9), "{waited}");
}

/// Only in paused time is an instant exact.
#[tokio::test(start_paused = true)]
async fn the_login_timeout_counts_from_the_opening_for_requests_too() {
    let world = World::<Pipes>::start(Settings::default()).await;
    let (mut early, mut late) = (world.connect().await, world.connect().await);
    world.pass(Duration::from_secs(10)).await;
    early.send(QUESTION.as_bytes()).await;
    assert!(early.reads_until(r#""}}"#).await.starts_with(ANSWER));
    late.send(b"GET").await;
    late.sees_fin().await;
    assert_eq!(world.clock.now().as_millis(), 10_001);
}

/// A device that was taken for a request would never be answered.
#[tokio::test(start_paused = true)]
async fn capital_letters_after_the_first_byte_are_no_request() {
    let mut world = World::<Pipes>::start(Settings::default()).await;
    let mut lamp = world.connect().await;
    let login = login(LAMP);
    lamp.send(&login[..1]).await;
    world.pass(Duration::SECOND).await;
    lamp.check(&login[1..], 1, Answer::OK).await;
    world.pass(Duration::SECOND).await;
    lamp.send(b"AAAAA").await;
    lamp.sees_fin().await;
    let too_long = Violation::BodyTooLong(u16::from_be_bytes(*b"AA"));
    assert_eq!(world.closed(LAMP).await.1.reason, CloseReason::Protocol(too_long));
}
