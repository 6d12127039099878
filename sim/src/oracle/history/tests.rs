//! Records of a device that connects at 0 s and closes at 10 s, so that it is offline at 70 s and gone at 170 s.

use std::net::{Ipv4Addr, SocketAddr};

use blynk_core::id::SessionId;
use blynk_core::protocol::Command;
use blynk_core::time::Duration;

use super::*;
use crate::plan::Source;
use crate::scenario::{Options, load};
use crate::timeline::{Close, Subject};

const DEVICE: DeviceId = DeviceId(0);
const ONLINE: StatusIndex = StatusIndex::ONLINE;
const OFFLINE: StatusIndex = StatusIndex(1);
const INACTIVE: StatusIndex = StatusIndex(2);

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn plan() -> Plan {
    let head = "scenario: x\ntemplate: { lifecycle: online -1m-> offline -100s-> inactive }\n";
    let text = format!("{head}devices: {{ a: }}\nuntil: 10m\nexpect: {{ a: {{}} }}\n");
    let source = Source { path: "x.yaml".into(), text };
    load(source, &Options::default()).expect("a valid scenario").plan
}

fn entry(at: u64, event: Event) -> Entry {
    Entry { at: second(at), subject: Subject::Device(DEVICE), what: What::Server(event) }
}

fn wait(base: u64, wait: u64, detected: u64) -> Cause {
    Cause::Wait { base: second(base), wait: Duration::from_secs(wait), detected: second(detected) }
}

/// What is said of a record with these causes of its three changes.
fn objection(causes: [Cause; 3]) -> Option<(Invariant, Instant, String)> {
    let session = SessionId(1);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let close = Close { reason: CloseReason::Closed, last_byte_at: second(5), last_command: Command::Ping };
    let change = |at, from, to, cause| entry(at, Event::Status(Change { from, to, cause }));
    let [first, second, third] = causes;
    let record = [
        entry(0, Event::LoggedIn { session, address }),
        change(0, None, ONLINE, first),
        entry(10, Event::Closed { session, close }),
        change(70, Some(ONLINE), OFFLINE, second),
        change(170, Some(OFFLINE), INACTIVE, third),
    ];
    let breach = judge(&plan(), DEVICE, &record.iter().collect::<Vec<_>>())?;
    Some((breach.invariant, breach.at, breach.text))
}

fn objected_to(causes: [Cause; 3], at: u64, text: &str) {
    let text = format!("entered {text}");
    assert_eq!(objection(causes), Some((Invariant::OneChangeOneReason, second(at), text)));
}

#[test]
fn a_true_record_is_believed() {
    assert_eq!(objection([Cause::Login, wait(10, 60, 10), wait(70, 100, 10)]), None);
}

#[test]
fn online_is_entered_by_the_login() {
    let check = |cause, text: &str| objected_to([cause, wait(10, 60, 10), wait(70, 100, 10)], 0, text);
    check(Cause::Data, "online for a reason that does not hold: data");
    check(wait(0, 0, 0), "online for a reason that does not hold: no wait");
}

#[test]
fn later_statuses_are_entered_by_their_own_wait_after_the_close() {
    let check = |cause, told: &str| {
        let text = format!("offline for a reason that does not hold: {told}");
        objected_to([Cause::Login, cause, wait(70, 100, 10)], 70, &text);
    };
    check(Cause::Login, "login");
    check(wait(11, 59, 10), "the 59s wait is over");
    check(wait(9, 60, 10), "rest of the 1m wait is over");
    check(wait(10, 60, 9), "the 1m wait is over");
    let text = "inactive for a reason that does not hold: the 1m wait is over";
    objected_to([Cause::Login, wait(10, 60, 10), wait(110, 60, 10)], 170, text);
}
