//! Up to a million devices on the event engine: what a heartbeat, a login and a device cost.
//!
//! A heartbeat is a cycle: a ping encoded, delivered and decoded, the session refreshed, the answer encoded, delivered and
//! decoded, and the timers of both ends kept; over an ideal network, but where a row says otherwise. Each row is a process of
//! its own. What is counted is the run alone, after the scenario was read. Names of rows, or parts of them, select rows.

#[path = "measure/process.rs"]
mod process;
#[path = "measure/table.rs"]
mod table;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use blynk_sim::engine::{self, Observations, Probe, Totals};
use blynk_sim::plan::Plan;
use process::{peak_memory, processor_time};
use table::{fleet, met, tabulate};

/// A fleet, what it does, and what that may cost.
struct Row {
    name: &'static str,
    devices: u32,
    /// What each is like.
    device: &'static str,
    timeline: &'static str,
    until: &'static str,
    is_watched: bool,
    threads: usize,
    goal: Goal,
}

/// What a row may cost.
enum Goal {
    None,
    /// So many nanoseconds for each message to the server.
    PerMessage(u128),
    /// So many milliseconds in all.
    Millis(u64),
}

const CONNECT: &str = "0s..45s: { connect: fleet }";

const ROWS: [Row; 10] = [
    Row {
        name: "10,000 devices, 6 hours",
        devices: 10_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "6h",
        is_watched: false,
        threads: 1,
        goal: Goal::PerMessage(400),
    },
    Row {
        name: "10,000 devices, 6 hours, lte",
        devices: 10_000,
        device: "reconnect: every 1s, network: lte",
        timeline: CONNECT,
        until: "6h",
        is_watched: false,
        threads: 1,
        goal: Goal::None,
    },
    Row {
        name: "100,000 devices, a day",
        devices: 100_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1d",
        is_watched: false,
        threads: 1,
        goal: Goal::PerMessage(400),
    },
    Row {
        name: "100,000 devices, a day, watched",
        devices: 100_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1d",
        is_watched: true,
        threads: 1,
        goal: Goal::None,
    },
    Row {
        name: "100,000 devices, a day, two threads",
        devices: 100_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1d",
        is_watched: false,
        threads: 2,
        goal: Goal::PerMessage(400),
    },
    Row {
        name: "1,000,000 devices, an hour",
        devices: 1_000_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1h",
        is_watched: false,
        threads: 1,
        goal: Goal::PerMessage(500),
    },
    Row {
        name: "1,000,000 devices, an hour, watched",
        devices: 1_000_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1h",
        is_watched: true,
        threads: 1,
        goal: Goal::None,
    },
    Row {
        name: "1,000,000 devices, an hour, two threads",
        devices: 1_000_000,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "1h",
        is_watched: false,
        threads: 2,
        goal: Goal::PerMessage(500),
    },
    Row {
        name: "one device, 90 days",
        devices: 1,
        device: "reconnect: every 1s",
        timeline: CONNECT,
        until: "90d",
        is_watched: true,
        threads: 1,
        goal: Goal::Millis(100),
    },
    Row {
        name: "1,000,000 come back within a minute of a restart",
        devices: 1_000_000,
        device: "reconnect: backoff 1m..1m",
        timeline: "0s..1m: { connect: fleet }, 2m: { kill: server, for: 1ms }",
        until: "3m",
        is_watched: false,
        threads: 1,
        goal: Goal::Millis(10_000),
    },
];

fn main() {
    let head = format!(
        "{:<48} {:>12} {:>9} {:>12} {:>9} {:>8} {:>10} {:>14}  goal",
        "", "messages", "logins", "processor", "real", "each", "per device", "device-s/s"
    );
    tabulate(&head, &ROWS.map(|row| row.name), |place| ROWS[place].measure());
}

impl Row {
    fn measure(&self) {
        let plan = Arc::new(self.plan());
        let probe = Probe {
            unwatched: !self.is_watched,
            threads: NonZeroUsize::new(self.threads),
            ..Probe::default()
        };
        let (before, began) = (processor_time(), now());
        let observations = engine::run(&plan, probe);
        let (processor, real) = (processor_time() - before, began.elapsed());
        self.print(&plan, &observations, processor, real);
    }

    fn print(&self, plan: &Plan, observations: &Observations, processor: Duration, real: Duration) {
        let Totals { messages, logins, .. } = Totals::of(observations);
        let entries = size_of_val(observations.timeline.entries()) as u64;
        let devices = u64::from(self.devices);
        let per_message = processor.as_nanos() / u128::from(messages);
        let lived = u128::from(devices * plan.until.as_millis());
        println!(
            "{:<48} {:>12} {:>9} {:>10.2} s {:>7.2} s {:>5} ns {:>8} B {:>14}  {}",
            self.name,
            messages,
            logins,
            processor.as_secs_f64(),
            real.as_secs_f64(),
            per_message,
            peak_memory().saturating_sub(entries) / devices,
            lived / processor.as_millis().max(1),
            self.goal.verdict(per_message, processor),
        );
    }

    fn plan(&self) -> Plan {
        fleet("engine: events", self.devices, self.device, self.timeline, self.until)
    }
}

/// Real time, for people only.
#[expect(clippy::disallowed_methods, reason = "what is measured is the simulator and not the simulated")]
fn now() -> Instant {
    Instant::now()
}

impl Goal {
    fn verdict(&self, per_message: u128, processor: Duration) -> String {
        match *self {
            Self::None => String::new(),
            Self::PerMessage(most) => format!("{}: {most} ns", met(per_message <= most)),
            Self::Millis(most) => {
                let most = Duration::from_millis(most);
                format!("{}: {most:?}", met(processor <= most))
            }
        }
    }
}
