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
        let (mut accepted, mut refused) = (0_usize, false);
        for scenario in scenarios {
            let snapshots = Snapshots::of(&scenario);
            match snapshots.waiting() {
                Ok(None) => {}
                Ok(Some(text)) => {
                    let path = files::shown(&snapshots.accepted);
                    if let Err(error) = snapshots.accept(&text) {
                        return Exit::CouldNotRun.said(printer, format_args!("cannot write {path}: {error}"));
                    }
                    printer.line(format_args!("accepted {path}"));
                    accepted += 1;
                }
                Err(why) => {
                    printer.complain(why);
                    refused = true;
                }
            }
        }
        match accepted {
            _ if refused => Exit::Refused,
            0 => Exit::NothingMatched.said(printer, "no snapshot is pending here"),
            1.. => Exit::Passed,
        }
    }
}
