//! A loss of power at every single write to the store, in every story in which something must survive: whatever was
//! told before holds afterwards, and nobody is ever told what was lost. On every engine: their clocks cut in other places.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blynk_core::time::{Duration, Instant};
use blynk_sim::engine::{Cut, Probe};
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::{Engine, Plan, Source};
use blynk_sim::scenario::{Options, load};

/// How long the server stays down.
const DOWN: Duration = Duration::from_secs(10);
/// Longer stories repeat what shorter ones hold.
const LONGEST: Instant = Instant::from_millis(3_600_000);

/// Every scenario of a folder that is not too long.
fn plans(folder: &str, engine: Engine) -> Vec<Arc<Plan>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder of scenarios")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let plans = paths.iter().map(|path| {
        let text = fs::read_to_string(path).expect("the file can be read");
        let source = Source { path: path.display().to_string(), text };
        Arc::new(
            load(source, &Options { engine: Some(engine), ..Options::default() })
                .expect("the file is sound")
                .plan,
        )
    });
    plans.filter(|plan| plan.until <= LONGEST).collect()
}

/// Cuts the power at each commit of each scenario of a folder, before it is durable and after.
fn check(folder: &str) {
    for engine in Engine::ALL {
        check_on(engine, folder);
    }
}

fn check_on(engine: Engine, folder: &str) {
    let mut cuts = 0;
    for plan in plans(folder, engine) {
        let commits = Outcome::of(plan.clone(), Probe::default()).observations.commits;
        for (commit, durable) in (1..=commits).flat_map(|commit| [(commit, false), (commit, true)]) {
            let cut = Cut { commit, durable, down: DOWN };
            let outcome = Outcome::of(plan.clone(), Probe { cut: Some(cut), ..Probe::default() });
            let (path, breaches) = (&plan.source.path, &outcome.breaches);
            assert!(
                breaches.is_empty(),
                "{path} on {engine:?}, {cut:?}: {breaches:#?}\n{}",
                outcome.canonical()
            );
            cuts += 1;
        }
    }
    assert!(cuts > 20, "only {cuts} cuts in {folder}");
}

#[test]
fn the_documented_stories_survive_a_crash_at_every_write() {
    check("documented");
}

#[test]
fn restarts_survive_a_crash_at_every_write() {
    check("server");
}

#[test]
fn requests_survive_a_crash_at_every_write() {
    check("http");
}

#[test]
fn notifications_survive_a_crash_at_every_write() {
    check("notifications");
}

#[test]
fn commands_survive_a_crash_at_every_write() {
    check("interactions");
}
