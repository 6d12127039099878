//! `--report KIND=PATH`: which reports are wanted, and where they are left: whole files, or none.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use blynk_reports::model::Run;
use blynk_reports::{github, html, json, junit, markdown, ndjson, tap};
use tempfile::{NamedTempFile, TempPath};

use super::files::is_scenario;
use super::print::Printer;
use super::whole;
use super::{Exit, interrupt};
use crate::plan::Source;
use crate::scenario::nearest;

/// A report that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    kind: Kind,
    to: Target,
}

/// Kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Github,
    Html,
    Json,
    Junit,
    Markdown,
    Ndjson,
    Tap,
}

/// Where a report is left.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Stdout,
    File(PathBuf),
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Github, Self::Html, Self::Json, Self::Junit, Self::Markdown, Self::Ndjson, Self::Tap];

    const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Html => "html",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Ndjson => "ndjson",
            Self::Tap => "tap",
        }
    }

    fn render(self, run: &Run) -> String {
        match self {
            Self::Github => github::report(run),
            Self::Html => html::report(run),
            Self::Json => json::report(run),
            Self::Junit => junit::report(run),
            Self::Markdown => markdown::report(run),
            Self::Ndjson => ndjson::report(run),
            Self::Tap => tap::report(run),
        }
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, path) = text.split_once('=').ok_or("write KIND=PATH, such as `junit=results.xml`")?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| unknown(name))?;
        let to = match path {
            "" => return Err(format!("name a file, such as `{name}=results`, or `-` for standard output")),
            "-" | "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1" => Target::Stdout,
            path => Target::File(path.into()),
        };
        Ok(Self { kind, to })
    }
}

fn unknown(name: &str) -> String {
    let names = Kind::ALL.map(Kind::name);
    let meant = nearest(name, names).map_or(".".into(), |known| format!(", did you mean `{known}`?"));
    format!("there is no report `{name}`{meant} There are {}", names.join(", "))
}

/// Says what is wrong with the reports that are wanted, before anything runs. What people read makes way for a report on
/// standard output.
///
/// # Errors
/// The exit code, after saying why.
pub(super) fn prepare(printer: &mut Printer, wanted: &[Wanted]) -> Result<(), Exit> {
    for (place, one) in wanted.iter().enumerate() {
        if wanted[..place].iter().any(|other| other.to.is(&one.to)) {
            let why = format_args!("two reports cannot both go to {}", one.to);
            return Err(Exit::Refused.said(printer, why));
        }
        let Target::File(path) = &one.to else { continue };
        if let Some(why) = refusal(path) {
            let why = format_args!("cannot write a report to {}: {why}", path.display());
            return Err(Exit::Refused.said(printer, why));
        }
        // Found out now, and not when all is over.
        if !is_special(path) {
            whole::beside(&followed(path), "").map_err(|error| cannot_write(printer, path, &error))?;
        }
    }
    if wanted.iter().any(|one| one.to == Target::Stdout) {
        printer.take_out();
    }
    Ok(())
}

/// Why no report goes there.
fn refusal(path: &Path) -> Option<String> {
    let place = followed(path);
    let folder = whole::folder(&place);
    if [path, &place].into_iter().any(is_scenario_or_snapshot) {
        Some("so scenarios and their snapshots are called".into())
    } else if path.is_dir() {
        Some("it is a folder".into())
    } else if place.is_symlink() {
        Some("its links lead in a circle".into())
    } else if !is_special(path) && !folder.is_dir() {
        Some(format!("there is no folder {}", folder.display()))
    } else {
        None
    }
}

/// Says if a report would take the place of a scenario that is run, however that is called.
///
/// # Errors
/// The exit code, after saying why.
pub(super) fn spare(printer: &mut Printer, wanted: &[Wanted], sources: &[Arc<Source>]) -> Result<(), Exit> {
    // Who is called like a scenario was refused already.
    let odd = sources.iter().map(|source| Path::new(&source.path)).filter(|path| !is_scenario(path));
    for scenario in odd.map(|path| Target::File(path.to_owned())) {
        if wanted.iter().any(|one| one.to.is(&scenario)) {
            let why = format_args!("cannot write a report to {scenario}: it is a scenario of this run");
            return Err(Exit::Refused.said(printer, why));
        }
    }
    Ok(())
}

/// Writes all reports, or, when one cannot be written, none: all are written beside their places before the first takes its
/// own, and if one cannot, those before it make way for what was there. Standard output, devices and pipes come last: what
/// they got cannot be taken back.
///
/// # Errors
/// The exit code, after saying why.
pub(super) fn write(printer: &mut Printer, wanted: &[Wanted], run: &Run) -> Result<(), Exit> {
    let held = interrupt::held_off();
    let mut written = Vec::new();
    for (kind, path) in to_files(wanted) {
        let path = followed(path);
        let file = whole::beside(&path, &kind.render(run));
        written.push((file.map_err(|error| cannot_write(printer, &path, &error))?, path));
    }
    let mut replaced = Vec::new();
    // Whoever finds one report would take it for all that was wanted.
    let give_up = |replaced: Vec<(PathBuf, _)>| {
        replaced.into_iter().rev().for_each(|(path, before)| restore(&path, before));
    };
    for (file, path) in written {
        match replace(file, &path) {
            Ok(before) => replaced.push((path, before)),
            Err(error) => {
                give_up(replaced);
                return Err(cannot_write(printer, &path, &error));
            }
        }
    }
    // A pipe may have nobody who reads.
    drop(held);
    for Wanted { kind, to } in wanted {
        match to {
            Target::Stdout => printer.report(&kind.render(run)),
            Target::File(path) if is_special(path) => {
                if let Err(error) = fs::write(path, kind.render(run)) {
                    give_up(replaced);
                    return Err(cannot_write(printer, path, &error));
                }
            }
            Target::File(_) => {}
        }
    }
    Ok(())
}

/// What becomes a file.
fn to_files(wanted: &[Wanted]) -> impl Iterator<Item = (Kind, &Path)> {
    wanted.iter().filter_map(|Wanted { kind, to }| match to {
        Target::File(path) if !is_special(path) => Some((*kind, path.as_path())),
        Target::File(_) | Target::Stdout => None,
    })
}

/// Puts a file in its place. Returns what was there, under another name.
fn replace(file: NamedTempFile, path: &Path) -> io::Result<Option<TempPath>> {
    let before = match path.is_file() {
        true => {
            let keep = |name: &Path| fs::hard_link(path, name).or_else(|_| fs::copy(path, name).map(drop));
            Some(
                tempfile::Builder::new()
                    .prefix(".report")
                    .make_in(whole::folder(path), keep)?
                    .into_temp_path(),
            )
        }
        false => None,
    };
    whole::place(file, path)?;
    Ok(before)
}

/// Nobody is left to tell when this fails: the reason why it is needed is told.
fn restore(path: &Path, before: Option<TempPath>) {
    match before {
        Some(before) => _ = before.persist(path),
        None => _ = fs::remove_file(path),
    }
}

/// Where a link leads: a report is written through it.
fn followed(path: &Path) -> PathBuf {
    // As many as systems follow.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = whole::folder(&path).join(to),
            Err(_) => break,
        }
    }
    path
}

/// Whether it is there and no file: a device or a pipe takes a report, and must not make way for one.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file())
}

fn cannot_write(printer: &mut Printer, path: &Path, error: &io::Error) -> Exit {
    Exit::CouldNotRun.said(printer, format_args!("cannot write the report {}: {error}", path.display()))
}

/// A report that takes the place of one would be noticed too late.
fn is_scenario_or_snapshot(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".yaml", ".yml", ".timeline", ".timeline.new"].iter().any(|end| name.ends_with(end))
}

impl Target {
    /// Whether both are the same, however they are spelt.
    fn is(&self, other: &Self) -> bool {
        let place = |path: &Path| {
            let path = followed(path);
            (whole::folder(&path).canonicalize().ok(), path.file_name().map(OsStr::to_owned))
        };
        match (self, other) {
            (Self::Stdout, Self::Stdout) => true,
            (Self::File(one), Self::File(other)) => one == other || place(one) == place(other),
            (Self::Stdout, Self::File(_)) | (Self::File(_), Self::Stdout) => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        text.parse::<Wanted>().expect_err("it is not understood")
    }

    #[test]
    fn a_report_has_a_kind_and_a_place() {
        let wanted: Wanted = "junit=a=b.xml".parse().expect("a kind and a path");
        assert_eq!((wanted.kind, wanted.to), (Kind::Junit, Target::File("a=b.xml".into())));
        let wanted: Wanted = "json=-".parse().expect("a kind and a path");
        assert_eq!(wanted.to, Target::Stdout);
    }

    #[test]
    fn what_is_no_report_is_told_with_the_way_out() {
        const KINDS: &str = "There are github, html, json, junit, markdown, ndjson, tap";
        assert_eq!(refused("jnuit=a"), format!("there is no report `jnuit`, did you mean `junit`? {KINDS}"));
        assert_eq!(refused("pdf=a"), format!("there is no report `pdf`. {KINDS}"));
        assert_eq!(refused("junit"), "write KIND=PATH, such as `junit=results.xml`");
        assert!(refused("tap=").starts_with("name a file"));
    }

    #[test]
    fn a_file_is_the_same_however_it_is_spelt() {
        let is = |one: &str, other: &str| Target::File(one.into()).is(&Target::File(other.into()));
        assert!(is("a", "a") && is("a", "./a") && is("src/a", "src/../src/a"));
        assert!(!is("a", "b") && !is("a", "src/a"));
    }

    #[test]
    fn no_report_takes_the_place_of_a_scenario_or_its_snapshot() {
        let names = ["a.yaml", "b/a.yml", "a.yaml.timeline", "a.yaml.timeline.new"];
        assert!(names.iter().all(|name| is_scenario_or_snapshot(Path::new(name))));
        assert!(!is_scenario_or_snapshot(Path::new("a.json")) && !is_scenario_or_snapshot(Path::new("yaml")));
    }

    #[test]
    fn what_was_there_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "before").expect("a file");
        let put = |path: &Path| {
            replace(whole::beside(path, "after").expect("a file"), path).expect("it is replaced")
        };
        let (before, nothing) = (put(&old), put(&new));
        assert_eq!(fs::read_to_string(&old).expect("the file"), "after");
        restore(&old, before);
        restore(&new, nothing);
        assert_eq!(fs::read_to_string(&old).expect("the file"), "before");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
