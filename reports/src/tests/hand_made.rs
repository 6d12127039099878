//! A model that was made by hand: something of everything.

use crate::model::*;

pub(super) const FILE: &str = "scenario: A | B & <c>\ndevices: { sensor: , home: { count: 3 } }\nexpect:\n  sensor:\n    10:51:30: offline # `100%`\n";

pub(super) fn place(text: &str, label: &str) -> Option<Place> {
    let start = FILE.find(text).expect("the text is in the file");
    Some(Place::locate("scenarios/a,b:c.yaml", FILE, start..start + text.len(), label))
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn failure() -> Finding {
    Finding::error("sensor went offline 30s late: 100% `sure`", place("10:51:30", "expected here"))
        .note("got", "10:52:00 offline")
        .notes(
            "because",
            vec![
                text("10:50:00 last byte from sensor (write)"),
                text("10:52:00 rest of the 2m wait is over"),
            ],
        )
}

pub(super) fn change(
    at: u64,
    time: &str,
    from: Option<&str>,
    to: &str,
    reason: &str,
    because: &[(u64, &str, &str)],
) -> Change {
    let cause = |(at, time, what): &(u64, &str, &str)| Cause { at: *at, time: text(time), text: text(what) };
    Change {
        at,
        time: text(time),
        from: from.map(text),
        to: text(to),
        reason: text(reason),
        because: because.iter().map(cause).collect(),
    }
}

pub(super) fn device(name: &str, group: &str, status: &str, history: Option<Vec<Change>>) -> Device {
    Device {
        name: text(name),
        group: text(group),
        failing: name == "sensor",
        status: text(status),
        changes: history.as_ref().map_or(7, |history| history.len() as u64),
        offline: if status == "offline" { 120_000 } else { 0 },
        detection: (status == "offline").then_some(120_000),
        recovery: None,
        digest: text("0123456789abcdef"),
        connected: history.iter().map(|_| (30_000, 127_000)).collect(),
        history,
    }
}

pub(super) fn statuses() -> Vec<Status> {
    let of = |key, tone| Status { key: text(key), tone };
    vec![
        of("new", Tone::New),
        of("online", Tone::Online),
        of("standby", Tone::Custom),
        of("offline", Tone::Offline),
    ]
}

pub(super) fn picture() -> Picture {
    let tick = |at, time| Tick { at, time: text(time) };
    let bar = |from, to, least, most, count| Bar { from, to, time: (text(least), text(most)), count };
    let disturbance = |who, what, devices, from, to, time| Disturbance {
        who: text(who),
        what: text(what),
        devices,
        from,
        to,
        time: text(time),
    };
    let login = || change(30_000, "10:49:30", None, "online", "login", &[(30_000, "10:49:30", "connect")]);
    let offline = change(
        180_000,
        "10:52:00",
        Some("online"),
        "offline",
        "rest of the 2m wait is over",
        &[(60_000, "10:50:00", "last byte from sensor (write)")],
    );
    Picture {
        until: 300_000,
        end: text("10:54:00"),
        start: Some(38_940_000),
        ticks: vec![tick(0, "10:49:00"), tick(300_000, "10:54:00")],
        groups: vec![
            Group { name: text("sensor"), devices: 1, fleet: false, statuses: statuses(), counts: None },
            Group {
                name: text("home"),
                devices: 3,
                fleet: true,
                statuses: statuses(),
                counts: Some(Counts {
                    every: 100_000,
                    devices: vec![vec![3, 0, 0, 0], vec![0, 2, 1, 0], vec![0, 1, 1, 1]],
                }),
            },
        ],
        disturbances: vec![
            disturbance("server", "down: power lost", 0, 100_000, 120_000, "10:50:40..10:51:00"),
            disturbance("home", "drop", 2, 90_000, 200_000, "10:50:30..10:52:20"),
        ],
        times: vec![Times {
            name: text("detection"),
            about: text("from the base of the wait to Offline"),
            count: 6,
            figures: vec![(text("p50"), text("1m")), (text("max"), text("2m"))],
            bars: vec![
                bar(60_000, 90_000, "1m", "90s", 4),
                bar(90_000, 120_000, "90s", "2m", 0),
                bar(120_000, 150_000, "2m", "2m30s", 2),
            ],
        }],
        devices: vec![
            device("sensor", "sensor", "offline", Some(vec![login(), offline])),
            device("home-0", "home", "online", Some(vec![login()])),
            device("home-1", "home", "standby", None),
        ],
        digest: text("ffee"),
        devices_left_out: 1,
        histories_left_out: 1,
    }
}

pub(super) fn case(
    kind: CaseKind,
    name: &str,
    line: Option<usize>,
    measured: Option<&str>,
    findings: &[usize],
) -> Case {
    Case { kind, name: text(name), line, measured: measured.map(text), findings: findings.to_vec() }
}

pub(super) fn scenario(
    path: &str,
    seed: u64,
    verdict: Verdict,
    findings: Vec<Finding>,
    cases: Vec<Case>,
) -> Scenario {
    Scenario {
        path: text(path),
        title: text("A | B & <c>"),
        hash: text("00ff"),
        seed,
        engine: text("turmoil"),
        tick: Some(text("100ms")),
        verdict,
        simulated: text("5m"),
        totals: Totals { messages: 9_378, logins: 4, changes: 3 },
        findings,
        cases,
        picture: None,
    }
}

/// One that failed, one that passed with two seeds, and one that a bug ended.
pub(super) fn run() -> Run {
    const INVARIANT: &str = "no false offline";
    let failed = vec![
        case(CaseKind::Expectation, "sensor: 10:51:30 offline", Some(5), None, &[0]),
        case(CaseKind::Limit, "detection p99 at most 61s", Some(2), Some("2m"), &[]),
        case(CaseKind::Invariant, INVARIANT, None, None, &[1]),
    ];
    let oracle = Finding::error("oracle: sensor at 10:52:00: moved off Online", None)
        .note("invariant", "1 (no false offline)");
    let passed = |seed| {
        let cases = vec![case(CaseKind::Invariant, INVARIANT, None, None, &[])];
        scenario("b.yaml", seed, Verdict::Passed, Vec::new(), cases)
    };
    let bug = Finding::error("c.yaml with --seed 1 panicked: \u{1b}[31mboom\u{1b}[0m", None);
    Run {
        format: FORMAT,
        version: text("0.1.0"),
        verdict: Verdict::Crashed,
        passed: 2,
        failed: 2,
        simulated: text("15m"),
        totals: Totals { messages: 28_134, logins: 12, changes: 9 },
        races: None,
        refused: Vec::new(),
        findings: vec![
            Finding {
                severity: Severity::Warning,
                ..Finding::error("nothing is expected", place("expect", ""))
            },
            Finding::error("no scenario refers to old.yaml.timeline", None),
        ],
        not_run: 3,
        not_compared: 1,
        scenarios: vec![
            Scenario {
                picture: Some(picture()),
                ..scenario(
                    "scenarios/a,b:c.yaml",
                    18_446_744_073_709_551_615,
                    Verdict::Failed,
                    vec![failure(), oracle],
                    failed,
                )
            },
            passed(1),
            passed(2),
            scenario("c.yaml", 1, Verdict::Crashed, vec![bug], Vec::new()),
        ],
        real_milliseconds: 1_234,
    }
}

/// Two mistakes in one file: nothing ran.
pub(super) fn refused() -> Run {
    let findings =
        vec![Finding::error("unknown key `count`", place("count", "here")), Finding::error("too long", None)];
    let refused = vec![Refused { path: text("scenarios/a,b:c.yaml"), findings }];
    let nothing = Run {
        scenarios: Vec::new(),
        findings: Vec::new(),
        not_run: 0,
        not_compared: 0,
        passed: 0,
        failed: 0,
        ..run()
    };
    Run { verdict: Verdict::Refused, simulated: text("0s"), totals: Totals::default(), refused, ..nothing }
}
