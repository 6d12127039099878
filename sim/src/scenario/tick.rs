//! The choice of tick: how finely the turmoil engine steps.
//!
//! Owns the rule. A tick that divides every time of a file lets each happen at a step of its own; a coarse one makes
//! runs of many days affordable. Sources: the measurements on the cost of a step and of fidelity, one tick each way.

use blynk_core::time::{Duration, Instant};

use crate::device::ATTEMPT;

/// Ticks that any run may have, largest first.
const FINE: [u64; 7] = [100, 50, 20, 10, 5, 2, 1];
/// Ticks of runs longer than a day, largest first.
const COARSE: [u64; 3] = [1_000, 500, 200];

/// The largest tick that suits the times of a file: its moments and lengths, and the delays before a device dials again.
pub(super) fn choose(
    moments: &[Instant],
    lengths: &[Duration],
    delays: &[Duration],
    until: Instant,
) -> Duration {
    let times = || moments.iter().map(|at| at.since_zero()).chain(lengths.iter().copied());
    let coarse = COARSE.map(Duration::from_millis).into_iter();
    let coarse = coarse
        .filter(|tick| until.since_zero() > Duration::DAY && too_coarse(*tick, lengths, delays).is_none());
    let mut candidates = coarse.chain(FINE.map(Duration::from_millis));
    candidates.find(|tick| times().all(|time| divides(*tick, time))).unwrap_or(Duration::MILLISECOND)
}

/// The shortest length that is over in fewer than three ticks, where the tick is coarser than any run needs.
pub(super) fn too_coarse(tick: Duration, lengths: &[Duration], delays: &[Duration]) -> Option<Duration> {
    let positive = lengths.iter().chain(delays).copied().filter(|length| !length.is_zero());
    let shortest = positive.fold(ATTEMPT, Duration::min);
    (tick > Duration::from_millis(FINE[0]) && tick * 3 > shortest).then_some(shortest)
}

/// The first time that a tick does not divide.
pub(super) fn misfit(tick: Duration, moments: &[Instant], lengths: &[Duration]) -> Option<Duration> {
    let mut times = moments.iter().map(|at| at.since_zero()).chain(lengths.iter().copied());
    times.find(|time| !divides(tick, *time))
}

fn divides(tick: Duration, time: Duration) -> bool {
    time.as_millis().is_multiple_of(tick.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(moments: &[u64], lengths: &[u64], until: Instant, tick: u64) {
        let moments: Vec<_> = moments.iter().copied().map(Instant::from_millis).collect();
        let lengths: Vec<_> = lengths.iter().copied().map(Duration::from_millis).collect();
        assert_eq!(choose(&moments, &lengths, &[], until), Duration::from_millis(tick));
    }

    const DAY: Instant = Instant::from_millis(86_400_000);
    const LATER: Instant = Instant::from_millis(86_400_001);

    #[test]
    fn a_tick_divides_every_time() {
        check(&[], &[], DAY, 100);
        check(&[500], &[45_000], DAY, 100);
        check(&[550], &[45_000], DAY, 50);
        check(&[60_001], &[45_000], DAY, 1);
        check(&[], &[45_004], DAY, 2);
    }

    #[test]
    fn only_runs_longer_than_a_day_are_coarse() {
        check(&[2_000], &[60_000], DAY, 100);
        check(&[2_000], &[60_000], LATER, 1_000);
        check(&[500], &[60_000], LATER, 500);
        check(&[100], &[60_000], LATER, 100);
    }

    #[test]
    fn a_tick_is_at_most_a_third_of_the_shortest_length() {
        check(&[], &[3_000, 0], LATER, 1_000);
        check(&[], &[2_000], LATER, 500);
        assert_eq!(choose(&[], &[], &[Duration::SECOND], LATER), Duration::from_millis(200));
    }
}
