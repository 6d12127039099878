//! `blynk-sim compare`: the first difference of two runs, from their JSON reports.

use std::fs;
use std::path::{Path, PathBuf};

use blynk_reports::json::{self, Unreadable};
use blynk_reports::model::{FORMAT, Run};

use super::print::Printer;
use super::{Exit, files};
use crate::compare::compare;
use crate::numerals::count;
use crate::scenario::units;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 the same, 1 they differ, 2 not to be read")]
pub(super) struct Compare {
    /// What `run --report json=PATH` left.
    first: PathBuf,
    /// The same of another run: of another version, seed or engine.
    second: PathBuf,
    /// How far apart two moments may be and count as one; by default nothing, and two ticks where the engines differ.
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, value_parser = slack)]
    tolerance: Option<blynk_core::time::Duration>,
}

fn slack(text: &str) -> Result<blynk_core::time::Duration, String> {
    units::duration(text).map_err(|error| error.to_string())
}

impl Compare {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let (first, second) = match (read(printer, &self.first), read(printer, &self.second)) {
            (Ok(first), Ok(second)) => (first, second),
            (Err(exit), _) | (_, Err(exit)) => return exit,
        };
        let comparison = compare(&first, &second, self.tolerance);
        comparison.about.iter().for_each(|about| printer.line(format_args!("{about}\n")));
        files::print_findings(printer, &comparison.differences);
        let (same, differing) = (comparison.same, comparison.differences.len());
        let scenarios = count((same + differing) as u64, "scenario");
        printer.line(format_args!("{scenarios} compared: {same} the same, {differing} not"));
        if differing == 0 { Exit::Passed } else { Exit::Failed }
    }
}

/// A report in which something was run.
fn read(printer: &mut Printer, path: &Path) -> Result<Run, Exit> {
    let shown = path.display();
    let mut refuse = |why: String| Err(Exit::Refused.said(printer, why));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return refuse(format!("cannot read {shown}: {error}")),
    };
    match json::parse(&text) {
        Ok(run) if run.scenarios.is_empty() => refuse(format!("{shown} tells of no scenario that was run")),
        Ok(run) => Ok(run),
        Err(Unreadable::Format(format)) => refuse(format!(
            "{shown} is a report of format {format}, and this program reads format {FORMAT}; make it anew"
        )),
        Err(Unreadable::Text(why)) => refuse(format!("{shown} is no JSON report of blynk-sim: {why}")),
    }
}
