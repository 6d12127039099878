//! The program as a server: the real process, on a real port, with a real file.
//!
//! Real time passes here, and nowhere else in the tests: waits are short, and bounded.

#![expect(clippy::disallowed_methods, reason = "real processes live in real time")]

mod client;
mod clients;
mod hard;
mod idle;
mod mail;
mod options;
mod page;
mod restart;
mod served;
mod start;
mod tls;
mod webhook;
