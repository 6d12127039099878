//! `--watch`: runs everything, and then again what has changed, until it is interrupted.
//!
//! Owns what counts as a change: the scenario file, or its accepted timeline. It looks at their times and sizes a few times
//! in a second, which works on every file system, in containers and over networks too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Run, places};
use crate::cli::clock::pause;
use crate::cli::print::Printer;
use crate::cli::snapshots::Snapshots;
use crate::cli::{Exit, files};
use crate::numerals::count;

const LOOK_EACH: Duration = Duration::from_millis(300);

/// What a file was like: when it was written, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

/// Every scenario as it is called on the command line, and what it and its snapshot were like.
type Seen = BTreeMap<PathBuf, (Stamp, Stamp)>;

/// Ends when the program is interrupted, when nobody reads its output any more, or at once if nothing can be run.
pub(super) fn run(run: &Run, printer: &mut Printer) -> Exit {
    // Looked at before it is read: what changes in between is seen.
    let mut seen = look(&run.paths);
    let mut exit = run.once(printer);
    if seen.is_empty() {
        return exit;
    }
    while !printer.is_broken() {
        printer.line(match seen.len() as u64 {
            0 => "no scenario is left; watching for one to come back, ctrl-c ends it".into(),
            number => format!("watching {}, ctrl-c ends it", count(number, "scenario")),
        });
        let now = loop {
            pause(LOOK_EACH);
            let now = look(&run.paths);
            if now != seen {
                break now;
            }
        };
        let changed: Vec<_> = now
            .iter()
            .filter(|(path, stamps)| seen.get(*path) != Some(stamps))
            .map(|it| it.0.clone())
            .collect();
        // A report is of all scenarios that there are.
        let again = if run.reports.is_empty() { changed } else { now.keys().cloned().collect() };
        if !again.is_empty() {
            printer.line("");
            exit = Run { paths: again, ..run.clone() }.once(printer);
        }
        seen = now;
    }
    exit
}

/// What cannot be read now may be there the next time.
fn look(arguments: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for argument in arguments {
        let (path, line) = places::split(argument);
        for file in files::find(&path, &files::is_scenario).unwrap_or_default() {
            let stamps = (stamp(&file), stamp(Snapshots::of(&file).accepted()));
            let called = if line.is_some() { argument.clone() } else { file };
            seen.insert(called, stamps);
        }
    }
    seen
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}
