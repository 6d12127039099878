//! `blynk-sim accept`: takes pending snapshots for right, unseen.

use std::path::PathBuf;

use super::Snapshots;
use crate::cli::print::Printer;
use crate::cli::{Exit, files};

/// Arguments of `accept`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Accept {
    /// Scenario files, or folders of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Accept {
    pub(in crate::cli) fn execute(self, printer: &mut Printer) -> Exit {
        let scenarios = match files::find_all(printer, &self.paths) {
            Ok(scenarios) => scenarios,
            Err(exit) => return exit,
        };
        let mut accepted = 0;
        for scenario in scenarios {
            let snapshots = Snapshots::of(&scenario);
            match snapshots.accept() {
                Ok(true) => {
                    printer.line(format_args!("accepted {}", snapshots.accepted.display()));
                    accepted += 1;
                }
                Ok(false) => {}
                Err(error) => {
                    let path = snapshots.accepted.display();
                    return Exit::CouldNotRun.said(printer, format_args!("cannot write {path}: {error}"));
                }
            }
        }
        if accepted > 0 {
            Exit::Passed
        } else {
            Exit::NothingMatched.said(printer, "no snapshot is pending here")
        }
    }
}
