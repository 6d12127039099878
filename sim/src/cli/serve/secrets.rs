//! The only place that draws chance: tokens that nobody can guess.

use blynk_core::id::Token;

/// The alphabet of base64 for URLs: 64 characters, so that six random bits make one.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A new token of 192 random bits.
///
/// # Panics
/// If the operating system has no random numbers: no token could be trusted.
pub(super) fn draw_token() -> Token {
    let mut bytes = [0; Token::LEN];
    #[expect(clippy::disallowed_methods, reason = "nobody may guess a token")]
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    let letters = bytes.map(|byte| ALPHABET[usize::from(byte) % ALPHABET.len()]);
    Token::parse(&letters).expect("the alphabet is printable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_drawn_twice() {
        assert_ne!(draw_token(), draw_token());
    }
}
