//! How many bytes of a page are left, and for what.
//!
//! The page is filled kind by kind, in the order of [`Part`]: each may go up to a mark, and what it leaves is for those
//! after it. Owns the marks; whoever asks in vain says on the page what is missing.

use std::fmt;

/// Headings, the ends of elements, and the sentences that say what was left out.
const AROUND: usize = 20_000;
/// What the template puts before and after a piece.
const BETWEEN: usize = 24;

/// What fills a page, in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What failed, and why.
    Failures,
    /// The scenarios, a line each and how they were run.
    List,
    /// What was demanded of them.
    Demands,
    /// Faults, fleets and times.
    Drawings,
    /// The lives of devices with all that led to each change.
    Lanes,
    /// The same in a few strokes.
    RoughLanes,
    /// Rows of the tables with all that led to each change;
    Causes,
    /// with the changes alone;
    Histories,
    /// with the numbers alone.
    Rows,
}

impl Part {
    /// How long the page may be when all of this part is on it.
    const fn mark(self) -> usize {
        match self {
            Self::Failures => 350_000,
            Self::List => 1_050_000,
            Self::Demands => 1_150_000,
            Self::Drawings => 1_250_000,
            Self::Lanes => 1_320_000,
            Self::RoughLanes => 1_400_000,
            Self::Causes => 1_450_000,
            Self::Histories => 1_500_000,
            Self::Rows => 2_000_000,
        }
    }
}

/// What is on the page so far, in bytes.
pub(super) struct Room(usize);

impl Room {
    /// A page that has so many bytes of style and script.
    pub(super) const fn beside(bytes: usize) -> Self {
        Self(bytes + AROUND)
    }

    /// Takes the place of so many bytes, if there is as much.
    pub(super) const fn take(&mut self, part: Part, bytes: usize) -> bool {
        let full = self.0 + bytes;
        let fits = full <= part.mark();
        if fits {
            self.0 = full;
        }
        fits
    }

    /// Takes the place of a piece as it will stand on the page, if there is as much.
    pub(super) fn fits(&mut self, part: Part, piece: &impl fmt::Display) -> bool {
        self.take(part, piece.to_string().len() + BETWEEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_part_leaves_is_for_the_next() {
        let mut room = Room(0);
        assert!(room.take(Part::Failures, Part::Failures.mark()));
        assert!(!room.take(Part::Failures, 1));
        assert!(room.take(Part::List, Part::List.mark() - Part::Failures.mark()));
        assert!(!room.take(Part::List, 1));
    }
}
