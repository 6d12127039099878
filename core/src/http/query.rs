//! The query of a request: keys, with or without a value, each at most once. Stricter than the usual parsers, which
//! guess: what is no text, or stands twice, is refused.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::problem::Problem;

/// The longest query, in bytes.
pub(super) const QUERY_LIMIT: usize = 8 * 1_024;

/// What stands behind the `?`, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, Option<String>)>);

impl Query {
    fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > QUERY_LIMIT {
            return Err(Problem::QueryTooLong { length: text.len(), limit: QUERY_LIMIT });
        }
        let mut pairs: Vec<(String, Option<String>)> = Vec::new();
        for piece in text.split('&').filter(|piece| !piece.is_empty()) {
            let (key, value) = pair(piece).ok_or_else(|| Problem::NotText(piece.into()))?;
            if pairs.iter().any(|(known, _)| *known == key) {
                return Err(Problem::Twice(key));
            }
            pairs.push((key, value));
        }
        Ok(Self(pairs))
    }

    /// Takes the value of this key; an empty text if it stands alone.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == key)?;
        Some(self.0.remove(place).1.unwrap_or_default())
    }

    /// What was not taken.
    pub(super) fn rest(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_deref()))
    }
}

fn pair(piece: &str) -> Option<(String, Option<String>)> {
    match piece.split_once('=') {
        Some((key, value)) => Some((decode(key)?, Some(decode(value)?))),
        None => Some((decode(piece)?, None)),
    }
}

/// As forms are encoded: `+` is a space, `%` and two hexadecimal digits are a byte.
fn decode(text: &str) -> Option<String> {
    let (mut decoded, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, mut others)) = rest.split_first() {
        decoded.push(match first {
            b'+' => b' ',
            b'%' => {
                let (digits, after) = others.split_first_chunk()?;
                others = after;
                byte(*digits)?
            }
            other => *other,
        });
        rest = others;
    }
    String::from_utf8(decoded).ok()
}

fn byte(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[(&str, Option<&str>)], Problem>) {
        let query = Query::parse(text);
        let pairs = query.as_ref().map(|query| query.rest().collect::<Vec<_>>());
        assert_eq!(pairs, expected.as_ref().map(|pairs| pairs.to_vec()));
    }

    #[test]
    fn keys_stand_with_or_without_a_value() {
        check("", Ok(&[]));
        check("token=x&V1&v2=", Ok(&[("token", Some("x")), ("V1", None), ("v2", Some(""))]));
        check("&&V1=a=b&", Ok(&[("V1", Some("a=b"))]));
    }

    #[test]
    fn values_are_encoded_as_in_forms() {
        check("V1=20%C2%B0+C%2b", Ok(&[("V1", Some("20\u{b0} C+"))]));
        check("V%31=a%00b", Ok(&[("V1", Some("a\0b"))]));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for piece in ["V1=%", "V1=%4", "V1=%zz", "V1=%+1", "V1=%ff", "%c3=1", "V1=%\u{e9}"] {
            check(&format!("token=x&{piece}"), Err(Problem::NotText(piece.into())));
        }
    }

    #[test]
    fn a_key_stands_once() {
        check("V1=1&V%31=2", Err(Problem::Twice("V1".into())));
    }

    #[test]
    fn a_query_is_bounded() {
        assert!(Query::parse(&"x".repeat(QUERY_LIMIT)).is_ok());
        check(
            &"x".repeat(QUERY_LIMIT + 1),
            Err(Problem::QueryTooLong { length: QUERY_LIMIT + 1, limit: QUERY_LIMIT }),
        );
    }

    #[test]
    fn what_is_taken_is_gone() {
        let mut query = Query::parse("token=x&V1").expect("a query");
        assert_eq!(query.take("token").as_deref(), Some("x"));
        assert_eq!(query.take("V1").as_deref(), Some(""));
        assert_eq!((query.take("V1"), query.rest().count()), (None, 0));
    }
}
