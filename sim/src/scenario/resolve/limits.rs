//! What the figures of the run must be, and by when it must come to rest.
//!
//! Owns how a bound is written. Which metrics there are is the table of [`keys`]; what they are is the oracle's.

use blynk_core::time::{Duration, Instant};

use super::fields::{Fields, twice};
use super::{Context, read};
use crate::plan::{Action, Deed, Limit, Metric, Settle, Step};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys;
use crate::scenario::syntax::Entry;
use crate::scenario::units::{self, LONGEST};

impl Context<'_> {
    pub(super) fn limits(&mut self, fields: &Fields<'_>) -> Vec<Limit> {
        let Some(entry) = fields.find("limits") else { return Vec::new() };
        let mut kept: Vec<(&Entry, Limit)> = Vec::new();
        for entry in self.map(entry, "limits: { detection p99: at most 121s }") {
            let first = kept.iter().find(|(first, _)| first.key == entry.key);
            let limit = first.map_or_else(|| limit(entry), |(first, _)| Err(twice(entry, first)));
            kept.extend(self.keep(limit).map(|limit| (entry, limit)));
        }
        kept.into_iter().map(|(_, limit)| limit).collect()
    }

    /// By when everybody must be back: counted from the last fault, the end of it, or the last that was asked to come.
    pub(super) fn settle(&mut self, fields: &Fields<'_>, steps: &[Step]) -> Option<Settle> {
        let entry = fields.find("settle")?;
        let within = self.keep(read::duration(entry, Duration::MILLISECOND..=LONGEST))?;
        self.written.length(within);
        let last = steps.iter().rfind(|step| unsettles(&step.deed)).map_or(Instant::ZERO, |step| step.at);
        let settle = Settle { by: last + within, within, span: entry.key_span.clone() };
        self.written.settled(settle.by, &settle.span);
        Some(settle)
    }
}

fn limit(entry: &Entry) -> Result<Limit, Problem> {
    let names = || keys::metrics().map(|key| key.name);
    let key = keys::metrics().find(|key| key.name == entry.key).ok_or_else(|| {
        Problem::error(&entry.key_span, format!("unknown metric `{}`", entry.key))
            .did_you_mean(&entry.key, names())
            .help(format!("the metrics are {}", listed(names())))
    })?;
    let example = if is_time(key.metric) { "121s" } else { "600" };
    let help =
        || format!("write `at most {example}`, `at least {example}`, `under {example}` or `over {example}`");
    let text = read::text(&entry.key, &entry.value).map_err(|problem| problem.help(help()))?;
    let (comparison, rest) = units::comparison(text)
        .ok_or_else(|| Problem::error(&entry.value.span, format!("`{text}` is no bound")).help(help()))?;
    let value = if is_time(key.metric) {
        let length = units::duration(rest).map_err(|error| read::not_a_time(&entry.value.span, &error))?;
        length.as_millis()
    } else {
        let is_number = rest.bytes().all(|byte| byte.is_ascii_digit());
        let number = rest.parse().ok().filter(|_| is_number);
        number
            .ok_or_else(|| Problem::error(&entry.value.span, format!("`{rest}` is no number")).help(help()))?
    };
    Ok(Limit { metric: key.metric, comparison, value, span: entry.key_span.clone() })
}

const fn is_time(metric: Metric) -> bool {
    match metric {
        Metric::Time(..) => true,
        Metric::LoginsPerSecond
        | Metric::MessagesPerSecond
        | Metric::Notifications
        | Metric::FalseOffline
        | Metric::BytesPerDeviceAndDay => false,
    }
}

/// Whether something goes wrong or is right again, or somebody is to come.
const fn unsettles(deed: &Deed) -> bool {
    match deed {
        Deed::Server(_) => true,
        Deed::Receiver(_) => false,
        Deed::Device(_, action) => match action {
            Action::Connect
            | Action::Impair(..)
            | Action::Relieve(..)
            | Action::Heal
            | Action::Reset
            | Action::PowerOff
            | Action::PowerOn
            | Action::Garbage(_)
            | Action::Hang(_)
            | Action::Resume(_)
            | Action::Clone(_)
            | Action::EndClone(_)
            | Action::BadToken => true,
            Action::Disconnect
            | Action::Send { .. }
            | Action::SetHeartbeat(_)
            | Action::SetStatus { .. }
            | Action::Sleep { .. }
            | Action::Command { .. } => false,
        },
    }
}
