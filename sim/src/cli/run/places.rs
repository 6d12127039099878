//! `FILE:LINE`: a scenario, and what of it is told first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::files;
use crate::plan::Source;

/// Paths, some with a line.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) paths: Vec<PathBuf>,
    /// By path as it is shown.
    lines: BTreeMap<String, usize>,
}

impl Places {
    /// # Errors
    /// Why a line is none that can be told first.
    pub(super) fn of(arguments: &[PathBuf]) -> Result<Self, String> {
        let mut places = Self::default();
        for argument in arguments {
            let (path, line) = split(argument);
            let name = files::bare(&path).display().to_string();
            if let Some(line) = line {
                if path.is_dir() {
                    let folder = path.display();
                    return Err(format!("{folder} is a folder and has no line {line}; name a file of it"));
                }
                if let Some(other) = places.lines.insert(name.clone(), line).filter(|other| *other != line) {
                    return Err(format!("{name} is named with the lines {other} and {line}; name one"));
                }
            }
            places.paths.push(path);
        }
        Ok(places)
    }

    /// Whether a line was asked for that this file does not have.
    pub(super) fn is_beyond(&self, source: &Source) -> bool {
        self.line(&source.path).is_some_and(|line| line == 0 || line > source.text.lines().count())
    }

    /// The line that was asked for in this file.
    pub(super) fn line(&self, path: &str) -> Option<usize> {
        self.lines.get(path).copied()
    }
}

/// Compilers and editors write `FILE:LINE` and `FILE:LINE:COLUMN`. A file that is really called so comes first.
pub(super) fn split(argument: &Path) -> (PathBuf, Option<usize>) {
    let whole = (argument.to_owned(), None);
    let Some(text) = argument.to_str().filter(|_| !argument.exists()) else { return whole };
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some((before, number)) = rest.rsplit_once(':').filter(|_| numbers.len() < 2) {
        let Ok(number) = number.parse() else { break };
        numbers.push(number);
        rest = before;
    }
    match numbers.last() {
        Some(line) => (PathBuf::from(rest), Some(*line)),
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(argument: &str, path: &str, line: Option<usize>) {
        assert_eq!(split(Path::new(argument)), (PathBuf::from(path), line));
    }

    #[test]
    fn a_line_stands_behind_the_file_and_a_column_behind_that() {
        check("a.yaml", "a.yaml", None);
        check("a.yaml:19", "a.yaml", Some(19));
        check("a.yaml:19:5", "a.yaml", Some(19));
        check("b/a.yaml:x", "b/a.yaml:x", None);
        check("1:2:3:4", "1:2", Some(3));
        check("a.yaml:99999999999999999999", "a.yaml:99999999999999999999", None);
    }
}
