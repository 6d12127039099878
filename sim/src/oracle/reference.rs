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
mod tests;
