//! What reports are made of: plain structs with text already worded. Judges nothing, computes nothing.

/// A remark about one place of a scenario file: a mistake in it, or an expectation that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is refused, or the scenario failed.
    Error,
    /// Legal but doubtful.
    Warning,
}

/// A marked place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub mark: std::ops::Range<usize>,
    /// What is said beside the mark; may be empty.
    pub label: String,
}

/// A named fact of one or more lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// `help`, `got`, `because`, ...
    pub name: &'static str,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Place {
    /// The place of a byte range in a text. A range over several lines is cut at the end of its first.
    pub fn locate(path: &str, text: &str, span: std::ops::Range<usize>, label: impl Into<String>) -> Self {
        let start = span.start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let excerpt = text[line_start..line_end].trim_end_matches('\r').to_owned();
        let mark = start - line_start..(span.end.clamp(start, line_end) - line_start).min(excerpt.len());
        Self {
            path: path.to_owned(),
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
        Self { severity: Severity::Error, title: title.into(), place, notes: Vec::new() }
    }

    /// Adds a one-line note.
    #[must_use]
    pub fn note(self, name: &'static str, line: impl Into<String>) -> Self {
        self.notes(name, vec![line.into()])
    }

    /// Adds a note of several lines.
    #[must_use]
    pub fn notes(mut self, name: &'static str, lines: Vec<String>) -> Self {
        self.notes.push(Note { name, lines });
        self
    }
}

/// One scenario that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The path as the user gave it.
    pub path: String,
    /// Its title.
    pub title: String,
    /// How much virtual time passed.
    pub simulated: String,
    /// How much real time that took.
    pub took: String,
    /// What is wrong. Empty: it passed.
    pub findings: Vec<Finding>,
}

/// All scenarios of a call together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How many passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// How much virtual time passed in all.
    pub simulated: String,
    /// How much real time that took.
    pub took: String,
    /// What came of it in numbers: messages, logins, changes of status.
    pub totals: String,
}

/// The lives of devices over the time of a run, as lanes. Times are fractions of the run: 0.0 to 1.0.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// How the beginning is spelt.
    pub from: String,
    /// How the end is spelt.
    pub to: String,
    /// One for each device.
    pub lanes: Vec<Lane>,
}

/// The life of one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The device.
    pub name: String,
    /// Each status from its beginning; it lasts until the next.
    pub statuses: Vec<(f64, LaneStatus)>,
    /// From when to when it was connected.
    pub connected: Vec<(f64, f64)>,
    /// Every change with its moment and reason, a line each.
    pub changes: Vec<String>,
}

/// What a lane shows of a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneStatus {
    /// Its name.
    pub label: String,
    /// How it is drawn.
    pub tone: Tone,
}

/// Kinds of statuses, as far as drawing them goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The Online kind.
    Online,
    /// The Offline kind.
    Offline,
    /// Anything else.
    Custom,
}
