//! What the rules demand, by hand; and that the server's machine demands the same, by chance.

use std::sync::Arc;

use blynk_core::close::CloseReason;
use blynk_core::id::SessionId;
use blynk_core::lifecycle::{Chain, Input, Machine, Status, Template};
use blynk_core::settings::Allowance;
use proptest::prelude::*;

use super::*;

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// A chain with waits of 60 s, 0 s and 100 s; times in seconds.
fn check(facts: &[(u64, Fact)], expected: &[(u64, u8)]) {
    let waits = [0, 60, 0, 100].map(Duration::from_secs);
    let facts: Vec<_> = facts.iter().map(|(at, fact)| (second(*at), *fact)).collect();
    let expected: Vec<_> =
        expected.iter().map(|(at, status)| Due { at: second(*at), status: *status }).collect();
    assert_eq!(history(&waits, &facts, second(1_000)), expected);
}

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
}

fn happenings() -> impl Strategy<Value = Vec<(u64, Happening)>> {
    let what = prop_oneof![
        Just(Happening::LoggedIn),
        Just(Happening::Closed),
        (0u64..8).prop_map(|for_millis| Happening::Silent { for_millis }),
    ];
    // Gaps and waits are drawn from the same small numbers, so that deadlines are often met exactly.
    prop::collection::vec((0u64..6, what), 0..20)
}

/// The server's machine, driven through the same story. A close without a connection is nobody's.
fn machine_history(
    chain: Chain,
    story: &[(u64, Happening)],
    until: Instant,
) -> (Vec<(Instant, Fact)>, Vec<Due>) {
    let template = Template { name: "t".into(), heartbeat: Duration::SECOND, chain };
    let mut machine = Machine::new(Arc::new(template));
    let (mut now, mut connected_at, mut facts, mut history) = (Instant::ZERO, None, Vec::new(), Vec::new());
    let mut hear = |now, input, history: &mut Vec<Due>| {
        while let Some((deadline, _)) = machine.poll_timeout().filter(|(deadline, _)| deadline.is_over(now)) {
            machine.handle_input(deadline.when_over(), Input::Timeout);
            history.extend(machine.poll_output().map(|(at, change)| Due { at, status: change.to.0 }));
        }
        machine.handle_input(now, input);
        history.extend(machine.poll_output().map(|(at, change)| Due { at, status: change.to.0 }));
    };
    for (place, (gap, happening)) in (1..).zip(story) {
        now = now + Duration::from_millis(*gap);
        let (fact, input) = match happening {
            Happening::LoggedIn => (Fact::Connected, Input::LoggedIn(SessionId(place))),
            Happening::Closed => {
                (Fact::Closed, Input::Closed { reason: CloseReason::Closed, last_byte_at: now })
            }
            Happening::Silent { for_millis } => {
                // A login is a byte, so no last byte is older.
                let last_byte_at =
                    (now - Duration::from_millis(*for_millis)).max(connected_at.unwrap_or(now));
                let reason = CloseReason::Heartbeat { heartbeat: Duration::SECOND, rule: Allowance::Iot };
                (Fact::Silent { last_byte_at }, Input::Closed { reason, last_byte_at })
            }
        };
        if (fact == Fact::Connected) == connected_at.is_some() {
            continue;
        }
        connected_at = (fact == Fact::Connected).then_some(now);
        facts.push((now, fact));
        hear(now, input, &mut history);
    }
    hear(until.when_over(), Input::Timeout, &mut history);
    (facts, history)
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
        let chain = Chain::new(statuses).expect("a valid chain");
        let until = second(1);
        let (facts, recorded) = machine_history(chain, &story, until);
        prop_assert_eq!(recorded, history(&waits, &facts, until));
    }

    #[test]
    fn the_server_and_the_reference_model_allow_the_same_silence(seconds in 1u64..=86_400) {
        let heartbeat = Duration::from_secs(seconds);
        prop_assert_eq!(Allowance::Iot.of(heartbeat), iot(heartbeat));
        prop_assert_eq!(Allowance::Legacy.of(heartbeat), legacy(heartbeat));
    }
}
