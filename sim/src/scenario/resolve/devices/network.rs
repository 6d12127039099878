//! The quality of a device's network: a profile by its name, or given inline.

use blynk_core::time::Duration;

use crate::device::ATTEMPT;
use crate::network::profiles;
use crate::plan::{Client, Protocol, Quality};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys;
use crate::scenario::resolve::fields::{Fields, wrong_kind};
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Value};

/// The slowest network: beyond it nothing connects.
pub(in crate::scenario::resolve) const SLOWEST: Duration = Duration::MINUTE;

impl Context<'_> {
    pub(super) fn network(&mut self, fields: &Fields<'_>, protocol: Protocol) -> Quality {
        let Some(entry) = fields.find("network") else { return Quality::IDEAL };
        let quality = match &entry.value.value {
            Value::Map(entries) => {
                let fields = self.fields(entries, &keys::NETWORK);
                let time = |entry: &Entry| read::duration(entry, Duration::ZERO..=SLOWEST);
                Quality {
                    latency: self.optional(&fields, "latency", time).unwrap_or_default(),
                    jitter: self.optional(&fields, "jitter", time).unwrap_or_default(),
                    loss: self.optional(&fields, "loss", read::loss).unwrap_or_default(),
                }
            }
            Value::Null | Value::Text(_) | Value::List(_) => self.keep(profile(entry)).unwrap_or_default(),
        };
        if is_plain(protocol) && quality.latency * 4 >= ATTEMPT {
            let title = "over this network nobody ever connects";
            let help = "an attempt is given up after 5s, and connect and login take four times the latency";
            self.report(Problem::warning(&entry.value.span, title).help(help));
        }
        self.written.delay(quality.latency);
        quality
    }
}

/// Whether it gives up an attempt after [`ATTEMPT`]; client libraries have a patience of their own.
const fn is_plain(protocol: Protocol) -> bool {
    match protocol {
        Protocol::Http | Protocol::Hardware(Client::Plain(_)) => true,
        Protocol::Hardware(
            Client::Cpp | Client::Cpp0 | Client::Js | Client::Python | Client::PythonLegacy,
        ) => false,
    }
}

fn profile(entry: &Entry) -> Result<Quality, Problem> {
    let help = || {
        let names = listed(profiles::names());
        format!("write one of {names}, or `{{ latency: 40ms, jitter: 20ms, loss: 1% }}`")
    };
    let Value::Text(name) = &entry.value.value else {
        return Err(wrong_kind("network", "the name of a profile, or a map", &entry.value).help(help()));
    };
    profiles::find(name).ok_or_else(|| {
        Problem::error(&entry.value.span, format!("unknown network `{name}`"))
            .did_you_mean(name, profiles::names())
            .help(help())
    })
}
