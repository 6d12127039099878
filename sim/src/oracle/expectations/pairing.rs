//! Which of what came answers which of what a scenario lists, among things that cannot be told apart.
//!
//! Owns the pairs. Does not judge them: a pair may be far apart.

use blynk_core::time::{Duration, Instant};

use crate::plan::Window;

/// Places in two lists that belong together; what is missing and what is extra stands alone.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Pairs what is expected with what came, both in order of time. What came when it was expected is paired first. Of what
/// lies between two such pairs as many as there are on both sides are paired, so that they are the least time apart: what
/// is then left over is missing, or too much.
///
/// A list that fits is one whose every place is paired, each with what came in its window: the first with the first, the
/// second with the second.
pub(super) fn pair(expected: &[Window], came: &[Instant], slack: Duration) -> Vec<Pair> {
    let (mut pairs, mut begin) = (Vec::new(), (0, 0));
    for fit in fits(expected, came, slack).into_iter().chain([(expected.len(), came.len())]) {
        pairs.extend(between(&expected[begin.0..fit.0], &came[begin.1..fit.1], begin));
        if fit.0 < expected.len() {
            pairs.push((Some(fit.0), Some(fit.1)));
        }
        begin = (fit.0 + 1, fit.1 + 1);
    }
    pairs
}

/// What came in its window, in order.
fn fits(expected: &[Window], came: &[Instant], slack: Duration) -> Vec<(usize, usize)> {
    let (mut fits, mut next) = (Vec::new(), 0);
    for (place, window) in expected.iter().enumerate() {
        next +=
            came[next..].iter().take_while(|at| **at < window.from && !window.contains(**at, slack)).count();
        if came.get(next).is_some_and(|at| window.contains(*at, slack)) {
            fits.push((place, next));
            next += 1;
        }
    }
    fits
}

/// Pairs what does not fit. The lists begin at these places of the whole.
fn between(expected: &[Window], came: &[Instant], begin: (usize, usize)) -> Vec<Pair> {
    let off = |one: usize, other: usize| expected[one].apart(came[other]).as_millis();
    let mut pairs: Vec<Pair> = if expected.len() <= came.len() {
        let chosen = nearest(expected.len(), came.len(), off);
        let extra = (0..came.len()).filter(|place| chosen.binary_search(place).is_err());
        let extra = extra.map(|place| (None, Some(place)));
        chosen.iter().enumerate().map(|(few, many)| (Some(few), Some(*many))).chain(extra).collect()
    } else {
        let chosen = nearest(came.len(), expected.len(), |few, many| off(many, few));
        let missing = (0..expected.len()).filter(|place| chosen.binary_search(place).is_err());
        let missing = missing.map(|place| (Some(place), None));
        chosen.iter().enumerate().map(|(few, many)| (Some(*many), Some(few))).chain(missing).collect()
    };
    for (expected, came) in &mut pairs {
        *expected = expected.map(|place| place + begin.0);
        *came = came.map(|place| place + begin.1);
    }
    pairs
}

/// Which of the many each of the few takes, in order, so that all together are the least `off`.
fn nearest(few: usize, many: usize, off: impl Fn(usize, usize) -> u64) -> Vec<usize> {
    let spare = many - few;
    // By the number of the few that have taken one, and of the many that are left out before: the least that this costs.
    let mut costs = vec![vec![0; spare + 1]];
    for place in 0..few {
        let mut least = u64::MAX;
        let row: Vec<u64> = costs[place]
            .iter()
            .enumerate()
            .map(|(left_out, before)| {
                least = least.min(before + off(place, place + left_out));
                least
            })
            .collect();
        costs.push(row);
    }
    let (mut chosen, mut left_out) = (Vec::new(), spare);
    for place in (0..few).rev() {
        let cost = &costs[place + 1];
        while left_out > 0 && cost[left_out - 1] == cost[left_out] {
            left_out -= 1;
        }
        chosen.push(place + left_out);
    }
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds that are expected and that came, with a slack of a second, and the pairs: `-` is missing or extra.
    #[track_caller]
    fn check(expected: &[u64], came: &[u64], pairs: &str) {
        let second = |at: &u64| Instant::ZERO + Duration::from_secs(*at);
        let windows: Vec<_> = expected.iter().map(|at| Window::moment(second(at))).collect();
        let instants: Vec<_> = came.iter().map(second).collect();
        let spell = |place: Option<usize>, of: &[u64]| place.map_or("-".into(), |it| of[it].to_string());
        let found: Vec<_> = pair(&windows, &instants, Duration::SECOND)
            .into_iter()
            .map(|(one, other)| format!("{}:{}", spell(one, expected), spell(other, came)))
            .collect();
        assert_eq!(found.join(" "), pairs);
    }

    #[test]
    fn what_comes_when_it_is_expected_fits() {
        check(&[], &[], "");
        check(&[10, 20], &[11, 19], "10:11 20:19");
        check(&[10, 10], &[9, 11], "10:9 10:11");
    }

    #[test]
    fn what_is_too_much_is_not_paired_in_place_of_what_fits() {
        check(&[14], &[3, 14], "-:3 14:14");
        check(&[14], &[14, 30], "14:14 -:30");
        check(&[10, 30], &[10, 20, 30], "10:10 -:20 30:30");
    }

    #[test]
    fn what_is_missing_is_not_paired_in_place_of_what_fits() {
        check(&[3, 14], &[14], "3:- 14:14");
        check(&[10, 20, 30], &[10, 30], "10:10 20:- 30:30");
        check(&[10, 50, 90], &[50, 90, 130], "10:- 50:50 90:90 -:130");
    }

    #[test]
    fn as_many_as_are_expected_are_off_their_times() {
        check(&[10, 20], &[17, 31], "10:17 20:31");
        check(&[14], &[3], "14:3");
    }

    #[test]
    fn of_too_few_or_too_many_the_nearest_are_off_their_times() {
        check(&[10, 20], &[18], "20:18 10:-");
        check(&[20], &[10, 18, 40], "20:18 -:10 -:40");
        check(&[10, 20, 40], &[17, 23], "10:17 20:23 40:-");
        check(&[10, 20, 40, 60], &[10, 37, 44, 47, 60], "10:10 20:37 40:44 -:47 60:60");
    }

    #[test]
    fn what_came_in_a_window_fits_wherever_in_it() {
        let second = |at| Instant::ZERO + Duration::from_secs(at);
        let window = |from, to| Window { from: second(from), to: second(to) };
        let windows = [window(0, 100), window(50, 60)];
        let found = pair(&windows, &[second(70), second(80)], Duration::ZERO);
        assert_eq!(found, [(Some(0), Some(0)), (Some(1), Some(1))]);
        let found = pair(&windows, &[second(55)], Duration::ZERO);
        assert_eq!(found, [(Some(0), Some(0)), (Some(1), None)]);
    }
}
