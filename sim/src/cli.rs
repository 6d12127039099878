//! The command line: arguments in, files read, text and an exit code out.
//!
//! Owns the commands and the exit codes. Decides nothing about scenarios.

mod arguments;
mod check;
mod clock;
mod compare;
mod explain;
mod files;
mod harness;
mod interrupt;
mod new;
mod print;
mod progress;
mod reports;
mod run;
mod schema;
mod serve;
mod shells;
mod snapshots;
mod tags;
mod timeline;
mod whole;

use std::io::{self, ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};

use crate::plan::{Engine, Plan};
use crate::scenario;
pub use harness::check;
use print::Printer;

/// What the process ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as expected.
    Passed = 0,
    /// An expectation or an invariant failed.
    Failed = 1,
    /// A bad file or bad flags; nothing was run.
    Refused = 2,
    /// The machine got in the way: a file that cannot be read, output that cannot be written.
    CouldNotRun = 3,
    /// No scenario matched.
    NothingMatched = 4,
    /// A bug of the server or the simulator.
    Internal = 101,
}

/// Deterministic simulator and scenario test harness for the connection lifecycle of Blynk devices.
#[derive(Debug, Parser)]
#[command(name = "blynk-sim", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours; NO_COLOR is honoured.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: clap::ColorChoice,
}

const EXIT_CODES: &str = "Exit codes: 0 passed, 1 failed, 2 bad file or flags, 3 could not run, 4 no scenario matched, \
                          101 internal error, 130 interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios and judge them.
    Run(run::Run),
    /// Read scenarios and say what is wrong with them; run nothing.
    Check(check::Check),
    /// Show what a scenario comes to: who does what when.
    Explain(explain::Explain),
    /// Show how pending snapshots differ from the accepted ones, and accept or reject them.
    Review(snapshots::Review),
    /// Take pending snapshots for right.
    Accept(snapshots::Accept),
    /// Serve real devices: the device protocol, the HTTP API and the web page on one port.
    Serve(Box<serve::Serve>),
    /// Say where two runs differ first, from their JSON reports.
    Compare(compare::Compare),
    /// Run a scenario and draw the status of each device over time.
    Timeline(timeline::Timeline),
    /// Write a commented scenario to begin with.
    New(new::New),
    /// Print the JSON Schema of scenario files, for editors.
    Schema(schema::Schema),
    /// Print a script that completes commands and flags.
    Completions(shells::Completions),
    /// Print a manual page.
    Man(shells::Man),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments::joined(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(instead) => return say(&instead),
    };
    let mut printer = Printer::new(arguments.color);
    let exit = match arguments.command {
        Command::Run(run) => run.execute(&mut printer),
        Command::Check(check) => check.execute(&mut printer),
        Command::Explain(explain) => explain.execute(&mut printer),
        Command::Review(review) => review.execute(&mut printer),
        Command::Accept(accept) => accept.execute(&mut printer),
        Command::Serve(serve) => serve.execute(&mut printer),
        Command::Compare(compare) => compare.execute(&mut printer),
        Command::Timeline(timeline) => timeline.execute(&mut printer),
        Command::New(new) => new.execute(&mut printer),
        Command::Schema(schema) => schema.execute(&mut printer),
        Command::Completions(completions) => completions.execute(&mut printer),
        Command::Man(man) => man.execute(&mut printer),
    };
    ExitCode::from(printer.finish(exit) as u8)
}

/// Help, the version, or what is wrong with the arguments.
fn say(instead: &clap::Error) -> ExitCode {
    match instead.print().and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let exit = Exit::CouldNotRun;
            let exit = exit.said(
                &mut Printer::new(clap::ColorChoice::Auto),
                format_args!("cannot write the output: {error}"),
            );
            ExitCode::from(exit as u8)
        }
        Ok(()) | Err(_) => ExitCode::from(u8::try_from(instead.exit_code()).unwrap_or(Exit::Refused as u8)),
    }
}

/// Runs something in the simulated world. A panic in there is caught here and nowhere else.
///
/// # Errors
/// What the panic said.
fn attempt<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
    })
}

/// How `--engine` is read.
fn engine_parser() -> impl TypedValueParser<Value = Engine> {
    PossibleValuesParser::new(Engine::ALL.map(Engine::name)).map(|name| {
        let named = Engine::ALL.into_iter().find(|engine| engine.name() == name);
        named.expect("only names of engines are let through")
    })
}

/// How `--seed` is read.
fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

/// No scenario here has this device; which one was probably meant.
fn unknown_device<'p>(name: &str, plans: impl IntoIterator<Item = &'p Plan>) -> String {
    let plans: Vec<_> = plans.into_iter().collect();
    let of_fleet = |fleet: &str| plans.iter().find_map(|plan| plan.groups.iter().find(|it| it.name == fleet));
    if let Some((fleet, numbers)) = name.split_once('/')
        && let Some(group) = of_fleet(fleet)
    {
        let last = group.ids().len() - 1;
        return format!("`{fleet}` has no members `{numbers}`; the members of `{fleet}` are 0 to {last}");
    }
    let fleet = plans.iter().find_map(|plan| Some((plan, plan.groups.iter().find(|it| it.name == name)?)));
    if let Some((plan, fleet)) = fleet {
        let member = fleet.ids().next().map_or("", |id| plan.device(id).name.as_str());
        return format!("`{name}` is a fleet; name one of its devices, such as `{member}`");
    }
    let names = plans.iter().flat_map(|plan| plan.devices.iter().map(|device| device.name.as_str()));
    let meant = scenario::nearest(name, names).map(|meant| format!("; did you mean `{meant}`?"));
    format!("no scenario here has a device `{name}`{}", meant.unwrap_or_default())
}

fn panicked(printer: &mut Printer, plan: &Plan, why: &str) -> Exit {
    Exit::Internal.said(printer, bug(plan, why))
}

/// What is said of a panic, so that anybody can make it happen again.
fn bug(plan: &Plan, why: &str) -> String {
    let (path, seed, engine) = (&plan.source.path, plan.seed.0, plan.engine.name());
    format!(
        "{path} with --seed {seed} --engine {engine} panicked: {why}; this is a bug of blynk-sim or its server, please report it"
    )
}

impl Exit {
    /// Complains, and is the answer.
    fn said(self, printer: &mut Printer, why: impl std::fmt::Display) -> Self {
        printer.complain(why);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Source;
    use crate::random::Seed;
    use crate::scenario::{Options, load};

    #[test]
    fn a_panic_is_caught_with_its_words() {
        assert_eq!(attempt(|| 7), Ok(7));
        assert_eq!(attempt(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(attempt(|| panic!("number {}", 7)), Err::<(), _>("number 7".to_owned()));
    }

    #[test]
    fn a_panic_names_scenario_and_seed() {
        let source = Source { path: "a.yaml".into(), text: "scenario: x\ndevices: { a: }\n".into() };
        let plan = load(source, &Options { seed: Some(Seed(7)), ..Options::default() })
            .expect("a valid scenario")
            .plan;
        assert!(bug(&plan, "boom").starts_with("a.yaml with --seed 7 --engine turmoil panicked: boom"));
    }
}
