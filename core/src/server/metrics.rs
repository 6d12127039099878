//! What is counted while the server runs: for those who watch it, not for deciding anything.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::close::CloseReason;
use crate::hub::{Hub, Output};
use crate::id::DeviceId;
use crate::lifecycle::StatusKind;
use crate::session::{LoginAnswer, Word};
use crate::store::Write;
use crate::time::{Duration, Instant};
use crate::timeline::{Entry, Event};

/// Why connections of devices end, in the words of the timeline.
pub(crate) const REASONS: [&str; 9] =
    ["closed", "reset", "heartbeat", "protocol", "flood", "superseded", "revoked", "removed", "server"];

/// Upper ends of the classes of detection, in seconds.
pub(crate) const CLASSES: [u64; 12] = [1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400];

/// Counters that everybody may read and the server alone moves.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) connections: Gauge,
    pub(crate) accepted: Counter,
    pub(crate) turned_away_full: Counter,
    pub(crate) turned_away_crowd: Counter,
    /// Requests that failed to prove a right, and were not answered for that.
    pub(crate) requests_withheld: Counter,
    pub(crate) logins_accepted: Counter,
    pub(crate) logins_refused: Counter,
    pub(crate) logins_withheld: Counter,
    /// By the places of [`REASONS`].
    pub(crate) closes: [Counter; 9],
    /// By the places of [`CLASSES`], and at last all.
    pub(crate) detections: [Counter; 13],
    pub(crate) detection_millis: Counter,
    pub(crate) delivered: Counter,
    pub(crate) undelivered: Counter,
}

/// A number that grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn one_more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn one_less(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where a reason stands in [`REASONS`].
const fn place(reason: CloseReason) -> usize {
    match reason {
        CloseReason::Closed => 0,
        CloseReason::Reset => 1,
        CloseReason::Heartbeat { .. } => 2,
        CloseReason::Protocol(_) => 3,
        CloseReason::Flood => 4,
        CloseReason::Superseded => 5,
        CloseReason::Revoked => 6,
        CloseReason::Removed => 7,
        CloseReason::Server => 8,
    }
}

impl Metrics {
    /// Counts what became durable in one step.
    pub(super) fn count_writes(&self, hub: &Hub, writes: &[Write]) {
        for (place, write) in writes.iter().enumerate() {
            if let Write::Entry(device, entry) = write {
                self.count_entry(hub, *device, entry, &writes[place + 1..]);
            }
        }
    }

    /// `later` is what was written after the entry: of a change of status, first of all where its device is then.
    fn count_entry(&self, hub: &Hub, device: DeviceId, entry: &Entry, later: &[Write]) {
        match &entry.event {
            Event::Closed { close, .. } => self.count_close(close.reason),
            Event::Superseded { .. } => self.count_close(CloseReason::Superseded),
            Event::Interrupted { .. } => self.count_close(CloseReason::Server),
            Event::Status(change) => {
                let machine = hub.registry().get(device);
                let status = machine.and_then(|machine| machine.template().chain.get(change.to));
                let is_offline = status.is_some_and(|status| status.kind() == StatusKind::Offline);
                if is_offline && change.cause.is_wait() {
                    let base = wait_base(device, later);
                    base.into_iter().for_each(|base| self.count_detection(entry.at.since(base)));
                }
            }
            Event::LoggedIn { .. }
            | Event::Announced { .. }
            | Event::Reported { .. }
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }

    /// Counts what is told.
    pub(super) fn count_output(&self, output: &Output) {
        if let Output::Login(_, answer) = output {
            match answer {
                LoginAnswer::Accepted { .. } => self.logins_accepted.add(1),
                LoginAnswer::Refused(_) => self.logins_refused.add(1),
                LoginAnswer::Withheld => self.logins_withheld.add(1),
            }
        }
    }

    /// Counts what a session says. A login of which the hub decides is counted when it is answered.
    pub(super) fn count_word(&self, word: &Word) {
        match word {
            Word::NoToken => self.logins_refused.add(1),
            Word::Login { .. }
            | Word::Announced { .. }
            | Word::Data
            | Word::Wrote { .. }
            | Word::Sync { .. }
            | Word::SetStatus { .. }
            | Word::Handed(_)
            | Word::Closed(_) => {}
        }
    }

    fn count_close(&self, reason: CloseReason) {
        self.closes[place(reason)].add(1);
    }

    fn count_detection(&self, took: Duration) {
        self.detection_millis.add(took.as_millis());
        for (class, most) in self.detections.iter().zip(CLASSES.map(Duration::from_secs)) {
            if took <= most {
                class.add(1);
            }
        }
        self.detections[CLASSES.len()].add(1);
    }
}

/// What the waiting of a device began with, as the first state of it says that is written here. The hub may know better
/// by now: that the device is back.
fn wait_base(device: DeviceId, writes: &[Write]) -> Option<Instant> {
    let state = writes.iter().find_map(|write| match write {
        Write::State(whose, state) => (*whose == device).then_some(state),
        Write::Template(_)
        | Write::Device(..)
        | Write::Identity(..)
        | Write::Entry(..)
        | Write::Value(..)
        | Write::Pending(..)
        | Write::Settled(..)
        | Write::Notification(..)
        | Write::Ledger(..)
        | Write::Removed(_)
        | Write::TemplateRemoved(_) => None,
    })?;
    state.connection.wait_base()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::close::Violation;
    use crate::id::{SessionId, StatusIndex, Token};
    use crate::lifecycle::{Chain, Connection, State, Template};
    use crate::notification::Ledger;
    use crate::settings::Allowance;
    use crate::store::{Identity, Stored, StoredDevice};
    use crate::timeline::{Cause, Change};

    #[test]
    fn each_reason_is_counted_under_its_word() {
        let silent = CloseReason::Heartbeat { heartbeat: Duration::SECOND, rule: Allowance::Iot };
        let reasons = [
            CloseReason::Closed,
            CloseReason::Reset,
            silent,
            CloseReason::Protocol(Violation::IdZero),
            CloseReason::Flood,
            CloseReason::Superseded,
            CloseReason::Revoked,
            CloseReason::Removed,
            CloseReason::Server,
        ];
        assert_eq!(reasons.map(CloseReason::name), REASONS);
        assert_eq!(reasons.map(place), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    /// One commit may hold what a device was and what it is: a flood of logins is made durable together.
    #[test]
    fn who_is_back_by_now_was_detected_all_the_same() {
        let at = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        let template = Arc::new(Template::new("t", Chain::default()));
        let token = Token::parse(&[b'a'; Token::LEN]).expect("32 characters");
        let identity = Identity { name: "".into(), token, template: "t".into(), contacts: BTreeMap::new() };
        let device = StoredDevice {
            id: DeviceId(0),
            identity,
            state: State::NEW,
            values: BTreeMap::new(),
            pending: BTreeMap::new(),
            ledger: Ledger::default(),
        };
        let stored =
            Stored { templates: [("t".into(), template)].into(), devices: vec![device], ..Stored::default() };
        let hub = Hub::new(at(0), Arc::default(), stored);
        let cause = Cause::Wait { base: at(7), wait: Duration::MINUTE, detected: at(10) };
        let offline = Change { from: Some(StatusIndex::ONLINE), to: StatusIndex(1), cause };
        let reason = CloseReason::Heartbeat { heartbeat: Duration::SECOND, rule: Allowance::Iot };
        let gone = Connection::Disconnected { at: at(10), reason, last_byte_at: at(7) };
        let back = Connection::Connected { session: SessionId(2), since: at(70) };
        let state = |connection| Write::State(DeviceId(0), State { connection, ..State::NEW });
        let offline = Entry { at: at(67), event: Event::Status(offline) };
        let metrics = Metrics::default();
        metrics.count_writes(&hub, &[Write::Entry(DeviceId(0), offline), state(gone), state(back)]);
        assert_eq!(metrics.detections[CLASSES.len()].read(), 1);
        assert_eq!(metrics.detection_millis.read(), 60_000);
    }
}
