//! Every report of one model that was made by hand, and how long they get of models that are too big.

mod hand_made;
mod sizes;

use std::time::Duration;

use anstream::adapter::strip_str;

use crate::model::*;
use crate::{github, html, json, junit, markdown, ndjson, tap, terminal};
use hand_made::{failure, refused, run, text};

#[test]
fn junit_is_as_it_was() {
    insta::assert_snapshot!("junit", junit::report(&run()));
    insta::assert_snapshot!("junit_refused", junit::report(&refused()));
}

/// Another's reader of the format finds every case, and its verdict, where it was demanded.
#[test]
fn junit_is_read_by_an_independent_parser() {
    let read =
        |run: &Run| junit_parser::from_reader(junit::report(run).as_bytes()).expect("it is JUnit's XML");
    let suites = read(&run());
    assert_eq!((suites.tests, suites.failures, suites.errors, suites.suites.len()), (8, 3, 1, 6));
    let names: Vec<_> = suites.suites.iter().map(|suite| suite.name.as_str()).collect();
    let files = ["scenarios/a,b:c.yaml", "b.yaml --seed 1", "b.yaml --seed 2", "c.yaml"];
    assert_eq!(names, [&["files"], &files[..], &["not run"]].concat());
    let case = &suites.suites[1].cases[0];
    assert_eq!((case.original_name.as_str(), case.line), ("expect: sensor: 10:51:30 offline", Some(5)));
    assert_eq!(case.file.as_deref(), Some("scenarios/a,b:c.yaml"));
    let failed = case.status.failure_as_ref();
    assert_eq!(failed.message, failure().title);
    // Its own habit: it drops escaped characters, of which the line with the place has one.
    assert!(failed.text.contains("10:52:00 rest of the 2m wait is over"), "{}", failed.text);
    assert!(suites.suites[1].cases[1].status.is_success());
    assert!(suites.suites[4].cases[0].status.is_error());
    let suites = read(&refused());
    assert_eq!((suites.tests, suites.failures, suites.errors), (1, 0, 1));
}

#[test]
fn json_is_as_it_was_and_reads_back() {
    for (name, run) in [("json", run()), ("json_refused", refused())] {
        let text = json::report(&run);
        assert_eq!(json::parse(&text), Ok(run));
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&value).expect("JSON"));
    }
}

#[test]
fn json_of_another_version_is_not_guessed_at() {
    assert_eq!(json::parse("{\"format\":2,\"scenarios\":7}"), Err(json::Unreadable::Format(2)));
    assert!(matches!(json::parse("{\"format\":1}"), Err(json::Unreadable::Text(_))));
    assert!(matches!(json::parse("not JSON"), Err(json::Unreadable::Text(_))));
}

#[test]
fn ndjson_is_as_it_was_an_object_a_line() {
    for (name, run) in [("ndjson", run()), ("ndjson_refused", refused())] {
        let text = ndjson::report(&run);
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert!(value["type"].is_string(), "{line}");
        }
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn tap_is_as_it_was() {
    insta::assert_snapshot!("tap", tap::report(&run()));
    insta::assert_snapshot!("tap_refused", tap::report(&refused()));
}

#[test]
fn markdown_is_as_it_was() {
    insta::assert_snapshot!("markdown", markdown::report(&run()));
    insta::assert_snapshot!("markdown_refused", markdown::report(&refused()));
}

#[test]
fn github_is_as_it_was_a_command_a_line() {
    let text = github::report(&run());
    assert!(
        text.lines().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")),
        "{text}"
    );
    insta::assert_snapshot!("github", text);
    insta::assert_snapshot!("github_refused", github::report(&refused()));
}

/// The page without its style and its script, which have files of their own, and without their hashes.
#[test]
fn html_is_as_it_was() {
    for (name, run) in [("html", run()), ("html_refused", refused())] {
        let page = html::report(&run);
        let without = |page: &str, from: &str, to: &str| {
            let (before, rest) = page.split_once(from).expect("it begins");
            let (_, after) = rest.split_once(to).expect("it ends");
            format!("{before}{from}{to}{after}")
        };
        let page = without(&page, "<style>", "</style>");
        let page = without(&page, "<script>", "</script>");
        insta::assert_snapshot!(name, without(&page, "Content-Security-Policy\" content=\"", "\">"));
    }
}

#[test]
fn nothing_that_a_scenario_says_is_markup() {
    let mut run = run();
    run.scenarios[0].title = text("</script><script>alert(1)</script>");
    if let Some(picture) = &mut run.scenarios[0].picture {
        picture.devices[0].name = text("</script><img src=x>");
    }
    let page = html::report(&run);
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img"));
}

#[test]
fn the_same_run_gives_the_same_bytes_however_long_it_took() {
    let (first, second) = (run(), Run { real_milliseconds: 9, ..run() });
    for report in [github::report, html::report, junit::report, markdown::report, tap::report] {
        assert_eq!(report(&first), report(&second));
    }
    let dated = |report: String| report.replace("\"real_milliseconds\":9", "\"real_milliseconds\":1234");
    assert_eq!(json::report(&first), dated(json::report(&second)));
    assert_eq!(ndjson::report(&first), dated(ndjson::report(&second)));
}

/// Every scenario in a line, then what is wrong, then the sum, as `run` prints them.
fn on_a_terminal(run: &Run) -> String {
    let took = Duration::from_millis(40);
    let name = |scenario| run.name_of(scenario);
    let width = run.scenarios.iter().map(|it| name(it).chars().count()).max().unwrap_or(0);
    let lines = run.scenarios.iter().map(|it| terminal::scenario(it, &name(it), Some(took), width));
    let refused = run.refused.iter().flat_map(|it| &it.findings);
    let failed = run.scenarios.iter().flat_map(|it| &it.findings);
    let findings = refused.chain(failed).chain(&run.findings);
    let findings = findings.map(|it| format!("\n{}\n", terminal::finding(it)));
    let all: Vec<_> = lines.chain(findings).chain([terminal::summary(run, took)]).collect();
    strip_str(&all.join("\n")).to_string()
}

#[test]
fn the_terminal_is_as_it_was() {
    insta::assert_snapshot!("terminal", on_a_terminal(&run()));
    insta::assert_snapshot!("terminal_refused", on_a_terminal(&refused()));
}

/// What failed is told everywhere in the terminal's words.
#[test]
fn all_reports_have_the_same_words() {
    let run = run();
    let words = [failure().title.as_str(), "10:52:00 rest of the 2m wait is over"].map(str::to_owned);
    for report in [on_a_terminal, github::report, html::report, junit::report, markdown::report, tap::report]
    {
        let report = report(&run).replace("%25", "%");
        assert!(words.iter().all(|words| report.contains(words)), "{report}");
    }
}
