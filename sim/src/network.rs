//! What lies between a device and the server.
//!
//! A [`Link`] belongs to one party of a device, so that a single device can go silent while its site stays up. All engines
//! share it.

mod connection;
mod delay;
mod link;
pub mod profiles;

pub use connection::{Bytes, ConnectionId, FromServer, ToServer};
pub use link::{Link, Output, ServerChange};
