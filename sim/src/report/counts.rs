//! How many devices of a fleet were in which status, over time.

use blynk_core::id::StatusIndex;
use blynk_core::time::Instant;
use blynk_reports::model::Counts;

use crate::plan::{Group, Plan};
use crate::timeline::Entry;

/// Into how many parts a run is divided.
const PARTS: u64 = 160;

/// The place of the status Online among those of a group; before it stands `new`.
const ONLINE: usize = 1;

/// A device left a status for another, by their places among those of the group.
struct Move {
    at: Instant,
    from: usize,
    to: usize,
}

/// The numbers of a fleet. `statuses` counts `new` too.
pub(super) fn counts(plan: &Plan, group: &Group, statuses: usize, lanes: &[Vec<&Entry>]) -> Counts {
    let moves = moves(group, lanes);
    let mut rest = moves.as_slice();
    let mut now = vec![0; statuses];
    now[0] = group.ids().len() as u64;
    let every = (plan.until.as_millis() / PARTS + 1).max(1);
    let parts = plan.until.as_millis() / every + 1;
    let part = |part: u64| lowest(&mut now, &mut rest, part * every, (part + 1) * every);
    Counts { every, devices: (0..parts).map(part).collect() }
}

/// All moves of a fleet, in order of time.
fn moves(group: &Group, lanes: &[Vec<&Entry>]) -> Vec<Move> {
    let place = |status: StatusIndex| usize::from(status.0) + 1;
    let of_device = |lane: &Vec<&Entry>| {
        let changes = lane.iter().filter_map(|entry| Some((entry.at, entry.change()?)));
        let moves =
            changes.map(|(at, change)| Move { at, from: change.from.map_or(0, place), to: place(change.to) });
        moves.collect::<Vec<_>>()
    };
    let mut moves: Vec<_> = group.ids().flat_map(|id| of_device(&lanes[id.0 as usize])).collect();
    moves.sort_by_key(|it| it.at);
    moves
}

/// The numbers at the first moment of a part at which the fewest are online. What happens at one instant is one moment.
fn lowest(now: &mut [u64], rest: &mut &[Move], from: u64, end: u64) -> Vec<u64> {
    let begins_in_between = rest.first().is_none_or(|next| next.at.as_millis() > from);
    let mut lowest = begins_in_between.then(|| now.to_vec());
    while let Some(first) = rest.first().filter(|next| next.at.as_millis() < end) {
        let at_once = rest.iter().take_while(|next| next.at == first.at).count();
        let (moves, later) = rest.split_at(at_once);
        for it in moves {
            now[it.from] -= 1;
            now[it.to] += 1;
        }
        *rest = later;
        if lowest.as_ref().is_none_or(|lowest| now[ONLINE] < lowest[ONLINE]) {
            lowest = Some(now.to_vec());
        }
    }
    lowest.unwrap_or_else(|| now.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(at: u64, from: usize, to: usize) -> Move {
        Move { at: Instant::from_millis(at), from, to }
    }

    #[test]
    fn a_dip_between_two_parts_is_seen() {
        let moves = [shift(0, 0, 1), shift(0, 0, 1), shift(14, 1, 2), shift(16, 2, 1)];
        let (mut now, mut rest) = (vec![2, 0, 0], &moves[..]);
        let mut part = |from| lowest(&mut now, &mut rest, from, from + 10);
        assert_eq!([part(0), part(10), part(20)], [[0, 2, 0], [0, 1, 1], [0, 2, 0]]);
    }
}
