//! When something is done to the world: the server and the receiver of notifications.

use std::iter::Peekable;

use blynk_core::time::Instant;

use crate::plan::{Deed, Plan, ServerAction, Step};

/// The deeds to the world, in the order in which they are done.
pub(super) struct Timetable<'p> {
    steps: Peekable<Box<dyn Iterator<Item = (usize, &'p Step)> + 'p>>,
    /// The server starts then, because it was cut off and not because the plan says so.
    restart: Option<Instant>,
}

impl<'p> Timetable<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let is_worlds = |step: &Step| matches!(step.deed, Deed::Server(_) | Deed::Receiver(_));
        let steps = plan.steps.iter().enumerate().filter(move |(_, step)| is_worlds(step));
        let steps: Box<dyn Iterator<Item = _>> = Box::new(steps);
        Self { steps: steps.peekable(), restart: None }
    }

    /// The server starts at that instant as well.
    pub(super) fn restart(&mut self, at: Instant) {
        self.restart = Some(at);
    }

    /// Whether the server starts by then, and no sooner than something else is done to it.
    pub(super) fn starts_by(&mut self, at: Instant) -> bool {
        let restarts = self.restart.is_some_and(|restart| restart <= at);
        let starts = |(_, step): &(usize, &Step)| {
            step.at <= at && matches!(step.deed, Deed::Server(ServerAction::Start))
        };
        restarts || self.steps.peek().is_some_and(starts)
    }

    /// The next deed that has become due, and its place in the plan, if it stands there.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Option<usize>, &'p Deed)> {
        if self.restart.take_if(|at| *at <= now).is_some() {
            return Some((None, &Deed::Server(ServerAction::Start)));
        }
        let (place, step) = self.steps.next_if(|(_, step)| step.at <= now)?;
        Some((Some(place), &step.deed))
    }
}

/// Why a deed changes nothing, if so.
pub(super) const fn remark(deed: &Deed, is_up: bool) -> Option<&'static str> {
    match deed {
        Deed::Server(ServerAction::Start) if is_up => Some("up already"),
        Deed::Server(ServerAction::Crash | ServerAction::Kill | ServerAction::Stop) if !is_up => {
            Some("down already")
        }
        Deed::Server(_) | Deed::Receiver(_) | Deed::Device(..) => None,
    }
}
