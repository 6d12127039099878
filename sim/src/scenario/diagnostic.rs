//! Collects what is wrong with a scenario file, each problem once, mistakes before doubts, in order of place.
//!
//! Owns the words around a place; does not decide what is wrong, and does not draw.

use blynk_reports::model::{Finding, Note, Place, Severity};

use crate::plan::{Source, Span};

/// Something wrong at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) struct Problem {
    span: Span,
    severity: Severity,
    title: String,
    label: String,
    /// Boxed, because few problems have one and every result carries the room for it.
    other: Option<Box<(Span, &'static str)>>,
    help: Vec<String>,
}

impl Problem {
    /// A problem for which the file is refused.
    pub(crate) fn error(span: &Span, title: impl Into<String>) -> Self {
        let (label, help) = (String::new(), Vec::new());
        Self { span: span.clone(), severity: Severity::Error, title: title.into(), label, other: None, help }
    }

    /// Legal, but probably not what the author wants.
    pub(crate) fn warning(span: &Span, title: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(span, title) }
    }

    /// A part of the language that is not built.
    pub(crate) fn not_supported(span: &Span, what: &str, instead: &str) -> Self {
        let problem = Self::error(span, format!("`{what}` is not supported yet"));
        if instead.is_empty() { problem } else { problem.help(instead) }
    }

    /// What stands beside the mark.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What stands beside the mark: the known word that was probably meant, if one is near.
    pub(crate) fn did_you_mean<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(word, known) {
            Some(meant) => self.label(format!("did you mean `{meant}`?")),
            None => self,
        }
    }

    /// The other place that the problem is about, and what it is to this one.
    pub(crate) fn other(mut self, span: &Span, role: &'static str) -> Self {
        self.other = Some(Box::new((span.clone(), role)));
        self
    }

    /// The way out, one line.
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    fn into_finding(self, source: &Source) -> Finding {
        let place = Place::locate(&source.path, &source.text, self.span, self.label);
        let mut finding = Finding { severity: self.severity, ..Finding::error(self.title, Some(place)) };
        if let Some((span, role)) = self.other.map(|other| *other) {
            let place = Place::locate(&source.path, &source.text, span, "");
            finding = finding.note(role, format!("{}:{}:{}", place.path, place.line, place.column));
        }
        if !self.help.is_empty() {
            finding.notes.push(Note { name: "help".into(), lines: self.help });
        }
        finding
    }
}

/// The problems of one file.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Adds a problem. One that is reached twice, through an alias, counts once.
    pub(crate) fn report(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value; a problem is reported and leaves none.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.report(problem)).ok()
    }

    /// Whether the file must be refused.
    pub(crate) fn refuse(&self) -> bool {
        self.0.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// All of them in order of place, those first for which the file is refused: what is doubtful may come of them.
    pub(crate) fn into_findings(mut self, source: &Source) -> Vec<Finding> {
        let place = |p: &Problem| (p.severity, p.span.start, p.span.end);
        self.0.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.title.cmp(&b.title)));
        self.0.dedup();
        self.0.into_iter().map(|problem| problem.into_finding(source)).collect()
    }
}

/// The known word that is nearest to `word`, if it is near enough to be a slip of the pen.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| strsim::damerau_levenshtein(&word.to_lowercase(), other);
    let (distance, best) = known.into_iter().map(|other| (distance(other), other)).min()?;
    let length = word.chars().count();
    (distance < length && distance <= length.max(3) / 3).then_some(best)
}

/// More words than this are counted and not listed. All verbs fit.
const MOST_LISTED: usize = 24;

/// `a`, `b` and `c`, for help lines.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.len() {
        0 => "none".to_owned(),
        1..=MOST_LISTED => words.join(", "),
        more => format!("{} and {} more", words[..MOST_LISTED].join(", "), more - MOST_LISTED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_words_are_suggested() {
        assert_eq!(nearest("sensr", ["sensor", "valve"]), Some("sensor"));
        assert_eq!(nearest("Connect", ["connect", "disconnect"]), Some("connect"));
        assert_eq!(nearest("explode", ["connect", "drop"]), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
