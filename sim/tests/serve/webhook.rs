//! Notifications that are requests to their recipient.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::served::{Served, command, wait_for};

/// Takes one request, answers with this status, and returns what it was.
fn take(listener: &TcpListener, status: &str) -> String {
    let (mut stream, _) = listener.accept().expect("a request");
    let (mut text, mut part) = (String::new(), [0; 4_096]);
    while !text.contains("\r\n\r\n{") || !text.ends_with('}') {
        let length = stream.read(&mut part).expect("the request");
        text += &String::from_utf8_lossy(&part[..length]);
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).expect("it is taken");
    text
}

#[test]
fn a_webhook_is_tried_until_it_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a port");
    notify_by(&server, &receiver);
    let first = take(&receiver, "503 Service Unavailable");
    assert!(first.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{first}");
    let second = take(&receiver, "204 No Content");
    for text in [&first, &second] {
        assert!(text.contains(r#""text":"First device is Offline""#), "{text}");
        assert!(text.contains(r#""status":{"key":"offline","label":"Offline"}"#), "{text}");
    }
    assert_eq!(key(&first), key(&second));
    let told = wait_for("delivery", || {
        Some(server.see("notifications?deviceId=0")).filter(|told| told.contains(r#""stage":"delivered""#))
    });
    assert!(told.contains(r#""failedTries":1,"lastFailure":"answered 503 Service Unavailable""#), "{told}");
    // No gateway is set up: the text message, which came first, held nothing up.
    let dead = server.see("notifications?dead=true");
    assert!(dead.contains(r#""channel":"sms""#) && dead.contains(r#""reason":"no-gateway""#), "{dead}");
}

/// By what the receiver knows a repetition.
fn key(request: &str) -> &str {
    let line = request.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    line.unwrap_or_else(|| panic!("no key in {request}"))
}

#[test]
fn keys_of_two_databases_differ() {
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a port");
    let told = || {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Served::start(folder.path());
        notify_by(&server, &receiver);
        take(&receiver, "204 No Content")
    };
    let (one, other) = (told(), told());
    assert_ne!(key(&one), key(&other));
}

#[test]
fn a_receiver_that_is_not_there_is_told_as_such() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(folder.path());
    command.args(["--notification-tries", "1"]);
    let server = Served::run(command);
    notify_by(&server, &TcpListener::bind("127.0.0.1:0").expect("a port"));
    let dead = server.dead_letter();
    assert!(dead.contains(r#""lastFailure":"cannot be reached: "#) && dead.contains("refused"), "{dead}");
}

/// The first device is offline, of which a text message and the receiver are to tell.
fn notify_by(server: &Served, receiver: &TcpListener) {
    let url = format!("http://{}/hook?x=1", receiver.local_addr().expect("bound"));
    let template = format!(
        r#"{{"name":"Default","contacts":{{"owner":"{url}"}},"statuses":[{{"key":"online"}},
            {{"key":"offline","after":0,"notify":{{"channels":["sms","webhook"],"to":["owner"]}}}}]}}"#
    );
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", &template).0, 200);
    assert_eq!(server.ask("GET", &format!("/external/api/update?token={}&V1=1", server.device), "").0, 200);
}
