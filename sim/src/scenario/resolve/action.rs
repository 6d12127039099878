//! One action of the timeline: a verb, whom it is for, and its modifiers.
//!
//! Owns how an action is written. When it happens and what undoes it is decided in [`steps`](super::steps).

use std::collections::BTreeSet;

use blynk_core::id::{DeviceId, NotAPin, Pin};
use blynk_core::time::Duration;

use super::devices::Roster;
use super::fields::twice;
use super::{Context, read};
use crate::plan::{Action, FaultId, Garbage};
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::{self, Meaning, Support, Verb, VerbKey};
use crate::scenario::syntax::{Entry, Node, Value};
use crate::scenario::units::LONGEST;

/// An action as the author wrote it, before it has a time.
pub(super) struct Act {
    pub(super) who: BTreeSet<DeviceId>,
    /// A drop's fault is numbered later, for each device its own.
    pub(super) action: Action,
    /// After how long it is undone.
    pub(super) lasts: Option<Duration>,
}

/// A verb with what stands beside and inside it.
struct Sentence<'n> {
    verb: Verb,
    key: &'static VerbKey,
    entry: &'n Entry,
    modifiers: Vec<&'n Entry>,
}

const KINDS: [(&str, Garbage); 5] = [
    ("id-0", Garbage::IdZero),
    ("unknown-command", Garbage::UnknownCommand),
    ("oversize", Garbage::Oversize),
    ("truncated", Garbage::Truncated),
    ("random", Garbage::Random),
];

/// Longest value of a data message, in bytes.
const LONGEST_VALUE: usize = 1_024;

impl Context<'_> {
    /// The action that a map describes.
    pub(super) fn act(&mut self, node: &Node, roster: &Roster) -> Option<Act> {
        let mut sentence = self.keep(sentence(node))?;
        let target = self.keep(sentence.target());
        sentence.modifiers = self.modifiers(&sentence);
        let who = target.map(|node| self.targets(sentence.key.name, node, roster)).unwrap_or_default();
        let lasts = self.modifier(&sentence, "for", lasts);
        let action = self.action(&sentence)?;
        Some(Act { who, action, lasts })
    }

    /// The modifiers that belong to the verb, each once.
    fn modifiers<'n>(&mut self, sentence: &Sentence<'n>) -> Vec<&'n Entry> {
        let inside = sentence.entry.value.entries().iter().filter(|entry| entry.key != "who");
        let mut kept: Vec<&Entry> = Vec::new();
        for entry in sentence.modifiers.iter().copied().chain(inside) {
            let first = kept.iter().find(|first| first.key == entry.key);
            let checked = belongs(entry, sentence.key);
            let checked = checked.and_then(|()| first.map_or(Ok(()), |first| Err(twice(entry, first))));
            if self.keep(checked).is_some() {
                kept.push(entry);
            }
        }
        kept
    }

    fn modifier<T>(
        &mut self,
        sentence: &Sentence<'_>,
        name: &str,
        read: impl FnOnce(&Entry) -> Result<T, Problem>,
    ) -> Option<T> {
        let entry = sentence.modifiers.iter().find(|entry| entry.key == name)?;
        self.keep(read(entry))
    }

    fn action(&mut self, sentence: &Sentence<'_>) -> Option<Action> {
        Some(match sentence.verb {
            Verb::Connect => Action::Connect,
            Verb::Disconnect => Action::Disconnect,
            Verb::Drop => Action::Drop(FaultId(0)),
            Verb::Heal => Action::Heal,
            Verb::Reset => Action::Reset,
            Verb::PowerOff => Action::PowerOff,
            Verb::PowerOn => Action::PowerOn,
            Verb::Send => self.send(sentence),
            Verb::SetHeartbeat => self.set_heartbeat(sentence)?,
            Verb::Garbage => {
                let kind = self.modifier(sentence, "kind", |entry| read::word(entry, &KINDS));
                Action::Garbage(kind.unwrap_or(Garbage::IdZero))
            }
        })
    }

    fn send(&mut self, sentence: &Sentence<'_>) -> Action {
        let pin = self.modifier(sentence, "pin", pin).unwrap_or(Pin(0));
        let value = self.modifier(sentence, "value", value).unwrap_or_else(|| "1".to_owned());
        Action::Send { pin, value }
    }

    fn set_heartbeat(&mut self, sentence: &Sentence<'_>) -> Option<Action> {
        if !sentence.modifiers.iter().any(|entry| entry.key == "to") {
            let missing = Problem::error(&sentence.entry.key_span, "`set-heartbeat` does not say to what");
            self.report(missing.help("write `{ set-heartbeat: sensor, to: 20s }`"));
        }
        let heartbeat = self.modifier(sentence, "to", read::heartbeat)?;
        self.written.heartbeat(heartbeat);
        Some(Action::SetHeartbeat(heartbeat))
    }
}

impl<'n> Sentence<'n> {
    /// Where the devices stand: after the verb, or under `who`.
    fn target(&self) -> Result<&'n Node, Problem> {
        let entry = self.entry;
        let Value::Map(inside) = &entry.value.value else { return Ok(&entry.value) };
        let mut named = inside.iter().filter(|entry| entry.key == "who");
        let who = named.next().ok_or_else(|| {
            Problem::error(&entry.value.span, format!("`{}` names no device", entry.key))
                .help(format!("write `{}: {{ who: sensor }}`", entry.key))
        })?;
        named.next().map_or(Ok(&who.value), |second| Err(twice(second, who)))
    }
}

fn sentence(node: &Node) -> Result<Sentence<'_>, Problem> {
    let Value::Map(entries) = &node.value else {
        let title = format!("an action is a map, and this is {}", node.kind());
        return Err(Problem::error(&node.span, title).help("write `{ connect: sensor }`"));
    };
    let (verbs, modifiers): (Vec<_>, Vec<_>) =
        entries.iter().partition(|entry| keys::find_verb(&entry.key).is_some());
    let (entry, key) = match verbs.as_slice() {
        [entry] => (*entry, keys::find_verb(&entry.key)),
        [] => return Err(no_verb(node, &modifiers)),
        [first, second, ..] if first.key == second.key => return Err(twice(second, first)),
        [first, second, ..] => return Err(two_verbs(first, second)),
    };
    match key.map(|key| (key, key.meaning)) {
        Some((key, Meaning::Built(verb))) => Ok(Sentence { verb, key, entry, modifiers }),
        Some((_, Meaning::Later(instead))) => {
            Err(Problem::not_supported(&entry.key_span, &entry.key, instead))
        }
        None => Err(no_verb(node, &[entry])),
    }
}

fn no_verb(node: &Node, others: &[&Entry]) -> Problem {
    let usable = format!("the verbs are {}", listed(keys::usable_verbs().take(10)));
    let unknown = others.iter().find(|entry| keys::find_modifier(&entry.key).is_none());
    match unknown {
        Some(entry) => Problem::error(&entry.key_span, format!("unknown verb `{}`", entry.key))
            .did_you_mean(&entry.key, keys::VERBS.iter().map(|verb| verb.name))
            .help(usable),
        None => Problem::error(&node.span, "this action has no verb").help(usable),
    }
}

fn two_verbs(first: &Entry, second: &Entry) -> Problem {
    let title = format!("one action cannot be both `{}` and `{}`", first.key, second.key);
    Problem::error(&second.key_span, title)
        .other(&first.key_span, "first")
        .help("write a list of two actions, each with its own verb")
}

fn belongs(entry: &Entry, verb: &VerbKey) -> Result<(), Problem> {
    let name = &entry.key;
    let Some(modifier) = keys::find_modifier(name) else {
        return Err(Problem::error(&entry.key_span, format!("unknown modifier `{name}`"))
            .did_you_mean(name, keys::MODIFIERS.iter().map(|modifier| modifier.name))
            .help(takes(verb)));
    };
    if let Support::Later(instead) = modifier.support {
        return Err(Problem::not_supported(&entry.key_span, name, instead));
    }
    if verb.modifiers.contains(&name.as_str()) {
        return Ok(());
    }
    let title = format!("`{name}` does not belong to `{}`", verb.name);
    let problem = Problem::error(&entry.key_span, title).help(takes(verb));
    match name.as_str() {
        "for" => Err(problem.help(format!("`for` undoes {}", listed(keys::undoable_verbs())))),
        _ => Err(problem),
    }
}

fn takes(verb: &VerbKey) -> String {
    match verb.modifiers {
        [] => format!("`{}` takes no modifiers", verb.name),
        some => format!("`{}` takes {}", verb.name, listed(some.iter().copied())),
    }
}

fn lasts(entry: &Entry) -> Result<Duration, Problem> {
    let text = read::text("for", &entry.value)?;
    let drawn = ["exp ", "normal ", "pareto "].iter().any(|name| text.starts_with(name));
    if drawn || text.contains("..") {
        let instead = "write one length of time, such as `for: 30s`";
        return Err(Problem::not_supported(&entry.value.span, &format!("for: {text}"), instead));
    }
    read::duration(entry, Duration::MILLISECOND..=LONGEST)
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
