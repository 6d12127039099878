//! The documented examples, one after the other on one thread: files read, plans resolved, worlds simulated, verdicts.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::Source;
use blynk_sim::scenario::{Options, load};
use criterion::{Criterion, criterion_group, criterion_main};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/documented");
    let entries = fs::read_dir(folder).expect("the documented examples");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn run(path: &Path) {
    let text = fs::read_to_string(path).expect("a scenario");
    let source = Source { path: path.display().to_string(), text };
    let plan = load(source, &Options::default()).expect("a valid scenario").plan;
    assert!(Outcome::of(Arc::new(plan), Probe::default()).passed(), "the documented examples pass");
}

fn documented(criterion: &mut Criterion) {
    let files = files();
    let mut group = criterion.benchmark_group("documented");
    group.sample_size(10);
    group.bench_function("all seven files", |bencher| {
        bencher.iter(|| files.iter().for_each(|file| run(file)))
    });
}

criterion_group!(benches, documented);
criterion_main!(benches);
