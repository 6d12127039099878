//! The ports of one host: turmoil panics when it has none left, and a run must end with a name for that.

use std::cell::Cell;
use std::ops::RangeInclusive;
use std::rc::Rc;

/// Those that turmoil may give to connections.
pub(super) const EPHEMERAL: RangeInclusive<u16> = 1_024..=u16::MAX;
/// turmoil keeps the port of a dial that is refused while the server's host goes down or comes up: room for those.
const KEPT: usize = 2_512;
/// So many connections may be open at once.
pub(super) const MOST: usize = (*EPHEMERAL.end() - *EPHEMERAL.start()) as usize + 1 - KEPT;

/// How many of a host's ports are in use.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports(Rc<Cell<usize>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Port(Rc<Cell<usize>>);

impl Ports {
    /// One more, if there is one.
    pub(super) fn take(&self) -> Option<Port> {
        let used = self.0.get();
        (used < MOST).then(|| {
            self.0.set(used + 1);
            Port(self.0.clone())
        })
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_dropped_is_free_again() {
        let ports = Ports::default();
        let mut taken: Vec<_> = (0..MOST).map(|_| ports.take().expect("there are enough")).collect();
        assert!(ports.take().is_none());
        taken.pop();
        assert!(ports.take().is_some());
    }
}
