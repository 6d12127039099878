//! Holds two runs against each other: whose history differs, where first, and why on each side.
//!
//! Owns what counts as the same. It reads reports, so the two may come from different versions of the program, and of
//! the server in it; it runs nothing.

mod pairs;

use blynk_core::time::Duration;
use blynk_reports::model::{Change, Device, Finding, Picture, Run, Scenario};

use crate::numerals::{count, grouped, some};
use pairs::pairs;

/// What came of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What must be known first: that two different scenarios are compared, or two versions of a file.
    pub about: Vec<String>,
    /// How many scenarios went the same way.
    pub same: usize,
    /// The others, a finding each.
    pub differences: Vec<Finding>,
}

/// Compares two runs, scenario by scenario. Moments that are at most `slack` apart are one; by default two ticks where the
/// engines or their ticks differ, and nothing where they are the same.
pub fn compare(first: &Run, second: &Run, slack: Option<Duration>) -> Comparison {
    let mut comparison =
        Comparison { about: strangers(first, second).into_iter().collect(), ..Comparison::default() };
    for pair in pairs(first, second) {
        let difference = match pair {
            (Some(one), Some(other)) => differing(first, one, second, other, slack),
            (Some(one), None) => Some(alone(first, one, "the first")),
            (None, Some(other)) => Some(alone(second, other, "the second")),
            (None, None) => None,
        };
        match (difference, pair) {
            (Some(difference), _) => comparison.differences.push(difference),
            (None, pair) => {
                comparison.same += 1;
                comparison.about.extend(changed(pair));
            }
        }
    }
    comparison
}

/// Two single scenarios are compared whatever they are.
fn strangers(first: &Run, second: &Run) -> Option<String> {
    let ([one], [other]) = (first.scenarios.as_slice(), second.scenarios.as_slice()) else { return None };
    let are = one.path != other.path && one.hash != other.hash;
    are.then(|| format!("two different scenarios are compared: {} and {}", one.path, other.path))
}

/// Runs of a file that was changed are the same in their statuses, which need not be all that was changed.
fn changed(pair: (Option<&Scenario>, Option<&Scenario>)) -> Option<String> {
    let (Some(one), Some(other)) = pair else { return None };
    let is = one.path == other.path && one.hash != other.hash;
    is.then(|| format!("{} was changed in between: only statuses are compared", one.path))
}

fn alone(run: &Run, scenario: &Scenario, side: &str) -> Finding {
    Finding::error(format!("{}: only {side} has it", run.name_of(scenario)), None)
}

/// What differs between two runs of a scenario.
fn differing(
    first: &Run,
    one: &Scenario,
    second: &Run,
    other: &Scenario,
    slack: Option<Duration>,
) -> Option<Finding> {
    let (name, other_name) = (first.name_of(one), second.name_of(other));
    let name = if one.path == other.path { name } else { format!("{name} and {other_name}") };
    let finding = match (&one.picture, &other.picture) {
        (Some(a), Some(b)) => of_devices(&name, a, b, slack.unwrap_or_else(|| usual_slack(one, other)))?,
        (None, _) => Finding::error(format!("{name}: the first does not tell how it went"), None),
        (_, None) => Finding::error(format!("{name}: the second does not tell how it went"), None),
    };
    let heads = heads((&first.version, one), (&second.version, other));
    Some(if heads.is_empty() { finding } else { finding.notes("runs", heads) })
}

/// Two ticks of the coarser engine, if the two are not the same.
fn usual_slack(one: &Scenario, other: &Scenario) -> Duration {
    if (&one.engine, &one.tick) == (&other.engine, &other.tick) {
        return Duration::ZERO;
    }
    let ticks = [one, other].into_iter().filter_map(|it| it.tick.as_deref());
    let ticks = ticks.filter_map(|tick| crate::scenario::units::duration(tick).ok());
    ticks.max().unwrap_or_default() * 2
}

/// In what the two runs were not alike to begin with.
fn heads((version, one): (&str, &Scenario), (other_version, other): (&str, &Scenario)) -> Vec<String> {
    let tick = |it: &Scenario| it.tick.clone().unwrap_or_else(|| "none".into());
    let differing = |what: &str, a: String, b: String| (a != b).then(|| format!("{what} {a} and {b}"));
    let file = match (one.path == other.path, one.hash == other.hash) {
        (true, true) => None,
        (true, false) => Some("the file was changed in between".to_owned()),
        (false, _) => Some(format!("files {} and {}", one.path, other.path)),
    };
    [
        differing("seed", one.seed.to_string(), other.seed.to_string()),
        differing("engine", one.engine.clone(), other.engine.clone()),
        differing("tick", tick(one), tick(other)),
        differing("version", version.into(), other_version.into()),
        file,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A device whose histories part.
struct Parted<'a> {
    name: &'a str,
    /// When, if that is known: then of how many changes both have before.
    at: Option<(u64, usize)>,
    sides: [Option<&'a Device>; 2],
}

fn of_devices(name: &str, a: &Picture, b: &Picture, slack: Duration) -> Option<Finding> {
    if a.digest == b.digest {
        return None;
    }
    let devices = pairs::devices(&a.devices, &b.devices);
    let number = |picture: &Picture| picture.devices.len() as u64 + picture.devices_left_out;
    let shown = devices.len() as u64;
    let total = shown.max(number(a)).max(number(b));
    let (mut parted, mut unknown) = (Vec::new(), total - shown);
    let left_out = [a, b].map(|picture| picture.devices_left_out > 0);
    for sides in devices {
        match judged(sides, left_out, slack) {
            Judged::Same => {}
            Judged::Parted(one) => parted.push(one),
            Judged::Unknown => unknown += 1,
        }
    }
    let total = count(total, "device");
    parted.sort_by_key(|it| (it.at.map_or(u64::MAX, |(at, _)| at), it.name));
    let title = match parted.len() as u64 {
        0 if unknown == 0 => return None,
        0 => format!("{name}: not all of it can be compared"),
        1 => format!("{name}: 1 of {total} went another way"),
        many => format!("{name}: {} of {total} went other ways", grouped(many)),
    };
    let finding = Finding::error(title, None);
    let finding = match parted.first() {
        Some(first) => {
            let names: Vec<_> = parted.iter().map(|it| it.name).collect();
            first.told(finding.note("devices", some(&names)))
        }
        None => finding,
    };
    let left_out = format!("{} that the reports are too small for", count(unknown, "device"));
    Some(if unknown > 0 { finding.note("unknown", left_out) } else { finding })
}

/// What is known of a device.
enum Judged<'a> {
    Same,
    Parted(Parted<'a>),
    /// It is left out of one report, or its history is, and digests know of no slack.
    Unknown,
}

/// `left_out` says which reports have no room for all devices.
fn judged<'a>(sides: [Option<&'a Device>; 2], left_out: [bool; 2], slack: Duration) -> Judged<'a> {
    let at = match sides {
        [Some(a), Some(b)] if a.digest == b.digest => return Judged::Same,
        [Some(Device { history: Some(a), .. }), Some(Device { history: Some(b), .. })] => {
            match first_difference(a, b, slack) {
                None => return Judged::Same,
                at => at,
            }
        }
        [Some(_), Some(_)] if !slack.is_zero() => return Judged::Unknown,
        [None, _] if left_out[0] => return Judged::Unknown,
        [_, None] if left_out[1] => return Judged::Unknown,
        [Some(_), Some(_)] | [None, _] | [_, None] => None,
    };
    let name = sides.iter().flatten().next().map_or("", |device| &device.name);
    Judged::Parted(Parted { name, at, sides })
}

/// When two histories part, and how many changes they have in common.
fn first_difference(a: &[Change], b: &[Change], slack: Duration) -> Option<(u64, usize)> {
    let same = a.iter().zip(b).take_while(|(a, b)| is_same(a, b, slack)).count();
    let at = [a.get(same), b.get(same)].into_iter().flatten().map(|change| change.at).min()?;
    Some((at, same))
}

fn is_same(a: &Change, b: &Change, slack: Duration) -> bool {
    a.to == b.to && a.reason == b.reason && a.at.abs_diff(b.at) <= slack.as_millis()
}

impl Parted<'_> {
    /// The first difference, with what led to it on each side.
    fn told(&self, finding: Finding) -> Finding {
        let Some((_, same)) = self.at else { return self.told_in_short(finding) };
        let histories =
            self.sides.map(|side| side.and_then(|device| device.history.as_deref()).unwrap_or_default());
        let before = match same.checked_sub(1).and_then(|last| histories[0].get(last)) {
            Some(last) => format!("both {} at {}", last.to, last.time),
            None => "neither had a status".into(),
        };
        let finding = finding.note("until", format!("{}: {before}", self.name));
        let [first, second] = histories.map(|history| history.get(same));
        let finding = side(finding, "first", first);
        side(finding, "second", second)
    }

    fn told_in_short(&self, finding: Finding) -> Finding {
        let side = |device: Option<&Device>| match device {
            None => "has no such device".into(),
            Some(Device { changes, status, history, .. }) => {
                let left_out = if history.is_none() { ", its history is left out" } else { "" };
                format!("{status} at the end after {}{left_out}", count(*changes, "change"))
            }
        };
        let [first, second] = self.sides.map(side);
        finding
            .note("first", format!("{}: {first}", self.name))
            .note("second", format!("{}: {second}", self.name))
    }
}

fn side(finding: Finding, name: &'static str, change: Option<&Change>) -> Finding {
    let Some(Change { time, to, reason, because, .. }) = change else {
        return finding.note(name, "no more change");
    };
    let finding = finding.note(name, format!("{time} {to}"));
    let own = (time, reason);
    let reasons = because.iter().map(|cause| (&cause.time, &cause.text)).chain([own]);
    let reasons: Vec<_> = reasons.collect();
    let width = reasons.iter().map(|(time, _)| time.len()).max().unwrap_or(0);
    finding.notes("because", reasons.iter().map(|(time, text)| format!("{time:<width$} {text}")).collect())
}

#[cfg(test)]
mod tests;
