//! A status: what a product team says of one place of a chain.

use serde::{Deserialize, Serialize};

use crate::command::Controls;
use crate::notification::Notify;
use crate::time::Duration;

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
