//! What the rules demand, by hand; and that the server's machine demands the same, by chance.

use std::sync::Arc;

use blynk_core::close::CloseReason;
use blynk_core::id::{SessionId, StatusIndex};
use blynk_core::lifecycle::{Chain, Input, Machine, Standing, State, Status, Template};
use blynk_core::settings::Allowance;
use proptest::prelude::*;

use super::*;

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// A chain with waits of 60 s, 0 s and 100 s; times in seconds. Causes are not looked at.
fn check(facts: &[(u64, Fact)], expected: &[(u64, u8)]) {
    let came: Vec<_> = history(&WAITS, &at_seconds(facts), second(1_000))
        .into_iter()
        .map(|due| (due.at.as_millis() / 1_000, due.status))
        .collect();
    assert_eq!(came, expected);
}

/// The causes of all changes after the first.
fn check_causes(facts: &[(u64, Fact)], expected: &[Cause]) {
    let came = history(&WAITS, &at_seconds(facts), second(1_000));
    let causes: Vec<_> = came.into_iter().skip(1).map(|due| due.cause).collect();
    assert_eq!(causes, expected);
}

const WAITS: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(60), Duration::ZERO, Duration::from_secs(100)];

fn at_seconds(facts: &[(u64, Fact)]) -> Vec<(Instant, Fact)> {
    facts.iter().map(|(at, fact)| (second(*at), *fact)).collect()
}

fn wait(base: u64, wait: u64, detected: u64) -> Cause {
    Cause::Wait { base: second(base), wait: Duration::from_secs(wait), detected: second(detected) }
}

fn restarted(grace: u64) -> Fact {
    Fact::Restarted { grace: Duration::from_secs(grace) }
}

const SET: Fact = Fact::Set(2, Setter::Device);

#[test]
fn every_status_of_the_chain_is_entered() {
    check(&[(0, Fact::Connected), (10, Fact::Closed)], &[(0, 0), (70, 1), (70, 2), (170, 3)]);
}

#[test]
fn silence_counts_from_the_last_byte_but_not_before_it_was_noticed() {
    let noticed_at = |at| [(0, Fact::Connected), (at, Fact::Silent { last_byte_at: second(10) })];
    check(&noticed_at(50), &[(0, 0), (70, 1), (70, 2), (170, 3)]);
    check(&noticed_at(77), &[(0, 0), (77, 1), (77, 2), (177, 3)]);
}

#[test]
fn a_login_at_the_deadline_is_in_time() {
    check(&[(0, Fact::Connected), (10, Fact::Closed), (70, Fact::Connected)], &[(0, 0)]);
    let late = [(0, Fact::Connected), (10, Fact::Closed), (71, Fact::Connected)];
    check(&late, &[(0, 0), (70, 1), (70, 2), (71, 0)]);
}

#[test]
fn a_report_is_a_connection_that_closed_at_once() {
    check(&[(0, Fact::Reported)], &[(0, 0), (60, 1), (60, 2), (160, 3)]);
    check(&[(0, Fact::Reported), (60, Fact::Reported)], &[(0, 0), (120, 1), (120, 2), (220, 3)]);
}

#[test]
fn a_status_that_was_set_holds_while_connected() {
    check(&[(0, Fact::Connected), (10, SET)], &[(0, 0), (10, 2)]);
    check(&[(0, Fact::Connected), (10, SET), (20, Fact::Data)], &[(0, 0), (10, 2), (20, 0)]);
    check(&[(0, Fact::Connected), (10, SET), (20, Fact::Connected)], &[(0, 0), (10, 2), (20, 0)]);
}

#[test]
fn the_chain_goes_on_from_a_status_that_was_set() {
    check(&[(0, Fact::Connected), (10, SET), (20, Fact::Closed)], &[(0, 0), (10, 2), (120, 3)]);
    check(&[(0, Fact::Connected), (10, Fact::Closed), (30, SET)], &[(0, 0), (30, 2), (130, 3)]);
    let silent = Fact::Silent { last_byte_at: second(5) };
    check(&[(0, Fact::Connected), (10, SET), (50, silent)], &[(0, 0), (10, 2), (110, 3)]);
    check(&[(0, Fact::Connected), (10, SET), (150, silent)], &[(0, 0), (10, 2), (150, 3)]);
}

#[test]
fn only_a_status_that_stands_later_can_be_set() {
    check(&[(0, SET)], &[]);
    let twice = [(0, Fact::Connected), (10, SET), (20, SET), (30, Fact::Set(1, Setter::Operator))];
    check(&twice, &[(0, 0), (10, 2)]);
}

#[test]
fn who_was_connected_counts_from_the_restart() {
    let restart = |grace| [(0, Fact::Connected), (50, Fact::Down), (90, restarted(grace))];
    check(&restart(15), &[(0, 0), (150, 1), (150, 2), (250, 3)]);
    check_causes(&restart(15), &[wait(90, 60, 90), wait(150, 0, 90), wait(150, 100, 90)]);
    check(&restart(70), &[(0, 0), (160, 1), (160, 2), (260, 3)]);
    check_causes(&restart(70), &[Cause::Grace, wait(160, 0, 90), wait(160, 100, 90)]);
}

#[test]
fn what_was_overdue_waits_for_the_end_of_the_grace() {
    let restart = |at| [(0, Fact::Connected), (10, Fact::Closed), (20, Fact::Down), (at, restarted(15))];
    check(&restart(80), &[(0, 0), (95, 1), (95, 2), (195, 3)]);
    check_causes(&restart(80), &[Cause::Grace, wait(95, 0, 10), wait(95, 100, 10)]);
    check_causes(&restart(55), &[wait(10, 60, 10), wait(70, 0, 10), wait(70, 100, 10)]);
    check_causes(&restart(56), &[Cause::Grace, wait(71, 0, 10), wait(71, 100, 10)]);
}

#[test]
fn another_restart_renews_the_grace_and_a_return_ends_it() {
    let restart = [(0, Fact::Connected), (10, Fact::Closed), (20, Fact::Down), (80, restarted(15))];
    let twice = [&restart[..], &[(90, Fact::Down), (91, restarted(15))]].concat();
    check(&twice, &[(0, 0), (106, 1), (106, 2), (206, 3)]);
    let back = |fact| [&restart[..], &[(95, fact)]].concat();
    check(&back(Fact::Connected), &[(0, 0)]);
    check(&back(Fact::Reported), &[(0, 0), (155, 1), (155, 2), (255, 3)]);
}

#[test]
fn allowances_are_whole_seconds() {
    assert_eq!(iot(Duration::from_secs(45)), Duration::from_secs(67));
    assert_eq!(iot(Duration::from_secs(1)), Duration::from_secs(2));
    assert_eq!(legacy(Duration::from_secs(10)), Duration::from_secs(23));
    assert_eq!(legacy(Duration::from_secs(45)), Duration::from_secs(104));
}

/// Something that happens to a device, and how long after the thing before it.
#[derive(Clone, Copy, Debug)]
enum Happening {
    LoggedIn,
    Closed,
    Silent { for_millis: u64 },
    Reported,
    Data,
    Set(u8),
    Restarted { down_for: u64, grace: u64 },
}

fn happenings() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let what = prop_oneof![
        Just(Happening::LoggedIn),
        Just(Happening::Closed),
        (0u64..8).prop_map(|for_millis| Happening::Silent { for_millis }),
        Just(Happening::Reported),
        Just(Happening::Data),
        (1u8..5).prop_map(Happening::Set),
        (0u64..8, 0u64..8).prop_map(|(down_for, grace)| Happening::Restarted { down_for, grace }),
    ];
    // Gaps and waits are drawn from the same small numbers, so that deadlines are often met exactly.
    prop::collection::vec((0u64..6, what), 0..20)
}

/// The server's machine, and what it made of a story.
struct Run {
    machine: Machine,
    now: Instant,
    connected_at: Option<Instant>,
    facts: Vec<(Instant, Fact)>,
    history: Vec<Due>,
}

impl Run {
    fn new(chain: Chain) -> Self {
        let template = Template { heartbeat: Duration::SECOND, ..Template::new("t", chain) };
        let machine = Machine::new(Arc::new(template), State::NEW);
        Self { machine, now: Instant::ZERO, connected_at: None, facts: Vec::new(), history: Vec::new() }
    }

    /// What is due comes before what happens.
    fn settle(&mut self) {
        while let Some((deadline, _)) =
            self.machine.poll_timeout().filter(|(deadline, _)| deadline.is_over(self.now))
        {
            self.tell_at(deadline.when_over(), Input::Timeout);
        }
    }

    fn tell_at(&mut self, now: Instant, input: Input) {
        self.machine.handle_input(now, input);
        let output = self.machine.poll_output();
        self.history.extend(output.map(|(at, change)| Due { at, status: change.to.0, cause: change.cause }));
    }

    fn hear(&mut self, fact: Fact, input: Input) {
        self.settle();
        self.facts.push((self.now, fact));
        self.tell_at(self.now, input);
    }

    /// Drives one happening. What cannot happen, such as a close without a connection, does not.
    fn happen(&mut self, place: u64, happening: Happening) {
        match happening {
            Happening::LoggedIn => {
                self.connected_at = Some(self.now);
                self.hear(Fact::Connected, Input::LoggedIn(SessionId(place)));
            }
            Happening::Closed => {
                let (reason, last_byte_at) = (CloseReason::Closed, self.now);
                self.close(Fact::Closed, Input::Closed { reason, last_byte_at });
            }
            Happening::Silent { for_millis } => {
                // A login is a byte, so no last byte is older.
                let connected_at = self.connected_at.unwrap_or(self.now);
                let last_byte_at = (self.now - Duration::from_millis(for_millis)).max(connected_at);
                let reason = CloseReason::Heartbeat { heartbeat: Duration::SECOND, rule: Allowance::Iot };
                self.close(Fact::Silent { last_byte_at }, Input::Closed { reason, last_byte_at });
            }
            Happening::Reported if self.connected_at.is_some() => self.hear(Fact::Data, Input::Reported),
            Happening::Reported => self.hear(Fact::Reported, Input::Reported),
            Happening::Data if self.connected_at.is_some() => self.hear(Fact::Data, Input::Data),
            Happening::Data => {}
            Happening::Set(to) => self.set(StatusIndex(to)),
            Happening::Restarted { down_for, grace } => {
                self.settle();
                self.facts.push((self.now, Fact::Down));
                self.now = self.now + Duration::from_millis(down_for);
                let grace = Duration::from_millis(grace);
                self.facts.push((self.now, Fact::Restarted { grace }));
                self.connected_at = None;
                self.tell_at(self.now, Input::Restarted { grace });
            }
        }
    }

    fn close(&mut self, fact: Fact, input: Input) {
        if self.connected_at.take().is_some() {
            self.hear(fact, input);
        }
    }

    /// Whether a status may be set is the hub's to say.
    fn set(&mut self, to: StatusIndex) {
        self.settle();
        let standing = self.machine.standing();
        let later = |standing: Standing| self.machine.template().chain.later_than(standing.status);
        if standing.into_iter().flat_map(later).any(|(place, _)| place == to) {
            self.hear(Fact::Set(to.0, Setter::Operator), Input::Set(to, Setter::Operator));
        }
    }
}

proptest! {
    #[test]
    fn the_server_and_the_reference_model_agree(
        story in happenings(),
        waits in prop::collection::vec(0u64..6, 1..5),
    ) {
        let waits: Vec<_> = std::iter::once(0).chain(waits).map(Duration::from_millis).collect();
        let keys = ["online", "offline", "inactive", "retired", "gone"];
        let statuses = keys.iter().zip(&waits).map(|(key, wait)| Status::new(*key, *wait)).collect();
        let mut run = Run::new(Chain::new(statuses).expect("a valid chain"));
        for (place, (gap, happening)) in (1..).zip(story) {
            run.now = run.now + Duration::from_millis(gap);
            run.happen(place, happening);
        }
        run.now = second(1).when_over();
        run.settle();
        prop_assert_eq!(run.history, history(&waits, &run.facts, second(1)));
    }

    #[test]
    fn the_server_and_the_reference_model_allow_the_same_silence(seconds in 1u64..=86_400) {
        let heartbeat = Duration::from_secs(seconds);
        prop_assert_eq!(Allowance::Iot.of(heartbeat), iot(heartbeat));
        prop_assert_eq!(Allowance::Legacy.of(heartbeat), legacy(heartbeat));
    }
}
