//! What is under way at this very instant between links and server, in order. Latency is the links' own, so nothing stays
//! here when the instant is over.

use std::collections::VecDeque;

use blynk_core::id::DeviceId;

use super::queue::Queue;
use crate::network::{ConnectionId, FromServer, ToServer};

/// One connection of one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Peer {
    pub(super) device: DeviceId,
    pub(super) connection: ConnectionId,
}

/// What comes out of a link at the server's end.
#[derive(Debug)]
pub(super) enum Arrival {
    /// SYN.
    Dial,
    /// A message, or the device's end of the connection.
    Delivery(ToServer),
    /// Nothing: the device's end is gone, and says so to nobody.
    Abandoned,
}

/// Both directions.
#[derive(Debug, Default)]
pub(super) struct Wire {
    pub(super) to_server: VecDeque<(Peer, Arrival)>,
    pub(super) to_devices: VecDeque<(Peer, FromServer)>,
}

/// What the server reaches of the world outside.
pub(super) struct Outside<'a> {
    pub(super) queue: &'a mut Queue,
    pub(super) to_devices: &'a mut VecDeque<(Peer, FromServer)>,
}

impl Wire {
    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.to_server.is_empty() && self.to_devices.is_empty()
    }

    /// All that is under way is lost.
    pub(super) fn cut(&mut self) {
        self.to_server.clear();
        self.to_devices.clear();
    }
}
