//! Which status a device may have been in when the server took something in.

use std::collections::VecDeque;

use blynk_core::id::StatusIndex;
use blynk_core::time::{Duration, Instant};

/// The statuses of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    /// Entered when, in the order of the record: the newest that is old, and all after it.
    entered: VecDeque<(Instant, StatusIndex)>,
}

impl Standing {
    /// A status was entered.
    pub(super) fn entered(&mut self, at: Instant, status: StatusIndex, slack: Duration) {
        self.entered.push_back((at, status));
        // Nothing is asked about what was longer ago than records and deliveries may be apart.
        let old = at - (slack + slack + slack + slack);
        while self.entered.get(1).is_some_and(|(second, _)| *second < old) {
            self.entered.pop_front();
        }
    }

    /// The newest status of the record.
    pub(super) fn newest(&self) -> Option<StatusIndex> {
        self.entered.back().map(|(_, status)| *status)
    }

    /// All that the device may have been in around that time; `None` is no status yet.
    pub(super) fn around(&self, at: Instant, slack: Duration) -> impl Iterator<Item = Option<StatusIndex>> {
        let before = self.entered.iter().rev().find(move |(entered, _)| *entered + slack < at);
        let beside =
            self.entered.iter().filter(move |(entered, _)| at <= *entered + slack && *entered <= at + slack);
        std::iter::once(before.map(|(_, status)| *status)).chain(beside.map(|(_, status)| Some(*status)))
    }
}
