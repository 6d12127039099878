//! Models that are too big for a page or a summary: both keep within their bounds, and say what they left out.

use super::hand_made::{case, change, device, failure, picture, run, scenario, text};
use crate::model::*;
use crate::numerals::count;
use crate::{html, markdown};

/// What a page may have.
const PAGE: usize = 2_000_000;

/// What services take of a summary.
const SUMMARY: usize = 1 << 20;

/// A device that comes and goes so many times, each for another reason.
fn flapping(name: &str, group: &str, failing: bool, times: u64) -> Device {
    let turn = |turn: u64| {
        let at = turn * 250_000 / times.max(1);
        let (from, to) = if turn.is_multiple_of(2) { ("offline", "online") } else { ("online", "offline") };
        let (reason, cause) = (format!("<reason {turn}>"), format!("last byte {turn} from {name} (\u{1})"));
        change(at, &format!("{at}ms"), Some(from), to, &reason, &[(at, "soon", &cause), (at, "later", "x")])
    };
    let history: Vec<_> = (0..times).map(turn).collect();
    let connected = history.chunks(2).map(|pair| (pair[0].at, pair[pair.len() - 1].at)).collect();
    Device { failing, connected, ..device(name, group, "offline", Some(history)) }
}

fn with_devices(groups: Vec<Group>, devices: Vec<Device>) -> Run {
    let mut run = run();
    let counts = (0..160).map(|part| vec![part, 10_000 - part, part, part]).collect();
    let counts = |group: Group| Group {
        counts: group.fleet.then(|| Counts { every: 2_000, devices: Vec::clone(&counts) }),
        ..group
    };
    run.scenarios[0].picture = Some(Picture {
        groups: groups.into_iter().map(counts).collect(),
        devices,
        devices_left_out: 0,
        histories_left_out: 0,
        ..picture()
    });
    run
}

fn group(name: &str, devices: u64, fleet: bool) -> Group {
    Group { name: text(name), devices, fleet, ..picture().groups.remove(0) }
}

/// The page of a run, which is not too long, and what it has for its tables.
fn page(run: &Run) -> (String, serde_json::Value) {
    let page = html::report(run);
    assert!(page.len() <= PAGE, "{} bytes", page.len());
    let (_, data) = page.split_once("id=\"data\">").expect("there is data");
    let (data, _) = data.split_once("</script>").expect("it ends");
    let data = serde_json::from_str(data).expect("JSON");
    (page, data)
}

fn says(page: &str, sentence: &str) {
    let foot = page.split_once("<footer>").expect("there is a foot").1;
    let foot = foot.split_once("</footer>").expect("it ends").0;
    assert!(page.contains(sentence), "{foot}");
}

fn lanes(page: &str) -> usize {
    page.matches("<div class=\"row lane").count()
}

#[test]
fn a_fleet_of_ten_thousand_with_members_that_flap_and_fail_is_one_page() {
    let member = |place: u64| {
        flapping(&format!("dev-{place:05}"), "dev", place < 20, if place < 20 { 400 } else { 3 })
    };
    let (page, data) =
        page(&with_devices(vec![group("dev", 10_000, true)], (0..10_000).map(member).collect()));
    assert_eq!(data["s0"]["devices"].as_array().expect("a list").len(), 10_000);
    assert_eq!(lanes(&page), 12);
    says(&page, "Not drawn: 8 more lanes.");
    says(&page, "in the tables the history is left out.");
}

#[test]
fn sixty_devices_that_flap_all_have_a_lane() {
    let name = |place: u64| format!("sensor-{place}");
    let groups = (0..60).map(|place| group(&name(place), 1, false)).collect();
    let devices = (0..60).map(|place| flapping(&name(place), &name(place), place < 30, 400)).collect();
    let (page, data) = page(&with_devices(groups, devices));
    assert_eq!(lanes(&page), 60);
    says(&page, "Drawn in few strokes, without what led to each change: ");
    assert_eq!(data["s0"]["devices"].as_array().expect("a list").len(), 60);
    says(&page, " in the tables the history is left out.");
}

#[test]
fn thousands_of_scenarios_are_one_page() {
    let of = |seed: u64| {
        let failed = seed.is_multiple_of(3);
        let cases = (0..8).map(|place| case(CaseKind::Invariant, "no false offline", Some(place), None, &[]));
        let (verdict, findings) =
            if failed { (Verdict::Failed, vec![failure()]) } else { (Verdict::Passed, Vec::new()) };
        Scenario {
            picture: Some(picture()),
            ..scenario("scenarios/many.yaml", seed, verdict, findings, cases.collect())
        }
    };
    for number in [2_000, 12_000] {
        let run = Run { scenarios: (0..number).map(of).collect(), ..run() };
        let (page, _) = page(&run);
        let listed = page.matches("<details class=\"scenario").count() as u64;
        assert!(listed > 1_700, "{listed}");
        let failed = number.div_ceil(3);
        let more = count(failed - 50, "scenario");
        says(&page, &format!("And {more}: those that are listed below have their titles there."));
        says(&page, &format!("Not listed: {}.", count(number - listed, "scenario")));
        says(&page, " scenarios the demands are not listed.");
        says(&page, " scenarios the devices are not drawn.");
    }
}

#[test]
fn ten_thousand_single_devices_are_one_page() {
    let name = |place: u64| format!("<{place}>");
    let groups = (0..10_000).map(|place| group(&name(place), 1, false)).collect();
    let devices = (0..10_000).map(|place| flapping(&name(place), &name(place), false, 2)).collect();
    let (page, data) = page(&with_devices(groups, devices));
    assert_eq!(data["s0"]["devices"].as_array().expect("a list").len(), 10_000);
    says(&page, "Not drawn: 9,940 more lanes.");
}

/// Nothing of it fits, and nothing of it is lost without a word.
#[test]
fn what_is_longer_than_a_page_is_left_out_and_said() {
    let long = "ü".repeat(PAGE);
    let finding = Finding::error(long.clone(), None);
    let mut run = with_devices(
        vec![group(&long, 1, true), group("b", 1, false)],
        vec![flapping("a", &long, true, 3), flapping(&long, "b", true, 3)],
    );
    run.scenarios[1] = Scenario { title: long.clone(), ..run.scenarios[1].clone() };
    run.scenarios[0].findings = vec![finding.clone(), failure()];
    run.scenarios[0].cases = vec![case(CaseKind::Limit, &long, None, None, &[0])];
    run.findings = vec![finding.clone()];
    let (page, data) = page(&run);
    assert_eq!(data, serde_json::json!({}));
    for sentence in [
        "And 1 more finding: the JSON report has all.",
        "Not told: 1 finding about the files.",
        "Not listed: 2 scenarios.",
    ] {
        says(&page, sentence);
    }
    run.scenarios[0].findings = vec![failure()];
    let (page, data) = self::page(&run);
    assert_eq!(data, serde_json::json!({}));
    says(&page, "Not listed: 1 scenario.");
    says(&page, "Of 1 scenario the demands are not listed.");
    says(&page, "Of 1 scenario the devices are not drawn.");
}

#[test]
fn refused_files_are_told_as_far_as_they_fit() {
    let refused = |place: usize, findings| Refused {
        path: format!("{place}.yaml"),
        findings: vec![failure(); findings],
    };
    let page_of = |files: Vec<Refused>| page(&Run { refused: files, ..super::refused() }).0;
    let page = page_of((0..60).map(|place| refused(place, 1)).collect());
    says(&page, "And 10 files that cannot be read: the JSON report tells why.");
    says(&page_of(vec![refused(0, 30)]), "And 10 more findings: the JSON report has all.");
    assert!(page_of((0..60).map(|place| refused(place, 30)).collect()).contains("more findings"));
}

#[test]
fn a_summary_is_never_too_long_to_be_taken() {
    let long = Finding::error("x", None).note("history", "<online> -> ".repeat(2_000));
    let of = |seed: u64| {
        scenario("scenarios/many.yaml", seed, Verdict::Failed, vec![long.clone(), failure()], Vec::new())
    };
    let run = Run { scenarios: (0..5_000).map(of).collect(), ..run() };
    let summary = markdown::report(&run);
    assert!(summary.len() <= SUMMARY, "{} bytes", summary.len());
    assert_eq!(summary.matches("```text").count(), summary.matches("\n```\n").count());
    let told = summary.matches("```text").count() as u64;
    let rows = summary.matches("\n| ").count() as u64 - 1;
    assert!(told > 100 && rows > 1_000, "{told} {rows}");
    assert!(summary.contains(&format!("\nAnd {} more.\n\n", count(10_002 - told, "finding"))), "{told}");
    let untold = crate::numerals::grouped(5_000 - rows);
    assert!(summary.contains(&format!("\nAnd {untold} more.\n\n</details>")), "{rows}");
    assert!(summary.ends_with("blynk-sim 0.1.0\n"));
}
