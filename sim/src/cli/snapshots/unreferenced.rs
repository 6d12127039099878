//! Snapshots, accepted or pending, that no scenario refers to any more.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use blynk_reports::model::Finding;

use crate::cli::files;
use crate::snapshot::{EXTENSION, PENDING};

/// What is said of every snapshot below these folders whose scenario is gone, or does not demand it.
///
/// # Errors
/// What cannot be read, and why.
pub(in crate::cli) fn unreferenced(
    paths: &[PathBuf],
    demands: impl Fn(&Path) -> bool,
) -> Result<Vec<Finding>, (PathBuf, io::Error)> {
    let (mut findings, mut seen) = (Vec::new(), BTreeSet::new());
    for folder in paths.iter().filter(|path| path.is_dir()) {
        for snapshot in files::find(folder, &|path| scenario_of(path).is_some())? {
            let Some((word, scenario)) = scenario_of(&snapshot) else { continue };
            let place = snapshot.canonicalize().map_err(|error| (snapshot.clone(), error))?;
            if !seen.insert(place) {
                continue;
            }
            let why = match scenario.is_file() {
                false => format!("its scenario {} is gone", scenario.display()),
                true if !demands(&scenario) => {
                    format!("{} does not say `snapshot: true`", scenario.display())
                }
                true => continue,
            };
            let title = format!("nobody refers to the {word} timeline {}", snapshot.display());
            findings.push(Finding::error(title, None).note("because", why).note("help", "remove it"));
        }
    }
    Ok(findings)
}

/// `a.yaml.timeline` and `a.yaml.timeline.new` belong to `a.yaml`.
fn scenario_of(snapshot: &Path) -> Option<(&'static str, PathBuf)> {
    let is = |path: &Path, extension| path.extension().is_some_and(|it| it == extension);
    let (word, accepted) = match is(snapshot, PENDING) {
        true => ("pending", snapshot.with_extension("")),
        false => ("accepted", snapshot.to_owned()),
    };
    let scenario = accepted.with_extension("");
    (is(&accepted, EXTENSION) && files::is_scenario(&scenario)).then_some((word, scenario))
}
