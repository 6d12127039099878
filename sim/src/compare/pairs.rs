//! What is compared with what.

use std::collections::BTreeMap;

use blynk_reports::model::{Device, Run, Scenario};

/// Scenarios of two runs: of one file with one seed, or, where the seeds are others, in their order. Two single ones are a
/// pair whatever they are called.
pub(super) fn pairs<'a>(
    first: &'a Run,
    second: &'a Run,
) -> Vec<(Option<&'a Scenario>, Option<&'a Scenario>)> {
    if let ([one], [other]) = (first.scenarios.as_slice(), second.scenarios.as_slice()) {
        return vec![(Some(one), Some(other))];
    }
    let (ours, theirs) = (by_path(first), by_path(second));
    let mut pairs = Vec::new();
    for (path, ours) in &ours {
        let theirs = theirs.get(path).map_or(&[][..], Vec::as_slice);
        pairs.extend(of_one_file(ours, theirs));
    }
    let only_theirs = theirs.iter().filter(|(path, _)| !ours.contains_key(*path));
    pairs.extend(only_theirs.flat_map(|(_, theirs)| theirs.iter().map(|it| (None, Some(*it)))));
    pairs
}

fn by_path(run: &Run) -> BTreeMap<&str, Vec<&Scenario>> {
    let mut files: BTreeMap<&str, Vec<&Scenario>> = BTreeMap::new();
    run.scenarios.iter().for_each(|it| files.entry(&it.path).or_default().push(it));
    files
}

fn of_one_file<'a>(
    ours: &[&'a Scenario],
    theirs: &[&'a Scenario],
) -> Vec<(Option<&'a Scenario>, Option<&'a Scenario>)> {
    let mut pairs: Vec<_> = Vec::new();
    let mut rest: Vec<_> = theirs.to_vec();
    let mut alone = Vec::new();
    for one in ours {
        match rest.iter().position(|other| other.seed == one.seed) {
            Some(place) => pairs.push((Some(*one), Some(rest.remove(place)))),
            None => alone.push(*one),
        }
    }
    let longest = alone.len().max(rest.len());
    pairs.extend((0..longest).map(|place| (alone.get(place).copied(), rest.get(place).copied())));
    pairs
}

/// Devices of one name; those first that the first run has.
pub(super) fn devices<'a>(first: &'a [Device], second: &'a [Device]) -> Vec<[Option<&'a Device>; 2]> {
    let mut theirs: BTreeMap<&str, &Device> = second.iter().map(|it| (it.name.as_str(), it)).collect();
    let ours = first.iter().map(|it| [Some(it), theirs.remove(it.name.as_str())]);
    let mut pairs: Vec<_> = ours.collect();
    pairs.extend(theirs.into_values().map(|it| [None, Some(it)]));
    pairs
}
