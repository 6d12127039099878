//! The server core: what a Blynk-compatible server knows about its devices, and how.
//!
//! Start here. A device's bytes travel down this list, and every module is pure unless it says otherwise:
//!
//! - [`protocol`]: bytes to messages and back.
//! - [`session`]: one connection; when it is dead and why.
//! - [`hub`]: what sessions say becomes the truth about devices; one live session each.
//! - [`registry`]: all devices, one ordered index of what is due.
//! - [`lifecycle`]: one device; its connection and its status, two facts that are never mixed.
//! - [`control`]: latest pin values and users' commands; [`outbox`]: notifications owed.
//! - [`timeline`]: what is recorded, each entry with its reason.
//! - [`store`]: what survives a restart; [`store::Sqlite`] (feature `shell`) keeps it.
//! - [`server`] (feature `shell`): sockets, tasks and the clock around them; [`http`]: what is asked by HTTP;
//!   `notify`: what people are told.
//!
//! Beneath them: [`time`], [`id`], [`close`] (why a connection ended), [`command`], [`notification`], [`settings`],
//! [`queue`].
//!
//! Every machine has one interface: `handle_input(now, input)`, `poll_output()`, and `poll_timeout()`, which says when
//! to come back *and why*. Machines read no clock, open no socket and draw no random number, so that a simulation can
//! drive them through years in seconds and a test can stand on both sides of every deadline.

pub mod close;
pub mod command;
pub mod control;
#[cfg(feature = "shell")]
pub mod http;
pub mod hub;
pub mod id;
pub mod lifecycle;
pub mod notification;
#[cfg(feature = "shell")]
pub mod notify;
pub mod origin;
pub mod outbox;
pub mod protocol;
pub mod queue;
pub mod registry;
#[cfg(feature = "shell")]
pub mod server;
pub mod session;
pub mod settings;
pub mod store;
pub(crate) mod throttle;
pub mod time;
pub mod timeline;
