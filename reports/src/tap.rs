//! The Test Anything Protocol, version 14: a line for each thing that was demanded.

use crate::model::{Finding, Run, Scenario, Severity};
use crate::numerals::count;
use crate::terminal::plain_finding;

/// The whole report.
pub fn report(run: &Run) -> String {
    let refused = run.refused.iter().map(|refused| Point {
        name: format!("{}: the file is a sound scenario", refused.path),
        findings: refused.findings.iter().collect(),
    });
    let wrong = run.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let wrong = wrong.map(|finding| Point { name: "the files are in order".into(), findings: vec![finding] });
    let refused = refused.chain(wrong);
    let scenarios =
        run.scenarios.iter().map(|scenario| (Some(head(run, scenario)), of_scenario(run, scenario)));
    let left = (run.not_run > 0).then(|| (Some(left_out(run)), Vec::new()));
    let chapters: Vec<_> =
        [(None, refused.collect::<Vec<_>>())].into_iter().chain(scenarios).chain(left).collect();
    let points: usize = chapters.iter().map(|(_, points)| points.len()).sum();
    let mut text = format!("TAP version 14\n1..{points}\n# blynk-sim {}\n", run.version);
    let mut number = 0;
    for (head, points) in chapters {
        text.extend(head);
        for point in points {
            number += 1;
            text += &point.told(number);
        }
    }
    text
}

fn left_out(run: &Run) -> String {
    format!("# {} not run: enough had failed\n", count(run.not_run as u64, "scenario"))
}

/// One line of a report, with what belongs to it.
struct Point<'a> {
    name: String,
    findings: Vec<&'a Finding>,
}

fn of_scenario<'a>(run: &Run, scenario: &'a Scenario) -> Vec<Point<'a>> {
    let of = run.name_of(scenario);
    let cases = scenario.cases.iter().map(|case| Point {
        name: format!("{of}: {}: {}", case.kind.name(), case.name),
        findings: scenario.findings_of(case).collect(),
    });
    let rest: Vec<_> = scenario.findings_of_no_case().collect();
    let rest =
        (!rest.is_empty()).then(|| Point { name: format!("{of}: the run comes to its end"), findings: rest });
    cases.chain(rest).collect()
}

fn head(run: &Run, scenario: &Scenario) -> String {
    let Scenario { title, hash, path, .. } = scenario;
    let mut text = format!("# {}: {}, file {hash}\n", one_line(title), scenario.manner());
    for warning in run.warnings_of(path) {
        text.extend(
            plain_finding(warning).lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n"),
        );
    }
    text
}

impl Point<'_> {
    fn told(&self, number: usize) -> String {
        // These two have a meaning in a description.
        let name = one_line(&self.name).replace('\\', "\\\\").replace('#', "\\#");
        if self.findings.is_empty() {
            return format!("ok {number} - {name}\n");
        }
        let findings: Vec<_> = self.findings.iter().map(|finding| told(finding)).collect();
        format!("not ok {number} - {name}\n  ---\n  findings:\n{}  ...\n", findings.concat())
    }
}

/// An entry of YAML.
fn told(finding: &Finding) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text is plain");
    let mut text = format!("    - message: {}\n", quoted(&finding.title));
    if let Some(place) = &finding.place {
        text += &format!(
            "      file: {}\n      line: {}\n      column: {}\n",
            quoted(&place.path),
            place.line,
            place.column
        );
    }
    text += "      text: |2\n";
    for line in plain_finding(finding).lines() {
        text += format!("        {line}").trim_end();
        text.push('\n');
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
