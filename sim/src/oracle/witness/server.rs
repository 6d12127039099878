//! When the server runs, and what becomes of sessions when it does not (`lifecycle` section 7).

use blynk_core::id::{DeviceId, SessionId};
use blynk_core::time::{Duration, Instant};

use super::{Invariant, Witness, near};

/// The server's ends and starts.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    /// In order of time; it begins with an end.
    turns: Vec<Instant>,
}

impl Server {
    pub(super) fn is_up(&self) -> bool {
        self.turns.len().is_multiple_of(2)
    }

    pub(super) fn went_down(&mut self, now: Instant) {
        if self.is_up() {
            self.turns.push(now);
        }
    }

    /// The last start that is no start of the run.
    fn started(&self) -> Option<Instant> {
        if self.is_up() { self.turns.last().copied() } else { self.turns.iter().rev().nth(1).copied() }
    }

    /// `now`, or when it went down before.
    pub(super) fn up_until(&self, now: Instant) -> Instant {
        if self.is_up() { now } else { self.turns.last().map_or(now, |down| now.min(*down)) }
    }

    /// Whether it was up at that time, whatever clock tells it.
    pub(super) fn must_be_up(&self, at: Instant, slack: Duration) -> bool {
        self.was_up(at) && !self.turned_near(at, slack)
    }

    /// Whether it was up at that time by some clock.
    pub(super) fn may_be_up(&self, at: Instant, slack: Duration) -> bool {
        self.was_up(at) || self.turned_near(at, slack)
    }

    fn was_up(&self, at: Instant) -> bool {
        self.turns.partition_point(|turn| *turn <= at).is_multiple_of(2)
    }

    fn turned_near(&self, at: Instant, slack: Duration) -> bool {
        let from = self.turns.partition_point(|turn| *turn + slack < at);
        self.turns.get(from).is_some_and(|turn| near(*turn, at, slack))
    }
}

impl Witness {
    /// The server is up again: nobody speaks for any device.
    pub(super) fn on_up(&mut self, now: Instant) {
        if self.server.is_up() {
            return;
        }
        let down = self.server.up_until(now);
        for device in self.lanes.ids() {
            self.not_interrupted(down, device);
        }
        self.server.turns.push(now);
        for device in self.lanes.ids() {
            self.settle(now, device);
            self.believed_until(down, device);
            self.never_accepted(down, device);
            let slack = self.rules.slack;
            let lane = self.lane_mut(device);
            // A start that ended before it could say anything leaves it to the next one.
            lane.interrupted = lane.live.as_ref().map(|live| live.session).or(lane.interrupted);
            lane.end(down);
            lane.connections.retain(|_, it| near(it.login, now, slack));
        }
    }

    pub(super) fn on_interrupted(&mut self, device: DeviceId, at: Instant, session: SessionId) {
        // The record of a start may be heard before the start.
        self.on_up(at);
        let was_live = self.lane_mut(device).interrupted.take();
        if was_live != Some(session) {
            let text =
                format!("session {session} was interrupted, but was not live when the server went down");
            self.breach(Invariant::OneLiveSession, device, at, text);
        }
        if !self.server.started().is_some_and(|started| near(started, at, self.rules.slack)) {
            let text = format!("session {session} was interrupted, but the server did not start then");
            self.breach(Invariant::NoLateNoEarly, device, at, text);
        }
    }

    /// What was live when the server went down must be told when it is up again.
    pub(super) fn not_interrupted(&mut self, now: Instant, device: DeviceId) {
        let slack = self.rules.slack;
        let is_time = |up: Instant| up + slack + slack + Duration::MILLISECOND < now;
        if !self.server.started().is_some_and(is_time) {
            return;
        }
        if let Some(session) = self.lane_mut(device).interrupted.take() {
            let text =
                format!("session {session} was live when the server went down, but was not interrupted");
            self.breach(Invariant::OneLiveSession, device, now, text);
        }
    }
}
