//! `blynk-sim completions` and `blynk-sim man`: what shells and `man` are told of the command line.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;

use super::print::Printer;
use super::{Arguments, Exit};

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// For which shell.
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// The page of this command; by default that of the program.
    command: Option<String>,
}

impl Completions {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let mut script = Vec::new();
        let mut command = Arguments::command();
        let name = command.get_name().to_owned();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        printer.line(mended(&String::from_utf8_lossy(&script)).trim_end());
        Exit::Passed
    }
}

/// For bash the generator takes the hyphen in the program's name for the gap before a subcommand in half of the places, so
/// that no subcommand is ever found.
fn mended(script: &str) -> String {
    script.replace("blynk__subcmd__sim", "blynk__sim")
}

impl Man {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let mut program = Arguments::command();
        program.build();
        let command = match &self.command {
            None => &program,
            Some(name) => match program.find_subcommand(name) {
                Some(command) => command,
                None => return Exit::Refused.said(printer, format_args!("there is no command `{name}`")),
            },
        };
        match page(command.clone()) {
            Ok(page) => {
                printer.line(page.trim_end());
                Exit::Passed
            }
            Err(error) => Exit::CouldNotRun.said(printer, format_args!("cannot write the page: {error}")),
        }
    }
}

fn page(command: clap::Command) -> io::Result<String> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
