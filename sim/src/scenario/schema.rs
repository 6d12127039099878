//! The JSON Schema of the language (draft-07, which editors understand), from the table of [`keys`](super::keys).
//!
//! Owns how the table is put as a schema. It describes form: names that refer to something, times that must fit together and
//! the like are the resolver's alone. Whatever the resolver takes the schema takes too, if it is typed plainly.

mod patterns;

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Section, Shape, Verb, VerbKey};
use crate::plan::{Comparison, Metric};
use patterns::{CHANGES, COUNT, LASTING, LENGTH, MOMENT, NAME, WINDOW};

/// The schema of a scenario file.
pub fn schema() -> Value {
    let mut root = section(&keys::SCENARIO);
    root["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    root["title"] = json!("Scenario of blynk-sim");
    root["required"] = json!(["scenario", "devices"]);
    root["definitions"] = definitions();
    root
}

/// What stands in several places: an action, whom it is for, its modifiers, and what is expected of a device.
fn definitions() -> Value {
    let mut definitions = Map::new();
    definitions.insert("action".into(), action());
    definitions.insert("who".into(), one_or_more(pattern(&patterns::who())));
    definitions.insert("expectation".into(), section_beside_times());
    definitions.extend(keys::MODIFIERS.iter().map(|key| (key.name.to_owned(), described(key))));
    Value::Object(definitions)
}

fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A map with a closed list of keys. Those that begin with `x-` are the author's own.
fn section(section: &Section) -> Value {
    let properties: Map<_, _> =
        section.keys.iter().map(|key| (key.name.to_owned(), described(key))).collect();
    json!({
        "type": "object",
        "description": section.name,
        "properties": properties,
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    })
}

fn described(key: &Key) -> Value {
    let mut value = value(key.shape);
    value["description"] = json!(key.about);
    value
}

fn value(shape: Shape) -> Value {
    match shape {
        // What looks like a number is text as well.
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Number(least) => json!({ "type": "integer", "minimum": least }),
        Shape::Name => pattern(NAME),
        Shape::Names => list(pattern(NAME)),
        Shape::Word(words) => json!({ "enum": words() }),
        Shape::WordList(words) => list(json!({ "enum": words() })),
        Shape::Length => pattern(LENGTH),
        Shape::Lasting => pattern(LASTING),
        Shape::TimeOfDay => pattern(patterns::TIME_OF_DAY),
        Shape::Moment => pattern(MOMENT),
        Shape::Share => pattern(patterns::SHARE),
        Shape::Pin => pattern(patterns::PIN),
        Shape::Period => pattern(patterns::PERIOD),
        Shape::Reconnect => pattern(patterns::RECONNECT),
        Shape::Pattern => pattern(patterns::PATTERN),
        Shape::Network => json!({ "anyOf": [{ "enum": keys::networks() }, section(&keys::NETWORK)] }),
        Shape::Map(inner) => section(inner),
        Shape::Named(inner) => named(section(inner)),
        Shape::NamedOrNothing(inner) => named(or_nothing(section(inner))),
        Shape::Addresses => named(json!({ "type": "string", "minLength": 1 })),
        Shape::Lifecycle => lifecycle(),
        Shape::Timeline => keyed(WINDOW, one_or_more(defined("action"))),
        Shape::Expectations => expectations(),
        Shape::Limits => limits(),
        Shape::Statuses => one_or_more(pattern(NAME)),
        Shape::Samples => keyed(MOMENT, json!({ "anyOf": [pattern(NAME), counts()] })),
        Shape::Counts => counts(),
        Shape::Changes => number_or(CHANGES),
    }
}

/// A text of this form. Editors that cannot read patterns show nothing worse than no hint.
fn pattern(form: &str) -> Value {
    json!({ "type": "string", "pattern": whole(form) })
}

/// The pattern that a whole text must fit.
fn whole(form: &str) -> String {
    format!("^(?:{form})$")
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn one_or_more(item: Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "items": item, "minItems": 1 }] })
}

fn or_nothing(value: Value) -> Value {
    json!({ "anyOf": [{ "type": "null" }, value] })
}

/// A map whose keys are of this form.
fn keyed(form: &str, value: Value) -> Value {
    json!({ "type": "object", "patternProperties": { whole(form): value }, "additionalProperties": false })
}

fn named(value: Value) -> Value {
    keyed(NAME, value)
}

fn number_or(form: &str) -> Value {
    json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, pattern(form)] })
}

/// Statuses with numbers of devices.
fn counts() -> Value {
    named(number_or(COUNT))
}

fn lifecycle() -> Value {
    let mut item = named(or_nothing(section(&keys::STATUS)));
    item["minProperties"] = json!(1);
    item["maxProperties"] = json!(1);
    json!({ "anyOf": [pattern(&patterns::chain()), { "type": "array", "items": item, "minItems": 2 }] })
}

/// One verb with what may stand beside or inside it.
fn action() -> Value {
    let verbs: Vec<Value> = keys::VERBS.iter().map(sentence).collect();
    json!({ "type": "object", "anyOf": verbs })
}

fn sentence(verb: &VerbKey) -> Value {
    let beside: Map<_, _> = verb.modifiers().map(|name| (name.to_owned(), defined(name))).collect();
    let mut whom = object_of(verb, &beside);
    whom["description"] = json!(verb.about);
    let mut properties = beside;
    properties.insert(verb.name.to_owned(), whom);
    json!({ "properties": properties, "required": [verb.name], "additionalProperties": false })
}

/// What stands behind a verb: who, or a map of who and modifiers.
fn object_of(verb: &VerbKey, modifiers: &Map<String, Value>) -> Value {
    match verb.verb {
        Verb::Device(_) => {
            let mut inside = modifiers.clone();
            inside.insert("who".into(), defined("who"));
            let map = json!({
                "type": "object", "properties": inside, "required": ["who"], "additionalProperties": false,
            });
            json!({ "anyOf": [defined("who"), map] })
        }
        Verb::Server(_) => json!({ "enum": ["server", null] }),
        Verb::Receiver => json!({ "enum": keys::words(&keys::RECEIVERS) }),
    }
}

/// What stands under a name in `expect`.
fn section_beside_times() -> Value {
    let mut expectation = section(&keys::EXPECT);
    expectation["patternProperties"][whole(WINDOW)] = one_or_more(pattern(NAME));
    expectation
}

fn expectations() -> Value {
    let [_, server, notifications, commands] = keys::RESERVED_NAMES;
    let anybody = format!("^(?!(?:{server}|{notifications}|{commands})$){}$", patterns::MEMBER);
    json!({
        "type": "object",
        "properties": {
            server: keyed(WINDOW, one_or_more(pattern(&patterns::server_event()))),
            notifications: told(&patterns::notification()),
            commands: told(&patterns::command()),
        },
        "patternProperties": { anybody: defined("expectation") },
        "additionalProperties": false,
    })
}

/// Texts with a time, by device: a map, or a list of maps.
fn told(form: &str) -> Value {
    let times = keyed(WINDOW, one_or_more(pattern(form)));
    keyed(patterns::MEMBER, json!({ "anyOf": [times, list(times.clone())] }))
}

fn limits() -> Value {
    let comparisons = Comparison::ALL.map(Comparison::name).join("|");
    let bound = |metric: Metric| match metric {
        Metric::Time(..) => format!("(?:{comparisons}) +{LENGTH}"),
        Metric::LoginsPerSecond
        | Metric::MessagesPerSecond
        | Metric::Notifications
        | Metric::FalseOffline
        | Metric::BytesPerDeviceAndDay => format!("(?:{comparisons}) +[0-9]+"),
    };
    let described = |key: &keys::MetricKey| {
        let mut value = pattern(&bound(key.metric));
        value["description"] = json!(key.about);
        (key.name.to_owned(), value)
    };
    let properties: Map<_, _> = keys::metrics().map(described).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}
