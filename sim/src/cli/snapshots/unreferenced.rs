//! Accepted snapshots that no scenario refers to any more.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use blynk_reports::model::Finding;

use super::Snapshots;
use crate::cli::files;
use crate::snapshot::EXTENSION;

/// What is said of every accepted snapshot below these folders whose scenario is gone, or does not demand it.
///
/// # Errors
/// A folder cannot be read.
pub(in crate::cli) fn unreferenced(
    paths: &[PathBuf],
    demands: impl Fn(&Path) -> bool,
) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for folder in paths.iter().filter(|path| path.is_dir()) {
        for accepted in files::find(folder, &is_accepted)? {
            // `a.yaml.timeline` belongs to `a.yaml`.
            let scenario = accepted.with_extension("");
            debug_assert_eq!(Snapshots::of(&scenario).accepted, accepted);
            let why = match scenario.is_file() {
                false => format!("its scenario {} is gone", scenario.display()),
                true if !demands(&scenario) => {
                    format!("{} does not say `snapshot: true`", scenario.display())
                }
                true => continue,
            };
            let title = format!("nobody refers to the accepted timeline {}", accepted.display());
            findings.push(Finding::error(title, None).note("because", why).note("help", "remove it"));
        }
    }
    Ok(findings)
}

fn is_accepted(path: &Path) -> bool {
    path.extension() == Some(OsStr::new(EXTENSION)) && files::is_scenario(&path.with_extension(""))
}
