//! Annotations as GitHub shows them beside the lines of files: commands on the output of a job.

use crate::model::{Finding, Run, Scenario, Severity};
use crate::terminal::plain_finding;

/// One command on a line for each finding.
pub fn report(run: &Run) -> String {
    let program = format!("blynk-sim {}", run.version);
    let mut commands: Vec<_> = run.findings.iter().map(|finding| command(None, finding, &program)).collect();
    for refused in &run.refused {
        commands
            .extend(refused.findings.iter().map(|finding| command(Some(&refused.path), finding, &program)));
    }
    for scenario in &run.scenarios {
        let Scenario { path, hash, findings, .. } = scenario;
        let manner = format!("{}, file {hash}, {program}", scenario.manner());
        commands.extend(findings.iter().map(|finding| command(Some(path), finding, &manner)));
    }
    commands.concat()
}

/// `path` is told of a finding that has no place of its own, `manner` at the end.
fn command(path: Option<&str>, finding: &Finding, manner: &str) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    match &finding.place {
        Some(place) => {
            properties.push(format!("file={}", property(&place.path)));
            properties.push(format!("line={}", place.line));
            properties.push(format!("col={}", place.column));
        }
        None => properties.extend(path.map(|path| format!("file={}", property(path)))),
    }
    properties.push(format!("title={}", property(&finding.title)));
    let text = format!("{}\n{manner}", plain_finding(finding));
    format!("::{name} {}::{}\n", properties.join(","), message(&text))
}

/// What would end the command, be read as an escape, or move a cursor.
fn message(text: &str) -> String {
    let printable: String =
        text.chars().filter(|letter| !letter.is_control() || "\r\n\t".contains(*letter)).collect();
    printable.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What would also end a property.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
