//! How a device speaks with the server: its protocol, its client library, its heartbeat, when it dials again.
//!
//! Owns which of these belong together. What a client library does is its [profile](crate::plan::Client)'s.

use blynk_core::time::Duration;

use crate::plan::{Client, Protocol, Reconnect};
use crate::scenario::diagnostic::Problem;
use crate::scenario::keys::{WAYS, Way};
use crate::scenario::resolve::fields::Fields;
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::Entry;
use crate::scenario::units;

/// What devices do that say nothing about it.
const DEFAULT_RECONNECT: Reconnect = Reconnect::Backoff { first: Duration::SECOND, most: Duration::MINUTE };

const RECONNECT_HELP: &str = "write `never`, `every 5s` or `backoff 1s..60s`";

impl Context<'_> {
    /// How the device speaks, and the heartbeat that it keeps. `usual` is its template's.
    pub(super) fn protocol(&mut self, fields: &Fields<'_>, usual: Duration) -> (Protocol, Duration) {
        let client = self.optional(fields, "client", client);
        let reconnect = self.optional(fields, "reconnect", reconnect);
        let heartbeat = self.optional(fields, "heartbeat", read::heartbeat);
        match self.optional(fields, "protocol", |entry| read::word(entry, &WAYS)) {
            Some(Way::Http) => {
                for key in ["heartbeat", "reconnect", "client"] {
                    fields.find(key).into_iter().for_each(|entry| self.report(needs_connection(entry)));
                }
                (Protocol::Http, usual)
            }
            Some(Way::Hardware) | None => {
                if let (Some(_), Some(entry)) = (client, fields.find("reconnect")) {
                    let title = "a client library dials again as it is written";
                    self.report(
                        Problem::error(&entry.key_span, title).help("leave out `reconnect` or `client`"),
                    );
                }
                let client = client.unwrap_or(Client::Plain(reconnect.unwrap_or(DEFAULT_RECONNECT)));
                if let (Some(heartbeat), Some(entry)) = (heartbeat, fields.find("heartbeat")) {
                    self.keep(is_taken(client, heartbeat, entry));
                }
                let heartbeat = heartbeat.or(client.default_heartbeat()).unwrap_or(usual);
                if !client.announces_heartbeat() && usual < heartbeat {
                    self.report(never_announced(fields, client, heartbeat, usual));
                }
                self.written.heartbeat(heartbeat);
                self.written.client(client);
                (Protocol::Hardware(client), heartbeat)
            }
        }
    }
}

/// What belongs to a connection that is kept is refused where there is none.
fn needs_connection(entry: &Entry) -> Problem {
    let title = format!("`{}` belongs to a connection, and over HTTP there is none", entry.key);
    Problem::error(&entry.key_span, title)
        .help("leave it out: each message is a request of its own; `sends: every 10m` repeats it")
}

/// The server believes in its template's heartbeat, and the device pings less often.
fn never_announced(fields: &Fields<'_>, client: Client, heartbeat: Duration, usual: Duration) -> Problem {
    let entry = fields.find("heartbeat").or_else(|| fields.find("client"));
    let place = entry.map_or(0..0, |entry| entry.value.span.clone());
    let name = client.name().unwrap_or_default();
    let title =
        format!("`{name}` does not announce its heartbeat of {heartbeat}, and its template has {usual}");
    Problem::warning(&place, title)
        .help("the server will close its connection; let the template's be as long")
}

/// A library takes only the heartbeats of its own range.
fn is_taken(client: Client, heartbeat: Duration, entry: &Entry) -> Result<(), Problem> {
    let range = client.heartbeats();
    if range.contains(&heartbeat) {
        return Ok(());
    }
    let name = client.name().unwrap_or("a plain device");
    let title = format!("`{name}` does not take a heartbeat of {heartbeat}");
    Err(Problem::error(&entry.value.span, title).help(format!(
        "it is between {} and {}",
        range.start(),
        range.end()
    )))
}

fn client(entry: &Entry) -> Result<Client, Problem> {
    let words = Client::LIBRARIES.map(|client| (client.name().unwrap_or_default(), client));
    read::word(entry, &words)
}

fn reconnect(entry: &Entry) -> Result<Reconnect, Problem> {
    let text = read::text(&entry.key, &entry.value)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["never"] => Ok(Reconnect::Never),
        ["every", delay] => Ok(Reconnect::Every(delay_of(entry, delay)?)),
        ["backoff", range] => backoff(entry, range),
        _ => Err(Problem::error(&entry.value.span, format!("`reconnect` cannot be `{text}`"))
            .did_you_mean(text, ["never"])
            .help(RECONNECT_HELP)),
    }
}

fn backoff(entry: &Entry, range: &str) -> Result<Reconnect, Problem> {
    let wrong = |title: String| Problem::error(&entry.value.span, title).help(RECONNECT_HELP);
    let Some((first, most)) = range.split_once("..") else {
        return Err(wrong(format!(
            "`backoff` needs the bounds of the first and of the last delay, not `{range}`"
        )));
    };
    let (first, most) = (delay_of(entry, first)?, delay_of(entry, most)?);
    if most < first {
        return Err(wrong(format!("the delays of `backoff` cannot shrink from {first} to {most}")));
    }
    Ok(Reconnect::Backoff { first, most })
}

fn delay_of(entry: &Entry, text: &str) -> Result<Duration, Problem> {
    let delay = units::duration(text).map_err(|error| read::not_a_time(&entry.value.span, &error))?;
    if delay.is_zero() {
        return Err(Problem::error(&entry.value.span, format!("a delay of {text} is too short"))
            .help("a device that dials again at once would never let time pass"));
    }
    Ok(delay)
}
