//! A status: what a product team says of one place of a chain.

use std::borrow::Cow;

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

    /// What people call it, on the page, in the API and in what they are told: its label, or else its key with a capital
    /// letter.
    pub fn label(&self) -> Cow<'_, str> {
        let capital = || {
            let mut letters = self.key.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            first.chain(letters.as_str().chars()).collect()
        };
        self.look.label.as_deref().map_or_else(|| Cow::Owned(capital()), Cow::Borrowed)
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
    fn a_status_is_called_by_its_label_or_else_by_its_key_with_a_capital_letter() {
        let mut status = Status::new("offline", Duration::ZERO);
        assert_eq!(status.label(), "Offline");
        status.look.label = Some("gone".into());
        assert_eq!(status.label(), "gone");
    }
}
