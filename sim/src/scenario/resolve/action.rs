//! One action of the timeline: a verb, whom it is for, and its modifiers.
//!
//! Owns what an action means. How it is written is [`sentence`](super::sentence)'s; when it happens and what undoes it
//! is decided in [`steps`](super::steps).

use std::collections::BTreeSet;

use blynk_core::id::{DeviceId, NotAPin, Pin};
use blynk_core::time::Duration;
use blynk_core::timeline::Setter;

use super::devices::SLOWEST;
use super::expect;
use super::roster::Roster;
use super::sentence::Sentence;
use super::{Context, read};
use crate::plan::{Action, Deed, FaultId, Garbage, Impairment, Protocol, Receiver};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::{DeviceVerb, KINDS, RECEIVERS, SETTERS, Verb};
use crate::scenario::length::Length;
use crate::scenario::syntax::{Entry, Node, Value};
use crate::scenario::units::LONGEST;

/// An action as the author wrote it, before it has a time.
pub(super) struct Act {
    /// What is done, in device order. Its faults are numbered later, for each device its own.
    pub(super) deeds: Vec<Deed>,
    /// After how long it is undone.
    pub(super) lasts: Option<Length>,
    /// How often it is repeated within its window.
    pub(super) every: Option<Duration>,
    /// Whether the devices have their moments at equal distances, and not at random.
    pub(super) evenly: bool,
}

impl Act {
    /// Whether it makes no sense at a single moment.
    pub(super) fn needs_window(&self) -> bool {
        self.evenly || self.every.is_some()
    }
}

/// Longest value of a data message, in bytes.
const LONGEST_VALUE: usize = 1_024;

impl Context<'_> {
    /// The action that a map describes.
    pub(super) fn act(&mut self, node: &Node, roster: &Roster) -> Option<Act> {
        let sentence = self.sentence(node)?;
        let deeds = self.deeds(&sentence, roster);
        let lasts = self.modifier(&sentence, "for", lasts);
        let every =
            self.modifier(&sentence, "every", |entry| read::duration(entry, Duration::MILLISECOND..=LONGEST));
        let evenly = self.modifier(&sentence, "evenly", read::truth).unwrap_or_default();
        every.iter().for_each(|period| self.written.length(*period));
        if let Some(Length::Fixed(length)) = lasts {
            self.written.length(length);
        }
        Some(Act { deeds: deeds?, lasts, every, evenly })
    }

    fn deeds(&mut self, sentence: &Sentence<'_>, roster: &Roster) -> Option<Vec<Deed>> {
        match sentence.verb {
            Verb::Device(verb) => self.device_deeds(sentence, verb, roster),
            Verb::Server(action) => {
                self.keep(about_the_server(sentence.entry)).map(|()| vec![Deed::Server(action)])
            }
            Verb::Receiver => {
                let receiver = self.keep(receiver(sentence.entry))?;
                self.written.receiver_fails |= receiver != Receiver::Up;
                Some(vec![Deed::Receiver(receiver)])
            }
        }
    }

    fn device_deeds(
        &mut self,
        sentence: &Sentence<'_>,
        verb: DeviceVerb,
        roster: &Roster,
    ) -> Option<Vec<Deed>> {
        let target = self.keep(sentence.target());
        let who = target.map(|node| self.targets(sentence.key.name, node, roster)).unwrap_or_default();
        if let Some(node) = target.filter(|_| verb.needs_connection()) {
            self.keep(all_have_connections(sentence, node, &who, roster));
        }
        let action = self.action(sentence, verb, &who, roster)?;
        Some(who.into_iter().map(|device| Deed::Device(device, action.clone())).collect())
    }

    fn action(
        &mut self,
        sentence: &Sentence<'_>,
        verb: DeviceVerb,
        who: &BTreeSet<DeviceId>,
        roster: &Roster,
    ) -> Option<Action> {
        Some(match verb {
            DeviceVerb::Connect => Action::Connect,
            DeviceVerb::Disconnect => Action::Disconnect,
            DeviceVerb::Drop => Action::Impair(Impairment::Drop, FaultId(0)),
            DeviceVerb::Partition => Action::Impair(Impairment::Partition, FaultId(0)),
            DeviceVerb::Slow => {
                self.keep(says(sentence, "latency", "2s"));
                let latency = self.modifier(sentence, "latency", |entry| {
                    read::duration(entry, Duration::MILLISECOND..=SLOWEST)
                })?;
                self.written.delay(latency);
                Action::Impair(Impairment::Slow(latency), FaultId(0))
            }
            DeviceVerb::Lose => {
                self.keep(says(sentence, "loss", "30%"));
                let loss = self.modifier(sentence, "loss", read::loss)?;
                Action::Impair(Impairment::Lose(loss), FaultId(0))
            }
            DeviceVerb::Heal => Action::Heal,
            DeviceVerb::Reset => Action::Reset,
            DeviceVerb::PowerOff => Action::PowerOff,
            DeviceVerb::PowerOn => Action::PowerOn,
            DeviceVerb::Hang => Action::Hang(FaultId(0)),
            DeviceVerb::Send => {
                let (pin, value) = self.pin_and_value(sentence);
                Action::Send { pin, value }
            }
            DeviceVerb::Command => {
                let (pin, value) = self.pin_and_value(sentence);
                Action::Command { pin, value }
            }
            DeviceVerb::SetHeartbeat => self.set_heartbeat(sentence)?,
            DeviceVerb::SetStatus => {
                let by = self.modifier(sentence, "by", |entry| read::word(entry, &SETTERS));
                let to = self.status_to_set(sentence, who, roster)?;
                Action::SetStatus { to, by: by.unwrap_or(Setter::Device) }
            }
            DeviceVerb::Sleep => Action::Sleep { to: self.status_to_set(sentence, who, roster)? },
            DeviceVerb::Clone => Action::Clone(FaultId(0)),
            DeviceVerb::Garbage => {
                let kind = self.modifier(sentence, "kind", |entry| read::word(entry, &KINDS));
                Action::Garbage(kind.unwrap_or(Garbage::IdZero))
            }
            DeviceVerb::BadToken => Action::BadToken,
        })
    }

    fn pin_and_value(&mut self, sentence: &Sentence<'_>) -> (Pin, String) {
        let pin = self.modifier(sentence, "pin", pin).unwrap_or(Pin(0));
        (pin, self.modifier(sentence, "value", value).unwrap_or_else(|| "1".to_owned()))
    }

    fn set_heartbeat(&mut self, sentence: &Sentence<'_>) -> Option<Action> {
        self.keep(says(sentence, "to", "20s"));
        let heartbeat = self.modifier(sentence, "to", read::heartbeat)?;
        self.written.heartbeat(heartbeat);
        Some(Action::SetHeartbeat(heartbeat))
    }

    fn status_to_set(
        &mut self,
        sentence: &Sentence<'_>,
        who: &BTreeSet<DeviceId>,
        roster: &Roster,
    ) -> Option<String> {
        self.keep(says(sentence, "to", "standby"));
        self.modifier(sentence, "to", |entry| status_of_all(entry, who, roster))
    }
}

/// A verb about the server names nobody else.
fn about_the_server(entry: &Entry) -> Result<(), Problem> {
    let verb = &entry.key;
    let title = match &entry.value.value {
        Value::Null => return Ok(()),
        Value::Text(name) if name == "server" => return Ok(()),
        Value::Text(name) => format!("`{verb}` is about the server, not about `{name}`"),
        Value::List(_) | Value::Map(_) => {
            format!("`{verb}` is about the server, and this is {}", entry.value.kind())
        }
    };
    Err(Problem::error(&entry.value.span, title)
        .help(format!("write `{{ {verb}: server }}`, with modifiers beside the verb")))
}

fn receiver(entry: &Entry) -> Result<Receiver, Problem> {
    match entry.value.value {
        Value::Text(_) => read::word(entry, &RECEIVERS),
        Value::Null | Value::List(_) | Value::Map(_) => {
            Err(Problem::error(&entry.key_span, "`receiver` does not say what the receiver is like")
                .help("write `{ receiver: down }`, `slow`, `failing` or `up`, with `for` beside it"))
        }
    }
}

fn all_have_connections(
    sentence: &Sentence<'_>,
    node: &Node,
    who: &BTreeSet<DeviceId>,
    roster: &Roster,
) -> Result<(), Problem> {
    let devices = who.iter().map(|id| roster.device(*id));
    let without: Vec<&str> = devices
        .filter(|device| device.protocol == Protocol::Http)
        .map(|device| device.name.as_str())
        .collect();
    if without.is_empty() {
        return Ok(());
    }
    let title = format!("`{}` needs a connection that is kept", sentence.key.name);
    Err(Problem::error(&node.span, title)
        .label("over HTTP there is none")
        .help(format!("these devices have `protocol: http`: {}", listed(without))))
}

fn says(sentence: &Sentence<'_>, modifier: &str, example: &str) -> Result<(), Problem> {
    if sentence.has(modifier) {
        return Ok(());
    }
    let verb = sentence.key.name;
    Err(Problem::error(&sentence.entry.key_span, format!("`{verb}` needs `{modifier}` beside it"))
        .help(format!("write `{{ {verb}: sensor, {modifier}: {example} }}`")))
}

/// A status that the template of every one of them has.
fn status_of_all(entry: &Entry, who: &BTreeSet<DeviceId>, roster: &Roster) -> Result<String, Problem> {
    let key = read::text(&entry.key, &entry.value)?;
    let known = who.iter().filter_map(|id| Some((*id, roster.template(*id)?)));
    let mut without = known.filter(|(_, template)| template.chain.find(key).is_none());
    let Some((id, template)) = without.next() else { return Ok(key.to_owned()) };
    let whose = format!("`{}`", roster.device(id).name);
    Err(expect::unknown_status(&entry.value.span, key, &whose, template))
}

fn lasts(entry: &Entry) -> Result<Length, Problem> {
    Length::parse(read::text("for", &entry.value)?).map_err(|error| {
        let problem = Problem::error(&entry.value.span, error.to_string());
        error.help().into_iter().fold(problem, Problem::help)
    })
}

fn pin(entry: &Entry) -> Result<Pin, Problem> {
    let text = read::text("pin", &entry.value)?;
    text.parse().map_err(|NotAPin| {
        Problem::error(&entry.value.span, format!("`{text}` is not a pin")).help("write `V0` to `V255`")
    })
}

fn value(entry: &Entry) -> Result<String, Problem> {
    let text = read::text("value", &entry.value)?;
    if text.len() > LONGEST_VALUE {
        let title = format!("a value of {} bytes is too long", text.len());
        return Err(Problem::error(&entry.value.span, title).help(format!("at most {LONGEST_VALUE} bytes")));
    }
    if text.contains('\0') {
        return Err(Problem::error(&entry.value.span, "a value cannot contain the character with code 0")
            .help("on the wire it separates the pin from the value"));
    }
    Ok(text.to_owned())
}
