//! Where a snapshot that waits comes from: its last line, which is no part of what is accepted.
//!
//! Owns that line. By it one that was left by an earlier state of its scenario, or was changed since, is told from one that
//! may be accepted.

use crate::timeline::canonical;

const ORIGIN: &str = "origin ";

/// A snapshot's text as it waits: with its origin, this scenario.
pub fn with_origin(snapshot: &str, scenario: &str) -> String {
    format!("{snapshot}{ORIGIN}{}\n", seal(snapshot, scenario))
}

/// The snapshot in a text, without its origin if it has one.
pub fn without_origin(text: &str) -> &str {
    split(text).map_or(text, |(snapshot, _)| snapshot)
}

/// The snapshot in a text that waits, if it is as it was left, by this scenario as it is now.
pub fn of_scenario<'t>(text: &'t str, scenario: &str) -> Option<&'t str> {
    let (snapshot, origin) = split(text)?;
    (origin == seal(snapshot, scenario)).then_some(snapshot)
}

fn split(text: &str) -> Option<(&str, &str)> {
    let start = text.trim_end().rfind('\n')? + 1;
    let origin = text[start..].strip_prefix(ORIGIN)?;
    Some((&text[..start], origin.trim_end()))
}

fn seal(snapshot: &str, scenario: &str) -> String {
    canonical::digest(&(canonical::digest(snapshot) + &canonical::digest(scenario)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_as_it_was_left_comes_from_its_scenario() {
        let waiting = with_origin("# T\na  0s  online\n", "scenario: T\n");
        assert_eq!(without_origin(&waiting), "# T\na  0s  online\n");
        assert_eq!(of_scenario(&waiting, "scenario: T\n"), Some("# T\na  0s  online\n"));
        assert_eq!(of_scenario(&waiting, "scenario: U\n"), None);
        assert_eq!(of_scenario(&waiting.replace("0s", "1s"), "scenario: T\n"), None);
        for damaged in ["", "# T\n", "origin 7\n", "\n\n"] {
            assert_eq!(of_scenario(damaged, "scenario: T\n"), None);
            assert_eq!(without_origin(damaged), damaged);
        }
    }
}
