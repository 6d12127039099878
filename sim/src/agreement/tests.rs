//! What counts as agreement: hand-made records beside that of the exact engine, and races that turmoil's ticks really decide.

use std::sync::Arc;

use anstream::adapter::strip_str;
use blynk_reports::terminal;

use super::*;
use crate::engine::{self, Probe};
use crate::findings;
use crate::plan::{Engine, Source};
use crate::scenario::{Options, load};
use crate::timeline::{Entry, Timeline};

/// Offline comes 2 s after a goodbye.
fn plan(engine: Engine, devices: &str, timeline: &str) -> Arc<Plan> {
    let text = format!(
        "scenario: x\nuntil: 2m\ntemplate: {{ heartbeat: 10s, lifecycle: online -2s-> offline }}\n\
         devices: {{ {devices} }}\ntimeline: {{ {timeline} }}\n"
    );
    let source = Source { path: "x.yaml".into(), text };
    let options = Options { engine: Some(engine), ..Options::default() };
    Arc::new(load(source, &options).expect("the file is sound").plan)
}

/// A run that is judged against another.
struct Ran {
    plan: Arc<Plan>,
    observations: Observations,
}

impl Ran {
    fn on(engine: Engine, devices: &str, timeline: &str) -> Self {
        let plan = plan(engine, devices, timeline);
        let observations = engine::run(&plan, Probe::default());
        Self { plan, observations }
    }

    fn run(&self) -> Run<'_> {
        Run { plan: &self.plan, observations: &self.observations }
    }
}

/// Online at 0 s, away at 10 s, Offline at 12 s, back at 20 s. Far from any race.
const PLAIN: &str = "0s: { connect: a }, 10s: { disconnect: a }, 20s: { connect: a }";

/// Holds the run against itself, after somebody has changed the record of its changes.
fn meddled(meddle: impl Fn(&mut Vec<Entry>)) -> (Agreement, Vec<String>) {
    let exact = Ran::on(Engine::Events, "a:", PLAIN);
    let mut entries: Vec<_> = exact.observations.timeline.entries().to_vec();
    let changes = |entries: &[Entry]| entries.iter().filter(|entry| entry.change().is_some()).count();
    assert_eq!(changes(&entries), 3);
    entries.retain(|entry| entry.change().is_some());
    meddle(&mut entries);
    let observations = Observations { timeline: Timeline::new(entries), ..exact.observations.clone() };
    let other = Ran { plan: plan(Engine::Turmoil, "a:", PLAIN), observations };
    let agreement = judge(exact.run(), other.run());
    let titles = findings::disagreements(exact.run(), other.run(), &agreement);
    (agreement, titles.into_iter().map(|finding| finding.title).collect())
}

fn check(meddle: impl Fn(&mut Vec<Entry>), expected: &[&str]) {
    let (agreement, titles) = meddled(meddle);
    assert_eq!(titles, expected);
    assert_eq!(agreement.races, []);
}

const TICK: Duration = Duration::from_millis(100);

#[test]
fn two_ticks_either_way_are_agreement() {
    check(|_| {}, &[]);
    check(|entries| entries.iter_mut().for_each(|entry| entry.at = entry.at + TICK * 2), &[]);
    check(|entries| entries[1].at = entries[1].at - TICK * 2, &[]);
}

#[test]
fn three_ticks_are_not() {
    let late = "the engines disagree: a went offline 300ms later on turmoil than on events";
    check(|entries| entries[1].at = entries[1].at + TICK * 3, &[late]);
    let early = "the engines disagree: a went offline 201ms earlier on turmoil than on events";
    check(|entries| entries[1].at = entries[1].at - TICK * 2 - Duration::MILLISECOND, &[early]);
}

#[test]
fn another_order_is_not() {
    let other = "the engines disagree: a went offline on events and online on turmoil";
    check(
        |entries| {
            let (offline, online) = (entries[1].clone(), entries[2].clone());
            entries[1] = Entry { at: offline.at, ..online.clone() };
            entries[2] = Entry { at: online.at, ..offline };
        },
        &[other],
    );
}

#[test]
fn a_missing_change_is_not_and_neither_is_one_too_many() {
    let missing = "the engines disagree: a went online on events and not on turmoil";
    check(|entries| _ = entries.pop(), &[missing]);
    let more = "the engines disagree: a went offline on turmoil and not on events";
    check(
        |entries| {
            let again = Entry { at: Instant::from_millis(60_000), ..entries[1].clone() };
            entries.push(again);
        },
        &[more],
    );
    check(Vec::clear, &["the engines disagree: a went online on events and not on turmoil"]);
}

#[test]
fn what_one_engine_has_not_seen_when_the_run_ends_is_no_difference() {
    let at = |millis| (Instant::from_millis(millis), StatusIndex::ONLINE);
    let parting = |ours: &[_], theirs: &[_]| parting(&ours.to_vec(), &theirs.to_vec(), TICK * 2, at(1_000).0);
    assert_eq!(parting(&[at(0), at(800)], &[at(0)]), None);
    assert_eq!(parting(&[at(0)], &[at(0), at(800)]), None);
    assert_eq!(parting(&[at(0), at(799)], &[at(0)]), Some(1));
}

/// Both engines run it.
fn judged(devices: &str, timeline: &str) -> (Agreement, Vec<String>) {
    let [exact, ticking] = [Engine::Events, Engine::Turmoil].map(|engine| Ran::on(engine, devices, timeline));
    let agreement = judge(exact.run(), ticking.run());
    let titles = findings::disagreements(exact.run(), ticking.run(), &agreement);
    (agreement, titles.into_iter().map(|finding| finding.title).collect())
}

/// Back at the very deadline: in time, but not if the login takes a tick.
const RACE: &str = "10s: { disconnect: a/0 }, 12s: { connect: a/0 }";

#[test]
fn a_login_beside_a_due_status_is_a_race() {
    let (agreement, titles) = judged("a:", "0s: { connect: a }, 10s: { disconnect: a }, 12s: { connect: a }");
    assert_eq!(agreement.disagreements, []);
    let device = DeviceId(0);
    let nudge = Nudge::Step(1, Shift::Earlier(TICK));
    assert_eq!(agreement.races, [Race { difference: Difference { device, turn: 1 }, nudge }]);
    assert_eq!(titles, ["a tick decides what becomes of a"]);
}

#[test]
fn a_return_just_before_a_give_up_is_none() {
    // The ping of 20 s is held, and answered just before the device gives up.
    let timeline = "0s: { connect: a }, 12s: { drop: a, for: 12950ms }";
    assert_eq!(judged("a: { reconnect: never }", timeline), (Agreement::default(), Vec::new()));
}

#[test]
fn one_race_in_two_hundred_devices_is_set_aside_and_two_are_too_many() {
    let connect = "0s: { connect: all }";
    let (agreement, titles) = judged("a: { count: 200 }", &format!("{connect}, {RACE}"));
    assert_eq!((agreement.races.len(), titles), (1, Vec::new()));
    let (agreement, titles) = judged("a: { count: 199 }", &format!("{connect}, {RACE}"));
    let one = "a tick decides what becomes of 1 of 199 devices of a; at most 0 may be races";
    assert_eq!((agreement.races.len(), &*titles), (1, &[one.to_owned()][..]));
    let both = "10s: { disconnect: a/0..1 }, 12s: { connect: a/0..1 }";
    let (agreement, titles) = judged("a: { count: 399 }", &format!("{connect}, {both}"));
    let two = "a tick decides what becomes of 2 of 399 devices of a; at most 1 may be races";
    assert_eq!((agreement.races.len(), &*titles), (2, &[two.to_owned()][..]));
    // Each name has its own share.
    let (agreement, titles) = judged("a: { count: 200 }, b: { count: 200 }", &format!("{connect}, {both}"));
    assert_eq!((agreement.races.len(), titles.len()), (2, 1));
}

#[test]
fn an_engine_that_is_wrong_cannot_hide_behind_a_race() {
    // The login is beside the due status, but what turmoil is said to have done no tick explains.
    let timeline = "0s: { connect: a }, 10s: { disconnect: a }, 12s: { connect: a }";
    let exact = Ran::on(Engine::Events, "a:", timeline);
    let mut ticking = Ran::on(Engine::Turmoil, "a:", timeline);
    let mut entries = ticking.observations.timeline.entries().to_vec();
    let offline = entries.iter_mut().filter(|entry| entry.change().is_some()).nth(1).expect("three changes");
    offline.at = offline.at + TICK * 5;
    ticking.observations.timeline = Timeline::new(entries);
    let agreement = judge(exact.run(), ticking.run());
    assert_eq!((agreement.disagreements.len(), agreement.races), (1, Vec::new()));
}

#[test]
fn a_disagreement_is_told_with_what_led_to_each() {
    let timeline = "0s: { connect: a }, 10s: { disconnect: a }, 20s: { connect: a }";
    let exact = Ran::on(Engine::Events, "a:", timeline);
    let mut ticking = Ran::on(Engine::Turmoil, "a:", timeline);
    let mut entries = ticking.observations.timeline.entries().to_vec();
    let offline = entries.iter_mut().filter(|entry| entry.change().is_some()).nth(1).expect("three changes");
    offline.at = offline.at + TICK * 5;
    ticking.observations.timeline = Timeline::new(entries);
    let agreement = judge(exact.run(), ticking.run());
    let told = findings::disagreements(exact.run(), ticking.run(), &agreement);
    let told: Vec<_> = told.iter().map(|it| strip_str(&terminal::finding(it)).to_string()).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}
