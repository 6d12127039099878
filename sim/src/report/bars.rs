//! Round steps of time, for axes and histograms.

use std::collections::BTreeMap;

use blynk_core::time::{Duration, Instant};
use blynk_reports::model::{Bar, Tick};

use crate::oracle::measure::Measured;
use crate::plan::WallClock;

/// Steps that people count in, in milliseconds.
const ROUND: [u64; 33] = {
    const SECOND: u64 = 1_000;
    const MINUTE: u64 = 60 * SECOND;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    [
        1,
        2,
        5,
        10,
        20,
        50,
        100,
        200,
        500,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        5 * DAY,
        10 * DAY,
        30 * DAY,
        90 * DAY,
        360 * DAY,
    ]
};

/// The least round step of which at most `most` reach from one time to the other.
fn step(from: u64, to: u64, most: u64) -> u64 {
    let is_enough = |step: &u64| to / step - from / step < most;
    let longest = ROUND[ROUND.len() - 1];
    ROUND.into_iter().find(is_enough).unwrap_or_else(|| ((to - from) / most / longest + 1) * longest)
}

/// Round moments of a run, by the clock that its author reads.
pub(super) fn ticks(clock: WallClock, until: Instant) -> Vec<Tick> {
    const MOST: u64 = 8;
    let start = clock.start.unwrap_or_default().as_millis();
    let end = start + until.as_millis();
    let step = step(start, end, MOST);
    let first = start.next_multiple_of(step);
    let tick = |at: u64| Tick { at: at - start, time: clock.spell(Instant::from_millis(at - start)) };
    (first..=end).step_by(usize::try_from(step).unwrap_or(usize::MAX)).map(tick).collect()
}

/// Times, shortest first, as a histogram.
pub(super) fn histogram(times: &[Measured]) -> Vec<Bar> {
    const MOST: u64 = 24;
    let (Some(least), Some(most)) = (times.first(), times.last()) else { return Vec::new() };
    // Times that are nearly the same are one bar, not many of a hair's breadth.
    let finest = step(0, most.took.as_millis(), 4 * MOST);
    let step = step(least.took.as_millis(), most.took.as_millis(), MOST).max(finest);
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    times.iter().for_each(|time| *counts.entry(time.took.as_millis() / step).or_default() += 1);
    let (first, last) = (least.took.as_millis() / step, most.took.as_millis() / step);
    let bar = |place: u64| {
        let (from, to) = (place * step, (place + 1) * step);
        let spell = Duration::from_millis;
        let count = counts.get(&place).copied().unwrap_or(0);
        Bar { from, to, time: (spell(from).to_string(), spell(to).to_string()), count }
    };
    (first..=last).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use blynk_core::id::DeviceId;

    use super::*;

    fn told(start: Option<u64>, until: u64) -> Vec<String> {
        let clock = WallClock { start: start.map(Duration::from_secs) };
        ticks(clock, Instant::from_millis(until)).into_iter().map(|tick| tick.time).collect()
    }

    #[test]
    fn ticks_are_round_by_the_clock_that_is_read() {
        assert_eq!(told(None, 368_000), ["0s", "1m", "2m", "3m", "4m", "5m", "6m"]);
        assert_eq!(
            told(Some(10 * 3_600 + 49 * 60 + 30), 100_000),
            ["10:49:30", "10:49:45", "10:50:00", "10:50:15", "10:50:30", "10:50:45", "10:51:00"]
        );
        assert_eq!(told(None, 0), ["0s"]);
    }

    #[test]
    fn no_run_is_too_long_for_ticks() {
        let ticks = told(None, u64::MAX / 4);
        assert!((2..=9).contains(&ticks.len()), "{ticks:?}");
    }

    #[test]
    fn every_time_is_in_one_bar() {
        let time =
            |millis| Measured { took: Duration::from_millis(millis), at: Instant::ZERO, device: DeviceId(0) };
        let bars = histogram(&[time(0), time(99), time(100), time(2_350)]);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 4);
        assert_eq!((bars[0].time.1.as_str(), bars[0].count), ("100ms", 2));
        assert_eq!((bars.len(), bars[23].count), (24, 1));
        assert_eq!(histogram(&[time(7)]).len(), 1);
    }
}
