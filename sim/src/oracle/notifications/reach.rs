//! When the server could reach the receiver of notifications, and how long it may pause where it could not.

use blynk_core::time::{Duration, Instant};

use crate::plan::{Deed, Plan, Receiver};
use crate::timeline::{Entry, Run, What};

/// Pauses between tries begin with this and double.
const FIRST_PAUSE: Duration = Duration::SECOND;

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Spans in which no try could succeed; the last may have no end.
pub(super) struct Reach {
    bad: Vec<(Instant, Option<Instant>)>,
}

impl Reach {
    /// `lane` holds at least what happened to everybody.
    pub(super) fn of(plan: &Plan, lane: &[&Entry]) -> Self {
        let receiver = plan.steps.iter().filter_map(|step| match step.deed {
            Deed::Receiver(receiver) => Some((step.at, Turn::Receiver(receiver == Receiver::Up))),
            Deed::Device(..) | Deed::Server(_) => None,
        });
        let server = lane.iter().filter_map(|entry| match entry.what {
            What::Run(run) => Some((entry.at, Turn::Server(run == Run::Up))),
            What::Step { .. } | What::Server(_) | What::Received { .. } | What::Noted(_) => None,
        });
        let mut turns: Vec<_> = receiver.chain(server).collect();
        turns.sort_by_key(|(at, _)| *at);
        Self { bad: bad(&turns) }
    }

    /// Whether every try from one instant to another could succeed.
    pub(super) fn is_good(&self, from: Instant, to: Instant) -> bool {
        self.bad.iter().all(|(began, ended)| to < *began || ended.is_some_and(|ended| ended < from))
    }

    /// When at the latest a notification that was owed at that time was tried with success, if at all by `until`.
    pub(super) fn since(&self, owed_at: Instant, until: Instant) -> Option<Instant> {
        match self.bad.iter().rfind(|(began, _)| *began <= until) {
            None => Some(owed_at),
            Some((_, ended)) => Some(owed_at.max((*ended)? + LONGEST_PAUSE)),
        }
    }
}

#[derive(Clone, Copy)]
enum Turn {
    Receiver(bool),
    Server(bool),
}

fn bad(turns: &[(Instant, Turn)]) -> Vec<(Instant, Option<Instant>)> {
    let (mut bad, mut receiver, mut server) = (Vec::<(Instant, Option<Instant>)>::new(), true, true);
    for (at, turn) in turns {
        match turn {
            Turn::Receiver(up) => receiver = *up,
            Turn::Server(up) => server = *up,
        }
        let is_good = receiver && server;
        match bad.last_mut() {
            Some((_, end @ None)) if is_good => *end = Some(*at),
            Some((_, None)) => {}
            Some((_, Some(_))) | None if is_good => {}
            Some((_, Some(_))) | None => bad.push((*at, None)),
        }
    }
    bad
}

/// The pauses that lie between so many tries.
pub(super) fn least_time(tries: u16) -> Duration {
    let (mut sum, mut pause) = (Duration::ZERO, FIRST_PAUSE);
    for _ in 1..tries {
        sum = sum + pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    sum
}
