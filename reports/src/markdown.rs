//! Markdown for the summary of a CI job: what failed, complete, then everything that was run.

use crate::model::{Finding, Refused, Run, Scenario, Verdict};
use crate::numerals::{count, grouped};
use crate::terminal::{not_compared, plain_finding, totals, verdicts};

/// Services refuse summaries of more than a mebibyte whole. Up to here findings are told,
const FINDINGS: usize = 700_000;
/// and up to here rows; what follows them is short.
const ROWS: usize = 1_000_000;

/// The whole summary.
pub fn report(run: &Run) -> String {
    let mut text = format!("## {}\n\n", headline(run));
    let files = (!run.findings.is_empty()).then(|| ("About the files".to_owned(), run.findings.as_slice()));
    let refused = run.refused.iter().map(of_refused);
    let failed = run.scenarios.iter().filter(|it| it.verdict != Verdict::Passed).map(|it| of_failed(run, it));
    let mut untold = 0;
    for (heading, findings) in refused.chain(failed).chain(files) {
        untold += tell(&mut text, &heading, findings);
    }
    if untold > 0 {
        text += &format!("And {} more.\n\n", count(untold as u64, "finding"));
    }
    if run.not_run > 0 {
        text += &format!("{} not run: enough had failed.\n\n", count(run.not_run as u64, "scenario"));
    }
    if let Some(left_out) = run.left_out() {
        text += &format!("Reports have no room for {left_out}.\n\n");
    }
    table(&mut text, run);
    text + &footer(run)
}

/// As many findings as fit, under their heading; returns how many do not.
fn tell(text: &mut String, heading: &str, findings: &[Finding]) -> usize {
    let mut heading = format!("### {heading}\n\n");
    let mut untold = 0;
    for finding in findings {
        let finding = code(&plain_finding(finding));
        if text.len() + heading.len() + finding.len() <= FINDINGS {
            *text += &std::mem::take(&mut heading);
            *text += &finding;
        } else {
            untold += 1;
        }
    }
    untold
}

/// `7 passed, 1 failed`, as the last line on the terminal says.
fn headline(run: &Run) -> String {
    match run.refused.len() {
        0 => format!(
            "{} {}, {} simulated: {}{}",
            mark(run.verdict),
            verdicts(run),
            run.simulated,
            totals(&run.totals),
            not_compared(run)
        ),
        refused => format!("{} {} refused", mark(run.verdict), count(refused as u64, "file")),
    }
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✅",
        Verdict::Failed | Verdict::Refused => "❌",
        Verdict::Crashed => "💥",
    }
}

fn of_refused(refused: &Refused) -> (String, &[Finding]) {
    (escaped(&refused.path), &refused.findings)
}

fn of_failed<'a>(run: &Run, scenario: &'a Scenario) -> (String, &'a [Finding]) {
    (format!("{} — {}", escaped(&run.name_of(scenario)), escaped(&scenario.title)), &scenario.findings)
}

/// A fence that the text itself cannot close.
fn code(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{text}\n{fence}\n\n")
}

/// A row for each scenario, as many as fit.
fn table(text: &mut String, run: &Run) {
    if run.scenarios.is_empty() {
        return;
    }
    *text += &format!(
        "<details><summary>{}</summary>\n\n| | file | scenario | held | run |\n|---|---|---|---|---|\n",
        count(run.scenarios.len() as u64, "scenario")
    );
    let mut untold = 0;
    for scenario in &run.scenarios {
        let row = row(run, scenario);
        if text.len() + row.len() <= ROWS {
            *text += &row;
        } else {
            untold += 1;
        }
    }
    if untold > 0 {
        *text += &format!("\nAnd {} more.\n", grouped(untold));
    }
    *text += "\n</details>\n\n";
}

fn row(run: &Run, scenario: &Scenario) -> String {
    let Scenario { title, simulated, cases, verdict, hash, .. } = scenario;
    let held = cases.iter().filter(|case| case.findings.is_empty()).count();
    format!(
        "| {} | {} | {} | {held} of {} | {simulated}, {}, file `{}` |\n",
        mark(*verdict),
        escaped(&run.name_of(scenario)),
        escaped(title),
        cases.len(),
        scenario.manner(),
        hash.get(..12).unwrap_or(hash),
    )
}

fn footer(run: &Run) -> String {
    format!("blynk-sim {}\n", run.version)
}

/// Text that means nothing but itself, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '@' => {
                escaped.extend(['\\', letter]);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}
