//! The JSON Schema of the language, held against the files of this repository by a validator that knows nothing of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use blynk_sim::plan::Source;
use blynk_sim::scenario::schema::schema;
use blynk_sim::scenario::{Options, load};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// Files that the schema takes and the program refuses, and why no schema of draft-07 could know better.
const BEYOND_FORM: [(&str, &str); 3] = [
    ("after-until.yaml", "which of two times is the later one is arithmetic"),
    ("bad-status.yaml", "which statuses there are is said elsewhere in the file"),
    ("default-template.yaml", "a name that only the program keeps for itself"),
];

fn validator() -> Validator {
    jsonschema::draft7::new(&schema()).expect("a schema of draft-07")
}

/// A YAML file as an editor hands it to a validator.
///
/// # Errors
/// What an editor says before it asks a schema.
fn read(text: &str) -> Result<Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    Ok(plain(value))
}

fn plain(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(it) => json!(it),
        Yaml::Number(it) => it.as_u64().map_or_else(|| json!(it.as_f64()), |whole| json!(whole)),
        Yaml::String(it) => json!(it),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(entries) => {
            let key = |key: Yaml| serde_yaml::to_string(&key).expect("a key").trim().to_owned();
            let key = |it: Yaml| if let Yaml::String(text) = it { text } else { key(it) };
            Value::Object(entries.into_iter().map(|(name, it)| (key(name), plain(it))).collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => plain(tagged.value),
    }
}

/// What the validator says.
fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_committed_schema_is_current() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/schema.json");
    let committed = fs::read_to_string(committed).expect("the schema");
    let current = format!("{:#}\n", schema());
    assert!(committed == current, "write it anew: `blynk-sim schema > scenarios/schema.json`");
}

#[test]
fn the_schema_is_one_of_draft_07() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn every_scenario_fits_the_schema() {
    let validator = validator();
    insta::glob!("../..", "scenarios/**/*.yaml", |path| {
        let value = read(&fs::read_to_string(path).expect("the file")).expect("YAML");
        assert_eq!(complaints(&validator, &value), [""; 0], "{}", path.display());
    });
}

#[test]
fn every_scenario_that_only_fails_fits_it_too() {
    let validator = validator();
    insta::glob!("failing/*.yaml", |path| {
        let value = read(&fs::read_to_string(path).expect("the file")).expect("YAML");
        assert_eq!(complaints(&validator, &value), [""; 0], "{}", path.display());
    });
}

/// Both ways: what is taken is explained, and what is explained is taken.
#[test]
fn every_broken_file_is_refused_by_both_or_it_is_explained_why_not() {
    let validator = validator();
    let mut taken = Vec::new();
    insta::glob!("invalid/*.yaml", |path| {
        let text = fs::read_to_string(path).expect("the file");
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        load(Source { path: name.clone(), text: text.clone() }, &Options::default())
            .expect_err("it is broken");
        if read(&text).is_ok_and(|value| validator.is_valid(&value)) {
            taken.push(name);
        }
    });
    // The macro looks at nothing else when it is asked for one file.
    let explained: BTreeMap<_, _> = BEYOND_FORM.into_iter().collect();
    assert_eq!(taken, explained.keys().copied().collect::<Vec<_>>());
}

/// Values beside one another: what the program takes, and what it does not.
#[test]
fn the_forms_of_values_are_those_of_the_program() {
    let validator = validator();
    let check = |line: &str| {
        let text = format!(
            "scenario: x\nstart: 10:00:00\ndevices: {{ a: , f: {{ count: 300 }} }}\nexpect: {{ a: {{}} }}\n{line}\n"
        );
        let source = Source { path: "x.yaml".into(), text: text.clone() };
        let ours = load(source, &Options::default()).is_ok();
        let theirs = validator.is_valid(&read(&text).expect(line));
        assert_eq!(ours, theirs, "{line}");
    };
    for time in [
        "0s", "45s", "1m30s", "1h1ms", "1w2d", "1.5s", "90", "1s1m", "1.5m", "s", "", "-1s", "1m 30s",
        "10:00:00",
    ] {
        check(&format!("tolerance: \"{time}\""));
    }
    for moment in ["0s", "10:00:01", "10:00:01.5", "25:00", "10:61:00", "1m..2m", "2m..", "..2m", "1m..x"] {
        check(&format!("timeline: {{ \"{moment}\": {{ connect: a }} }}"));
    }
    for lasting in
        ["5s", "5s..10s", "exp 2m", "normal 30s 5s", "pareto 30s 1.5", "exp", "normal 5s", "about 5s"]
    {
        check(&format!("timeline: {{ 1s: {{ drop: a, for: {lasting} }} }}"));
    }
    for who in [
        "a",
        "all",
        "[a, f/17]",
        "f/0..99",
        "5% of f",
        "2.5% of f",
        "20 of f",
        "a b",
        "of f",
        "5% of",
        "[]",
        "{ who: a }",
        "{ who: f, for: 5s }",
        "{ for: 5s }",
    ] {
        check(&format!("timeline: {{ 1s: {{ drop: {who} }} }}"));
    }
    for action in [
        "connect: a",
        "connect: a, for: 5s",
        "reset: a, for: 5s",
        "conect: a",
        "connect: a, drop: a",
        "for: 5s",
        "send: a, pin: V5, value: 22.5",
        "send: a, pin: V256",
        "send: a, value: true",
        "slow: a, latency: 2s",
        "lose: a, loss: 30%",
        "crash: server",
        "crash: a",
        "receiver: down",
        "receiver: away",
        "garbage: a, kind: random",
        "garbage: a, kind: rubbish",
        "set-status: a, to: offline, by: operator",
    ] {
        check(&format!("timeline: {{ 1s: {{ {action} }} }}"));
    }
    for limit in [
        "detection p99: at most 121s",
        "logins per second: under 600",
        "login p98: under 1s",
        "close max: 5s",
        "notifications: at most 1s",
    ] {
        check(&format!("limits: {{ {limit} }}"));
    }
    for server in [
        "takeover: reject",
        "takeover: refuse",
        "restart-grace: 5s",
        "body-limit: 5",
        "body-limit: many",
        "patience: 5s",
    ] {
        check(&format!("server: {{ {server} }}"));
    }
}
