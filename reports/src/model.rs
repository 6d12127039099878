//! What reports are made of: plain structs with text already worded, and what they are called and how many
//! they are. Judges nothing.
//!
//! A [`Run`] is the whole: what the JSON report holds, what the other reports are rendered from, and what `compare` reads
//! back. Times of the simulated world are milliseconds since its beginning; beside them stands how a person reads them.

mod device;
mod finding;
mod lanes;
mod picture;
mod run;

pub use device::{Cause, Change, Device};
pub use finding::{Finding, Note, Place, Severity};
pub use lanes::{Lane, LaneStatus, Lanes};
pub use picture::{Bar, Counts, Disturbance, Group, Picture, Status, Tick, Times, Tone};
pub use run::{Case, CaseKind, FORMAT, Refused, Run, Scenario, Totals, Verdict};
