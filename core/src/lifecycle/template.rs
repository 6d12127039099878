//! A template: default heartbeat and the chain of statuses its devices pass through.
//!
//! Does not decide which statuses make a [chain](super::chain), nor when a device moves along it: that is the
//! [machine](super::machine).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chain::Chain;
use crate::time::Duration;

/// What a product team configures for one kind of device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The name that devices refer to.
    pub name: String,
    /// The heartbeat of devices that announce none.
    pub heartbeat: Duration,
    /// The statuses, in the order in which a silent device passes through them.
    pub chain: Chain,
    /// Names of people and systems, with the address or URL of each. A device's own go before these.
    pub contacts: BTreeMap<String, String>,
    /// A disconnect shorter than this, and the connect that ends it, are left out of the timeline's view.
    pub offline_ignore: Duration,
}

impl Template {
    /// Applies where a template names no heartbeat.
    pub const DEFAULT_HEARTBEAT: Duration = Duration::from_secs(45);

    /// A template of this name and chain that says nothing else.
    pub fn new(name: impl Into<String>, chain: Chain) -> Self {
        Self {
            name: name.into(),
            heartbeat: Self::DEFAULT_HEARTBEAT,
            chain,
            contacts: BTreeMap::new(),
            offline_ignore: Duration::ZERO,
        }
    }
}
