//! Thousands of devices on the turmoil engine: what they cost in processor time and memory.
//!
//! The server runs with its whole shell and the oracle's witness watches, as in every run. Each row is a process of its
//! own, so that the peak of one does not hide that of another, and pays for everything: the file read, the run, and,
//! where it says so, the verdict. Names of rows, or parts of them, select rows.

#[path = "measure/process.rs"]
mod process;
#[path = "measure/table.rs"]
mod table;

use std::sync::Arc;
use std::time::Duration;

use blynk_sim::engine::{self, Probe};
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::Plan;
use process::{peak_memory, processor_time};
use table::{fleet, met, tabulate};

/// A fleet, what it does, and what that may cost.
struct Row {
    name: &'static str,
    devices: u32,
    /// What the scenario does, and until when it lasts. In the end everybody is online.
    timeline: &'static str,
    until: &'static str,
    is_judged: bool,
    goal: Goal,
}

/// What a row may cost.
enum Goal {
    None,
    /// At least so many times as fast as the world, in at most so many megabytes, if that is said.
    Speed(u128, Option<u64>),
    /// At most so many seconds of processor time.
    Seconds(u64),
}

const ROWS: [Row; 9] = [
    Row {
        name: "1,000 devices",
        devices: 1_000,
        timeline: "0s..2m: { connect: fleet }",
        until: "1h",
        is_judged: true,
        goal: Goal::Speed(2_000, None),
    },
    Row {
        name: "10,000 devices",
        devices: 10_000,
        timeline: "0s..2m: { connect: fleet }",
        until: "1h",
        is_judged: true,
        goal: Goal::Speed(400, Some(150)),
    },
    Row {
        name: "10,000 devices, not judged",
        devices: 10_000,
        timeline: "0s..2m: { connect: fleet }",
        until: "1h",
        is_judged: false,
        goal: Goal::Speed(400, Some(150)),
    },
    Row {
        name: "10,000 connect within 10 s",
        devices: 10_000,
        timeline: "0s..10s: { connect: fleet }",
        until: "30s",
        is_judged: true,
        goal: Goal::Seconds(5),
    },
    Row {
        name: "5,000 devices, 5 % drop",
        devices: 5_000,
        timeline: "0s..2m: { connect: fleet }, 10m..20m: { drop: { who: 5% of fleet, for: 10m } }",
        until: "1h",
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "10,000 devices, server crash",
        devices: 10_000,
        timeline: "0s..2m: { connect: fleet }, 20m: { crash: server, for: 1m }",
        until: "1h",
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "500 devices, reset every 5 s",
        devices: 500,
        timeline: "0s..5s: { connect: fleet }, 10s..59m: { reset: fleet, every: 5s }",
        until: "1h",
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "20,000 devices",
        devices: 20_000,
        timeline: "0s..2m: { connect: fleet }",
        until: "1h",
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "40,000 devices",
        devices: 40_000,
        timeline: "0s..2m: { connect: fleet }",
        until: "1h",
        is_judged: true,
        goal: Goal::None,
    },
];

fn main() {
    let head =
        format!("{:<28} {:>8} {:>10} {:>12} {:>9}  goal", "", "virtual", "processor", "times real", "peak");
    tabulate(&head, &ROWS.map(|row| row.name), |place| ROWS[place].measure());
}

impl Row {
    fn measure(&self) {
        let plan = Arc::new(self.plan());
        if self.is_judged {
            let outcome = Outcome::of(plan.clone(), Probe::default());
            assert!(outcome.passed(), "{}: {}", self.name, outcome.failures[0].finding.title);
        } else {
            engine::run(&plan, Probe::default());
        }
        let (processor, peak) = (processor_time(), peak_memory() / 1_000_000);
        let times = u128::from(plan.until.as_millis()) / processor.as_millis();
        println!(
            "{:<28} {:>8} {:>8}.{:02} s {:>12} {:>6} MB  {}",
            self.name,
            plan.until.to_string(),
            processor.as_millis() / 1_000,
            processor.as_millis() / 10 % 100,
            times,
            peak,
            self.goal.verdict(processor, times, peak),
        );
    }

    fn plan(&self) -> Plan {
        fleet("tick: 100ms", self.devices, "reconnect: every 1s", self.timeline, self.until)
    }
}

impl Goal {
    fn verdict(&self, processor: Duration, times: u128, peak: u64) -> String {
        match *self {
            Self::None => String::new(),
            Self::Speed(least, None) => format!("{}: {least} times", met(times >= least)),
            Self::Speed(least, Some(most)) => {
                format!("{}: {least} times, {most} MB", met(times >= least && peak < most))
            }
            Self::Seconds(most) => {
                format!("{}: {most} s", met(processor < Duration::from_secs(most)))
            }
        }
    }
}
