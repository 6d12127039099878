//! The simulator: scenario files run in virtual time against the real server, and a verdict.
//!
//! Read left to right it is one function, `(Plan, Seed) -> Timeline -> Verdict`:
//!
//! ```text
//!  *.yaml --> scenario --Plan--> engine --observations--> timeline
//!                                  | drives                  v
//!                                  | endpoint              oracle --findings--> report --> blynk-reports
//!                                  |   device + network
//!                                  v
//!                              blynk-core (the real server)
//! ```
//!
//! - [`scenario`]: a YAML file becomes a [`plan`], or a list of diagnostics with places.
//! - [`engine`]: runs a plan; [`endpoint`] is a [`device`] behind its link in the [`network`]; [`random`] is where
//!   every random number comes from.
//! - [`timeline`]: what happened, the only truth.
//! - [`oracle`]: an outsider that judges it, by the rules of the lifecycle and by what the author expects.
//! - [`findings`]: words for what the oracle found, as [`wording`] has them for the plan; [`outcome`] ties a run together,
//!   [`report`] shows it; [`snapshot`] holds it against the accepted one, [`mod@compare`] two of them against each other.
//! - [`agreement`]: whether two engines gave the devices of a plan the same lives.
//! - [`cli`]: the commands; [`check`] is a scenario as a test of a Rust project.
//!
//! Deliberately absent: a clock or a file anywhere but in [`cli`]; a thread anywhere but there, where scenarios run beside each
//! other, and in the event engine, where the shards of a fleet do; YAML anywhere but in [`scenario`]; turmoil
//! anywhere but in its engine.

pub mod agreement;
pub mod cli;
pub mod compare;
pub mod device;
pub mod endpoint;
pub mod engine;
pub mod findings;
pub mod network;
pub mod oracle;
pub mod outcome;
pub mod plan;
pub mod random;
pub mod report;
pub mod scenario;
mod shell;
pub mod snapshot;
pub mod timeline;
pub mod wording;

pub use blynk_reports::numerals;
pub use cli::check;
