//! What a run looked like.

use blynk_reports::model::{self, Picture, Status, Times, Tone};

use super::devices::{self, Histories};
use super::{bars, counts, disturbances, tone};
use crate::oracle::measure::Figures;
use crate::outcome::Outcome;
use crate::plan::{Group, Measure, Metric, Plan, Statistic};
use crate::scenario::keys::{metrics, spell_figure};
use crate::timeline::Entry;

pub(super) fn picture(outcome: &Outcome, lanes: &[Vec<&Entry>], figures: &Figures) -> Picture {
    let plan = &*outcome.plan;
    let histories = Histories::of(plan, lanes);
    let devices = devices::devices(outcome, lanes, figures, &histories);
    Picture {
        until: plan.until.as_millis(),
        end: plan.clock.spell(plan.until),
        start: plan.clock.start.map(|start| start.as_millis()),
        ticks: bars::ticks(plan.clock, plan.until),
        groups: plan.groups.iter().map(|of| group(plan, of, lanes)).collect(),
        disturbances: disturbances::disturbances(plan, &outcome.observations.timeline),
        times: [Measure::Detection, Measure::Recovery, Measure::Close, Measure::Login]
            .into_iter()
            .filter_map(|measure| times(figures, measure))
            .collect(),
        digest: histories.digest,
        devices_left_out: (plan.devices.len() - devices.len()) as u64,
        histories_left_out: devices.iter().filter(|device| device.history.is_none()).count() as u64,
        devices,
    }
}

fn group(plan: &Plan, group: &Group, lanes: &[Vec<&Entry>]) -> model::Group {
    let chain = &plan.devices[group.members.start as usize].template.chain;
    let of_chain = chain.iter().map(|status| Status { key: status.key.clone(), tone: tone(status.kind()) });
    let new = Status { key: "new".into(), tone: Tone::New };
    let statuses: Vec<_> = [new].into_iter().chain(of_chain).collect();
    model::Group {
        name: group.name.clone(),
        devices: group.ids().len() as u64,
        fleet: group.is_fleet,
        counts: group.is_fleet.then(|| counts::counts(plan, group, statuses.len(), lanes)),
        statuses,
    }
}

/// How long something took; nothing if it never happened.
fn times(figures: &Figures, measure: Measure) -> Option<Times> {
    let times = figures.times(measure);
    let named = |(statistic, name): (Statistic, &str)| {
        let metric = Metric::Time(measure, statistic);
        Some((name.to_owned(), spell_figure(metric, figures.get(metric)?.value)))
    };
    let statistics =
        [(Statistic::P50, "p50"), (Statistic::P90, "p90"), (Statistic::P99, "p99"), (Statistic::Max, "max")];
    let key = metrics().find(|key| key.metric == Metric::Time(measure, Statistic::Max))?;
    (!times.is_empty()).then(|| Times {
        name: key.name.trim_end_matches(" max").into(),
        about: key.about.into(),
        count: times.len() as u64,
        figures: statistics.into_iter().filter_map(named).collect(),
        bars: bars::histogram(times),
    })
}
