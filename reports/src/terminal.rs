//! Text for a terminal.
//!
//! Owns the layout and the colours. Decides neither what is said nor whether colours are wanted: the text is always
//! styled, and whoever writes it to something that shows no colours strips them.

mod lanes;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};

use anstyle::{AnsiColor, Effects, Style};

pub use lanes::lanes;

use crate::model::{Finding, Note, Place, Scenario, Severity, Summary};

/// Longer lines are cut around the mark. Wider than most terminals: a scenario's lines are shown whole.
const WIDTH: usize = 200;

/// A finding as compilers show theirs: title, place, the marked line, notes under each other. Ends without a newline.
pub fn finding(finding: &Finding) -> String {
    let renderer = Renderer::styled().term_width(WIDTH);
    let title = level(finding.severity).primary_title(&finding.title);
    let width = finding.notes.iter().map(|note| note.name.chars().count()).max().unwrap_or_default();
    let group = Group::with_title(title)
        .elements(finding.place.as_ref().map(excerpt))
        .elements(finding.notes.iter().map(|written| note(written, width)));
    renderer.render(&[group])
}

/// One line for one scenario. `width` is that of the longest path, so that titles stand under each other.
pub fn scenario(scenario: &Scenario, width: usize) -> String {
    let Scenario { path, title, simulated, took, findings } = scenario;
    let verdict = if findings.is_empty() { PASSED.apply("PASS") } else { FAILED.apply("FAIL") };
    format!("{verdict}  {path:<width$}  {title}  {}", FAINT.apply(&format!("({simulated} in {took})")))
}

/// The last line of all.
pub fn summary(summary: &Summary) -> String {
    let Summary { passed, failed, simulated, took, totals } = summary;
    let style = if *failed == 0 { PASSED } else { FAILED };
    let verdict = style.apply(&format!("{passed} passed, {failed} failed"));
    format!("{verdict}, {simulated} simulated in {took}: {totals}")
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
