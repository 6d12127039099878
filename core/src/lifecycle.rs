//! The connection lifecycle of one device.

mod template;

pub use template::{Chain, ChainError, Status, StatusKind, Template};
