//! What the receiver got of one device, in which order, and who still waits at the end.

use blynk_core::time::{Duration, Instant};

use super::{Letter, PATIENCE, Story, Wrong};
use crate::timeline::Stage;

impl Story<'_> {
    /// What the receiver got was owed, came in order, and not again once that was known.
    pub(super) fn wrongly_received(&self) -> Option<Wrong> {
        let unknown = self.received.iter().find(|(id, _)| !self.places.contains_key(id));
        if let Some((_, times)) = unknown {
            return Some((times[0], "the receiver got a notification that was not owed".into()));
        }
        let mut last: Option<&Letter<'_>> = None;
        for letter in &self.letters {
            if let Some(wrong) = self.badly_received(letter, last) {
                return Some(wrong);
            }
            last = last.filter(|last| self.settled(last) > self.settled(letter)).or(Some(letter));
        }
        None
    }

    /// Of those that were owed before, `last` was settled last.
    fn badly_received(&self, letter: &Letter<'_>, last: Option<&Letter<'_>>) -> Option<Wrong> {
        let slack = self.slack();
        let times = self.received.get(&letter.notification.id)?;
        let spelt = self.spell(letter.notification, Stage::Owed);
        if times[0] + slack < letter.owed_at {
            return Some((times[0], format!("the receiver got {spelt} before it was owed")));
        }
        if let Some((ended, Stage::Delivered)) = letter.end
            && let Some(again) = times.iter().find(|again| ended + slack < **again)
        {
            return Some((*again, format!("{spelt} was sent again after it was delivered")));
        }
        let earlier = last.filter(|last| self.settled(last) > times[0] + slack)?;
        let earlier = self.spell(earlier.notification, Stage::Owed);
        Some((times[0], format!("the receiver got {spelt} before {earlier}, which was owed first")))
    }

    /// When a later notification of the device could be tried.
    fn settled(&self, letter: &Letter<'_>) -> Instant {
        let got = self.received.get(&letter.notification.id).map(|times| times[0]);
        let ended = letter.end.map(|(at, _)| at);
        got.into_iter().chain(ended).min().unwrap_or(self.plan.until.when_over() + PATIENCE)
    }

    /// Who waits at the end must have had no chance.
    pub(super) fn left_waiting(&self) -> Option<Wrong> {
        let Self { plan, world, .. } = self;
        // Many devices that owe at once are served one after the other.
        let queue = Duration::from_millis(self.slack().as_millis() * (world.owed.len() as u64 + 2));
        let waits = |letter: &&Letter<'_>| {
            letter.end.is_none()
                && world
                    .reach
                    .since(letter.owed_at, plan.until)
                    .is_some_and(|since| since + PATIENCE + queue < plan.until)
        };
        let letter = self.letters.iter().find(waits)?;
        let spelt = self.spell(letter.notification, Stage::Owed);
        Some((letter.owed_at, format!("{spelt} is owed, and was neither delivered nor given up by the end")))
    }
}
