//! `/metrics`: what is counted, in the text form of Prometheus. It names no device, so it asks for no proof, and may be
//! asked for by anybody as often as they like.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use tokio::sync::Mutex;

use super::lease::Lease;
use super::platform::NEVER_SEEN;
use super::problem::Problem;
use crate::hub::Hub;
use crate::server::calls::Calls;
use crate::server::metrics::{CLASSES, Metrics, REASONS};
use crate::time::{Duration, Instant};

/// The hub is looked at no more often than this, whoever asks: it has all devices to go through, and everybody waits.
const PAUSE: Duration = Duration::SECOND;

pub(super) fn routes(calls: Calls, metrics: Arc<Metrics>) -> Router {
    let seen = Arc::new(Mutex::new(None));
    Router::new().route("/metrics", get(show)).with_state(Board { calls, metrics, seen })
}

/// Where what is counted stands.
#[derive(Clone)]
struct Board {
    calls: Calls,
    metrics: Arc<Metrics>,
    /// What the last look saw. Whoever comes while another looks waits, and sees the same.
    seen: Arc<Mutex<Option<Standings>>>,
}

/// What the hub knew at that time.
struct Standings {
    at: Instant,
    /// Devices by the key of their status.
    statuses: BTreeMap<String, u64>,
    connected: u64,
    owed: usize,
}

async fn show(
    State(Board { calls, metrics, seen }): State<Board>,
    Extension(lease): Extension<Lease>,
) -> Result<impl IntoResponse, Problem> {
    let mut seen = seen.lock().await;
    let standings = match seen.take().filter(|seen| lease.now() < seen.at + PAUSE) {
        Some(recent) => recent,
        None => calls.look(Standings::of).await?,
    };
    let text = text(&metrics, seen.insert(standings));
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

impl Standings {
    fn of(at: Instant, hub: &Hub) -> Self {
        let (mut statuses, mut connected) = (BTreeMap::new(), 0);
        for device in hub.registry().devices() {
            let machine = hub.registry().machine(device);
            let standing = machine.standing();
            let key = standing.map_or(NEVER_SEEN, |it| &machine.template().chain.status(it.status).key);
            match statuses.get_mut(key) {
                Some(count) => *count += 1,
                None => drop(statuses.insert(key.to_owned(), 1)),
            }
            connected += u64::from(machine.connection().live_session().is_some());
        }
        Self { at, statuses, connected, owed: hub.outbox().owed() }
    }
}

fn text(metrics: &Metrics, standings: &Standings) -> String {
    let mut page = Page(String::new());
    page.head("blynk_connections", "gauge", "Open connections, of devices and of requests.");
    page.value("blynk_connections", "", metrics.connections.read());
    page.head("blynk_connections_accepted_total", "counter", "Connections that were let in.");
    page.value("blynk_connections_accepted_total", "", metrics.accepted.read());
    page.head(
        "blynk_connections_turned_away_total",
        "counter",
        "Connections above a limit: of all, or of an address.",
    );
    for (limit, count) in [("all", &metrics.turned_away_full), ("address", &metrics.turned_away_crowd)] {
        page.value("blynk_connections_turned_away_total", &format!("{{limit=\"{limit}\"}}"), count.read());
    }
    page.head("blynk_devices_connected", "gauge", "Devices for which a session speaks.");
    page.value("blynk_devices_connected", "", standings.connected);
    page.head("blynk_devices", "gauge", "Devices by status.");
    for (key, count) in &standings.statuses {
        page.value("blynk_devices", &format!("{{status=\"{key}\"}}"), *count);
    }
    page.head("blynk_logins_total", "counter", "Logins by outcome.");
    let outcomes = [
        ("accepted", &metrics.logins_accepted),
        ("refused", &metrics.logins_refused),
        ("withheld", &metrics.logins_withheld),
    ];
    for (outcome, count) in outcomes {
        page.value("blynk_logins_total", &format!("{{outcome=\"{outcome}\"}}"), count.read());
    }
    page.head(
        "blynk_requests_withheld_total",
        "counter",
        "Requests without proof that were not answered any more.",
    );
    page.value("blynk_requests_withheld_total", "", metrics.requests_withheld.read());
    page.head("blynk_closes_total", "counter", "Ends of sessions by reason.");
    for (reason, count) in REASONS.iter().zip(&metrics.closes) {
        page.value("blynk_closes_total", &format!("{{reason=\"{reason}\"}}"), count.read());
    }
    page.detection(metrics);
    page.head("blynk_outbox", "gauge", "Notifications that are owed.");
    page.value("blynk_outbox", "", standings.owed as u64);
    page.head("blynk_deliveries_total", "counter", "Tries to deliver a notification by outcome.");
    page.value("blynk_deliveries_total", "{outcome=\"delivered\"}", metrics.delivered.read());
    page.value("blynk_deliveries_total", "{outcome=\"failed\"}", metrics.undelivered.read());
    page.0
}

/// A page of metrics, line by line.
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn value(&mut self, name: &str, labels: &str, value: u64) {
        self.line(format_args!("{name}{labels} {value}"));
    }

    fn detection(&mut self, metrics: &Metrics) {
        let name = "blynk_detection_seconds";
        self.head(name, "histogram", "From the last byte before a silence, or else the close, to Offline, whatever statuses lie between.");
        for (class, count) in CLASSES.iter().zip(&metrics.detections) {
            self.value(&format!("{name}_bucket"), &format!("{{le=\"{class}\"}}"), count.read());
        }
        let all = metrics.detections[CLASSES.len()].read();
        self.value(&format!("{name}_bucket"), "{le=\"+Inf\"}", all);
        let millis = metrics.detection_millis.read();
        self.line(format_args!("{name}_sum {}.{:03}", millis / 1_000, millis % 1_000));
        self.value(&format!("{name}_count"), "", all);
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.0, "{line}").expect("a text takes everything");
    }
}
