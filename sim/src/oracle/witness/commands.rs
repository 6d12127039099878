//! Users' commands: what they were told, and when a device was handed one (`lifecycle` section 10).

use blynk_core::id::{CommandId, DeviceId, Pin, SessionId};
use blynk_core::time::{Duration, Instant};

use super::heard::Demand;
use super::lane::Lane;
use super::{Invariant, Witness};
use crate::plan::Controls;
use crate::timeline::{Command, Verdict};

/// A command that the device was not handed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    id: CommandId,
    at: Instant,
    /// The session that it was sent to, if one was live.
    sent_to: Option<SessionId>,
}

impl Witness {
    pub(super) fn on_commanded(
        &mut self,
        device: DeviceId,
        at: Instant,
        command: &Command,
        verdict: Verdict,
    ) {
        let slack = self.rules.slack;
        let lane = self.lane_mut(device);
        let is_delivered = lane.explain(at, slack, |heard| match &heard.demand {
            Demand::Command { pin, value } => *pin == command.pin && **value == *command.value,
            Demand::Report | Demand::Data | Demand::Set { .. } | Demand::Sync => false,
        });
        let right = lane.verdict();
        if right != Verdict::Blocked {
            let sent_to = lane.live.as_ref().map(|live| live.session);
            lane.waiting.insert(command.pin, Waiting { id: command.id, at, sent_to });
        }
        if !is_delivered {
            let text = format!("recorded a command for {}, but none was delivered", command.pin);
            self.breach(Invariant::OneChangeOneReason, device, at, text);
        }
        if verdict != right {
            let (told, right) = (name(verdict), name(right));
            let text = format!("a command for {} is {told} where it is to be {right}", command.pin);
            self.breach(Invariant::OneChangeOneReason, device, at, text);
        }
    }

    pub(super) fn on_applied(&mut self, device: DeviceId, at: Instant, id: CommandId, pin: Pin) {
        let lane = self.lane_mut(device);
        let waiting = lane.waiting.get(&pin).copied().filter(|waiting| waiting.id == id);
        let wrong = match (waiting, &lane.live) {
            (None, _) => Some((Invariant::OneChangeOneReason, "does not wait")),
            (Some(_), None) => Some((Invariant::OneLiveSession, "no session is live")),
            (Some(waiting), Some(live)) => {
                let is_asked_for = waiting.sent_to == Some(live.session)
                    || lane.candidates().any(|it| it.evidence.has_synced())
                    || lane.is_unreadable();
                (!is_asked_for).then_some((Invariant::OneChangeOneReason, "the device did not ask for it"))
            }
        };
        if waiting.is_some() {
            lane.waiting.remove(&pin);
        }
        if let Some((invariant, wrong)) = wrong {
            let text = format!("a command for {pin} was applied, but {wrong}");
            self.breach(invariant, device, at, text);
        }
    }
}

impl Lane {
    /// What a user who commands the device now is to be told.
    fn verdict(&self) -> Verdict {
        let controls =
            self.standing.newest().map_or(Controls::Allow, |it| self.template.chain.status(it).controls);
        match controls {
            Controls::Block => Verdict::Blocked,
            Controls::Allow | Controls::Warn if self.live.is_some() => Verdict::Sent,
            Controls::Allow => Verdict::Pending,
            Controls::Warn => Verdict::Warned,
        }
    }

    /// A command that waited when the device asked for everything, and still waits.
    pub(super) fn not_handed(&self, asked: Instant, slack: Duration) -> Option<String> {
        let (pin, _) = self.waiting.iter().find(|(_, waiting)| waiting.at + slack < asked)?;
        Some(format!("the device asked for what it missed, but was not handed the command for {pin}"))
    }
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sent => "sent",
        Verdict::Pending => "pending",
        Verdict::Warned => "pending with a warning",
        Verdict::Blocked => "blocked",
    }
}
