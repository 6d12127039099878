//! `blynk-sim explain`: the resolved plan, who does what when.

use std::path::PathBuf;

use blynk_core::id::DeviceId;

use super::print::Printer;
use super::{Exit, files};
use crate::plan::{
    Closes, Commands, Device, Expectation, ExpectedNotification, History, Notifications, Plan, Protocol,
    Runs, Sample, Window,
};
use crate::timeline::canonical::{self, describe_deed};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// A scenario file.
    file: PathBuf,
    /// Replaces the seed of the scenario.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

impl Explain {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        match files::load_one(printer, &self.file, self.seed) {
            Ok(plan) => {
                printer.line(explain(&plan));
                Exit::Passed
            }
            Err(exit) => exit,
        }
    }
}

fn explain(plan: &Plan) -> String {
    let mut lines = head(plan);
    lines.push("\ndevices".into());
    let width = plan.devices.iter().map(|device| device.name.len()).max().unwrap_or(0);
    lines.extend(plan.devices.iter().map(|device| {
        let Device { name, template, .. } = device;
        format!("  {name:<width$}  {}, {}", manner(device), template.chain)
    }));
    lines.push("\ntimeline".into());
    lines.extend(plan.steps.iter().map(|step| {
        let (who, what) = describe_deed(plan, &step.deed);
        format!("  {:<14} {who:<width$}  {what}", plan.clock.spell(step.at))
    }));
    lines.push("\nexpect".into());
    lines.extend(plan.expectations.iter().map(|expectation| format!("  {}", expected(plan, expectation))));
    lines.join("\n")
}

/// How a device goes about it.
fn manner(device: &Device) -> String {
    let Device { heartbeat, reconnect, protocol, sends, .. } = device;
    let sends = sends.map(|period| format!(", sends every {period}")).unwrap_or_default();
    match protocol {
        Protocol::Hardware => format!("heartbeat {heartbeat}, reconnect {reconnect}{sends}"),
        Protocol::Http => format!("http{sends}"),
    }
}

fn head(plan: &Plan) -> Vec<String> {
    let ends = format!("{} ({} simulated)", plan.clock.spell(plan.until), plan.until);
    vec![
        plan.title.clone(),
        format!("  file       {}", plan.source.path),
        format!("  seed       {}", plan.seed.0),
        format!("  tick       {}", plan.tick),
        format!("  tolerance  {}", plan.tolerance),
        format!("  ends       {ends}"),
    ]
}

fn expected(plan: &Plan, expectation: &Expectation) -> String {
    match expectation {
        Expectation::History(History { devices, changes, .. }) => {
            let changes = changes.iter().map(|change| {
                let status = &plan.status(devices[0], change.to).key;
                format!("{} {status}", spell(plan, change.window))
            });
            format!("{}  {}", names(plan, devices), listed(changes, "no change"))
        }
        Expectation::Sample(Sample { devices, at, status, .. }) => {
            let status = status.map_or("new", |status| &plan.status(devices[0], status).key);
            format!("{}  {status} at {}", names(plan, devices), plan.clock.spell(*at))
        }
        Expectation::Closes(Closes { device, windows }) => {
            let closes = windows.iter().map(|(window, _)| format!("closed {}", spell(plan, *window)));
            format!("{}  {}", names(plan, &[*device]), listed(closes, "never closed"))
        }
        Expectation::Runs(Runs { windows }) => {
            let words = |up: bool| if up { "up" } else { "down" };
            let runs =
                windows.iter().map(|(window, up, _)| format!("{} {}", words(*up), spell(plan, *window)));
            format!("server  {}", listed(runs, "never down"))
        }
        Expectation::Notifications(Notifications { device, expected, .. }) => {
            let told = expected
                .iter()
                .map(|it| format!("{} {}", spell(plan, it.window), notification(plan, *device, it)));
            format!("{}  {}", names(plan, &[*device]), listed(told, "no notification"))
        }
        Expectation::Commands(Commands { device, expected, .. }) => {
            let told =
                expected.iter().map(|it| format!("{} {} {}", spell(plan, it.window), it.turn.name(), it.pin));
            format!("{}  {}", names(plan, &[*device]), listed(told, "no command"))
        }
    }
}

fn notification(plan: &Plan, device: DeviceId, expected: &ExpectedNotification) -> String {
    let ExpectedNotification { stage, status, channel, to, .. } = expected;
    canonical::spell_notification(&plan.status(device, *status).key, *channel, to, *stage)
}

fn names(plan: &Plan, devices: &[DeviceId]) -> String {
    listed(devices.iter().map(|device| plan.device(*device).name.clone()), "nobody")
}

fn spell(plan: &Plan, Window { from, to }: Window) -> String {
    let from_spelt = plan.clock.spell(from);
    if from == to { from_spelt } else { format!("{from_spelt}..{}", plan.clock.spell(to)) }
}

fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { none.into() } else { items.join(", ") }
}
