//! `blynk-sim explain`: the resolved plan, who does what when.
//!
//! Shows what a file says and what follows from it; settings that are as always are left out.

mod expectations;
mod settings;
mod templates;

use std::path::PathBuf;

use super::print::Printer;
use super::{Exit, files};
use crate::plan::{Client, Device, Plan, Protocol, Step};
use crate::timeline::canonical::describe_deed;

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
    lines.extend(section("server", settings::unusual(&plan.server)));
    lines.extend(section("templates", templates::unusual(plan)));
    lines.extend(section("devices", devices(plan)));
    lines.extend(section("timeline", timeline(plan)));
    let expectations = plan.expectations.iter().map(|expectation| expectations::spelt(plan, expectation));
    lines.extend(section("expect", expectations));
    lines.join("\n")
}

/// A heading and its lines; nothing if there are none.
fn section(name: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    let mut section: Vec<String> = [format!("\n{name}")].into_iter().chain(lines).collect();
    if section.len() == 1 {
        section.clear();
    }
    section
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

fn devices(plan: &Plan) -> Vec<String> {
    let width = width(plan);
    let line = |device: &Device| {
        let Device { name, template, .. } = device;
        format!("{name:<width$}  {}, {}", manner(device), template.chain)
    };
    plan.devices.iter().map(line).collect()
}

/// How a device goes about it.
fn manner(device: &Device) -> String {
    let Device { heartbeat, protocol, sends, contacts, .. } = device;
    let way = match protocol {
        Protocol::Hardware(Client::Plain(reconnect)) => {
            format!("heartbeat {heartbeat}, reconnect {reconnect}")
        }
        Protocol::Hardware(client) => {
            format!("client {}, heartbeat {heartbeat}", client.name().unwrap_or_default())
        }
        Protocol::Http => "http".into(),
    };
    let sends = sends.iter().map(|period| format!("sends every {period}"));
    let contacts = contacts.iter().map(|(name, address)| format!("{name} is {address}"));
    [way].into_iter().chain(sends).chain(contacts).collect::<Vec<_>>().join(", ")
}

fn timeline(plan: &Plan) -> Vec<String> {
    let width = width(plan);
    let line = |step: &Step| {
        let (who, what) = describe_deed(plan, &step.deed);
        format!("{:<14} {who:<width$}  {what}", plan.clock.spell(step.at))
    };
    plan.steps.iter().map(line).collect()
}

/// The longest name of those to whom something happens.
fn width(plan: &Plan) -> usize {
    let devices = plan.devices.iter().map(|device| device.name.as_str());
    let doers = plan.steps.iter().map(|step| describe_deed(plan, &step.deed).0);
    devices.chain(doers).map(|name| name.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Source;
    use crate::scenario::{Options, load};

    fn check(text: &str) -> String {
        let source = Source { path: "test.yaml".into(), text: text.into() };
        explain(&load(source, &Options::default()).expect("the file is sound").plan)
    }

    #[test]
    fn a_short_file_is_explained_in_few_lines() {
        insta::assert_snapshot!(check(
            "scenario: Short\ndevices: { a: }\ntimeline: { 0s: { connect: a } }\nexpect: { a: { 0s: online } }"
        ));
    }

    #[test]
    fn everything_that_is_unusual_is_explained() {
        insta::assert_snapshot!(check(include_str!("explain/everything.yaml")));
    }
}
