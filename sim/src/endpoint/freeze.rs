//! The freezes of an application (`hang`), which overlap like silences, and what its owner wanted meanwhile.

use crate::device::Order;
use crate::plan::FaultId;

/// All freezes of one device.
#[derive(Debug, Default)]
pub(super) struct Freeze {
    faults: Vec<FaultId>,
    /// The owner's latest word on whether the device shall be connected.
    intention: Option<Intention>,
}

#[derive(Clone, Copy, Debug)]
enum Intention {
    Connect,
    Disconnect,
}

impl Freeze {
    /// Whether the application runs.
    pub(super) fn is_over(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn begin(&mut self, fault: FaultId) {
        self.faults.push(fault);
    }

    /// One of them ends. Returns whether it was still there.
    pub(super) fn resume(&mut self, fault: FaultId) -> bool {
        let before = self.faults.len();
        self.faults.retain(|other| *other != fault);
        self.faults.len() < before
    }

    /// All of them end. Returns what the owner wanted meanwhile.
    pub(super) fn end(&mut self) -> Option<Order<'static>> {
        self.faults.clear();
        self.intention.take().map(|intention| match intention {
            Intention::Connect => Order::Connect,
            Intention::Disconnect => Order::Disconnect,
        })
    }

    /// What the owner wants of a frozen application does not happen. An intention is kept, though: it is the owner's
    /// own, and a device that stayed connected for ever because its `disconnect` fell into a freeze would be nobody's wish.
    pub(super) fn order(&mut self, order: &Order<'_>) -> Option<&'static str> {
        match order {
            Order::Connect => self.intend(Intention::Connect),
            Order::Disconnect => self.intend(Intention::Disconnect),
            Order::PowerOff
            | Order::PowerOn
            | Order::Write { .. }
            | Order::SetHeartbeat(_)
            | Order::SetStatus(_)
            | Order::Sleep(_)
            | Order::Garbage(..) => Some("hung: nothing happens"),
        }
    }

    fn intend(&mut self, intention: Intention) -> Option<&'static str> {
        self.intention = Some(intention);
        Some("hung: happens when that is over")
    }
}
