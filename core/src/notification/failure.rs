//! What a try met that failed, for people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a try met that failed: one line, and not long, whatever a receiver said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Failure(Box<str>);

impl Failure {
    /// The most characters.
    pub const LONGEST: usize = 200;

    /// This text on one line, cut where it is too long.
    pub fn new(text: &str) -> Self {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let line = words.collect::<Vec<_>>().join(" ");
        if line.chars().count() <= Self::LONGEST {
            return Self(line.into());
        }
        let kept: String = line.chars().take(Self::LONGEST - 1).collect();
        Self(format!("{kept}…").into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_and_not_long() {
        assert_eq!(
            Failure::new("answered 550 no\r\n such\u{1b} user ").to_string(),
            "answered 550 no such user"
        );
        let longest = "é".repeat(Failure::LONGEST);
        assert_eq!(Failure::new(&longest).to_string(), longest);
        let cut = Failure::new(&(longest + "é")).to_string();
        assert_eq!((cut.chars().count(), cut.ends_with("é…")), (Failure::LONGEST, true));
    }
}
