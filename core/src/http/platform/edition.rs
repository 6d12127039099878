//! Editions of a template: by them somebody who changes one says which one was seen.
//!
//! Owns how an edition is spelt, and the conditions of a request. Does not decide what is refused: that is the
//! [hub](crate::hub), which alone knows what a template is at that moment.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use super::shape::TemplateShape;
use crate::lifecycle::Template;

/// Enough of the digest that nobody meets two editions that are spelt the same.
const SPELT: usize = 16;

/// What a change takes for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing.
    None,
    /// No template has this name.
    New,
    /// The template is of one of these editions.
    Editions(String),
}

/// The edition of a template as an `ETag`: what it says decides, so it is the same after a restart.
pub(super) fn edition(template: &Template) -> String {
    let text = serde_json::to_vec(&TemplateShape::from(template)).expect("a template can be written as JSON");
    let digest = Sha256::digest(text);
    let letters: String = digest[..SPELT].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{letters}\"")
}

impl Condition {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match (list(headers, &IF_MATCH), list(headers, &IF_NONE_MATCH).as_deref()) {
            (Some(editions), _) => Self::Editions(editions),
            (None, Some("*")) => Self::New,
            (None, _) => Self::None,
        }
    }
}

/// Whether a template is of an edition in a list of them; `*` is any.
pub(super) fn is_among(template: &Template, editions: &str) -> bool {
    let edition = edition(template);
    editions.split(',').map(|named| plain(named.trim())).any(|named| named == "*" || named == edition)
}

/// As it was before a proxy compressed the answer: some mark it as weak then, others add `-gzip` or the like. It names what
/// the template says, which is the same in whatever bytes.
fn plain(named: &str) -> String {
    let strong = named.strip_prefix("W/").unwrap_or(named);
    match strong.split_once('-') {
        Some((edition, _)) if strong.ends_with('"') => format!("{edition}\""),
        Some(_) | None => strong.into(),
    }
}

/// A header that may stand several times.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values = headers.get_all(name).into_iter();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .reduce(|all, one| all + "," + &one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Chain;

    fn check(headers: &[(HeaderName, &str)], expected: Condition) {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a header")));
        assert_eq!(Condition::of(&headers.collect()), expected);
    }

    #[test]
    fn a_request_takes_for_granted_what_its_headers_say() {
        check(&[], Condition::None);
        check(&[(IF_NONE_MATCH, "*")], Condition::New);
        check(&[(IF_NONE_MATCH, "\"a\"")], Condition::None);
        check(&[(IF_MATCH, "\"a\"")], Condition::Editions("\"a\"".into()));
        check(&[(IF_MATCH, "\"a\""), (IF_MATCH, "\"b\"")], Condition::Editions("\"a\",\"b\"".into()));
    }

    #[test]
    fn an_edition_is_what_a_template_says() {
        let template = Template::new("meter", Chain::default());
        let slower = Template { heartbeat: Template::DEFAULT_HEARTBEAT * 2, ..template.clone() };
        let (one, other) = (edition(&template), edition(&slower));
        assert_ne!(one, other);
        assert_eq!(one.len(), 2 * SPELT + 2);
        for (editions, expected) in [
            (one.clone(), true),
            (format!("{other}, {one}"), true),
            ("*".into(), true),
            (other, false),
            (one.replace('"', ""), false),
            (format!("W/{one}"), true),
            (one.replacen('"', "", 1).replace('"', "-gzip\""), false),
            (format!("{}-gzip\"", one.trim_end_matches('"')), true),
            (String::new(), false),
        ] {
            assert_eq!(is_among(&template, &editions), expected, "{editions}");
        }
    }
}
