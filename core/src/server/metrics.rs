//! What is counted while the server runs: for those who watch it, not for deciding anything.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::hub::{Hub, Output};
use crate::lifecycle::StatusKind;
use crate::session::LoginAnswer;
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
    pub(crate) accepted: Gauge,
    pub(crate) turned_away_full: Gauge,
    pub(crate) turned_away_crowd: Gauge,
    /// Requests that failed to prove a right, and were not answered for that.
    pub(crate) requests_withheld: Gauge,
    pub(crate) logins_accepted: Gauge,
    pub(crate) logins_refused: Gauge,
    pub(crate) logins_withheld: Gauge,
    /// By the places of [`REASONS`].
    pub(crate) closes: [Gauge; 9],
    /// By the places of [`CLASSES`], and at last all.
    pub(crate) detections: [Gauge; 13],
    pub(crate) detection_millis: Gauge,
    pub(crate) delivered: Gauge,
    pub(crate) undelivered: Gauge,
}

/// A number.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn less_one(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Metrics {
    /// Counts what became durable.
    pub(super) fn count_write(&self, hub: &Hub, write: &Write) {
        let Write::Entry(device, entry) = write else { return };
        match &entry.event {
            Event::Closed { close, .. } => self.count_close(close.reason.name()),
            Event::Superseded { .. } => self.count_close("superseded"),
            Event::Interrupted { .. } => self.count_close("server"),
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

    fn count_close(&self, reason: &str) {
        let place = REASONS.iter().position(|known| *known == reason);
        self.closes[place.expect("every reason is listed")].add(1);
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
