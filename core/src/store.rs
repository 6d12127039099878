//! What survives a restart: the trait, and what is written and loaded.
//!
//! The [hub](crate::hub) says what must be durable; whoever drives it commits that before anybody is told of it. Does
//! not decide how it is kept: `Sqlite` (feature `shell`) keeps it in a file, [`Memory`] until the process ends.

mod archive;
mod memory;
#[cfg(feature = "shell")]
mod sqlite;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use archive::{Archive, Excerpt, Kept, Letters, Past, Recorded, Section};
pub use memory::Memory;
#[cfg(feature = "shell")]
pub use sqlite::{Durability, Retention, Sqlite};

use crate::command::Command;
use crate::id::{CommandId, DeviceId, NotificationId, Pin, SessionId, Token};
use crate::lifecycle::{State, Template};
use crate::notification::{Ledger, Notification, Progress};
use crate::timeline::Entry;

/// Keeps what must survive a restart.
pub trait Store: Send + 'static {
    /// Everything that a server must know when it starts.
    ///
    /// # Errors
    /// If the store cannot be read, or holds what this version does not understand.
    fn load(&mut self) -> Result<Stored, StoreError>;

    /// Makes all of these durable, or none. Once it returns, they survive the end of the process at any moment.
    ///
    /// # Errors
    /// If they could not be made durable. Nobody may be told of them then.
    fn commit(&mut self, writes: &[Write]) -> Result<(), StoreError>;
}

/// One thing to be made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A template, new or changed.
    Template(Arc<Template>),
    /// A new device.
    Device(DeviceId, Identity),
    /// What a device is from now on.
    Identity(DeviceId, Identity),
    /// Where a device is in its life.
    State(DeviceId, State),
    /// The next line of a device's timeline.
    Entry(DeviceId, Entry),
    /// The latest value of a pin.
    Value(DeviceId, Pin, Box<str>),
    /// A command that waits for its device; it replaces one for the same pin.
    Pending(DeviceId, Command),
    /// A command does not wait any more.
    Settled(DeviceId, CommandId),
    /// A notification, new or with new progress.
    Notification(Notification, Progress),
    /// What a device's notifications are counted by.
    Ledger(DeviceId, Ledger),
    /// A device is gone, and all that is kept of it: its timeline, values, commands and notifications.
    Removed(DeviceId),
    /// No device follows the template of this name any more, and none will. Timelines go on to name its statuses.
    TemplateRemoved(String),
}

/// What a device is, whatever happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What people call it. May be empty, and need not be its own.
    pub name: Box<str>,
    /// What it logs in with.
    pub token: Token,
    /// The name of its template.
    pub template: String,
    /// Its own contacts.
    pub contacts: BTreeMap<String, String>,
}

/// What a server must know when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// By name.
    pub templates: BTreeMap<String, Arc<Template>>,
    /// In the order of their ids.
    pub devices: Vec<StoredDevice>,
    /// The newest of the devices that were removed. Their numbers are never used again.
    pub newest_removed: Option<DeviceId>,
    /// The newest session of them.
    pub newest_removed_session: Option<SessionId>,
    /// Notifications that are still owed, in the order of their ids.
    pub owed: Vec<(Notification, Progress)>,
    /// The newest notification of all.
    pub newest_notification: Option<NotificationId>,
    /// The newest command of all that the store knows of.
    pub newest_command: Option<CommandId>,
}

/// A device as it was when the last commit succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDevice {
    /// Its number.
    pub id: DeviceId,
    /// What it is.
    pub identity: Identity,
    /// Where it is in its life; [`State::NEW`] if it was never seen.
    pub state: State,
    /// The latest values.
    pub values: BTreeMap<Pin, Box<str>>,
    /// Commands that wait for it.
    pub pending: BTreeMap<Pin, Command>,
    /// What its notifications are counted by.
    pub ledger: Ledger,
}

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The medium cannot be read or written: a full disk, a lost file.
    #[error("the database cannot be used: {0}")]
    Medium(String),
    /// What is stored cannot be understood.
    #[error("the database holds something that this version does not understand: {0}")]
    Content(String),
    /// It was made by a newer version.
    #[error("the database has the schema version {found}, and this version knows only {known}")]
    Newer {
        /// What the database says.
        found: u32,
        /// What we know.
        known: u32,
    },
}
