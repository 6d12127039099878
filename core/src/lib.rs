//! The server core.
pub mod close;
pub mod id;
pub mod lifecycle;
pub mod protocol;
pub mod settings;
pub mod time;
pub mod timeline;
