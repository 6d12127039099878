//! `blynk-sim explain`: the resolved plan, who does what when.
//!
//! Shows what a file says and what follows from it; settings that are as always are left out.

mod settings;
mod templates;

use std::path::PathBuf;

use blynk_reports::printable::printable;

use super::print::Printer;
use super::{Exit, files};
use crate::numerals::count;
use crate::plan::{Client, Device, Engine, Group, Plan, Protocol, Quality, Step};
use crate::random::Seed;
use crate::scenario::Options;
use crate::scenario::keys::{metric_name, spell_bound};
use crate::timeline::canonical::describe_deed;
use crate::wording::{self, names};

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// A scenario file.
    file: PathBuf,
    /// Replaces the seed of the scenario.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = super::seed)]
    seed: Option<u64>,
}

impl Explain {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let options = Options { seed: self.seed.map(Seed), ..Options::default() };
        match files::load_one(printer, &self.file, options) {
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
    let expectations = plan.expectations.iter().map(|expectation| wording::expectation(plan, expectation));
    lines.extend(section("expect", expectations));
    lines.extend(section("limits", demands(plan)));
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
        format!("  file       {}", printable(&plan.source.path)),
        format!("  seed       {}", plan.seed.0),
        match plan.engine {
            Engine::Turmoil => format!("  tick       {}", plan.tick),
            Engine::Events => "  engine     events".into(),
        },
        format!("  tolerance  {}", plan.tolerance),
        format!("  ends       {ends}"),
    ]
}

/// A line for each name of the file: the members of a fleet are alike.
fn devices(plan: &Plan) -> Vec<String> {
    let width = width(plan);
    let line = |group: &Group| {
        let members = &plan.devices[group.members.start as usize..group.members.end as usize];
        let (first, last) = (&members[0], &members[members.len() - 1]);
        let fleet = match group.is_fleet {
            true => format!("{} {} to {}, ", count(members.len() as u64, "device"), first.name, last.name),
            false => String::new(),
        };
        format!("{:<width$}  {fleet}{}, {}", group.name, manner(first), first.template.chain)
    };
    plan.groups.iter().map(line).collect()
}

/// How a device goes about it.
fn manner(device: &Device) -> String {
    let Device { name: _, template: _, heartbeat, protocol, has_right_token, network, sends, contacts } =
        device;
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
    let token = (!has_right_token).then(|| "with a wrong token".to_owned());
    let network = (*network != Quality::IDEAL).then(|| format!("network {network}"));
    [way].into_iter().chain(token).chain(network).chain(sends).chain(contacts).collect::<Vec<_>>().join(", ")
}

/// What is done to several members of a fleet at one instant is one line.
fn timeline(plan: &Plan) -> Vec<String> {
    let width = width(plan);
    let times = plan.steps.iter().map(|step| plan.clock.spell(step.at).len());
    let time = times.max().unwrap_or(0).max(14);
    let what = |step: &Step| describe_deed(plan, &step.deed).1;
    let of = |step: &Step| step.deed.device().map(|id| &plan.group_of(id).name);
    let alike = |a: &Step, b: &Step| a.at == b.at && of(a) == of(b) && what(a) == what(b);
    let line = |steps: &[Step]| {
        let devices: Vec<_> = steps.iter().filter_map(|step| step.deed.device()).collect();
        let who = match devices.as_slice() {
            [] => describe_deed(plan, &steps[0].deed).0.to_owned(),
            devices => names(plan, devices),
        };
        format!("{:<time$} {who:<width$}  {}", plan.clock.spell(steps[0].at), what(&steps[0]))
    };
    plan.steps.chunk_by(alike).map(line).collect()
}

fn demands(plan: &Plan) -> Vec<String> {
    let limits =
        plan.limits.iter().map(|limit| format!("{} {}", metric_name(limit.metric), spell_bound(limit)));
    let settle = plan.settle.iter().map(|settle| {
        let (within, by) = (settle.within, plan.clock.spell(settle.by));
        format!("everybody online within {within} of the last fault, by {by}")
    });
    limits.chain(settle).collect()
}

/// The longest name of those to whom something happens.
fn width(plan: &Plan) -> usize {
    let devices = plan.groups.iter().map(|group| group.name.chars().count());
    let doers = plan.steps.iter().map(|step| describe_deed(plan, &step.deed).0.chars().count());
    devices.chain(doers).max().unwrap_or(0)
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
