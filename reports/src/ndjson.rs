//! The model as lines of JSON, each an object with a `type`: for what reads as it goes.

use serde::Serialize;

use crate::model::{
    Case, Device, Disturbance, Finding, Group, Picture, Refused, Run, Scenario, Tick, Times, Totals, Verdict,
};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Run { format: u32, version: &'a str },
    Refused(&'a Refused),
    Finding(&'a Finding),
    Scenario(Head<'a>),
    Case(Demanded<'a>),
    Picture(Look<'a>),
    Device(Life<'a>),
    Summary(Sum<'a>),
}

#[derive(Serialize)]
struct Head<'a> {
    path: &'a str,
    title: &'a str,
    hash: &'a str,
    seed: u64,
    engine: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tick: Option<&'a str>,
    verdict: Verdict,
    simulated: &'a str,
    totals: Totals,
    /// Those that no case tells.
    findings: Vec<&'a Finding>,
}

#[derive(Serialize)]
struct Demanded<'a> {
    path: &'a str,
    seed: u64,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<&'a str>,
    verdict: Verdict,
    findings: Vec<&'a Finding>,
}

/// All of a picture but its devices, which have lines of their own.
#[derive(Serialize)]
struct Look<'a> {
    path: &'a str,
    seed: u64,
    until: u64,
    end: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    ticks: &'a [Tick],
    groups: &'a [Group],
    disturbances: &'a [Disturbance],
    times: &'a [Times],
    digest: &'a str,
    devices_left_out: u64,
    histories_left_out: u64,
}

#[derive(Serialize)]
struct Life<'a> {
    path: &'a str,
    seed: u64,
    #[serde(flatten)]
    device: &'a Device,
}

#[derive(Serialize)]
struct Sum<'a> {
    verdict: Verdict,
    passed: usize,
    failed: usize,
    not_run: usize,
    not_compared: usize,
    simulated: &'a str,
    totals: Totals,
    #[serde(skip_serializing_if = "Option::is_none")]
    races: Option<u64>,
    real_milliseconds: u64,
}

/// All lines.
///
/// # Panics
/// Never: the model has only text for keys.
pub fn report(run: &Run) -> String {
    let mut lines = vec![Line::Run { format: run.format, version: &run.version }];
    lines.extend(run.refused.iter().map(Line::Refused));
    lines.extend(run.findings.iter().map(Line::Finding));
    lines.extend(run.scenarios.iter().flat_map(of_scenario));
    let Run {
        verdict,
        passed,
        failed,
        not_run,
        not_compared,
        ref simulated,
        totals,
        races,
        real_milliseconds,
        ..
    } = *run;
    lines.push(Line::Summary(Sum {
        verdict,
        passed,
        failed,
        not_run,
        not_compared,
        simulated,
        totals,
        races,
        real_milliseconds,
    }));
    let spelt = lines.iter().map(|line| serde_json::to_string(line).expect("the model is plain") + "\n");
    spelt.collect()
}

fn of_scenario(scenario: &Scenario) -> impl Iterator<Item = Line<'_>> {
    let Scenario { path, seed, cases, picture, .. } = scenario;
    let cases = cases.iter().map(|case| Line::Case(of_case(scenario, case)));
    let look = picture.iter().map(|picture| Line::Picture(look(scenario, picture)));
    let devices = picture.iter().flat_map(|picture| &picture.devices);
    let devices = devices.map(|device| Line::Device(Life { path, seed: *seed, device }));
    [Line::Scenario(head(scenario))].into_iter().chain(cases).chain(look).chain(devices)
}

fn head(scenario: &Scenario) -> Head<'_> {
    let Scenario { path, title, hash, seed, engine, tick, verdict, simulated, totals, .. } = scenario;
    Head {
        path,
        title,
        hash,
        seed: *seed,
        engine,
        tick: tick.as_deref(),
        verdict: *verdict,
        simulated,
        totals: *totals,
        findings: scenario.findings_of_no_case().collect(),
    }
}

fn look<'a>(scenario: &'a Scenario, picture: &'a Picture) -> Look<'a> {
    let Picture {
        until,
        end,
        start,
        ticks,
        groups,
        disturbances,
        times,
        digest,
        devices_left_out,
        histories_left_out,
        devices: _,
    } = picture;
    Look {
        path: &scenario.path,
        seed: scenario.seed,
        until: *until,
        end,
        start: *start,
        ticks,
        groups,
        disturbances,
        times,
        digest,
        devices_left_out: *devices_left_out,
        histories_left_out: *histories_left_out,
    }
}

fn of_case<'a>(scenario: &'a Scenario, case: &'a Case) -> Demanded<'a> {
    Demanded {
        path: &scenario.path,
        seed: scenario.seed,
        kind: case.kind.name(),
        name: &case.name,
        line: case.line,
        measured: case.measured.as_deref(),
        verdict: if case.findings.is_empty() { Verdict::Passed } else { Verdict::Failed },
        findings: scenario.findings_of(case).collect(),
    }
}
