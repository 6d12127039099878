//! The one ordered index of deadlines: by instant, then by device, so that equal instants have one order everywhere.

use std::collections::BTreeSet;

use crate::id::DeviceId;
use crate::time::Instant;

/// At most one deadline per device. The device's machine knows the deadline; this only orders them.
#[derive(Debug, Default)]
pub(super) struct Deadlines(BTreeSet<(Instant, DeviceId)>);

impl Deadlines {
    /// The earliest.
    pub(super) fn first(&self) -> Option<(Instant, DeviceId)> {
        self.0.first().copied()
    }

    /// Replaces the deadline of a device.
    pub(super) fn move_to(&mut self, device: DeviceId, from: Option<Instant>, to: Option<Instant>) {
        if from == to {
            return;
        }
        if let Some(from) = from {
            self.0.remove(&(from, device));
        }
        if let Some(to) = to {
            self.0.insert((to, device));
        }
    }
}
