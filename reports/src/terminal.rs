//! Text for a terminal.
//!
//! Owns the layout of a finding. Decides neither what it says nor whether colours are wanted.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};

use crate::model::{Finding, Note, Place, Severity};

/// Wide enough that no line of a scenario is cut: a cut line would hide what the mark is about.
const WIDTH: usize = 400;

/// A finding as compilers show theirs: title, place, the marked line, notes under each other. Ends without a newline.
pub fn finding(finding: &Finding, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(WIDTH);
    let title = level(finding.severity).primary_title(&finding.title);
    let width = finding.notes.iter().map(|note| note.name.chars().count()).max().unwrap_or_default();
    let group = Group::with_title(title)
        .elements(finding.place.as_ref().map(excerpt))
        .elements(finding.notes.iter().map(|written| note(written, width)));
    renderer.render(&[group])
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
