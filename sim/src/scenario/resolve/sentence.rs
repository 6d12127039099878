//! The grammar of an action: one verb, what it is for, and modifiers beside or inside it.
//!
//! Owns which words may stand together. Does not read what the modifiers say: that is [`action`](super::action)'s.

use super::Context;
use super::fields::twice;
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::{self, Verb, VerbKey};
use crate::scenario::syntax::{Entry, Node, Value};

/// A verb with what stands beside and inside it.
pub(super) struct Sentence<'n> {
    pub(super) verb: Verb,
    pub(super) key: &'static VerbKey,
    pub(super) entry: &'n Entry,
    modifiers: Vec<&'n Entry>,
}

impl Context<'_> {
    /// The verb of an action, with the modifiers that belong to it.
    pub(super) fn sentence<'n>(&mut self, node: &'n Node) -> Option<Sentence<'n>> {
        let mut sentence = self.keep(sentence(node))?;
        sentence.modifiers = self.modifiers(&sentence);
        Some(sentence)
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

    /// Reads the value of a modifier, if it is there.
    pub(super) fn modifier<T>(
        &mut self,
        sentence: &Sentence<'_>,
        name: &str,
        read: impl FnOnce(&Entry) -> Result<T, Problem>,
    ) -> Option<T> {
        let entry = sentence.modifiers.iter().find(|entry| entry.key == name)?;
        self.keep(read(entry))
    }
}

impl<'n> Sentence<'n> {
    /// Whether this modifier is there.
    pub(super) fn has(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|entry| entry.key == modifier)
    }

    /// Where the devices stand: after the verb, or under `who`.
    pub(super) fn target(&self) -> Result<&'n Node, Problem> {
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

/// The one verb of an action, and what stands beside it.
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
    let key = key.ok_or_else(|| no_verb(node, &[entry]))?;
    Ok(Sentence { verb: key.verb, key, entry, modifiers })
}

fn no_verb(node: &Node, others: &[&Entry]) -> Problem {
    let usable = format!("the verbs are {}", listed(keys::verb_names()));
    let unknown = others.iter().find(|entry| keys::find_modifier(&entry.key).is_none());
    match unknown {
        Some(entry) => Problem::error(&entry.key_span, format!("unknown verb `{}`", entry.key))
            .did_you_mean(&entry.key, keys::verb_names())
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
    if keys::find_modifier(name).is_none() {
        return Err(Problem::error(&entry.key_span, format!("unknown modifier `{name}`"))
            .did_you_mean(name, keys::MODIFIERS.iter().map(|modifier| modifier.name))
            .help(takes(verb)));
    }
    if verb.modifiers().any(|modifier| modifier == name) {
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
    format!("`{}` takes {}", verb.name, listed(verb.modifiers()))
}
