//! A template: default heartbeat and the chain of statuses its devices pass through.
//!
//! Owns what a product team says of a status. Does not decide which statuses make a [chain](super::chain), nor when a
//! device moves along it: that is the [machine](super::machine).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chain::Chain;
use crate::command::Controls;
use crate::notification::Notify;
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

/// One status of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its name in scenarios and APIs: `online`, `offline`, or the author's own.
    pub key: String,
    /// How long after the previous status it is entered. Zero for the first.
    pub wait: Duration,
    /// How people see it.
    pub look: Look,
    /// Who is told when a device enters it.
    pub notify: Option<Notify>,
    /// Whether the timeline's view shows the change to it. The record always keeps it.
    pub on_timeline: bool,
    /// Whether users may command a device in it. The first status always allows.
    pub controls: Controls,
}

/// How people see a status. What is not set is left to the page that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// What it is called.
    pub label: Option<String>,
    /// A colour's name or `#rrggbb`.
    pub color: Option<String>,
    /// An icon's name.
    pub icon: Option<String>,
}

/// A status is one of two predefined kinds, or the author's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusKind {
    /// Connected, or within its waits: the first status.
    Online,
    /// Gone for longer than the waits before it.
    Offline,
    /// Anything between or after.
    Custom,
}

impl Status {
    /// A status that is entered `wait` after the previous one, and nothing else.
    pub fn new(key: impl Into<String>, wait: Duration) -> Self {
        Self {
            key: key.into(),
            wait,
            look: Look::default(),
            notify: None,
            on_timeline: true,
            controls: Controls::Allow,
        }
    }

    /// What people call it: its label, or else its key.
    pub fn label(&self) -> &str {
        self.look.label.as_deref().unwrap_or(&self.key)
    }

    /// The keys `online` and `offline` name the two predefined kinds.
    pub fn kind(&self) -> StatusKind {
        match self.key.as_str() {
            "online" => StatusKind::Online,
            "offline" => StatusKind::Offline,
            _ => StatusKind::Custom,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_called_by_its_label_or_else_by_its_key() {
        let mut status = Status::new("offline", Duration::ZERO);
        assert_eq!(status.label(), "offline");
        status.look.label = Some("Gone".into());
        assert_eq!(status.label(), "Gone");
    }
}
