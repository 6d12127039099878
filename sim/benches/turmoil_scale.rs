//! Thousands of devices on the turmoil engine: what they cost in processor time and memory.
//!
//! The server runs with its whole shell and the oracle's witness watches, as in every run. Each row is a process of its
//! own, so that the peak of one does not hide that of another, and pays for everything: the file read, the run, and,
//! where it says so, the verdict. Names of rows, or parts of them, select rows.

#[path = "measure/process.rs"]
mod process;

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use blynk_sim::engine::{self, Probe};
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Plan, Source};
use blynk_sim::scenario::{Options, load};
use process::{memory, processor_time};

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
    // What cargo adds begins with a dash.
    let arguments: Vec<_> = env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    match arguments.first().and_then(|first| first.strip_prefix("row=")) {
        Some(place) => ROWS[place.parse::<usize>().expect("a place in the table")].measure(),
        None => tabulate(&arguments),
    }
}

fn tabulate(wanted: &[String]) {
    println!("{:<28} {:>8} {:>10} {:>12} {:>9}  goal", "", "virtual", "processor", "times real", "peak");
    for (place, row) in ROWS.iter().enumerate() {
        if wanted.is_empty() || wanted.iter().any(|part| row.name.contains(part.as_str())) {
            let program = env::current_exe().expect("this program has a path");
            let status = Command::new(program).arg(format!("row={place}")).status().expect("it can be run");
            assert!(status.success(), "{}: {status}", row.name);
        }
    }
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
        let (processor, peak) = (processor_time("self"), memory("self", "VmHWM") / 1_000_000);
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
        let Self { devices, timeline, until, .. } = self;
        let text = format!(
            "scenario: A fleet\n\
             template: {{ heartbeat: 45s, lifecycle: online -1m-> offline }}\n\
             devices: {{ fleet: {{ count: {devices}, reconnect: every 1s }} }}\n\
             timeline: {{ {timeline} }}\n\
             until: {until}\n\
             tick: 100ms\n\
             expect: {{ fleet: {{ at: {{ {until}: online }} }} }}\n"
        );
        let source = Source { path: "fleet.yaml".into(), text };
        let loaded = load(source, &Options::default());
        loaded.unwrap_or_else(|_| panic!("the scenario of {} is sound", self.name)).plan
    }
}

impl Goal {
    fn verdict(&self, processor: Duration, times: u128, peak: u64) -> String {
        let met = |is_met| if is_met { "met" } else { "missed" };
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
