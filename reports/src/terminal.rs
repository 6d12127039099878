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
    let Run { passed, failed, simulated, totals, races, .. } = run;
    let races = races.map(|races| format!(", {}", count(races, "race"))).unwrap_or_default();
    let style = if *failed == 0 { PASSED } else { FAILED };
    let verdict = style.apply(&format!("{passed} passed, {failed} failed"));
    format!("{verdict}, {simulated} simulated in {took:.2?}: {}{races}", self::totals(totals))
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
