//! What is counted while the server runs: for those who watch it, not for deciding anything.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::close::CloseReason;
use crate::hub::{Hub, Output};
use crate::lifecycle::StatusKind;
use crate::session::{LoginAnswer, Word};
use crate::store::Write;
use crate::time::Duration;
use crate::timeline::{Cause, Event};

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
    /// Counts what became durable.
    pub(super) fn count_write(&self, hub: &Hub, write: &Write) {
        let Write::Entry(device, entry) = write else { return };
        match &entry.event {
            Event::Closed { close, .. } => self.count_close(close.reason),
            Event::Superseded { .. } => self.count_close(CloseReason::Superseded),
            Event::Interrupted { .. } => self.count_close(CloseReason::Server),
            Event::Status(change) => {
                let machine = hub.registry().get(*device);
                let status = machine.and_then(|machine| machine.template().chain.get(change.to));
                let is_offline = status.is_some_and(|status| status.kind() == StatusKind::Offline);
                if let Cause::Wait { base, .. } = change.cause
                    && is_offline
                {
                    self.count_detection(entry.at.since(base));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close::Violation;
    use crate::settings::Allowance;

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
}
