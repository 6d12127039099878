//! What lies between a device and the server.
//!
//! A [`Link`] belongs to one device, so that a single device can go silent while its site stays up. All engines share it.

mod link;

pub use link::{ConnectionId, FromServer, Link, Output, ToServer};
