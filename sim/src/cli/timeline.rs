//! `blynk-sim timeline`: runs a scenario and draws the status of each device over time.

use std::path::PathBuf;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_reports::terminal;

use super::print::Printer;
use super::{Exit, files};
use crate::engine::Probe;
use crate::outcome::Outcome;
use crate::plan::{Engine, Group, Plan};
use crate::random::Seed;
use crate::scenario::{Options, units};
use crate::{report, shell, snapshot};

/// Where the output is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Timeline {
    /// A scenario file.
    file: PathBuf,
    /// Replaces the seed of the scenario.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = super::seed)]
    seed: Option<u64>,
    /// Replaces the engine of the scenario.
    #[arg(long, value_name = "ENGINE", value_parser = super::engine_parser())]
    engine: Option<Engine>,
    /// Draws this device only, such as a member of a fleet, or several, `fleet/0..9`; may stand several times.
    #[arg(long, value_name = "DEVICE")]
    device: Vec<String>,
    /// Columns to draw in; by default those of the terminal.
    #[arg(long, value_name = "COLUMNS", allow_negative_numbers = true)]
    width: Option<u16>,
    /// Prints every entry instead; a snapshot keeps those that are changes of status.
    #[arg(long)]
    text: bool,
    /// Prints what the product's timeline shows: without the disconnects that `offline-ignore` leaves out, and without
    /// the statuses that are hidden.
    #[arg(long, conflicts_with = "text")]
    view: bool,
}

impl Timeline {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let options = Options { seed: self.seed.map(Seed), engine: self.engine };
        let plan = match files::load_one(printer, &self.file, options) {
            Ok(plan) => Arc::new(plan),
            Err(exit) => return exit,
        };
        let drawn = match self.drawn(&plan) {
            Ok(drawn) => drawn,
            Err(unknown) => return Exit::Refused.said(printer, super::unknown_device(&unknown, [&*plan])),
        };
        let outcome = match super::attempt(|| Outcome::of(plan.clone(), Probe::default())) {
            Ok(outcome) => outcome,
            Err(why) => return super::panicked(printer, &plan, &why),
        };
        if self.text {
            printer.line(outcome.canonical().trim_end());
        } else if self.view {
            printer.line(report::view(&outcome));
        } else {
            if !drawn.is_empty() {
                printer.line(terminal::lanes(&report::lanes(&outcome, &drawn), self.columns()));
            }
            // The members of a fleet are too many to draw: what they did is told in rows.
            if self.device.is_empty() && plan.groups.iter().any(|group| group.is_fleet) {
                printer.line(snapshot::summary(&plan, &outcome.observations.timeline).trim_end());
            }
        }
        if !outcome.passed() {
            let path = self.file.display().to_string();
            printer.complain(format_args!(
                "this scenario fails; `blynk-sim run {}` says why",
                shell::word(&path)
            ));
        }
        Exit::Passed
    }

    /// Whose lanes are drawn: those that are asked for, else everybody who is no member of a fleet.
    ///
    /// # Errors
    /// The name that no device has.
    fn drawn(&self, plan: &Plan) -> Result<Vec<DeviceId>, String> {
        if self.device.is_empty() {
            let singles = plan.groups.iter().filter(|group| !group.is_fleet);
            return Ok(singles.flat_map(Group::ids).collect());
        }
        let mut drawn = Vec::new();
        for name in &self.device {
            drawn.extend(named(plan, name).ok_or_else(|| name.clone())?);
        }
        Ok(drawn)
    }

    fn columns(&self) -> usize {
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        self.width.map(usize::from).or_else(terminal).unwrap_or(DEFAULT_WIDTH)
    }
}

/// One device, or `fleet/2..4`.
fn named(plan: &Plan, name: &str) -> Option<Vec<DeviceId>> {
    if let Some((fleet, numbers)) = name.split_once('/') {
        let group = plan.groups.iter().find(|group| group.name == fleet)?;
        return group.range(units::numbers(numbers)?);
    }
    plan.find(name).map(|id| vec![id])
}
