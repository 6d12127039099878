//! What is wrong, where, and the facts that belong to it.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::printable::printable;

/// A remark about one place of a scenario file: a mistake in it, or an expectation that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// Where, if it has a place in a file.
    pub place: Option<Place>,
    /// Named facts under the excerpt, in order: `got`, `because`, `help`, ...
    pub notes: Vec<Note>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file is refused, or the scenario failed.
    Error,
    /// Legal but doubtful.
    Warning,
}

/// A marked place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The path as the user gave it.
    pub path: String,
    /// First line of the excerpt, from 1.
    pub line: usize,
    /// Column of the mark in characters, from 1.
    pub column: usize,
    /// The text of that line.
    pub excerpt: String,
    /// The marked bytes of the excerpt.
    pub mark: Range<usize>,
    /// What is said beside the mark; may be empty.
    pub label: String,
}

/// A named fact of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `help`, `got`, `because`, ...
    pub name: Cow<'static, str>,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Place {
    /// The place of a byte range in a text. A range over several lines is cut at the end of its first.
    pub fn locate(path: &str, text: &str, span: Range<usize>, label: impl Into<String>) -> Self {
        let start = span.start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let excerpt = text[line_start..line_end].trim_end_matches('\r').to_owned();
        let mark = start - line_start..(span.end.clamp(start, line_end) - line_start).min(excerpt.len());
        Self {
            path: printable(path).into_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            excerpt,
            mark,
            label: label.into(),
        }
    }
}

impl Finding {
    /// An error without notes.
    pub fn error(title: impl Into<String>, place: Option<Place>) -> Self {
        let title = printable(&title.into()).into_owned();
        Self { severity: Severity::Error, title, place, notes: Vec::new() }
    }

    /// Adds a one-line note.
    #[must_use]
    pub fn note(self, name: &'static str, line: impl Into<String>) -> Self {
        self.notes(name, vec![line.into()])
    }

    /// Adds a note of several lines.
    #[must_use]
    pub fn notes(mut self, name: &'static str, lines: Vec<String>) -> Self {
        self.notes.push(Note { name: name.into(), lines });
        self
    }
}
