//! A tree of nodes to a plan.
//!
//! Owns the order in which the sections of a file are understood: what later sections refer to comes first. Each
//! section reports its own problems and leaves something to go on with, so that all sections are always read.

mod action;
mod contacts;
mod devices;
mod end;
mod expect;
mod fields;
mod head;
mod limits;
mod read;
mod roster;
mod sentence;
mod server;
mod steps;
mod target;
mod template;
mod timeline;
mod times;

use std::sync::Arc;

use super::Options;
use super::diagnostic::{Problem, Problems};
use super::keys;
use super::syntax::{Node, Value};
use crate::plan::{Plan, Source, WallClock};
use crate::random::Seed;
use fields::Fields;
use target::Picks;
use times::Written;

/// What every section needs: where problems go, how times are read, which times the file names.
struct Context<'a> {
    source: &'a Source,
    problems: &'a mut Problems,
    clock: WallClock,
    written: Written,
    picks: Picks,
}

/// The plan of a file; `None` only if it is no map at all. Worthless if a problem was reported.
pub(super) fn resolve(
    source: &Source,
    root: &Node,
    options: &Options,
    problems: &mut Problems,
) -> Option<Plan> {
    problems.keep(root_is_a_map(root))?;
    let clock = WallClock::default();
    let picks = Picks::new(Seed(0));
    let mut context = Context { source, problems, clock, written: Written::default(), picks };
    let fields = context.fields(root.entries(), &keys::SCENARIO);
    Some(context.plan(&fields, options))
}

impl Context<'_> {
    fn plan(&mut self, fields: &Fields<'_>, options: &Options) -> Plan {
        let head = self.head(fields, options);
        self.clock = head.clock;
        self.picks = Picks::new(head.seed);
        let templates = self.templates(fields);
        let roster = self.devices(fields, &templates);
        let server = self.server(fields);
        let steps = self.timeline(fields, &roster, head.seed);
        let expectations = self.expectations(fields, &roster);
        let limits = self.limits(fields);
        let settle = self.settle(fields, &steps);
        self.unreachable(&templates, &roster, &expectations);
        let until = self.until(fields, &roster, &server);
        let tick = self.tick(fields, &roster, until);
        let (devices, groups) = roster.into_devices_and_groups();
        Plan {
            source: Arc::new(self.source.clone()),
            title: head.title,
            about: head.about,
            tags: head.tags,
            seed: head.seed,
            engine: head.engine,
            is_bound_to_engine: head.is_bound_to_engine,
            clock: head.clock,
            until,
            tolerance: head.tolerance,
            tick,
            server,
            devices,
            groups,
            steps,
            expectations,
            limits,
            settle,
            snapshot: head.snapshot,
        }
    }

    fn report(&mut self, problem: Problem) {
        self.problems.report(problem);
    }

    fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        self.problems.keep(result)
    }
}

fn root_is_a_map(root: &Node) -> Result<(), Problem> {
    match root.value {
        Value::Map(_) => Ok(()),
        Value::Null => Err(Problem::error(&(0..0), "the file holds no scenario")
            .help("begin with `scenario: A title` and `devices:`")),
        Value::Text(_) | Value::List(_) => {
            let title = format!("a scenario is a map of keys, and this is {}", root.kind());
            Err(Problem::error(&root.span, title).help("begin with `scenario: A title` and `devices:`"))
        }
    }
}
