//! What may have made a device come, speak, or say where it is: of what a scenario did to it, and of the server's starts.
//!
//! Owns which of them can explain which change of status. Nothing else that happened meanwhile is told as a reason: a
//! user's command brings no device back.

use super::Reason;
use crate::plan::{Action, Deed, Impairment, Plan};
use crate::timeline::canonical::{describe, describe_deed};
use crate::timeline::{Cause, Entry, Event, Run, What};

/// The newest that may explain a change for this cause, if it was not used up before.
pub(super) fn of(plan: &Plan, cause: Cause, before: &[&Entry]) -> Option<Reason> {
    before.iter().rev().take_while(|entry| !uses_up(entry, cause)).find_map(|entry| {
        let text = match &entry.what {
            What::Step { step, remark: None } => match &plan.steps[*step].deed {
                deed @ Deed::Device(_, action) if may_explain(effect(action), cause) => {
                    describe_deed(plan, deed).1
                }
                // The server's start has an entry of its own.
                Deed::Device(..) | Deed::Server(_) | Deed::Receiver(_) => return None,
            },
            What::Run(Run::Up) if may_explain(Effect::Opens, cause) => {
                format!("server {}", describe(plan, entry))
            }
            // What changed nothing explains nothing.
            What::Step { remark: Some(_), .. }
            | What::Run(_)
            | What::Server(_)
            | What::Received { .. }
            | What::Noted(_) => return None,
        };
        Some(Reason { at: entry.at, text })
    })
}

/// Whether what came before this had its effect by then: a device that logged in was back, and one that spoke was Online
/// until its status changed again.
fn uses_up(entry: &Entry, cause: Cause) -> bool {
    match cause {
        Cause::Login => is_login(entry),
        Cause::Data => entry.change().is_some(),
        Cause::Set(_) | Cause::Template | Cause::Wait { .. } | Cause::Grace => false,
    }
}

/// Whether a session of the device began with this.
pub(super) fn is_login(entry: &Entry) -> bool {
    matches!(entry.what, What::Server(Event::LoggedIn { .. }))
}

/// What a step can do for a device's being there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Somebody is to be there who was not, or something in the way is gone.
    Opens,
    /// It loses its connection, and dials again.
    Cuts,
    /// It speaks.
    Speaks,
    /// Its status is set.
    Sets,
    /// Nothing, or it is away: that alone brings nobody back.
    None,
}

const fn effect(action: &Action) -> Effect {
    match action {
        Action::Connect
        | Action::PowerOn
        | Action::Clone(_)
        | Action::EndClone(_)
        | Action::Relieve(..)
        | Action::Heal
        | Action::Resume(_) => Effect::Opens,
        Action::Reset | Action::Garbage(_) | Action::Impair(Impairment::Slow(_) | Impairment::Lose(_), _) => {
            Effect::Cuts
        }
        Action::Send { .. } => Effect::Speaks,
        Action::SetStatus { .. } | Action::Sleep { .. } => Effect::Sets,
        Action::Disconnect
        | Action::Impair(Impairment::Drop | Impairment::Partition, _)
        | Action::PowerOff
        | Action::Hang(_)
        | Action::SetHeartbeat(_)
        | Action::BadToken
        | Action::Command { .. } => Effect::None,
    }
}

const fn may_explain(effect: Effect, cause: Cause) -> bool {
    match cause {
        Cause::Login => matches!(effect, Effect::Opens | Effect::Cuts),
        // What was said into a silence arrives at its end.
        Cause::Data => matches!(effect, Effect::Opens | Effect::Speaks),
        Cause::Set(_) => matches!(effect, Effect::Opens | Effect::Sets),
        // They follow from what the server knows.
        Cause::Template | Cause::Wait { .. } | Cause::Grace => false,
    }
}
