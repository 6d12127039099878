//! What is kept for people to read: timelines, and notifications with what became of them.
//!
//! The server itself never reads them again, so they are no part of what it loads; whoever serves people asks here.

use std::sync::Arc;

use super::StoreError;
use crate::id::{DeviceId, NotificationId};
use crate::lifecycle::Template;
use crate::notification::{Notification, Progress};
use crate::time::Instant;
use crate::timeline::{Entry, Event};

/// Reads what is kept, while the server goes on. What a commit made durable is there.
pub trait Archive: Send + Sync + 'static {
    /// A section of a device's timeline, the newest entry first. A device that is not stored has none.
    ///
    /// # Errors
    /// If it cannot be read.
    fn timeline(&self, device: DeviceId, section: Section) -> Result<Excerpt<Recorded>, StoreError>;

    /// When a device came and went. One that is not stored has no past.
    ///
    /// # Errors
    /// If it cannot be read.
    fn past(&self, device: DeviceId) -> Result<Past, StoreError>;

    /// A section of the notifications, the newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    fn notifications(&self, which: Letters, section: Section) -> Result<Excerpt<Kept>, StoreError>;
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// How many to pass over.
    pub offset: u64,
    /// How many at most.
    pub limit: u32,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt<T> {
    /// What was asked for.
    pub content: Vec<T>,
    /// The length of the whole list.
    pub total: u64,
}

/// An entry as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the timeline of its device, which it keeps for ever.
    pub sequence: u64,
    /// What happened.
    pub entry: Entry,
    /// The device's template at that time, in whose chain the entry names statuses.
    pub template: Arc<Template>,
}

/// When a device came and went, and what it is, as far as its timeline goes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The newest login or report.
    pub newest_arrival: Option<Instant>,
    /// The newest end of a connection.
    pub newest_end: Option<Instant>,
    /// The oldest login or report.
    pub oldest_arrival: Option<Instant>,
    /// What it last told about itself.
    pub client: Option<Box<str>>,
}

impl Past {
    /// What these entries tell, which begin with the oldest.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut past = Self::default();
        entries.into_iter().for_each(|entry| past.add(entry));
        past
    }

    fn add(&mut self, Entry { at, event }: &Entry) {
        match event {
            Event::LoggedIn { .. } | Event::Reported { .. } => {
                self.newest_arrival = Some(*at);
                self.oldest_arrival = self.oldest_arrival.or(Some(*at));
            }
            Event::Closed { .. } | Event::Interrupted { .. } => self.newest_end = Some(*at),
            Event::Announced { client, .. } => self.client = Some(client.clone()),
            Event::Superseded { .. }
            | Event::Status(_)
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }
}

/// Which notifications are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letters {
    /// Those that will never be delivered.
    Dead,
    /// Those about one device.
    Of(DeviceId),
    /// The one of this number.
    Numbered(NotificationId),
    /// All.
    All,
}

/// A notification, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What was to be told.
    pub notification: Notification,
    /// How far it is.
    pub progress: Progress,
    /// The device's template when it came to be.
    pub template: Arc<Template>,
}

/// Nobody reads.
impl Archive for () {
    fn timeline(&self, _: DeviceId, _: Section) -> Result<Excerpt<Recorded>, StoreError> {
        Ok(Excerpt { content: Vec::new(), total: 0 })
    }

    fn past(&self, _: DeviceId) -> Result<Past, StoreError> {
        Ok(Past::default())
    }

    fn notifications(&self, _: Letters, _: Section) -> Result<Excerpt<Kept>, StoreError> {
        Ok(Excerpt { content: Vec::new(), total: 0 })
    }
}
