//! `blynk-sim schema`: the JSON Schema of the scenario language, for editors.

use super::Exit;
use super::print::Printer;
use crate::scenario::schema;

/// Arguments of `schema`: none.
#[derive(Debug, clap::Args)]
pub(super) struct Schema {}

impl Schema {
    pub(super) fn execute(self, printer: &mut Printer) -> Exit {
        let Self {} = self;
        printer.line(format_args!("{:#}", schema::schema()));
        Exit::Passed
    }
}
