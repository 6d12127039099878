//! Engines: how a plan is run. They supply network and time; server, devices and links are the same in all of them.

mod observer;
mod turmoil;

use std::sync::Arc;

use blynk_core::id::DeviceId;

pub use observer::{Observations, TraceLine};

use crate::plan::Plan;

/// Runs a plan from zero to its end. The messages of `traced` are kept.
///
/// # Panics
/// If anything in the simulated world panics: a panic is a bug of the server or of the simulator, and hides nowhere.
pub fn run(plan: &Arc<Plan>, traced: Option<DeviceId>) -> Observations {
    turmoil::run(plan, traced)
}
