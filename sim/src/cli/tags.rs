//! Tag expressions: `fleet and not (nightly or slow)`.
//!
//! Owns their grammar: `or` binds least, then `and`, then `not`; a tag is any other word.

use std::str::FromStr;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagExpression {
    Tag(String),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl TagExpression {
    /// Whether a scenario with these tags is meant.
    pub(super) fn matches(&self, tags: &[String]) -> bool {
        match self {
            Self::Tag(tag) => tags.contains(tag),
            Self::Not(inner) => !inner.matches(tags),
            Self::And(a, b) => a.matches(tags) && b.matches(tags),
            Self::Or(a, b) => a.matches(tags) || b.matches(tags),
        }
    }
}

impl FromStr for TagExpression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut words = Words { words: spaced.split_whitespace().collect(), next: 0, depth: 0 };
        let expression = words.or()?;
        match words.take() {
            None => Ok(expression),
            Some(word) => Err(format!("`{word}` does not belong here; join tags with `and` or `or`")),
        }
    }
}

/// A recursive descent, a method per rule.
struct Words<'a> {
    words: Vec<&'a str>,
    next: usize,
    /// Parentheses that are open.
    depth: usize,
}

/// Nobody nests deeper on purpose, and the stack is finite.
const DEEPEST: usize = 100;

impl<'a> Words<'a> {
    fn or(&mut self) -> Result<TagExpression, String> {
        let mut left = self.and()?;
        while self.take_if("or") {
            left = TagExpression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<TagExpression, String> {
        let mut left = self.not()?;
        while self.take_if("and") {
            left = TagExpression::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    /// A run of `not`s is counted, not nested.
    fn not(&mut self) -> Result<TagExpression, String> {
        let mut negations = 0;
        while self.take_if("not") {
            negations += 1;
        }
        let inner = self.tag()?;
        Ok(if negations % 2 == 1 { TagExpression::Not(Box::new(inner)) } else { inner })
    }

    fn tag(&mut self) -> Result<TagExpression, String> {
        match self.take() {
            Some("(") if self.depth == DEEPEST => Err(format!("more than {DEEPEST} nested `(`")),
            Some("(") => {
                self.depth += 1;
                let inner = self.or()?;
                self.depth -= 1;
                if self.take_if(")") { Ok(inner) } else { Err("a `(` is not closed".into()) }
            }
            Some(word @ (")" | "and" | "or")) => Err(format!("a tag is missing before `{word}`")),
            Some(word) => Ok(TagExpression::Tag(word.to_owned())),
            None => Err("a tag is missing at the end".into()),
        }
    }

    fn take(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.next).copied();
        self.next += 1;
        word
    }

    fn take_if(&mut self, wanted: &str) -> bool {
        let found = self.words.get(self.next) == Some(&wanted);
        self.next += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, tags: &[&str], matches: bool) {
        let tags: Vec<_> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let expression: TagExpression = expression.parse().expect("a valid expression");
        assert_eq!(expression.matches(&tags), matches);
    }

    fn refused(expression: &str, why: &str) {
        assert_eq!(expression.parse::<TagExpression>(), Err(why.to_owned()));
    }

    #[test]
    fn not_binds_more_than_and_and_that_more_than_or() {
        check("fleet and not (nightly or slow)", &["fleet"], true);
        check("fleet and not (nightly or slow)", &["fleet", "slow"], false);
        check("a or b and c", &["a"], true);
        check("(a or b) and c", &["a"], false);
        check("not not a", &["a"], true);
        check("not a or b", &[], true);
    }

    #[test]
    fn broken_expressions_say_what_is_missing() {
        refused("", "a tag is missing at the end");
        refused("a and", "a tag is missing at the end");
        refused("and a", "a tag is missing before `and`");
        refused("(a", "a `(` is not closed");
        refused("a)", "`)` does not belong here; join tags with `and` or `or`");
        refused(&"(".repeat(100_000), "more than 100 nested `(`");
        refused("a b", "`b` does not belong here; join tags with `and` or `or`");
    }
}
