//! Judges what the scenario's author demands of the whole run: that its figures are within their limits, and that it comes
//! to rest.

use blynk_core::id::{DeviceId, StatusIndex};
use blynk_core::time::Instant;

use super::expectations::status_at;
use super::measure::{Figure, Figures};
use super::presence::{Obstacle, Presence, stays_away};
use crate::plan::{Limit, Plan, Settle};
use crate::timeline::Entry;

/// A limit that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// What was measured, if anything was.
    pub figure: Option<Figure>,
}

/// A device that is not online when everybody must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Which.
    pub device: DeviceId,
    /// Its status then; `None` is `new`.
    pub status: Option<StatusIndex>,
    /// What it waits for.
    pub awaits: Awaited,
}

/// What a device waits for that is not online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Awaited {
    /// Its link, which is silent since then.
    Link(Instant),
    /// Its application, which is frozen since then.
    Application(Instant),
    /// The server, which is down since then.
    Server(Instant),
    /// Nothing: it has given up for this reason.
    Nothing(&'static str),
    /// Its own next attempt, or the answer to one.
    Attempt,
}

/// The limits that are not kept. A figure of which nothing was measured is not too high.
pub fn judge(plan: &Plan, figures: &Figures) -> Vec<Exceeded> {
    let exceeded = plan.limits.iter().filter_map(|limit| {
        let figure = figures.get(limit.metric);
        let value = figure.map_or(0, |figure| figure.value);
        (!limit.comparison.holds(value, limit.value)).then(|| Exceeded { limit: limit.clone(), figure })
    });
    exceeded.collect()
}

/// The devices that have power, are wanted and are not online at the time by which they must be.
pub fn unsettled(plan: &Plan, settle: &Settle, lanes: &[Vec<&Entry>]) -> Vec<Unsettled> {
    let by = settle.by;
    let unsettled = plan.devices().filter_map(|(device, planned)| {
        let lane = &lanes[device.0 as usize];
        let status = status_at(lane, by);
        let is_back = status == Some(StatusIndex::ONLINE) && !is_away(lane, by);
        let mut presence = Presence::new();
        lane.iter().take_while(|entry| entry.at <= by).for_each(|entry| presence.learn(plan, entry));
        let awaits = match presence.obstacle() {
            None if is_back => return None,
            None => stays_away(planned).map_or(Awaited::Attempt, Awaited::Nothing),
            Some(Obstacle::NotWanted | Obstacle::NoPower(_)) => return None,
            Some(Obstacle::Silence(since)) => Awaited::Link(since),
            Some(Obstacle::Frozen(since)) => Awaited::Application(since),
            // Whatever status it had, nobody says that it is there.
            Some(Obstacle::ServerDown(since)) => Awaited::Server(since),
        };
        Some(Unsettled { device, status, awaits })
    });
    unsettled.collect()
}

/// Whether a session ended by then, and none began since.
fn is_away(lane: &[&Entry], by: Instant) -> bool {
    let turn = lane.iter().rev().find(|entry| entry.at <= by && (entry.is_end() || entry.is_login()));
    turn.is_some_and(|entry| entry.is_end())
}
