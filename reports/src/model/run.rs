//! All that came of one call: the scenarios that were run, and the files that were refused.

use serde::{Deserialize, Serialize};

use super::{Finding, Picture, Severity};
use crate::numerals::count;

/// The version of this model. What reads a report of another version must say so and stop.
pub const FORMAT: u32 = 1;

/// All that came of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this model: [`FORMAT`].
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// How it went, the worst of all.
    pub verdict: Verdict,
    /// How many scenarios passed.
    pub passed: usize,
    /// How many did not.
    pub failed: usize,
    /// How much virtual time passed in all.
    pub simulated: String,
    /// What happened in all scenarios together.
    pub totals: Totals,
    /// Devices whose lives a tick decided, if engines were held against each other.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub races: Option<u64>,
    /// Files that were refused; with any, nothing ran.
    pub refused: Vec<Refused>,
    /// What is said of files and of no single run: what is doubtful about scenarios, snapshots that nobody refers to.
    pub findings: Vec<Finding>,
    /// How many scenarios were not begun, because enough had failed.
    pub not_run: usize,
    /// How many runs were not held against their accepted timelines, which are of another seed or engine.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub not_compared: usize,
    /// The scenarios, in the order in which they are told.
    pub scenarios: Vec<Scenario>,
    /// How long all of it took in the real world: the one thing here that is not the same each time.
    pub real_milliseconds: u64,
}

/// How something went, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything is as expected.
    Passed,
    /// Something is not.
    Failed,
    /// The file was not understood.
    Refused,
    /// A bug of the server or the simulator ended the run.
    Crashed,
}

/// A file that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The path as the user gave it.
    pub path: String,
    /// Everything that is wrong with it.
    pub findings: Vec<Finding>,
}

/// What happened, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Messages that reached the server.
    pub messages: u64,
    /// Logins that it recorded.
    pub logins: u64,
    /// Changes of statuses.
    pub changes: u64,
}

/// One scenario that was run, with one seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// The path as the user gave it.
    pub path: String,
    /// Its title.
    pub title: String,
    /// SHA-256 of the file.
    pub hash: String,
    /// Every random number followed from it.
    pub seed: u64,
    /// What ran it.
    pub engine: String,
    /// The engine's step, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tick: Option<String>,
    /// How it went.
    pub verdict: Verdict,
    /// How much virtual time passed.
    pub simulated: String,
    /// What happened.
    pub totals: Totals,
    /// What is wrong, as the terminal tells it. Empty: it passed.
    pub findings: Vec<Finding>,
    /// Everything that was demanded, kept or not.
    pub cases: Vec<Case>,
    /// The lives of its devices; left out where nobody needs it, and where nothing came of the run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub picture: Option<Picture>,
}

/// Something that was demanded of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What kind of demand.
    pub kind: CaseKind,
    /// What it demands, in one line.
    pub name: String,
    /// The line of the file that demands it, from 1; nothing for what is always demanded.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<usize>,
    /// What was measured, if it is about a figure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measured: Option<String>,
    /// The places of the scenario's findings that say how it was not met. Empty: it was.
    pub findings: Vec<usize>,
}

/// Kinds of demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// Written under `expect`.
    #[serde(rename = "expect")]
    Expectation,
    /// Written under `limits`.
    Limit,
    /// `settle`.
    Settle,
    /// `snapshot`.
    Snapshot,
    /// What must hold in every run.
    Invariant,
}

impl CaseKind {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expectation => "expect",
            Self::Limit => "limit",
            Self::Settle => "settle",
            Self::Snapshot => "snapshot",
            Self::Invariant => "invariant",
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl Run {
    /// How many accepted timelines nobody refers to: nothing else is an error about files.
    pub fn unreferenced(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// What is doubtful about a file, and fails nothing.
    pub fn warnings_of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Finding> {
        let warnings = self.findings.iter().filter(|finding| finding.severity == Severity::Warning);
        warnings.filter(move |finding| finding.place.as_ref().is_some_and(|place| place.path == path))
    }

    /// What there was no room for: `12 devices, and the histories of 30 others`; nothing if all is here.
    pub fn left_out(&self) -> Option<String> {
        let pictures = || self.scenarios.iter().filter_map(|scenario| scenario.picture.as_ref());
        let devices: u64 = pictures().map(|picture| picture.devices_left_out).sum();
        let histories: u64 = pictures().map(|picture| picture.histories_left_out).sum();
        match (devices, histories) {
            (0, 0) => None,
            (devices, 0) => Some(count(devices, "device")),
            (0, histories) => Some(format!("the histories of {}", count(histories, "device"))),
            (devices, histories) => Some(format!(
                "{}, and the histories of {}",
                count(devices, "device"),
                count(histories, "other")
            )),
        }
    }

    /// What a scenario is called here: its path, and its seed if it was run with several.
    pub fn name_of(&self, scenario: &Scenario) -> String {
        let Scenario { path, seed, .. } = scenario;
        let runs = self.scenarios.iter().filter(|other| other.path == *path).take(2).count();
        if runs > 1 { format!("{path} --seed {seed}") } else { path.clone() }
    }
}

impl Scenario {
    /// How it was run: `seed 1, engine turmoil, tick 100ms`.
    pub fn manner(&self) -> String {
        let tick = self.tick.iter().map(|tick| format!(", tick {tick}"));
        format!("seed {}, engine {}", self.seed, self.engine) + &tick.collect::<String>()
    }

    /// The findings that say how a case was not met.
    pub fn findings_of<'a>(&'a self, case: &'a Case) -> impl Iterator<Item = &'a Finding> {
        case.findings.iter().filter_map(|place| self.findings.get(*place))
    }

    /// The findings that belong to no case: what ended a run before it could be judged.
    pub fn findings_of_no_case(&self) -> impl Iterator<Item = &Finding> {
        let is_told = |place: usize| self.cases.iter().any(|case| case.findings.contains(&place));
        self.findings
            .iter()
            .enumerate()
            .filter(move |(place, _)| !is_told(*place))
            .map(|(_, finding)| finding)
    }
}
