//! JUnit's XML: a suite for each run of a file, a case for each thing that was demanded, with file and line.
//!
//! It holds no times: those of the real world would differ from run to run, and others would be taken for them.

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::model::{Case, Finding, Refused, Run, Scenario, Severity, Verdict};
use crate::numerals::count;
use crate::terminal::plain_finding;

/// The whole report.
///
/// # Panics
/// Never: memory takes all text.
pub fn report(run: &Run) -> String {
    let mut report = Report::new("blynk-sim");
    report.add_test_suites(of_files(run));
    report.add_test_suites(run.refused.iter().map(|refused| of_refused(run, refused)));
    report.add_test_suites(run.scenarios.iter().map(|scenario| of_scenario(run, scenario)));
    report.add_test_suites(left_out(run));
    report.to_string().expect("memory takes all text")
}

/// What was not run because enough had failed.
fn left_out(run: &Run) -> Option<TestSuite> {
    if run.not_run == 0 {
        return None;
    }
    let mut status = TestCaseStatus::skipped();
    status.set_message("enough had failed");
    let mut suite = TestSuite::new("not run");
    suite.add_test_case(TestCase::new(count(run.not_run as u64, "scenario"), status));
    Some(suite)
}

/// What is wrong with files and no run of theirs.
fn of_files(run: &Run) -> Option<TestSuite> {
    let wrong = run.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let cases = wrong.map(|finding| {
        let status = not_met(NonSuccessKind::Failure, "file", &[finding]);
        match &finding.place {
            Some(place) => located("the file is in order", &place.path, Some(place.line), status),
            None => TestCase::new("the files are in order", status),
        }
    });
    let mut suite = TestSuite::new("files");
    suite.add_property(Property::new("version", &run.version));
    suite.add_test_cases(cases);
    (suite.tests > 0).then_some(suite)
}

fn of_refused(run: &Run, Refused { path, findings }: &Refused) -> TestSuite {
    let mut suite = TestSuite::new(path);
    suite.add_property(Property::new("version", &run.version));
    let told: Vec<_> = findings.iter().collect();
    let status = not_met(NonSuccessKind::Error, "refused", &told);
    let line = findings.iter().find_map(|finding| finding.place.as_ref()).map(|place| place.line);
    suite.add_test_case(located("the file is a sound scenario", path, line, status));
    suite
}

fn of_scenario(run: &Run, scenario: &Scenario) -> TestSuite {
    let mut suite = TestSuite::new(run.name_of(scenario));
    let Scenario { path, title, hash, seed, engine, tick, simulated, .. } = scenario;
    let seed = seed.to_string();
    let properties = [("version", &run.version), ("title", title), ("hash", hash), ("seed", &seed)];
    let properties = properties.into_iter().chain([("engine", engine), ("simulated", simulated)]);
    suite.add_properties(properties.map(|(name, value)| Property::new(name, value)));
    suite.add_properties(tick.iter().map(|tick| Property::new("tick", tick)));
    let warnings: Vec<_> = run.warnings_of(path).map(plain_finding).collect();
    if !warnings.is_empty() {
        suite.set_system_err(warnings.join("\n\n"));
    }
    suite.add_test_cases(scenario.cases.iter().map(|case| of_case(run, scenario, case)));
    let rest: Vec<_> = scenario.findings_of_no_case().collect();
    if !rest.is_empty() {
        let kind = match scenario.verdict {
            Verdict::Crashed => NonSuccessKind::Error,
            Verdict::Passed | Verdict::Failed | Verdict::Refused => NonSuccessKind::Failure,
        };
        let status = not_met(kind, "run", &rest);
        suite.add_test_case(of_run(run, scenario, "the run comes to its end", None, status));
    }
    suite
}

fn of_case(run: &Run, scenario: &Scenario, case: &Case) -> TestCase {
    let findings: Vec<_> = scenario.findings_of(case).collect();
    let status = match findings.is_empty() {
        true => TestCaseStatus::success(),
        false => not_met(NonSuccessKind::Failure, case.kind.name(), &findings),
    };
    let name = format!("{}: {}", case.kind.name(), case.name);
    let mut made = of_run(run, scenario, &name, case.line, status);
    made.properties.extend(case.measured.iter().map(|measured| Property::new("measured", measured)));
    made
}

fn not_met(kind: NonSuccessKind, class: &str, findings: &[&Finding]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    let titles: Vec<_> = findings.iter().map(|finding| finding.title.as_str()).collect();
    let told: Vec<_> = findings.iter().map(|finding| plain_finding(finding)).collect();
    status.set_message(titles.join("; ")).set_type(class).set_description(told.join("\n\n"));
    status
}

/// Runs of one file are told apart as the terminal does it.
fn of_run(
    run: &Run,
    scenario: &Scenario,
    name: &str,
    line: Option<usize>,
    status: TestCaseStatus,
) -> TestCase {
    let mut case = located(name, &scenario.path, line, status);
    case.set_classname(run.name_of(scenario));
    case
}

fn located(name: &str, path: &str, line: Option<usize>, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(path);
    case.extra.insert("file".into(), path.into());
    case.extra.extend(line.map(|line| ("line".into(), line.to_string().into())));
    case
}
