//! Judges what the scenario's author demands of the whole run: that its figures are within their limits, and that it comes
//! to rest.

use blynk_core::id::DeviceId;
use blynk_core::time::Instant;

use super::measure::{Example, Figure, Figures};
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

/// A device that is not there when everybody must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// Which.
    pub device: DeviceId,
    /// What it waits for.
    pub awaits: Awaited,
}

/// What a device waits for that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Awaited {
    /// Its link, which is silent since then.
    Link(Instant),
    /// Its application, which is frozen since then.
    Application(Instant),
    /// The server, which is down since then.
    Server(Instant),
    /// Data, or a login: its status was set, or it has none yet.
    Data,
    /// Nothing: it is away for good, for this reason.
    Nothing(&'static str),
    /// Its own next attempt, or the answer to one.
    Attempt,
}

impl Exceeded {
    /// The device that stands for the figure, if one does.
    pub fn device(&self) -> Option<DeviceId> {
        match self.figure?.example? {
            Example::Device(measured) => Some(measured.device),
            Example::Second(_) => None,
        }
    }
}

/// The limits that are not kept, each with its place among the plan's. A figure of which nothing was measured is not too
/// high.
pub fn judge(plan: &Plan, figures: &Figures) -> Vec<(usize, Exceeded)> {
    let exceeded = plan.limits.iter().enumerate().filter_map(|(place, limit)| {
        let figure = figures.get(limit.metric);
        let value = figure.map_or(0, |figure| figure.value);
        let holds = limit.comparison.holds(value, limit.value);
        (!holds).then(|| (place, Exceeded { limit: limit.clone(), figure }))
    });
    exceeded.collect()
}

/// The devices that have power, are wanted and are not there at the time by which they must be.
pub fn unsettled(plan: &Plan, settle: &Settle, lanes: &[Vec<&Entry>]) -> Vec<Unsettled> {
    let unsettled = plan.devices().filter_map(|(device, planned)| {
        let mut presence = Presence::of(planned);
        let lane = lanes[device.0 as usize].iter();
        lane.take_while(|entry| entry.at <= settle.by).for_each(|entry| presence.learn(plan, entry));
        let awaits = match presence.obstacle() {
            None if presence.is_there() => return None,
            None if presence.is_connected() => Awaited::Data,
            None => stays_away(planned).map_or(Awaited::Attempt, Awaited::Nothing),
            Some(Obstacle::NotWanted | Obstacle::NoPower(_)) => return None,
            Some(Obstacle::Silence(since)) => Awaited::Link(since),
            Some(Obstacle::Frozen(since)) => Awaited::Application(since),
            // Whatever status it had, nobody says that it is there.
            Some(Obstacle::ServerDown(since)) => Awaited::Server(since),
        };
        Some(Unsettled { device, awaits })
    });
    unsettled.collect()
}
