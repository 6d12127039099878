//! Words for limits that were not kept, and for devices that are not back when everybody must be.

use std::collections::BTreeMap;

use blynk_reports::model::{Finding, Place};

use super::teller::Teller;
use crate::numerals::{count, some};
use crate::oracle::limits::{Awaited, Exceeded, Unsettled};
use crate::oracle::measure::{Example, Measured};
use crate::plan::{Measure, Metric, Plan, Settle, Span};
use crate::scenario::keys::{metric_name, spell_bound, spell_figure};
use crate::timeline::{Entry, Subject, causes};

/// A limit that was not kept, with the device that stands for the figure.
pub fn exceeded(plan: &Plan, lanes: &[Vec<&Entry>], Exceeded { limit, figure }: &Exceeded) -> Finding {
    let name = metric_name(limit.metric);
    let got = figure.map_or("nothing measured".into(), |figure| spell_figure(limit.metric, figure.value));
    let title = format!("{name}: {got}, not {}", spell_bound(limit));
    let finding = Finding::error(title, Some(place(plan, &limit.span, "limited here")));
    match figure.and_then(|figure| figure.example) {
        Some(Example::Device(example)) => story(plan, lanes, finding, limit.metric, example),
        Some(Example::Second(second)) => {
            finding.note("got", format!("in the second at {}", plan.clock.spell(second)))
        }
        None => finding,
    }
}

/// The device that stands for a figure.
fn story(plan: &Plan, lanes: &[Vec<&Entry>], finding: Finding, metric: Metric, example: Measured) -> Finding {
    let teller = Teller::new(plan, lanes, Subject::Device(example.device));
    let at = plan.clock.spell(example.at);
    let finding = finding.note("got", format!("{} at {at} ({})", example.took, teller.name));
    let then = |is_it: fn(&Entry) -> bool| {
        teller.lane.iter().position(|entry| entry.at == example.at && is_it(entry))
    };
    let finding = match (then(|entry| entry.change().is_some()), then(Entry::is_login)) {
        (Some(change), _) => teller.because(finding, change),
        // It was not missed for long enough that its status had changed.
        (None, Some(login)) => teller.reasons(finding, &causes::of_login(plan, teller.lane, login)),
        // It was cut off again, or the run ended.
        (None, None) if matches!(metric, Metric::Time(Measure::Recovery, _)) => {
            teller.reasons(finding, &causes::of_absence(plan, teller.lane, example.at))
        }
        (None, None) => finding,
    };
    teller.story(finding, example.at)
}

/// So many reasons to wait are told.
const MOST_WAITS: usize = 10;

/// The devices that are not back by then, by what they wait for.
pub fn unsettled(
    plan: &Plan,
    lanes: &[Vec<&Entry>],
    settle: &Settle,
    found: &[Unsettled],
) -> Option<Finding> {
    let first = found.first()?;
    let mut waiting: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for unsettled in found {
        let device = &plan.device(unsettled.device).name;
        waiting.entry(awaited(plan, unsettled.awaits)).or_default().push(device);
    }
    let by = plan.clock.spell(settle.by);
    let devices = count(found.len() as u64, "device");
    let is = if found.len() == 1 { "is" } else { "are" };
    let title = format!("{devices} {is} not back at {by}, {} after the last fault", settle.within);
    let mut lines: Vec<_> =
        waiting.into_iter().map(|(what, names)| format!("{}: {what}", some(&names))).collect();
    if let Some(more @ 1..) = lines.len().checked_sub(MOST_WAITS) {
        lines.truncate(MOST_WAITS);
        lines.push(format!("{} to wait", count(more as u64, "other reason")));
    }
    let finding = Finding::error(title, Some(place(plan, &settle.span, "everybody must be back by then")))
        .notes("waits", lines);
    Some(Teller::new(plan, lanes, Subject::Device(first.device)).story(finding, settle.by))
}

fn awaited(plan: &Plan, awaits: Awaited) -> String {
    match awaits {
        Awaited::Link(since) => format!("its link, silent since {}", plan.clock.spell(since)),
        Awaited::Application(since) => format!("its application, frozen since {}", plan.clock.spell(since)),
        Awaited::Server(since) => format!("the server, down since {}", plan.clock.spell(since)),
        Awaited::Data => "data, or its next login: its status was set".into(),
        Awaited::Nothing(why) => format!("nothing, {why}"),
        Awaited::Attempt => "its next attempt, or the answer to one".into(),
    }
}

fn place(plan: &Plan, span: &Span, label: &str) -> Place {
    Place::locate(&plan.source.path, &plan.source.text, span.clone(), label)
}
