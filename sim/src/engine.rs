//! Engines: how a plan is run. They supply network and time; server, devices and links are the same in all of them.
//!
//! `turmoil` runs the server's whole shell on a simulated network, tick by tick; `events` drives its machines alone, and is
//! exact.

mod events;
mod observations;
mod observer;
mod progress;
mod timetable;
mod turmoil;
mod world;

use std::num::NonZeroUsize;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;

// Public for its benchmark.
pub use events::{Calendar, Due};
pub use observations::{Busiest, Login, Observations, Totals, TraceLine, Traffic};
pub use progress::Progress;

use crate::plan::{Engine, Plan};

/// How a plan is run, and what is looked at or meddled with beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// The messages of this device are kept.
    pub traced: Option<DeviceId>,
    /// The server loses power at one of its writes.
    pub cut: Option<Cut>,
    /// Nobody holds the server's claims against what was delivered; otherwise the oracle's witness does.
    pub unwatched: bool,
    /// How many threads share the devices, where the engine can split them; one if nothing is said. They change nothing.
    pub threads: Option<NonZeroUsize>,
}

/// A loss of the server's power at a write to its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// At which commit, counted from 1.
    pub commit: u64,
    /// Whether that commit is durable; nobody is told of it in either case.
    pub durable: bool,
    /// How long until the server starts again.
    pub down: Duration,
}

/// Runs a plan from zero to its end.
///
/// # Panics
/// If anything in the simulated world panics: a panic is a bug of the server or of the simulator, and hides nowhere.
pub fn run(plan: &Arc<Plan>, probe: Probe) -> Observations {
    run_watched(plan, probe, &Progress::default())
}

/// As [`run`], and says how far it is as it goes.
///
/// # Panics
/// As [`run`].
pub fn run_watched(plan: &Arc<Plan>, probe: Probe, progress: &Progress) -> Observations {
    progress.begin(plan);
    match plan.engine {
        Engine::Turmoil => turmoil::run(plan, probe, progress),
        Engine::Events => events::run(plan, probe, progress),
    }
}
