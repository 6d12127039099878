//! The settings of the server under test.
//!
//! Owns their ranges in a file. What they do is `blynk_core`'s.

use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::time::Duration;

use super::fields::Fields;
use super::{Context, read};
use crate::scenario::diagnostic::Problem;
use crate::scenario::keys;
use crate::scenario::syntax::Entry;

/// The longest body that the protocol's length field is used for.
const LONGEST_BODY: u16 = 32_768;

impl Context<'_> {
    pub(super) fn server(&mut self, fields: &Fields<'_>) -> Settings {
        let Some(entry) = fields.find("server") else { return Settings::default() };
        let entries = self.map(entry, "{ takeover: reject }");
        let fields = self.fields(entries, &keys::SERVER);
        let defaults = Settings::default();
        let settings = Settings {
            allowance: self.optional(&fields, "allowance", allowance).unwrap_or(defaults.allowance),
            takeover: self.optional(&fields, "takeover", takeover).unwrap_or(defaults.takeover),
            login_timeout: self
                .optional(&fields, "login-timeout", login_timeout)
                .unwrap_or(defaults.login_timeout),
            body_limit: self
                .optional(&fields, "body-limit", |entry| number(entry, LONGEST_BODY))
                .unwrap_or(defaults.body_limit),
            messages_per_second: self
                .optional(&fields, "messages-per-second", |entry| number(entry, u16::MAX))
                .unwrap_or(defaults.messages_per_second),
            ..defaults
        };
        self.written.length(settings.login_timeout);
        settings
    }
}

fn allowance(entry: &Entry) -> Result<Allowance, Problem> {
    read::word(entry, &[("iot", Allowance::Iot), ("legacy", Allowance::Legacy)])
}

fn takeover(entry: &Entry) -> Result<Takeover, Problem> {
    read::word(entry, &[("accept", Takeover::Accept), ("reject", Takeover::Reject)])
}

fn login_timeout(entry: &Entry) -> Result<Duration, Problem> {
    read::duration(entry, Duration::MILLISECOND..=Duration::DAY)
}

fn number(entry: &Entry, most: u16) -> Result<u16, Problem> {
    let number = read::number(entry, 1..=u64::from(most))?;
    Ok(u16::try_from(number).expect("the range ends within 16 bits"))
}
