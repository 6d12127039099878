//! The connection lifecycle of one device: which status it is in, why, and what comes next and when.
//!
//! [`Template`] says what the author configured, [`Machine`] moves one device along it. Two facts are kept apart
//! everywhere: the [`Connection`], the raw truth that the server knows, and the [`Standing`] in the chain of statuses.

mod chain;
mod machine;
mod status;
mod template;

pub use chain::{Chain, ChainError};
pub use machine::{Connection, Due, Input, Machine, Standing, State};
pub use status::{Look, Status, StatusKind};
pub use template::Template;
