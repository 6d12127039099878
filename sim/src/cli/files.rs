//! Finds and reads scenario files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use blynk_reports::model::{Finding, Refused};
use blynk_reports::printable::printable;

use super::Exit;
use super::print::Printer;
use crate::plan::{Plan, Source};
use crate::scenario::{self, Loaded, Options};

/// Bytes of a file that is still read.
const LONGEST: u64 = 64 << 20;

/// Of folders.
pub(super) const NO_SCENARIOS: &str =
    "no scenario files there: they end in `.yaml` or `.yml`; `blynk-sim new NAME` writes one to begin with";

const NO_TEXT: &str = "it is no UTF-8 text";
const UTF_16: &str = "it is UTF-16; save it as UTF-8";

/// Reads and resolves every scenario under these paths. All problems of all files are printed; with any, nothing runs.
///
/// # Errors
/// The exit code, after saying why.
pub(super) fn load(printer: &mut Printer, paths: &[PathBuf], options: Options) -> Result<Vec<Loaded>, Exit> {
    let (loaded, refused) = load_each(printer, paths, options)?;
    if refused.is_empty() { Ok(loaded) } else { Err(Exit::Refused) }
}

/// Like [`load`], and tells which files are refused and why.
pub(super) fn load_each(
    printer: &mut Printer,
    paths: &[PathBuf],
    options: Options,
) -> Result<(Vec<Loaded>, Vec<Refused>), Exit> {
    let (mut loaded, mut refused, mut unreadable) = (Vec::new(), Vec::new(), None);
    for file in find_all(printer, paths)? {
        let source = match read_file(&file) {
            Ok(source) => source,
            Err(error) => {
                unreadable = Some(cannot_read(printer, &file, &error));
                continue;
            }
        };
        let path = source.path.clone();
        match scenario::load(source, &options) {
            Ok(scenario) => loaded.push(scenario),
            Err(findings) => {
                findings.iter().for_each(|finding| printer.finding(finding));
                refused.push(Refused { path, findings });
            }
        }
    }
    unreadable.map_or(Ok((loaded, refused)), Err)
}

/// Like [`load`], for commands that take one file.
pub(super) fn load_one(printer: &mut Printer, path: &Path, options: Options) -> Result<Plan, Exit> {
    if path.is_dir() {
        printer.complain(format_args!("{} is a folder; name one scenario file", path.display()));
        return Err(Exit::Refused);
    }
    let loaded = load(printer, &[path.to_owned()], options)?.pop().expect("one file is one scenario");
    print_findings(printer, &loaded.warnings);
    Ok(loaded.plan)
}

pub(super) fn print_findings(printer: &mut Printer, findings: &[Finding]) {
    findings.iter().for_each(|finding| printer.finding(finding));
}

/// All files under these paths, in the order of the paths and then of the names. A file that is reached twice, by
/// whatever spelling, counts once.
///
/// # Errors
/// The exit code, after saying why.
pub(super) fn find_all(printer: &mut Printer, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Exit> {
    let mut seen = BTreeSet::new();
    let (mut files, mut missing) = (Vec::new(), None);
    for path in paths {
        match find(path, &is_scenario) {
            Ok(found) => {
                let is_new =
                    |file: &PathBuf| seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone()));
                files.extend(found.into_iter().filter(is_new));
            }
            Err((path, error)) => missing = Some(cannot_read(printer, &path, &error)),
        }
    }
    missing.map_or(Ok(files), Err)
}

/// Says why, and is the exit code.
pub(super) fn cannot_read(printer: &mut Printer, path: &Path, error: &io::Error) -> Exit {
    match path.to_str() {
        Some("-") => printer.complain("scenarios are not read from standard input: name a file or a folder"),
        Some(_) | None => printer.complain(format_args!("cannot read {}: {}", path.display(), why(error))),
    }
    // A path that is not there or a file that is not text: the user can mend that.
    let mendable = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData);
    if mendable { Exit::Refused } else { Exit::CouldNotRun }
}

/// Why a file cannot be read, in our words where the system has none for users.
pub(super) fn why(error: &io::Error) -> String {
    let told = error.to_string();
    if error.kind() == ErrorKind::IsADirectory {
        "it is a folder".into()
    } else if error.kind() == ErrorKind::InvalidData && told != UTF_16 {
        NO_TEXT.into()
    } else {
        told
    }
}

/// # Errors
/// If it cannot be read, or is longer than any scenario: a device may never end.
pub(super) fn read_file(path: &Path) -> io::Result<Source> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other("it is longer than 64 MB, and no scenario"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let is_utf16 = [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| error.as_bytes().starts_with(mark));
        io::Error::new(ErrorKind::InvalidData, if is_utf16 { UTF_16 } else { NO_TEXT })
    })?;
    Ok(Source { path: path.display().to_string(), text })
}

/// The file itself, or every file below the folder that is wanted, by name. Links to folders are not followed: they may
/// lead back. What is hidden was not meant: folders of tools, and files of theirs.
///
/// # Errors
/// What cannot be read, and why.
pub(super) fn find(
    path: &Path,
    is_wanted: &dyn Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let unreadable = |error| (path.to_owned(), error);
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![bare(path).to_owned()]);
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = entries.map_err(unreadable)?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        }
        let folder = entry.is_dir();
        // Nobody names a pipe in a folder, and it may never end.
        if (folder && !entry.is_symlink()) || (entry.is_file() && is_wanted(&entry)) {
            files.extend(find(&entry, is_wanted)?);
        }
    }
    Ok(files)
}

/// A path as it is shown, on one line.
pub(super) fn shown(path: &Path) -> String {
    printable(&path.display().to_string()).into_owned()
}

/// A path without a `./` in front, so that a file has one name.
pub(super) fn bare(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// `.yaml` and `.yml`.
pub(super) fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}
