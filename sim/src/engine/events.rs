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

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
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
        progress.begin(plan);
        return run_all(plan, &shard::whole(plan), probe, progress);
    }
    observations
}

fn run_all(plan: &Plan, shards: &[Shard], probe: Probe, progress: &Progress) -> Observations {
    let (parts, messages) = each(shards, probe.threads, |shard| course::run(plan, shard, probe, progress));
    Observations::join(parts, &messages)
}

/// Each shard by itself, on as many threads as there may be. What a panic in one of them said is said in the end; of
/// several it is the first shard's, as shards are begun in their order.
fn each(
    shards: &[Shard],
    threads: Option<NonZeroUsize>,
    run: impl Fn(&Shard) -> (Part, Seconds) + Sync,
) -> (Vec<Part>, Seconds) {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut parts, mut messages) = (Vec::new(), Seconds::default());
        while let place = next.fetch_add(1, Ordering::Relaxed)
            && let Some(shard) = shards.get(place)
        {
            let part = catch_unwind(AssertUnwindSafe(|| run(shard)));
            let part = part.map(|(part, seconds)| {
                messages.add(seconds);
                part
            });
            if part.is_err() {
                next.store(shards.len(), Ordering::Relaxed);
            }
            parts.push((place, part));
        }
        (parts, messages)
    };
    let helpers = threads.map_or(1, usize::from).min(shards.len()) - 1;
    let (mut parts, messages) = thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(work)).collect();
        let (mut parts, mut messages) = work();
        for helper in helpers {
            let (others, more) = helper.join().expect("a panic of a shard is caught");
            parts.extend(others);
            messages.add(more);
        }
        (parts, messages)
    });
    parts.sort_by_key(|(place, _)| *place);
    let parts = parts.into_iter().map(|(_, part)| part.unwrap_or_else(|panic| resume_unwind(panic)));
    (parts.collect(), messages)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;

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

    /// A fleet of 300 whose owners are told when a device goes, by a receiver that takes nothing.
    fn telling(limit: u32, to: &str, timeline: &str) -> Plan {
        let text = format!(
            "scenario: x\nengine: events\nuntil: 2m\nserver: {{ outbox-limit: {limit} }}\n\
             template: {{ contacts: {{ me: m@x.org }}, lifecycle: [ online: {{}}, \
             offline: {{ after: 1m, notify: {{ channels: [email], to: {to} }} }} ] }}\n\
             devices: {{ a: {{ count: 300 }} }}\n\
             timeline: {{ 0s: [ {{ receiver: failing }}, {{ connect: all }} ], {timeline} }}\n\
             expect: {{ a: {{ at: {{ 0s: online }} }} }}\n"
        );
        let source = Source { path: "x.yaml".into(), text };
        load(source, &Options::default()).expect("a valid scenario").plan
    }

    #[test]
    fn an_outbox_that_is_full_for_all_is_found_to_be() {
        let check = |limit, to, timeline, is_full: bool| {
            let plan = telling(limit, to, timeline);
            let whole = told(&plan, &shard::whole(&plan), 1);
            let split = told(&plan, &shard::split(&plan, Probe::default()), 1);
            assert_eq!(whole != split, is_full, "{limit} {to} {timeline}");
            let (plan, progress) = (Arc::new(plan), Progress::default());
            let observations = crate::engine::run_watched(&plan, Probe::default(), &progress);
            assert!(whole.starts_with(&canonical::text(&plan, &observations.timeline)));
            assert_eq!(progress.now(), plan.until);
            assert!(progress.online() <= 300);
        };
        check(1, "[me]", "1s: { disconnect: all }", true);
        check(300, "[me]", "1s: { disconnect: all }", false);
        check(299, "[me]", "1s: { disconnect: all }", true);
        // One that nobody can get never was in the outbox.
        check(1, "[me, nobody]", "1s: { disconnect: a/0 }, 2s: { disconnect: a/299 }", true);
        check(2, "[me, nobody]", "1s: { disconnect: a/0 }, 2s: { disconnect: a/299 }", false);
    }

    #[test]
    #[should_panic(expected = "shard 100")]
    fn the_panic_of_the_first_shard_is_told() {
        let plan = telling(1, "[me]", "1s: { disconnect: all }");
        each(&shard::shards(&plan, 100), NonZeroUsize::new(2), |shard| match shard.devices.start {
            0 => course::run(&plan, shard, Probe::default(), &Progress::default()),
            start => panic!("shard {start}"),
        });
    }

    /// What is done to some members of a fleet of 300 at one of few moments.
    fn any_step() -> impl Strategy<Value = String> {
        let verb = prop::sample::select(vec![
            "connect: WHO",
            "connect: WHO",
            "disconnect: WHO",
            "drop: WHO, for: 20s",
            "reset: WHO",
            "power-off: WHO",
            "power-on: WHO",
            "send: WHO, pin: V1, value: 2",
            "command: WHO, pin: V1, value: 5",
            "clone: WHO, for: 5s",
            "bad-token: WHO",
            "hang: WHO, for: 9s",
            "set-heartbeat: WHO, to: 20s",
            "crash: server, for: 10s",
            "kill: server, for: 1s",
            "stop: server, for: 20s",
            "receiver: down",
            "receiver: failing",
            "receiver: up",
        ]);
        let who = prop::sample::select(vec!["all", "a/0..150", "a/250..299", "a/255..256", "20% of a"]);
        (0u32..90, verb, who)
            .prop_map(|(second, verb, who)| format!("{second}s|{}", verb.replace("WHO", who)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn whatever_happens_shards_live_as_the_whole(
            steps in prop::collection::vec(any_step(), 1..12),
            network in prop::sample::select(vec!["ideal", "ethernet", "lte"]),
        ) {
            let mut timeline = BTreeMap::from([("0s", vec!["connect: all"])]);
            for step in &steps {
                let (at, what) = step.split_once('|').expect("a step has a moment");
                timeline.entry(at).or_default().push(what);
            }
            let entry = |(at, steps): (&str, Vec<&str>)| {
                let steps: Vec<_> = steps.iter().map(|step| format!("{{ {step} }}")).collect();
                format!("  {at}: [ {} ]\n", steps.join(", "))
            };
            let text = format!(
                "scenario: x\nengine: events\nuntil: 3m\n\
                 template: {{ contacts: {{ me: m@x.org }}, heartbeat: 10s, lifecycle: [ online: {{}}, \
                 offline: {{ after: 9s, controls: warn, notify: {{ channels: [email, sms], to: [me] }} }} ] }}\n\
                 devices: {{ a: {{ count: 300, network: {network} }} }}\ntimeline:\n{}\
                 expect: {{ a: {{ at: {{ 3m: online }} }} }}\n",
                timeline.into_iter().map(entry).collect::<String>()
            );
            let source = Source { path: "x.yaml".into(), text };
            let plan = match load(source, &Options::default()) {
                Ok(loaded) => loaded.plan,
                Err(diagnostics) => panic!("{diagnostics:?}"),
            };
            prop_assert!(told(&plan, &shard::whole(&plan), 1) == told(&plan, &shard::shards(&plan, 64), 2));
        }
    }
}
