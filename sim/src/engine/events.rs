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

pub use calendar::{Calendar, Due};

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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::plan::{Engine, Source};
    use crate::scenario::{Options, load};
    use crate::timeline::canonical;

    fn plan(path: &Path) -> Plan {
        let text = fs::read_to_string(path).expect("the file can be read");
        let source = Source { path: path.display().to_string(), text };
        let options = Options { engine: Some(Engine::Events), ..Options::default() };
        load(source, &options).expect("the file is sound").plan
    }

    /// Everything that an engine tells, but how often a server wrote: each has a store of its own.
    fn told(plan: &Plan, shards: &[Shard], threads: usize) -> String {
        let probe = Probe { threads: threads.try_into().ok(), ..Probe::default() };
        let observations = run_all(plan, shards, probe, &Progress::default());
        let Observations { timeline, traffic, busiest, logins, breaches, trace, commits: _, out_of_ports } =
            observations;
        let rest = format!("{traffic:?} {busiest:?} {logins:?} {breaches:?} {trace:?} {out_of_ports:?}");
        canonical::text(plan, &timeline) + &rest
    }

    #[test]
    fn neither_shards_nor_threads_change_anything() {
        insta::glob!("../../..", "scenarios/**/*.yaml", |path| {
            let plan = plan(path);
            // More take minutes without optimisation.
            if !(2..=1_000).contains(&plan.devices.len()) || shard::is_coupled(&plan, Probe::default()) {
                return;
            }
            let whole = told(&plan, &shard::whole(&plan), 1);
            for (devices, threads) in [(1, 3), (70, 1)] {
                let split = told(&plan, &shard::shards(&plan, devices), threads);
                assert!(whole == split, "{}: shards of {devices}", path.display());
            }
        });
    }

    /// Two devices are told of at one time, and the outbox holds one.
    #[test]
    fn an_outbox_that_is_full_for_all_is_found_to_be() {
        let text = "scenario: x\nengine: events\nuntil: 2m\nserver: { outbox-limit: 1 }\n\
                    template: { contacts: { me: m@x.org }, lifecycle: [ online: {}, \
                    offline: { after: 1m, notify: { channels: [email], to: [me] } } ] }\n\
                    devices: { a: { count: 300 } }\n\
                    timeline: { 0s: [ { receiver: failing }, { connect: all } ], 1s: { disconnect: all } }\n\
                    expect: { a: { at: { 1s: online } } }\n";
        let source = Source { path: "x.yaml".into(), text: text.into() };
        let plan = load(source, &Options::default()).expect("a valid scenario").plan;
        let whole = told(&plan, &shard::whole(&plan), 1);
        assert_ne!(whole, told(&plan, &shard::split(&plan, Probe::default()), 1));
        let observations = run(&plan, Probe::default(), &Progress::default());
        assert!(whole.starts_with(&canonical::text(&plan, &observations.timeline)));
    }
}
