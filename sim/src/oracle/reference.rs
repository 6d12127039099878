//! The reference model: which statuses must follow from what happened to a connection.
//!
//! Written from the rules (`lifecycle` sections 2 to 4) and not from the server: where the server keeps one deadline per
//! device and moves it, this unrolls whole schedules and cuts them off.

use blynk_core::time::{Duration, Instant};

use crate::plan::{Device, Plan};

/// What happened to a device's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A login was accepted.
    Connected,
    /// The live connection ended and the server saw how.
    Closed,
    /// The live connection fell silent: the server gave up, long after the last byte.
    Silent {
        /// When that byte arrived.
        last_byte_at: Instant,
    },
}

/// A change of status that must have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Instant,
    /// The place of the status in its chain; 0 is Online.
    pub status: u8,
}

/// The waits of a template's statuses, Online first.
pub fn waits(device: &Device) -> Vec<Duration> {
    device.template.chain.iter().map(|status| status.wait).collect()
}

/// The history that follows from these facts, in order of time, up to and including `until`.
pub fn history(waits: &[Duration], facts: &[(Instant, Fact)], until: Instant) -> Vec<Due> {
    let mut history: Vec<Due> = Vec::new();
    for (place, &(at, fact)) in facts.iter().enumerate() {
        // What arrives at the very instant of a deadline still keeps it from passing.
        let in_time = |due: &Due| facts.get(place + 1).map_or(due.at <= until, |(next, _)| due.at < *next);
        match fact {
            Fact::Connected if history.last().is_some_and(|last| last.status == 0) => {}
            Fact::Connected => history.push(Due { at, status: 0 }),
            Fact::Closed => history.extend(schedule(waits, at + waits[1]).take_while(in_time)),
            Fact::Silent { last_byte_at } => {
                let first = at.max(last_byte_at + waits[1]);
                history.extend(schedule(waits, first).take_while(in_time));
            }
        }
    }
    history
}

/// All statuses after Online, the second at `first`, each later one its wait after the one before.
fn schedule(waits: &[Duration], first: Instant) -> impl Iterator<Item = Due> {
    let later = waits[2..].iter().scan(first, |at, wait| {
        *at = *at + *wait;
        Some(*at)
    });
    std::iter::once(first).chain(later).zip(1..).map(|(at, status)| Due { at, status })
}

/// The silence that a heartbeat allows under the plan's server: whole seconds.
pub fn allowance(plan: &Plan) -> fn(Duration) -> Duration {
    if plan.allows_by_legacy_rule() { legacy } else { iot }
}

/// One and a half heartbeats without the fraction of a second, and never less than a second more than one.
fn iot(heartbeat: Duration) -> Duration {
    let millis = heartbeat.as_millis();
    Duration::from_secs((millis + millis / 2) / 1_000).max(Duration::from_millis(millis + 1_000))
}

/// 2.3 heartbeats, a begun second counting whole.
fn legacy(heartbeat: Duration) -> Duration {
    Duration::from_secs((heartbeat.as_millis() * 23).div_ceil(10_000))
}

#[cfg(test)]
mod tests {
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
}
