//! `blynk-sim explain`: the resolved plan, who does what when.

use std::path::PathBuf;

use super::print::Printer;
use super::{Exit, files};
use crate::plan::Plan;
use crate::timeline::canonical::{count, describe_action};

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
    lines.extend(plan.devices.iter().map(|device| {
        let chain = &device.template.chain;
        format!("  {}  heartbeat {}, reconnect {}, {chain}", device.name, device.heartbeat, device.reconnect)
    }));
    lines.push("\ntimeline".into());
    lines.extend(plan.steps.iter().map(|step| {
        let (at, device) = (plan.clock.spell(step.at), &plan.device(step.device).name);
        format!("  {at:<14} {device}  {}", describe_action(&step.action))
    }));
    lines.join("\n")
}

fn head(plan: &Plan) -> Vec<String> {
    vec![
        plan.title.clone(),
        format!("  file       {}", plan.source.path),
        format!("  seed       {}", plan.seed.0),
        format!("  tick       {}", plan.tick),
        format!("  tolerance  {}", plan.tolerance),
        format!("  ends       {} ({} simulated)", plan.clock.spell(plan.until), plan.until),
        format!("  expects    {}", count(plan.expectations.len(), "thing")),
    ]
}
