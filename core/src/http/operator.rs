//! Who may use the operators' API.

use std::fmt;
use std::hint::black_box;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use sha2::{Digest, Sha256};

/// What operators prove themselves with: at least 16 printable characters without a space. Only its SHA-256 is kept, so
/// that neither memory nor a copy of the database gives it away.
#[derive(Clone, PartialEq, Eq)]
pub struct OperatorToken([u8; 32]);

impl OperatorToken {
    /// Shorter ones are guessed.
    pub const SHORTEST: usize = 16;

    /// This text as a token, or `None` if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() >= Self::SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(Sha256::digest(text).into()))
    }

    /// The token whose SHA-256 this is.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// What may be stored of it.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether a request proves that it is an operator's.
    pub(super) fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|header| bearer(header.as_bytes()));
        given.is_some_and(|given| self.is(given))
    }

    /// Takes the same time wherever the first difference is, so that nobody finds a token letter by letter.
    fn is(&self, given: &[u8]) -> bool {
        let pairs = self.0.iter().zip(Sha256::digest(given));
        pairs.fold(0, |difference, (ours, theirs)| black_box(difference | (ours ^ theirs))) == 0
    }
}

/// The name of the scheme is written in any case.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = header.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

/// It is a secret.
impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expected: bool) {
        let token = OperatorToken::parse("correct-horse-battery").expect("long enough");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().expect("a header"))]);
        assert_eq!(token.is_in(&headers), expected, "{header}");
    }

    #[test]
    fn the_whole_token_proves_an_operator() {
        check("Bearer correct-horse-battery", true);
        check("bearer correct-horse-battery", true);
        check("Bearer correct-horse-batters", false);
        check("Bearer correct-horse-batter", false);
        check("Bearer correct-horse-battery1", false);
        check("Bearer ", false);
        check("Bearer", false);
        check("Basic correct-horse-battery", false);
        check("correct-horse-battery", false);
    }

    #[test]
    fn a_token_is_long_and_printable() {
        assert_eq!(OperatorToken::parse("too-short"), None);
        assert_eq!(OperatorToken::parse("long enough but in words"), None);
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let token = OperatorToken::parse("correct-horse-battery").expect("long enough");
        assert_eq!(format!("{token:?}"), "OperatorToken(..)");
    }
}
