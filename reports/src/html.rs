//! One page that opens from disk: the verdict, what failed and why, and the lives of all devices.
//!
//! It needs no network and no other file; its policy forbids both, and any script but its own. What scenarios say is
//! escaped by the templates. A page has at most 2 MB, which are spent kind by kind ([`room`]): what does not fit is left
//! out, and the page says so.

mod data;
mod drawing;
mod failures;
mod left_out;
mod listed;
mod room;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::model::{Run, Scenario, Verdict};
use crate::numerals::{count, grouped};
use crate::terminal::totals;
use data::Data;
use failures::{Failures, Told};
use left_out::LeftOut;
use listed::Listed;
use room::{Part, Room};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    policy: String,
    style: &'static str,
    script: &'static str,
    version: &'a str,
    verdict: &'static str,
    headline: String,
    sum: String,
    failures: Failures<'a>,
    about_files: Vec<Told<'a>>,
    scenarios_told: String,
    scenarios: Vec<Listed<'a>>,
    left_out: Vec<String>,
    data: String,
}

/// The whole page.
///
/// # Panics
/// Never: memory takes all text.
pub fn report(run: &Run) -> String {
    let order = in_order(&run.scenarios);
    let mut room = Room::beside(STYLE.len() + SCRIPT.len());
    let mut left_out = LeftOut::default();
    let mut failures = Failures::of(run, &order, &mut room);
    let about_files = about_files(run, &mut room, &mut left_out);
    let mut scenarios = listed::listed(run, &order, &failures, &mut room);
    left_out.scenarios = (order.len() - scenarios.len()) as u64;
    failures.link(&scenarios);
    // Kind by kind: of no scenario the devices before the demands of all.
    scenarios.iter_mut().for_each(|it| it.demand(&mut room, &mut left_out));
    scenarios.iter_mut().for_each(|it| it.draw(&mut room, &mut left_out));
    scenarios.iter_mut().for_each(|it| it.draw_lanes(&mut room, &mut left_out));
    let mut data = Data::default();
    scenarios.iter_mut().for_each(|it| it.tabulate(&mut data, &mut room, &mut left_out));
    let page = Page {
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        version: &run.version,
        verdict: class(run.verdict),
        headline: headline(run),
        sum: sum(run),
        failures,
        about_files,
        scenarios_told: count(run.scenarios.len() as u64, "scenario"),
        left_out: left_out.sentences(run),
        scenarios,
        data: data.json(),
    };
    page.render().expect("memory takes all text")
}

/// Those first that did not pass, otherwise as they were run.
fn in_order(scenarios: &[Scenario]) -> Vec<&Scenario> {
    let (passed, others): (Vec<_>, Vec<_>) = scenarios.iter().partition(|it| it.verdict == Verdict::Passed);
    others.into_iter().chain(passed).collect()
}

fn about_files<'a>(run: &'a Run, room: &mut Room, left_out: &mut LeftOut) -> Vec<Told<'a>> {
    let told: Vec<_> =
        run.findings.iter().map(Told::of).filter(|told| room.fits(Part::Failures, told)).collect();
    left_out.about_files = (run.findings.len() - told.len()) as u64;
    told
}

fn headline(run: &Run) -> String {
    let of_all = |number: usize| {
        format!("{} of {}", grouped(number as u64), count(run.scenarios.len() as u64, "scenario"))
    };
    match run.verdict {
        Verdict::Passed if run.passed == 1 => "The scenario passed".into(),
        Verdict::Passed => format!("All {} passed", count(run.passed as u64, "scenario")),
        Verdict::Failed if run.failed == 0 => {
            format!("{} passed, and not all files are in order", count(run.passed as u64, "scenario"))
        }
        Verdict::Failed if run.passed + run.failed == 1 => "The scenario failed".into(),
        Verdict::Failed => format!("{} failed", of_all(run.failed)),
        Verdict::Refused => format!("{} refused: nothing ran", count(run.refused.len() as u64, "file")),
        Verdict::Crashed => {
            format!("{} failed, at least one by a bug of the server or the simulator", of_all(run.failed))
        }
    }
}

fn sum(run: &Run) -> String {
    if run.scenarios.is_empty() {
        return String::new();
    }
    let cases = || run.scenarios.iter().flat_map(|it| &it.cases);
    let held = cases().filter(|case| case.findings.is_empty()).count() as u64;
    let demands = count(cases().count() as u64, "demand");
    format!("{} of {demands} held in {} simulated: {}", grouped(held), run.simulated, totals(&run.totals))
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Refused => "refused",
        Verdict::Crashed => "crashed",
    }
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "PASS",
        Verdict::Failed => "FAIL",
        Verdict::Refused => "BAD",
        Verdict::Crashed => "BUG",
    }
}

/// The page may use what stands in it, and nothing else.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
