//! What is said about broken files: each file of `invalid/` names its mistakes in its first line.

use std::fs;

use anstream::adapter::strip_str;
use blynk_reports::terminal;
use blynk_sim::plan::Source;
use blynk_sim::scenario::{Options, load};

#[test]
fn every_mistake_is_named_once_with_its_place_and_the_way_out() {
    insta::glob!("invalid/*.yaml", |path| {
        let text = fs::read_to_string(path).expect("the file can be read");
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        let findings = load(Source { path: format!("invalid/{name}"), text }, &Options::default())
            .expect_err("the file is broken");
        let rendered: Vec<String> =
            findings.iter().map(|f| strip_str(&terminal::finding(f)).to_string()).collect();
        insta::assert_snapshot!(rendered.join("\n\n"));
    });
}
