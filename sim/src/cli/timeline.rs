//! `blynk-sim timeline`: runs a scenario and draws the status of each device over time.

use std::path::PathBuf;
use std::sync::Arc;

use blynk_reports::terminal;

use super::print::Printer;
use super::{Exit, files};
use crate::engine::Probe;
use crate::outcome::Outcome;
use crate::report;

/// Where the output is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// Arguments of `timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Timeline {
    /// A scenario file.
    file: PathBuf,
    /// Replaces the seed of the scenario.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Columns to draw in; by default those of the terminal.
    #[arg(long, value_name = "COLUMNS")]
    width: Option<u16>,
    /// Prints every entry instead, as snapshots keep them.
    #[arg(long)]
    text: bool,
    /// Prints what the product's timeline shows: without the disconnects that `offline-ignore` leaves out, and without
    /// the statuses that are hidden.
    #[arg(long, conflicts_with = "text")]
    view: bool,
}

impl Timeline {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let plan = match files::load_one(printer, &self.file, self.seed) {
            Ok(plan) => Arc::new(plan),
            Err(exit) => return exit,
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
            printer.line(terminal::lanes(&report::lanes(&outcome), self.columns()));
        }
        if !outcome.passed() {
            printer.complain(format_args!(
                "this scenario fails; `blynk-sim run {}` says why",
                self.file.display()
            ));
        }
        Exit::Passed
    }

    fn columns(&self) -> usize {
        let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        self.width.map(usize::from).or_else(terminal).unwrap_or(DEFAULT_WIDTH)
    }
}
