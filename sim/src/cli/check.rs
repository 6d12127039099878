//! `blynk-sim check`: reads scenarios and says what is wrong with them.

use std::path::PathBuf;

use super::print::Printer;
use super::{Exit, files};
use crate::numerals::count;
use crate::scenario::Options;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Scenario files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Check {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let loaded = match files::load(printer, &self.paths, Options::default()) {
            Ok(loaded) if loaded.is_empty() => {
                return Exit::NothingMatched.said(printer, files::NO_SCENARIOS);
            }
            Ok(loaded) => loaded,
            Err(exit) => return exit,
        };
        loaded.iter().for_each(|scenario| files::print_findings(printer, &scenario.warnings));
        let warnings = loaded.iter().map(|scenario| scenario.warnings.len() as u64).sum();
        printer.line(format_args!(
            "{} valid, {}",
            count(loaded.len() as u64, "scenario"),
            count(warnings, "warning")
        ));
        Exit::Passed
    }
}
