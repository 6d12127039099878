//! A scenario that was run on both engines, told as one: what both runs fail is told once.

use blynk_reports::model::{Case, CaseKind, Finding, Note, Scenario, Verdict};

/// What was demanded of each run, and that they agree.
pub fn on_both_engines(first: Scenario, second: Scenario, disagreements: Vec<Finding>) -> Scenario {
    let mut both = first;
    let is_full = both.picture.is_some();
    let places = tell_once(&mut both.findings, second.findings, [&both.engine, &second.engine]);
    for mut theirs in second.cases {
        theirs.findings.iter_mut().for_each(|place| *place = places[*place]);
        let is_same =
            |ours: &&mut Case| (ours.kind, &ours.name, ours.line) == (theirs.kind, &theirs.name, theirs.line);
        match both.cases.iter_mut().find(is_same) {
            Some(ours) => {
                let told_once: Vec<_> =
                    theirs.findings.into_iter().filter(|place| !ours.findings.contains(place)).collect();
                ours.findings.extend(told_once);
            }
            None => both.cases.push(theirs),
        }
    }
    let agreement = Case {
        kind: CaseKind::Invariant,
        name: "both engines agree".into(),
        line: None,
        measured: None,
        findings: (both.findings.len()..both.findings.len() + disagreements.len()).collect(),
    };
    both.cases.extend(is_full.then_some(agreement));
    both.findings.extend(disagreements);
    both.verdict = if both.findings.is_empty() { Verdict::Passed } else { Verdict::Failed };
    both.engine = format!("{} and {}", both.engine, second.engine);
    both.simulated += " on both engines";
    both.totals.messages += second.totals.messages;
    both.totals.logins += second.totals.logins;
    both.totals.changes += second.totals.changes;
    both
}

/// Adds their findings to ours, and to each of which engine it is. Returns where each of theirs is told.
fn tell_once(ours: &mut Vec<Finding>, theirs: Vec<Finding>, [our, their]: [&str; 2]) -> Vec<usize> {
    let twins = twins(ours, &theirs);
    for (place, finding) in ours.iter_mut().enumerate() {
        if !twins.contains(&Some(place)) {
            add(finding, vec![format!("{our} only")]);
        }
    }
    let told = theirs.into_iter().zip(twins).map(|(mut theirs, twin)| match twin {
        Some(place) => {
            let lines = match theirs.title == ours[place].title {
                true => vec![format!("{our} and {their}")],
                false => vec![format!("{our} as told here"), format!("{their}: {}", theirs.title)],
            };
            add(&mut ours[place], lines);
            place
        }
        None => {
            add(&mut theirs, vec![format!("{their} only")]);
            ours.push(theirs);
            ours.len() - 1
        }
    });
    told.collect()
}

fn add(finding: &mut Finding, lines: Vec<String>) {
    finding.notes.push(Note { name: "engines".into(), lines });
}

/// For each of theirs the one of ours that says the same, or else something about the same place of the file.
fn twins(ours: &[Finding], theirs: &[Finding]) -> Vec<Option<usize>> {
    let place = |finding: &Finding| finding.place.as_ref().map(|place| (place.line, place.column));
    let says_the_same = |a: &Finding, b: &Finding| (&a.title, place(a)) == (&b.title, place(b));
    let is_about_the_same = |a: &Finding, b: &Finding| a.place.is_some() && place(a) == place(b);
    let (mut twins, mut is_taken) = (vec![None; theirs.len()], vec![false; ours.len()]);
    for is_twin in [&says_the_same as &dyn Fn(&Finding, &Finding) -> bool, &is_about_the_same] {
        for (twin, theirs) in twins.iter_mut().zip(theirs).filter(|(twin, _)| twin.is_none()) {
            *twin = (0..ours.len()).find(|place| !is_taken[*place] && is_twin(&ours[*place], theirs));
            twin.iter().for_each(|place: &usize| is_taken[*place] = true);
        }
    }
    twins
}

#[cfg(test)]
mod tests {
    use blynk_reports::model::Place;

    use super::*;

    fn finding(title: &str, line: usize) -> Finding {
        let text = "x\n".repeat(9);
        Finding::error(
            title,
            (line > 0).then(|| Place::locate("a.yaml", &text, 2 * line - 2..2 * line - 1, "")),
        )
    }

    #[test]
    fn what_both_engines_say_is_told_once() {
        let mut ours =
            vec![finding("late", 1), finding("2s early", 2), finding("oracle", 0), finding("mine", 4)];
        let theirs =
            vec![finding("oracle", 0), finding("yours", 5), finding("1s early", 2), finding("late", 1)];
        let places = tell_once(&mut ours, theirs, ["turmoil", "events"]);
        assert_eq!(places, [2, 4, 1, 0]);
        let told: Vec<_> = ours.iter().map(|it| it.notes[0].lines.join(", ")).collect();
        let once = "turmoil and events";
        let differently = "turmoil as told here, events: 1s early";
        assert_eq!(told, [once, differently, once, "turmoil only", "events only"]);
    }
}
