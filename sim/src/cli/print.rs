//! Where the program's text goes: to standard output, or, where that is for a report, to standard error.
//!
//! A reader that goes away (`| head`) changes no verdict; any other failure to write does.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use blynk_reports::model::Finding;
use blynk_reports::printable::printable;
use blynk_reports::terminal;

use super::Exit;

/// Prints lines to standard output, and complaints to standard error.
#[derive(Debug)]
pub(super) struct Printer {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    is_out_taken: bool,
    /// Why what people read cannot be written any more.
    failure: Option<io::Error>,
    /// Why a report could not be written to standard output.
    lost_report: Option<io::Error>,
}

impl Printer {
    pub(super) fn new(color: clap::ColorChoice) -> Self {
        let choice = match color {
            clap::ColorChoice::Auto => ColorChoice::Auto,
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        };
        Self {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            is_out_taken: false,
            failure: None,
            lost_report: None,
        }
    }

    /// Standard output is for a report alone; what people read goes to standard error from now on.
    pub(super) fn take_out(&mut self) {
        self.is_out_taken = true;
    }

    /// One line, or several, of what was asked for.
    pub(super) fn line(&mut self, text: impl Display) {
        if self.failure.is_none() {
            let written = match self.is_out_taken {
                true => writeln!(self.err, "{text}"),
                false => writeln!(self.out, "{text}"),
            };
            self.failure = written.err();
        }
    }

    /// A report, to standard output as it is, whoever reads the rest.
    pub(super) fn report(&mut self, text: &str) {
        self.lost_report = io::stdout().write_all(text.as_bytes()).err();
    }

    /// A finding about what was asked for.
    pub(super) fn finding(&mut self, finding: &Finding) {
        self.line(format_args!("{}\n", terminal::finding(finding)));
    }

    /// Why the program cannot do what was asked for, on one line.
    pub(super) fn complain(&mut self, text: impl Display) {
        // Nobody is left to tell when this fails.
        let _ = writeln!(self.err, "error: {}", printable(&text.to_string()));
    }

    /// Whether nobody gets any more of it.
    pub(super) fn is_broken(&self) -> bool {
        self.failure.is_some()
    }

    /// The exit code, given that all text was written.
    pub(super) fn finish(mut self, exit: Exit) -> Exit {
        let failures = [self.lost_report.take(), self.failure.take(), self.out.flush().err()];
        match failures.into_iter().flatten().find(|error| error.kind() != ErrorKind::BrokenPipe) {
            Some(error) => {
                self.complain(format_args!("cannot write the output: {error}"));
                Exit::CouldNotRun
            }
            None => exit,
        }
    }
}
