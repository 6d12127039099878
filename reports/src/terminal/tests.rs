//! How findings look, each as a whole.

use anstream::adapter::strip_str;

use super::*;
use crate::model::FORMAT;

fn plain(styled: &str) -> String {
    strip_str(styled).to_string()
}

const FILE: &str = "devices:\n\tsensör: { küche: 1 }\n  sensor:\n    10:52:01: offline\n";

fn at(text: &str, label: &str) -> Option<Place> {
    let start = FILE.find(text).expect("the text is in the file");
    Some(Place::locate("scenarios/wifi.yaml", FILE, start..start + text.len(), label))
}

#[test]
fn a_failure_lines_up_its_notes() {
    let failure =
        Finding::error("sensor went offline 2.5s early", at("10:52:01", "expected here, tolerance 1s"))
            .note("got", "10:51:58.500 offline")
            .notes(
                "because",
                vec![
                    "10:49:58.500 last byte from sensor (ping)".to_owned(),
                    "10:51:05.500 no byte for 67s (1.5 x 45s): connection closed".to_owned(),
                    "10:51:58.500 rest of the 2m wait is over".to_owned(),
                ],
            )
            .note("rerun", "blynk-sim run scenarios/wifi.yaml --seed 1 --trace sensor");
    insta::assert_snapshot!(plain(&finding(&failure)));
}

#[test]
fn a_mark_stands_under_its_text_after_tabs_and_umlauts() {
    let error = Finding::error("unknown key `küche`", at("küche", "did you mean `count`?"))
        .note("help", "leave it out");
    insta::assert_snapshot!(plain(&finding(&error)));
}

#[test]
fn a_finding_needs_neither_label_nor_notes() {
    insta::assert_snapshot!(plain(&finding(&Finding::error("unknown key", at("sensor:", "")))));
}

#[test]
fn a_finding_needs_no_place() {
    let warning =
        Finding { severity: Severity::Warning, ..Finding::error("no scenario expects anything", None) };
    insta::assert_snapshot!(plain(&finding(&warning.note("help", "write `expect`"))));
}

#[test]
fn an_empty_mark_is_one_caret() {
    let place = Place::locate("a.yaml", "x: 1\n", 4..4, "here");
    insta::assert_snapshot!(plain(&finding(&Finding::error("something is missing", Some(place)))));
    let place = Place::locate("a.yaml", "", 0..0, "");
    insta::assert_snapshot!(plain(&finding(&Finding::error("the file is empty", Some(place)))));
}

#[test]
fn a_long_line_is_shown_around_its_mark() {
    let line = format!("{}wrong{}", "ü".repeat(200), "x".repeat(200));
    let place = Place::locate("a.yaml", &line, 400..405, "here");
    insta::assert_snapshot!(plain(&finding(&Finding::error("a long line", Some(place)))));
}

#[test]
fn colours_change_no_text() {
    let error = Finding::error("unknown key", at("sensor:", "here")).note("help", "leave it out");
    insta::assert_snapshot!(finding(&error).replace('\u{1b}', "^"));
}

#[test]
fn a_scenario_is_one_line_and_the_last_line_counts_them() {
    let scenario_of = |verdict| Scenario {
        path: "a.yaml".into(),
        title: "A title".into(),
        hash: String::new(),
        seed: 1,
        engine: "turmoil".into(),
        tick: None,
        verdict,
        simulated: "15m".into(),
        totals: Totals::default(),
        findings: Vec::new(),
        cases: Vec::new(),
        picture: None,
    };
    let run = Run {
        format: FORMAT,
        version: "0.1.0".into(),
        verdict: Verdict::Failed,
        passed: 1,
        failed: 1,
        simulated: "30m".into(),
        totals: Totals { messages: 1, logins: 2, changes: 3_000 },
        races: Some(1),
        refused: Vec::new(),
        findings: Vec::new(),
        not_run: 0,
        not_compared: 0,
        scenarios: Vec::new(),
        real_milliseconds: 80,
    };
    let took = Duration::from_millis(40);
    let lines = [
        scenario(&scenario_of(Verdict::Passed), "a.yaml", Some(took), 8),
        scenario(&scenario_of(Verdict::Failed), "a.yaml", Some(took), 8),
        scenario(&scenario_of(Verdict::Failed), "a.yaml --seed 3", None, 8),
        summary(&run, took * 2),
    ];
    insta::assert_snapshot!(plain(&lines.join("\n")));
}
