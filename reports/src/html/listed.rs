//! A scenario in the list: first a line that says how it went, then whatever there is room for.

use std::fmt;

use askama::Template;

use super::data::Data;
use super::drawing::Drawing;
use super::failures::{FINDINGS, Failures};
use super::left_out::LeftOut;
use super::room::{Part, Room};
use super::{class, mark};
use crate::model::{Case, Run, Scenario, Verdict};
use crate::numerals::count;
use crate::terminal::totals;

/// So few are shown opened.
const FEW: usize = 2;

/// Where a scenario stands on the page, by its place in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Anchor(pub(super) usize);

#[derive(Template)]
#[template(path = "scenario.html")]
pub(super) struct Listed<'a> {
    scenario: &'a Scenario,
    pub(super) anchor: Anchor,
    verdict: &'static str,
    mark: &'static str,
    name: String,
    title: &'a str,
    brief: String,
    manner: String,
    titles: Vec<&'a str>,
    /// Where they are told in full, if they are.
    failure: Option<String>,
    open: bool,
    demands: Option<Demands<'a>>,
    drawing: Option<Drawing<'a>>,
}

/// What was demanded of it.
#[derive(Template)]
#[template(path = "demands.html")]
struct Demands<'a> {
    held: usize,
    cases: Vec<Demanded<'a>>,
}

struct Demanded<'a> {
    verdict: &'static str,
    kind: &'static str,
    name: &'a str,
    measured: Option<&'a str>,
    line: Option<usize>,
}

/// As many as there is room for, without what was demanded of them and without their devices.
pub(super) fn listed<'a>(
    run: &Run,
    order: &[&'a Scenario],
    failures: &Failures<'_>,
    room: &mut Room,
) -> Vec<Listed<'a>> {
    let all = order.iter().enumerate().map(|(place, it)| Listed::of(run, Anchor(place), it, failures));
    all.filter(|it| room.fits(Part::List, it)).collect()
}

impl<'a> Listed<'a> {
    fn of(run: &Run, anchor: Anchor, scenario: &'a Scenario, failures: &Failures<'_>) -> Self {
        let devices: u64 = scenario.picture.iter().flat_map(|it| &it.groups).map(|group| group.devices).sum();
        let brief = match devices {
            0 => scenario.simulated.clone(),
            devices => format!("{}, {}", count(devices, "device"), scenario.simulated),
        };
        let few = anchor.0 < FEW;
        Self {
            scenario,
            anchor,
            verdict: class(scenario.verdict),
            mark: mark(scenario.verdict),
            name: run.name_of(scenario),
            title: &scenario.title,
            brief,
            manner: format!("{}, {}. File {}", scenario.manner(), totals(&scenario.totals), scenario.hash),
            titles: scenario.findings.iter().take(FINDINGS).map(|it| it.title.as_str()).collect(),
            failure: failures.of_scenario(anchor),
            open: run.scenarios.len() <= FEW || (scenario.verdict != Verdict::Passed && few),
            demands: None,
            drawing: None,
        }
    }

    /// Lists what was demanded, if it fits.
    pub(super) fn demand(&mut self, room: &mut Room, left_out: &mut LeftOut) {
        if self.scenario.cases.is_empty() {
            return;
        }
        let demands = Demands::of(&self.scenario.cases);
        self.demands = room.fits(Part::Demands, &demands).then_some(demands);
        left_out.demands += u64::from(self.demands.is_none());
    }

    /// Draws faults, fleets and times, as far as they fit.
    pub(super) fn draw(&mut self, room: &mut Room, left_out: &mut LeftOut) {
        let Some(picture) = &self.scenario.picture else { return };
        self.drawing = Drawing::of(picture, self.anchor, room, left_out);
        left_out.undrawn += u64::from(self.drawing.is_none());
    }

    /// Draws the lives of its devices, as far as they fit.
    pub(super) fn draw_lanes(&mut self, room: &mut Room, left_out: &mut LeftOut) {
        if let Some(drawing) = &mut self.drawing {
            drawing.draw_lanes(room, left_out);
        }
    }

    /// Puts its devices into the data for its table, as far as they fit.
    pub(super) fn tabulate(&mut self, data: &mut Data, room: &mut Room, left_out: &mut LeftOut) {
        if let Some(drawing) = &mut self.drawing {
            drawing.tabulate(data, room, left_out);
        }
    }
}

impl<'a> Demands<'a> {
    fn of(cases: &'a [Case]) -> Self {
        let held = cases.iter().filter(|case| case.findings.is_empty()).count();
        Self { held, cases: cases.iter().map(demanded).collect() }
    }
}

fn demanded(case: &Case) -> Demanded<'_> {
    Demanded {
        verdict: class(if case.findings.is_empty() { Verdict::Passed } else { Verdict::Failed }),
        kind: case.kind.name(),
        name: &case.name,
        measured: case.measured.as_deref(),
        line: case.line,
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}
