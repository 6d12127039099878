//! What is said about scenarios that fail: each file of `failing/` expects something that does not happen.

use std::fs;
use std::sync::Arc;

use anstream::adapter::strip_str;
use blynk_reports::terminal;
use blynk_sim::engine::Probe;
use blynk_sim::outcome::Outcome;
use blynk_sim::plan::Source;
use blynk_sim::scenario::{Options, load};

#[test]
fn every_failure_says_what_was_expected_what_came_and_why() {
    insta::glob!("failing/*.yaml", |path| {
        let text = fs::read_to_string(path).expect("the file can be read");
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        let source = Source { path: format!("failing/{name}"), text };
        let plan = load(source, &Options::default()).expect("the file is sound").plan;
        let outcome = Outcome::of(Arc::new(plan), Probe::default());
        let findings: Vec<_> = outcome.findings().collect();
        let rendered: Vec<String> =
            findings.iter().map(|f| strip_str(&terminal::finding(f)).to_string()).collect();
        insta::assert_snapshot!(rendered.join("\n\n"));
    });
}
