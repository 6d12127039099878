//! Text for a terminal.
//!
//! Owns the layout and the colours. Decides neither what is said nor whether colours are wanted: the text is always
//! styled, and whoever writes it to something that shows no colours strips them.

mod lanes;

use std::time::Duration;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};

use anstyle::{AnsiColor, Effects, Style};

pub use lanes::lanes;

use crate::model::{Finding, Note, Place, Run, Scenario, Severity, Totals, Verdict};
use crate::numerals::count;

/// Longer lines are cut around the mark. Wider than most terminals: a scenario's lines are shown whole.
const WIDTH: usize = 200;

/// A finding as compilers show theirs: title, place, the marked line, notes under each other. Ends without a newline.
pub fn finding(finding: &Finding) -> String {
    rendered(&Renderer::styled().term_width(WIDTH), finding)
}

/// The same words without any style, for whatever is no terminal.
pub fn plain_finding(finding: &Finding) -> String {
    rendered(&Renderer::plain().term_width(WIDTH), finding)
}

fn rendered(renderer: &Renderer, finding: &Finding) -> String {
    let title = level(finding.severity).primary_title(&finding.title);
    let width = finding.notes.iter().map(|note| note.name.chars().count()).max().unwrap_or_default();
    let group = Group::with_title(title)
        .elements(finding.place.as_ref().map(excerpt))
        .elements(finding.notes.iter().map(|written| note(written, width)));
    renderer.render(&[group])
}

/// One line for one scenario, called `name`. `width` is that of the longest name, so that titles stand under each other.
pub fn scenario(scenario: &Scenario, name: &str, took: Option<Duration>, width: usize) -> String {
    let Scenario { title, simulated, verdict, .. } = scenario;
    let verdict = match verdict {
        Verdict::Passed => PASSED.apply("PASS"),
        Verdict::Failed => FAILED.apply("FAIL"),
        Verdict::Refused => FAILED.apply("BAD "),
        Verdict::Crashed => FAILED.apply("BUG "),
    };
    let took = took.map(|took| format!(" in {took:.2?}")).unwrap_or_default();
    format!("{verdict}  {name:<width$}  {title}  {}", FAINT.apply(&format!("({simulated}{took})")))
}

/// The last line of all.
pub fn summary(run: &Run, took: Duration) -> String {
    let Run { simulated, totals, races, .. } = run;
    let races = races.map(|races| format!(", {}", count(races, "race"))).unwrap_or_default();
    let style = if run.verdict == Verdict::Passed { PASSED } else { FAILED };
    let verdicts = style.apply(&verdicts(run));
    format!(
        "{verdicts}, {simulated} simulated in {took:.2?}: {}{races}{}",
        self::totals(totals),
        not_compared(run)
    )
}

/// `7 passed, 1 failed, 1 unreferenced snapshot`
pub(crate) fn verdicts(run: &Run) -> String {
    let verdicts = format!("{} passed, {} failed", run.passed, run.failed);
    match run.unreferenced() as u64 {
        0 => verdicts,
        number => format!("{verdicts}, {}", count(number, "unreferenced snapshot")),
    }
}

/// `; 2 snapshots not compared: other seed or engine`
pub(crate) fn not_compared(run: &Run) -> String {
    match run.not_compared as u64 {
        0 => String::new(),
        number => format!("; {} not compared: other seed or engine", count(number, "snapshot")),
    }
}

/// `153 messages, 9 logins, 16 changes`
pub(crate) fn totals(totals: &Totals) -> String {
    let Totals { messages, logins, changes } = *totals;
    format!("{}, {}, {}", count(messages, "message"), count(logins, "login"), count(changes, "change"))
}

const PASSED: Paint = Paint(AnsiColor::Green.on_default().effects(Effects::BOLD));
const FAILED: Paint = Paint(AnsiColor::Red.on_default().effects(Effects::BOLD));
const FAINT: Paint = Paint(Style::new().effects(Effects::DIMMED));

/// A style, and how to put it on. Whoever writes to something that shows no colours strips them.
#[derive(Clone, Copy)]
struct Paint(Style);

impl Paint {
    fn apply(self, text: &str) -> String {
        format!("{}{text}{}", self.0.render(), self.0.render_reset())
    }
}

const fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

fn excerpt(place: &Place) -> Snippet<'_, Annotation<'_>> {
    let mark = AnnotationKind::Primary.span(place.mark.clone());
    let mark = if place.label.is_empty() { mark } else { mark.label(&place.label) };
    Snippet::source(&place.excerpt).path(&place.path).line_start(place.line).annotation(mark)
}

/// The name, padded to the longest, then the lines under each other; the renderer indents all but the first.
fn note(note: &Note, width: usize) -> Message<'_> {
    let indent = format!("\n{:width$}  ", "");
    Level::NOTE.no_name().message(format!("{:width$}  {}", note.name, note.lines.join(&indent)))
}

#[cfg(test)]
mod tests;
