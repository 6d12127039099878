mod documented;
mod reports;
mod restart;
mod set;
mod transitions;
mod waits;

use super::*;
use crate::close::Violation;
use crate::lifecycle::{Chain, Status};
use crate::settings::Allowance;
use crate::time::Duration;

const SESSION: SessionId = SessionId(1);
const SILENCE: CloseReason =
    CloseReason::Heartbeat { heartbeat: Duration::from_secs(45), rule: Allowance::Iot };

/// A device with these waits, in seconds, between its statuses; the second one is Offline.
fn device(waits: &[u64]) -> Machine {
    let keys = ["offline", "standby", "inactive", "retired"];
    let later = keys.iter().zip(waits).map(|(key, wait)| Status::new(*key, Duration::from_secs(*wait)));
    let online = Status::new("online", Duration::ZERO);
    let chain = Chain::new(std::iter::once(online).chain(later).collect()).expect("a chain");
    Machine::new(Arc::new(Template::new("sensor", chain)), State::NEW)
}

/// A device that logged in at the epoch.
fn connected(waits: &[u64]) -> Machine {
    let mut machine = device(waits);
    assert_eq!(hear(&mut machine, at(0), Input::LoggedIn(SESSION)), Some(0));
    machine
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn closed(reason: CloseReason, last_byte_at: Instant) -> Input {
    Input::Closed { reason, last_byte_at }
}

/// The status that an input enters, if any.
fn hear(machine: &mut Machine, now: Instant, input: Input) -> Option<u8> {
    machine.handle_input(now, input);
    machine.poll_output().map(|(_, change)| change.to.0)
}

fn close(machine: &mut Machine, now: Instant) {
    assert_eq!(hear(machine, now, closed(CloseReason::Closed, now)), None);
}

fn fall_silent(machine: &mut Machine, last_byte_at: Instant, detected: Instant) {
    assert_eq!(hear(machine, detected, closed(SILENCE, last_byte_at)), None);
}

/// The status is entered when its deadline is over, not before, and recorded at the deadline.
fn check(machine: &mut Machine, deadline: Instant, status: u8) {
    let next = StatusIndex(status);
    assert_eq!(machine.poll_timeout(), Some((deadline, Due(next))));
    assert_eq!(hear(machine, deadline, Input::Timeout), None);
    assert_eq!(hear(machine, deadline.when_over(), Input::Timeout), Some(status));
    assert_eq!(machine.standing(), Some(Standing { status: next, since: deadline }));
}

/// Nothing more comes unless something is heard.
fn check_rests(machine: &Machine, status: u8, since: Instant) {
    assert_eq!(machine.poll_timeout(), None);
    assert_eq!(machine.standing(), Some(Standing { status: StatusIndex(status), since }));
}

/// The change that an input makes.
fn change(machine: &mut Machine, now: Instant, input: Input) -> Option<(Instant, Change)> {
    machine.handle_input(now, input);
    machine.poll_output()
}

fn log_in(machine: &mut Machine, second: u64, session: u64) -> Option<u8> {
    hear(machine, at(second), Input::LoggedIn(SessionId(session)))
}
