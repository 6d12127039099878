//! One page that opens from disk: the verdict, what failed and why, and the lives of all devices.
//!
//! It needs no network and no other file; its policy forbids both, and any script but its own. What scenarios say is
//! escaped by the template. Owns what fits on a page ([`data`]): what does not is left out, and the page says so.

mod data;
mod drawing;
mod failures;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::model::{Case, Run, Scenario, Verdict};
use crate::numerals::{count, grouped};
use crate::terminal::totals;
use data::Data;
use drawing::Drawing;
use failures::{Failure, Told};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Scenarios that are listed; those first that failed.
const LISTED: usize = 2_000;
/// Scenarios whose devices are drawn.
const DRAWN: usize = 250;
/// So few are shown opened.
const FEW: usize = 2;

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
    failures: Vec<Failure<'a>>,
    failures_untold: usize,
    about_files: Vec<Told<'a>>,
    scenarios_told: String,
    scenarios: Vec<Listed<'a>>,
    left_out: Vec<String>,
    data: String,
}

/// A scenario in the list.
struct Listed<'a> {
    anchor: String,
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
    held: usize,
    cases: Vec<Demanded<'a>>,
    drawing: Option<Drawing<'a>>,
}

struct Demanded<'a> {
    verdict: &'static str,
    kind: &'static str,
    name: &'a str,
    measured: Option<&'a str>,
    line: Option<usize>,
}

/// The whole page.
///
/// # Panics
/// Never: memory takes all text.
pub fn report(run: &Run) -> String {
    let order = in_order(&run.scenarios);
    let (failures, failures_untold) = failures::failures(run, &order);
    let mut data = Data::default();
    let listed = order.iter().take(LISTED).enumerate();
    let scenarios: Vec<_> =
        listed.map(|(place, scenario)| listed_one(run, place, scenario, &failures, &mut data)).collect();
    let page = Page {
        policy: policy(),
        style: STYLE,
        script: SCRIPT,
        version: &run.version,
        verdict: class(run.verdict),
        headline: headline(run),
        sum: sum(run),
        failures,
        failures_untold,
        about_files: run.findings.iter().map(Told::of).collect(),
        scenarios_told: count(run.scenarios.len() as u64, "scenario"),
        left_out: left_out(run, &data),
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

fn listed_one<'a>(
    run: &Run,
    place: usize,
    scenario: &'a Scenario,
    failures: &[Failure<'_>],
    data: &mut Data,
) -> Listed<'a> {
    let anchor = format!("s{place}");
    let picture = scenario.picture.as_ref().filter(|_| place < DRAWN);
    let devices: u64 = scenario.picture.iter().flat_map(|it| &it.groups).map(|group| group.devices).sum();
    let brief = match devices {
        0 => scenario.simulated.clone(),
        devices => format!("{}, {}", count(devices, "device"), scenario.simulated),
    };
    let place_of_data = data.push(picture);
    Listed {
        verdict: class(scenario.verdict),
        mark: mark(scenario.verdict),
        name: run.name_of(scenario),
        title: &scenario.title,
        brief,
        manner: format!("{}, {}. File {}", scenario.manner(), totals(&scenario.totals), scenario.hash),
        titles: scenario.findings.iter().take(failures::FINDINGS).map(|it| it.title.as_str()).collect(),
        failure: failures.iter().find(|it| it.scenario.as_ref() == Some(&anchor)).map(|it| it.anchor.clone()),
        open: run.scenarios.len() <= FEW || (scenario.verdict != Verdict::Passed && place < FEW),
        held: scenario.cases.iter().filter(|case| case.findings.is_empty()).count(),
        cases: scenario.cases.iter().map(demanded).collect(),
        drawing: picture.map(|picture| drawing::drawing(picture, place_of_data)),
        anchor,
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
        Verdict::Crashed => format!("{} failed, at least one by a bug of the simulator", of_all(run.failed)),
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

/// What is not on the page, a sentence each.
fn left_out(run: &Run, data: &Data) -> Vec<String> {
    let scenarios = run.scenarios.len();
    let unlisted = scenarios.saturating_sub(LISTED) as u64;
    let undrawn = scenarios.min(LISTED).saturating_sub(DRAWN) as u64;
    let pictures = || run.scenarios.iter().filter_map(|it| it.picture.as_ref());
    let devices = data.devices_left_out + pictures().map(|it| it.devices_left_out).sum::<u64>();
    let sentence = |number: u64, what: String| (number > 0).then_some(what);
    let not_run = run.not_run as u64;
    [
        sentence(not_run, format!("{} not run: enough had failed.", count(not_run, "scenario"))),
        sentence(unlisted, format!("{} are not listed here.", count(unlisted, "scenario that passed"))),
        sentence(undrawn, format!("Of {} the devices are not drawn.", count(undrawn, "scenario"))),
        sentence(devices, format!("{} are left out of the tables.", count(devices, "device"))),
        sentence(
            data.histories_left_out,
            format!("Of {} in the tables the history is left out.", count(data.histories_left_out, "device")),
        ),
        sentence(
            data.causes_left_out,
            format!(
                "Of {} in the tables what led to each change is left out, and its reason stands alone.",
                count(data.causes_left_out, "device")
            ),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
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
