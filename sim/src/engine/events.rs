//! The event engine: the machines of devices, links, sessions and hub, exchanging the real bytes of the device protocol
//! in virtual time that jumps from one event to the next. No tasks, no sockets, no ticks: exact to the millisecond, and
//! idle time costs nothing.
//!
//! | module | owns |
//! |---|---|
//! | `shard` | which devices are run together |
//! | `course` | what happens to them when, and in which order at one instant |
//! | `queue` | who is woken when |
//! | [`calendar`] | the order of all that |
//! | `wire` | what is under way at this very instant |
//! | `server` | the server from one start to its end |
//! | `connection` | the server's end of one connection |
//! | `http` | requests, of which the HTTP layer is left out |
//!
//! Decides nothing about devices: that is the [endpoint](crate::endpoint).

mod calendar;
mod connection;
mod course;
mod http;
mod queue;
mod server;
mod shard;
mod wire;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::observations::{Observations, Part, Seconds};
use super::{Probe, Progress};
use crate::plan::Plan;
use shard::Shard;

/// Runs the plan.
pub(super) fn run(plan: &Plan, probe: Probe, progress: &Progress) -> Observations {
    let shards = shard::split(plan, probe);
    let observations = run_all(plan, &shards, probe, progress);
    if shards.len() > 1 && shard::overflows(plan, &observations) {
        return run_all(plan, &shard::whole(plan), probe, progress);
    }
    observations
}

/// Each shard by itself, on as many threads as there may be.
fn run_all(plan: &Plan, shards: &[Shard], probe: Probe, progress: &Progress) -> Observations {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut parts, mut messages) = (Vec::new(), Seconds::default());
        while let place = next.fetch_add(1, Ordering::Relaxed)
            && let Some(shard) = shards.get(place)
        {
            let (part, seconds) = course::run(plan, shard, probe, progress);
            parts.push((place, part));
            messages.add(seconds);
        }
        (parts, messages)
    };
    let helpers = probe.threads.map_or(1, usize::from).min(shards.len()) - 1;
    let (mut parts, messages) = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let mut done: (Vec<(usize, Part)>, Seconds) = work();
        for helper in helpers {
            let (parts, messages) = helper.join().unwrap_or_else(|panic| resume_unwind(panic));
            done.0.extend(parts);
            done.1.add(messages);
        }
        done
    });
    parts.sort_by_key(|(place, _)| *place);
    Observations::join(parts.into_iter().map(|(_, part)| part), &messages)
}
