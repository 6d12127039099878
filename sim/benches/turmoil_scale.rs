//! Thousands of devices on the turmoil engine: what they cost in processor time and memory.
//!
//! The server runs with its whole shell and the oracle's witness watches, as in every run. Each row is a process of its
//! own, so that the peak of one does not hide that of another, and pays for everything: the file read, the run, and,
//! where it says so, the verdict. Names of rows, or parts of them, select rows.

use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;
use blynk_sim::engine::{self, Probe};
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Action, Deed, Expectation, Plan, Source, Step};
use blynk_sim::scenario::{Options, load};

/// Connected for an hour.
fn steady() -> String {
    scenario("1h", "0s: { connect: fleet }")
}

/// Everybody at once.
fn storm() -> String {
    scenario("30s", "0s: { connect: fleet }")
}

/// Some are away for ten minutes.
fn drops() -> String {
    scenario("1h", "0s: { connect: fleet }, 20m: { drop: fleet, for: 10m }")
}

/// The server is without power for a minute.
fn crash() -> String {
    scenario("1h", "0s: { connect: fleet }, 20m: { crash: server, for: 1m }")
}

/// Connections that live for five seconds each: in an hour every port of every host is used several times.
fn flapping() -> String {
    let resets: String = (1..700).map(|place| format!(", {}s: {{ reset: fleet }}", place * 5)).collect();
    scenario("1h", &format!("0s: {{ connect: fleet }}{resets}"))
}

/// What one device does, and in the end it is online.
fn scenario(until: &str, timeline: &str) -> String {
    format!(
        "scenario: A fleet\n\
         template: {{ lifecycle: online -1m-> offline }}\n\
         devices: {{ fleet: {{ heartbeat: 45s, reconnect: every 1s }} }}\n\
         timeline: {{ {timeline} }}\n\
         until: {until}\n\
         tick: 100ms\n\
         expect: {{ fleet: {{ at: {{ {until}: online }} }} }}\n"
    )
}

/// A fleet, what it does, and what that may cost.
struct Row {
    name: &'static str,
    scenario: fn() -> String,
    devices: u32,
    /// Over how long the connects are spread, and whatever else happens to members.
    spread: Duration,
    /// One of so many takes part in what is not a connect.
    one_of: u32,
    is_judged: bool,
    goal: Goal,
}

/// What a row may cost.
enum Goal {
    None,
    /// At least so many times as fast as the world, in at most so many megabytes, if that is said.
    Speed(u64, Option<u64>),
    /// At most so many seconds of processor time.
    Seconds(u64),
}

const ROWS: [Row; 9] = [
    Row {
        name: "1,000 devices",
        scenario: steady,
        devices: 1_000,
        spread: Duration::from_secs(120),
        one_of: 1,
        is_judged: true,
        goal: Goal::Speed(2_000, None),
    },
    Row {
        name: "10,000 devices",
        scenario: steady,
        devices: 10_000,
        spread: Duration::from_secs(120),
        one_of: 1,
        is_judged: true,
        goal: Goal::Speed(400, Some(150)),
    },
    Row {
        name: "10,000 devices, not judged",
        scenario: steady,
        devices: 10_000,
        spread: Duration::from_secs(120),
        one_of: 1,
        is_judged: false,
        goal: Goal::Speed(400, Some(150)),
    },
    Row {
        name: "10,000 connect within 10 s",
        scenario: storm,
        devices: 10_000,
        spread: Duration::from_secs(10),
        one_of: 1,
        is_judged: true,
        goal: Goal::Seconds(5),
    },
    Row {
        name: "5,000 devices, 5 % drop",
        scenario: drops,
        devices: 5_000,
        spread: Duration::from_secs(120),
        one_of: 20,
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "10,000 devices, server crash",
        scenario: crash,
        devices: 10_000,
        spread: Duration::from_secs(120),
        one_of: 1,
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "500 devices, reset every 5 s",
        scenario: flapping,
        devices: 500,
        spread: Duration::from_secs(5),
        one_of: 1,
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "20,000 devices",
        scenario: steady,
        devices: 20_000,
        spread: Duration::from_secs(120),
        one_of: 1,
        is_judged: true,
        goal: Goal::None,
    },
    Row {
        name: "40,000 devices",
        scenario: steady,
        devices: 40_000,
        spread: Duration::from_secs(120),
        one_of: 1,
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
            assert!(outcome.passed(), "{}: {}", self.name, outcome.findings[0].title);
        } else {
            engine::run(&plan, Probe::default());
        }
        let (processor, peak) = (processor_time(), peak_memory());
        let times = plan.until.as_millis() / processor.as_millis();
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
        let source = Source { path: "fleet.yaml".into(), text: (self.scenario)() };
        let plan =
            load(source, &Options::default()).unwrap_or_else(|_| panic!("{} is sound", self.name)).plan;
        self.multiplied(plan)
    }

    /// The plan of one device becomes that of the fleet: each member does what it does, a little after the one before.
    fn multiplied(&self, mut plan: Plan) -> Plan {
        let (one, steps) = (plan.devices[0].clone(), std::mem::take(&mut plan.steps));
        let all = || (0..self.devices).map(DeviceId);
        plan.devices = vec![one; self.devices as usize];
        for (number, device) in plan.devices.iter_mut().enumerate() {
            device.name = format!("fleet-{number:05}");
        }
        plan.groups[0].members = 0..self.devices;
        for expectation in &mut plan.expectations {
            if let Expectation::Sample(sample) = expectation {
                sample.devices = all().collect();
            }
        }
        for Step { at, deed } in steps {
            let Deed::Device(_, action) = deed else {
                plan.steps.push(Step { at, deed });
                continue;
            };
            let takes_part = |device: &DeviceId| action == Action::Connect || device.0 % self.one_of == 0;
            plan.steps.extend(all().filter(takes_part).map(|device| Step {
                at: at + self.spread * u64::from(device.0) / u64::from(self.devices),
                deed: Deed::Device(device, action.clone()),
            }));
        }
        plan.steps.sort_by_key(|step| step.at);
        plan
    }
}

impl Goal {
    fn verdict(&self, processor: Duration, times: u64, peak: u64) -> String {
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

/// What this process has cost so far. Linux counts it in hundredths of a second.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells");
    // The name of the program may hold anything; after it stand the third and all other fields.
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let fields: Vec<_> = fields.split_whitespace().collect();
    let hundredths: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(hundredths * 10)
}

/// The most memory that this process has held so far, in megabytes.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells the peak");
    let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1_024 / 1_000_000
}
