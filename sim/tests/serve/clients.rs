//! The client libraries that people use, as processes, against the real server; and what the simulation predicts of each.
//!
//! The same scenario is run twice: by virtual devices in virtual time, and by real processes, which are started, stopped in
//! their tracks (`kill -STOP`: TCP lives, no byte comes), continued and ended when the scenario says so. Both must have the
//! same story, and nearly at the same moments.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use blynk_core::id::DeviceId;
use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::Source;
use blynk_sim::scenario::{Options, load};
use serde_yaml::Value;

use crate::client::Client;
use crate::served::{Served, signal, wait_for};

/// How far a real process may be off what is predicted: it starts, and is scheduled, when the machine has time.
const SLACK: f64 = 1.5;

/// What happened, and so many seconds after the first login.
type Story = Vec<(String, f64)>;

struct Library {
    /// The profile of virtual devices.
    profile: &'static str,
    program: &'static str,
    script: &'static str,
    heartbeat: u32,
}

const JS: Library = Library { profile: "js", program: "node", script: "js.js", heartbeat: 1 };
const PYTHON: Library =
    Library { profile: "python", program: "python/bin/python", script: "python.py", heartbeat: 2 };
const PYTHON_LEGACY: Library = Library {
    profile: "python-legacy",
    program: "python/bin/python",
    script: "python_legacy.py",
    heartbeat: 1,
};

/// Seconds after the first login.
const STOPPED: u64 = 4;
const CONTINUED: u64 = 12;
const ENDED: u64 = 26;
const UNTIL: u64 = 32;

/// A client: connects, is silent for a while, and is closed in the end.
fn scenario(library: &Library) -> String {
    let Library { profile, heartbeat, .. } = library;
    let silent = CONTINUED - STOPPED;
    format!(
        "scenario: A real {profile} client\nengine: events\nuntil: {UNTIL}s\n\
         template: {{ heartbeat: 2s, lifecycle: online -2s-> standby -2s-> offline }}\n\
         devices: {{ it: {{ client: {profile}, heartbeat: {heartbeat}s }} }}\n\
         timeline:\n  0s: {{ connect: it }}\n  {STOPPED}s: {{ hang: it, for: {silent}s }}\n  {ENDED}s: {{ disconnect: it }}\n\
         expect: {{ it: {{ at: {{ 0s: online }} }} }}\n"
    )
}

fn predicted(library: &Library) -> Story {
    let source = Source { path: "real.yaml".into(), text: scenario(library) };
    let plan = Arc::new(load(source, &Options::default()).expect("the scenario is sound").plan);
    let outcome = Outcome::of(plan.clone(), Probe::default());
    let told = outcome.observations.timeline.entries().iter().filter_map(|entry| {
        let what = if entry.is_login() {
            "login".to_owned()
        } else if let Some(close) = entry.close() {
            format!("closed: {}", close.reason.name())
        } else {
            plan.status(DeviceId(0), entry.change()?.to).key.clone()
        };
        Some((what, entry.at.as_millis() as f64 / 1_000.0))
    });
    told.collect()
}

/// Where the libraries are installed.
fn installed() -> PathBuf {
    std::env::var_os("BLYNK_SIM_CLIENTS").expect("BLYNK_SIM_CLIENTS names where the libraries are").into()
}

fn start(library: &Library, server: &Served) -> Child {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/clients").join(library.script);
    let own = installed().join(library.program);
    let program = if own.exists() { own } else { library.program.into() };
    let mut command = Command::new(program);
    command.arg(script).arg(&server.device).arg(server.address.port().to_string());
    command.arg(library.heartbeat.to_string()).env("NODE_PATH", installed().join("node_modules"));
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the library's program starts")
}

/// Lives through the scenario.
fn lived(library: &Library) -> Story {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let chain = r#"{"name":"Default","heartbeat":2,"statuses":[{"key":"online"},{"key":"standby","after":2},{"key":"offline","after":2}]}"#;
    assert_eq!(server.ask("PUT", "/api/v1/organization/template", chain).0, 200);
    let mut client = start(library, &server);
    wait_for("login", || server.timeline(0).contains(r#""kind":"login""#).then_some(()));
    let begun = Instant::now();
    let at =
        |second: u64| sleep((begun + Duration::from_secs(second)).saturating_duration_since(Instant::now()));
    exchange_values(&server, &mut client);
    at(STOPPED);
    signal(client.id(), "STOP");
    at(CONTINUED);
    signal(client.id(), "CONT");
    at(ENDED);
    client.kill().expect("it runs");
    client.wait().expect("it ends");
    at(UNTIL);
    story(&server)
}

/// A value that the client wrote is there, and one that is commanded reaches it.
fn exchange_values(server: &Served, client: &mut Child) {
    let get = format!("/external/api/get?token={}&V1", server.device);
    wait_for("value of the client", || (server.ask("GET", &get, "").1 == "up").then_some(()));
    let command = "/api/v1/organization/device/command?deviceId=0";
    let (status, told) = server.ask("POST", command, r#"{"pin":"V2","value":"7"}"#);
    assert_eq!((status, &*told), (200, r#"{"state":"sent"}"#));
    // The libraries greet first.
    let lines = BufReader::new(client.stdout.as_mut().expect("piped")).lines();
    let told = lines.map(|line| line.expect("text")).find(|line| line.starts_with("V2"));
    assert_eq!(told.as_deref(), Some("V2 is 7"));
}

fn story(server: &Served) -> Story {
    let timeline: Value = serde_yaml::from_str(&server.timeline(0)).expect("JSON");
    let lines = timeline["content"].as_sequence().expect("a list").iter().rev();
    let told = lines.filter_map(|line| {
        let what = match line["kind"].as_str().expect("a kind") {
            "login" => "login".to_owned(),
            "closed" => format!("closed: {}", line["reason"].as_str().expect("a reason")),
            "status" => line["to"]["key"].as_str().expect("a key").to_owned(),
            _ => return None,
        };
        Some((what, line["at"].as_u64().expect("an instant") as f64 / 1_000.0))
    });
    let told: Story = told.collect();
    let first = told.first().expect("it logged in").1;
    told.into_iter().map(|(what, at)| (what, at - first)).collect()
}

fn check(library: &Library) {
    let (predicted, lived) = (predicted(library), lived(library));
    let words = |story: &Story| story.iter().map(|(what, _)| what.clone()).collect::<Vec<_>>();
    assert_eq!(words(&predicted), words(&lived), "predicted {predicted:?}, lived {lived:?}");
    for ((what, expected), (_, at)) in predicted.iter().zip(&lived) {
        println!("{:14} {what:18} predicted {expected:6.3}s, lived {at:6.3}s", library.profile);
        assert!((expected - at).abs() <= SLACK, "{what}: predicted {predicted:?}, lived {lived:?}");
    }
}

#[test]
#[ignore = "needs node and npm's blynk-library; .ci/run installs them"]
fn npm_blynk_library_lives_as_predicted() {
    check(&JS);
}

#[test]
#[ignore = "needs Python and PyPI's blynklib; .ci/run installs them"]
fn pypi_blynklib_lives_as_predicted() {
    check(&PYTHON);
}

#[test]
#[ignore = "needs Python and PyPI's blynk-library-python; .ci/run installs them"]
fn pypi_blynk_library_python_lives_as_predicted() {
    check(&PYTHON_LEGACY);
}

/// A second device with the token takes over; the library comes back and takes over in turn. Nobody is ever offline.
#[test]
#[ignore = "needs node and npm's blynk-library; .ci/run installs them"]
fn a_library_that_is_taken_over_takes_over_in_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Served::start(folder.path());
    let mut client = start(&JS, &server);
    let logins = |count: usize| {
        wait_for("login", || {
            (server.timeline(0).matches(r#""kind":"login""#).count() == count).then_some(())
        });
    };
    logins(1);
    let mut other = Client::log_in(server.address, &server.device);
    logins(3);
    other.sees_end();
    let timeline = server.timeline(0);
    assert_eq!(timeline.matches(r#""kind":"superseded""#).count(), 2, "{timeline}");
    assert_eq!(timeline.matches(r#""kind":"status""#).count(), 1, "{timeline}");
    client.kill().expect("it runs");
    client.wait().expect("it ends");
}
