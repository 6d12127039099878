//! The settings of the server under test.
//!
//! Owns their ranges in a file. What they do is `blynk_core`'s.

use blynk_core::settings::Settings;
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
        let mut it = Settings::default();
        let Some(entry) = fields.find("server") else { return it };
        let entries = self.map(entry, "{ takeover: reject }");
        let fields = self.fields(entries, &keys::SERVER);
        self.set(&fields, "allowance", &mut it.allowance, |entry| read::word(entry, &keys::ALLOWANCES));
        self.set(&fields, "takeover", &mut it.takeover, |entry| read::word(entry, &keys::TAKEOVERS));
        self.set(&fields, "login-timeout", &mut it.login_timeout, login_timeout);
        self.set(&fields, "body-limit", &mut it.body_limit, |entry| number(entry, LONGEST_BODY));
        self.set(&fields, "messages-per-second", &mut it.messages_per_second, any_number);
        self.set(&fields, "value-limit", &mut it.value_limit, |entry| number(entry, LONGEST_BODY));
        self.set(&fields, "restart-grace", &mut it.restart_grace, |entry| read::any_length(entry).map(Some));
        self.set(&fields, "login-failures-per-minute", &mut it.login_failures_per_minute, any_number);
        self.set(&fields, "notifications-per-day", &mut it.notifications_per_day, any_number);
        self.set(&fields, "notification-gap", &mut it.notification_gap, read::any_length);
        self.set(&fields, "notification-tries", &mut it.notification_tries, any_number);
        self.set(&fields, "outbox-limit", &mut it.outbox_limit, outbox_limit);
        self.written.length(it.login_timeout);
        it.restart_grace.iter().for_each(|grace| self.written.length(*grace));
        it
    }

    /// Replaces a default by what the author wrote.
    fn set<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        setting: &mut T,
        read: impl FnOnce(&Entry) -> Result<T, Problem>,
    ) {
        if let Some(written) = self.optional(fields, key, read) {
            *setting = written;
        }
    }
}

fn login_timeout(entry: &Entry) -> Result<Duration, Problem> {
    read::duration(entry, Duration::MILLISECOND..=Duration::DAY)
}

fn number(entry: &Entry, most: u16) -> Result<u16, Problem> {
    let number = read::number(entry, 1..=u64::from(most))?;
    Ok(u16::try_from(number).expect("the range ends within 16 bits"))
}

fn any_number(entry: &Entry) -> Result<u16, Problem> {
    number(entry, u16::MAX)
}

fn outbox_limit(entry: &Entry) -> Result<u32, Problem> {
    let number = read::number(entry, 1..=u64::from(u32::MAX))?;
    Ok(u32::try_from(number).expect("the range ends within 32 bits"))
}
