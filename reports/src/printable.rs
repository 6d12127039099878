//! Text that others wrote, made fit for one line: nothing in it ends the line, moves a cursor or turns the direction of
//! reading.
//!
//! Owns what is replaced. Titles of findings, paths in the model and names in lists go through here as they are made; what
//! is quoted from a file is the renderer's.

use std::borrow::Cow;

/// The text with such characters escaped: a newline is `\n`, an escape is `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let escaped =
        |letter: char| if is_odd(letter) { letter.escape_default().to_string() } else { letter.into() };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// Control characters, other ends of lines, and what overrides the direction of text.
fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_letter_is_escaped() {
        assert!(matches!(printable("Größe · 10 µs — 家"), Cow::Borrowed(_)));
        assert_eq!(printable("a\nb\u{1b}[31m\u{202e}c"), r"a\nb\u{1b}[31m\u{202e}c");
    }
}
