//! One direction of a connection: what is under way, in order. Nothing overtakes.

use blynk_core::queue::Queue;
use blynk_core::time::Instant;

use crate::network::delay::{Attempt, Chance, Fate};
use crate::plan::Quality;

/// What is under way.
#[derive(Debug)]
pub(super) struct Way<T> {
    chance: Chance,
    /// How many messages were ever sent on it.
    sent: u32,
    under_way: Queue<Sent<T>>,
}

#[derive(Debug)]
struct Sent<T> {
    what: T,
    attempt: Attempt,
    fate: Fate,
}

impl<T> Way<T> {
    pub(super) fn new(chance: Chance) -> Self {
        Self { chance, sent: 0, under_way: Queue::new() }
    }

    pub(super) fn send(&mut self, now: Instant, quality: Quality, what: T) {
        let attempt = Attempt { message: self.sent, losses: 0 };
        self.sent += 1;
        let fate = self.chance.fate(now, quality, attempt);
        self.under_way.push_back(Sent { what, attempt, fate });
    }

    /// The first of those under way, if it has arrived by now. What was lost is sent again at its time, by the quality
    /// that the network has now.
    pub(super) fn arrived(&mut self, now: Instant, quality: Quality) -> Option<T> {
        let first = self.under_way.front_mut()?;
        while let Fate::SentAgain(at) = first.fate
            && at <= now
        {
            first.attempt.losses += 1;
            first.fate = self.chance.fate(at, quality, first.attempt);
        }
        match first.fate {
            Fate::Arrives(at) if at <= now => self.under_way.pop_front().map(|sent| sent.what),
            Fate::Arrives(_) | Fate::SentAgain(_) => None,
        }
    }

    /// When to look whether something has arrived.
    pub(super) fn due(&self) -> Option<Instant> {
        self.under_way.front().map(|first| match first.fate {
            Fate::Arrives(at) | Fate::SentAgain(at) => at,
        })
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// The way ends here and now with this. What would have arrived by now goes before it, the rest is gone.
    pub(super) fn cut(&mut self, now: Instant, last: T) {
        self.under_way.retain(|sent| matches!(sent.fate, Fate::Arrives(at) if at <= now));
        self.send(now, Quality::IDEAL, last);
    }

    /// Everything under way is gone.
    pub(super) fn clear(&mut self) {
        self.under_way.clear();
    }
}
