//! The turmoil engine: the server's whole shell on a simulated network, in virtual time.
//!
//! A host per device would be far too slow, so a [site](site) is one host that carries many devices as tasks. Owns hosts,
//! ticks and streams; decides nothing about devices. The only place that names turmoil.

mod network;
mod news;
mod ports;
mod server;
mod sideband;
mod site;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use blynk_core::server::Clock;
use blynk_core::store::Sqlite;
use blynk_core::time::Instant;

use super::observations::Observations;
use super::observer::Observer;
use super::progress::Teller;
use super::timetable::{Timetable, remark};
use super::world::World;
use super::{Probe, Progress};
use crate::endpoint::ServerChange;
use crate::plan::{Deed, Plan, ServerAction};
use crate::timeline::Run;
use network::Network;
use news::News;

#[cfg(not(tokio_unstable))]
compile_error!(
    "blynk-sim needs `--cfg tokio_unstable`: without it a panic in the simulated world is swallowed. \
     It stands in .cargo/config.toml, which a RUSTFLAGS environment variable replaces."
);

/// More sites are made for more devices than this each: turmoil looks for a free port among all streams of the host.
const DEVICES_PER_SITE: usize = 2_000;
/// More sites than this are not made, and each has more devices then: turmoil looks at all pairs of hosts at each tick.
const SITES: usize = 16;
const SERVER: &str = "server";
/// Ticks before zero: the server must listen before the first device dials, and its host runs after theirs.
const WARM_UP: u64 = 2;

/// Runs the plan.
pub(super) fn run(plan: &Arc<Plan>, probe: Probe, progress: &Progress) -> Observations {
    let observer = Observer::new(plan, plan.ids(), probe);
    let disk = Sqlite::in_memory().expect("a database in memory can be made");
    let (news, world) = (News::new(plan, probe), World::new(plan, plan.ids(), disk, &observer));
    let mut sim = build(plan, &observer, &news, &world);
    let teller = progress.teller(plan.devices.len());
    Course::new(plan, &observer, &news, &world, teller).run(&mut sim, probe);
    drop(sim);
    let (part, messages) = observer.finish(plan.until);
    Observations::join([part], &messages)
}

/// What happens to the world from outside, tick by tick.
struct Course<'a> {
    plan: &'a Plan,
    observer: &'a Observer,
    news: &'a News,
    world: &'a World,
    teller: Teller<'a>,
    is_up: bool,
    /// When it was told to stop last, which takes it until the end of the tick.
    stopped_at: Option<Instant>,
    /// Its host runs, and the server waits for its start.
    is_awaited: bool,
}

impl<'a> Course<'a> {
    fn new(
        plan: &'a Plan,
        observer: &'a Observer,
        news: &'a News,
        world: &'a World,
        teller: Teller<'a>,
    ) -> Self {
        let (is_up, stopped_at, is_awaited) = (true, None, false);
        Self { plan, observer, news, world, teller, is_up, stopped_at, is_awaited }
    }

    fn run(&mut self, sim: &mut turmoil::Sim<'_>, probe: Probe) {
        let warm_up = Duration::from(self.plan.tick * WARM_UP);
        // What is due at the end becomes visible once its millisecond is over, and arrives up to a tick later.
        let end = Duration::from(self.plan.until.since_zero() + self.plan.tick * (WARM_UP + 2));
        let (mut timetable, mut cut) = (Timetable::new(self.plan), probe.cut);
        while sim.elapsed() <= end {
            if let Some(now) = sim.elapsed().checked_sub(warm_up) {
                let now = Instant::from_millis(
                    u64::try_from(now.as_millis()).expect("a run of fewer than 2^64 ms"),
                );
                while let Some((step, deed)) = timetable.next(now) {
                    self.perform(sim, now, step, deed);
                }
                if let Some(cut) = cut.take_if(|_| self.is_up && self.observer.was_cut()) {
                    self.go_down(sim, now, ServerChange::Crashed, Run::Crashed);
                    timetable.restart(now + cut.down);
                }
                self.await_start(sim, now, &mut timetable);
                self.teller.tell(now, self.observer.online());
            }
            sim.step().unwrap_or_else(|error| panic!("a host of the simulated world failed: {error}"));
        }
    }

    fn perform(&mut self, sim: &mut turmoil::Sim<'_>, now: Instant, step: Option<usize>, deed: &Deed) {
        let remark = remark(deed, self.is_up);
        if let Some(step) = step {
            self.observer.stepped(now, None, step, remark);
        }
        match deed {
            Deed::Server(action) if remark.is_none() => self.change(sim, now, *action),
            Deed::Receiver(receiver) => self.world.set_receiver(*receiver),
            Deed::Server(_) => {}
            Deed::Device(..) => unreachable!("a device's site does what is done to it"),
        }
    }

    fn change(&mut self, sim: &mut turmoil::Sim<'_>, now: Instant, action: ServerAction) {
        match action {
            ServerAction::Crash => self.go_down(sim, now, ServerChange::Crashed, Run::Crashed),
            ServerAction::Kill => self.go_down(sim, now, ServerChange::Killed, Run::Killed),
            // The server hears of it and ends by itself.
            ServerAction::Stop => {
                self.stopped_at = Some(now);
                self.announce(now, ServerChange::Stopped, Run::Stopped);
            }
            ServerAction::Start => {
                self.announce(now, ServerChange::Started, Run::Up);
                if !std::mem::take(&mut self.is_awaited) {
                    sim.bounce(SERVER);
                }
            }
        }
    }

    /// A host that comes up refuses whatever reaches it as the tick begins. So the server listens a tick before it starts,
    /// if it has gone by then; until it starts, the devices' links let nobody dial.
    fn await_start(&mut self, sim: &mut turmoil::Sim<'_>, now: Instant, timetable: &mut Timetable<'_>) {
        let is_gone = !self.is_up && self.stopped_at != Some(now);
        if is_gone && !self.is_awaited && timetable.starts_by(now + self.plan.tick) {
            self.is_awaited = true;
            self.news.await_start();
            sim.bounce(SERVER);
        }
    }

    /// The devices' links know before turmoil says anything: its crash looks like a clean end to them.
    fn go_down(&mut self, sim: &mut turmoil::Sim<'_>, now: Instant, change: ServerChange, run: Run) {
        self.announce(now, change, run);
        sim.crash(SERVER);
    }

    fn announce(&mut self, now: Instant, change: ServerChange, run: Run) {
        self.is_up = run == Run::Up;
        self.news.change(change);
        self.observer.ran(now, run);
    }
}

fn build(plan: &Arc<Plan>, observer: &Observer, news: &News, world: &World) -> turmoil::Sim<'static> {
    let mut sim = turmoil::Builder::new()
        .epoch(SystemTime::UNIX_EPOCH)
        .rng_seed(plan.seed.0)
        .tick_duration(plan.tick.into())
        .simulation_duration(Duration::MAX)
        .min_message_latency(Duration::ZERO)
        .max_message_latency(Duration::ZERO)
        .ephemeral_ports(ports::EPHEMERAL)
        .tcp_capacity(backlog(plan))
        .build();
    let network = Network::default();
    // Sites first: within a tick the hosts run in this order, and what a site sends is heard by the server at once.
    for (number, devices) in sites(plan.devices.len()).enumerate() {
        let (plan, observer, network, news) = (plan.clone(), observer.clone(), network.clone(), news.clone());
        sim.host(format!("site-{number}"), move || {
            let (observer, network, news) = (observer.clone(), network.clone(), news.clone());
            let site = site::run(plan.clone(), devices.clone(), observer, network, news);
            async { match site.await {} }
        });
    }
    let (plan, observer, news, world) = (plan.clone(), observer.clone(), news.clone(), world.clone());
    sim.host(SERVER, move || {
        let server = server::run(plan.clone(), network.clone(), news.clone(), world.clone());
        let observer = observer.clone();
        async move {
            match server.await {
                // The power is cut at the end of the tick; until then nothing more is said.
                Err(_) if observer.was_cut() => std::future::pending().await,
                result => Ok(result?),
            }
        }
    });
    sim
}

/// How many may wait at once for the server to accept them, and how many segments of one stream for the other side.
/// turmoil has one bound for both, panics at the first and reserves no memory. In one tick each device may dial, and each
/// step may make somebody else dial.
fn backlog(plan: &Plan) -> usize {
    2_000 + plan.devices.len() + plan.steps.len()
}

fn sites(devices: usize) -> impl Iterator<Item = Range<usize>> {
    let each = devices.div_ceil(SITES).max(DEVICES_PER_SITE);
    (0..devices).step_by(each).map(move |first| first..devices.min(first + each))
}

/// The clock of a host, which may have been started late. Waits for zero.
async fn clock(tick: blynk_core::time::Duration) -> Clock {
    let elapsed = || turmoil::sim_elapsed().expect("a host runs in a simulation");
    let warm_up = Duration::from(tick * WARM_UP);
    tokio::time::sleep(warm_up.saturating_sub(elapsed())).await;
    Clock::starting_at(Instant::from_millis(
        u64::try_from((elapsed() - warm_up).as_millis()).expect("a run of fewer than 2^64 ms"),
    ))
}

#[cfg(test)]
mod tests {
    use blynk_core::id::DeviceId;
    use blynk_core::store::Memory;

    use super::*;
    use crate::engine::{Login, Traffic};
    use crate::plan::Source;
    use crate::scenario::{Options, load};

    /// What device `a` does.
    fn plan(timeline: &str) -> Arc<Plan> {
        let text = format!(
            "scenario: x\ndevices: {{ a: {{ heartbeat: 10s }} }}\nuntil: 1m\ntimeline: {{ {timeline} }}\n\
             expect: {{ a: {{ at: {{ 0s: new }} }} }}\n"
        );
        let source = Source { path: "x.yaml".into(), text };
        Arc::new(load(source, &Options::default()).expect("a valid scenario").plan)
    }

    fn observe(timeline: &str) -> Observations {
        run(&plan(timeline), Probe::default(), &Progress::default())
    }

    #[test]
    fn no_device_feels_the_tick_that_its_login_takes() {
        let check = |timeline, millis| {
            let (Observations { logins, timeline, .. }, at) =
                (observe(timeline), Instant::from_millis(millis));
            assert_eq!(logins, [Login { device: DeviceId(0), dialled_at: at, answered_at: at }]);
            timeline.entries().iter().find(|entry| entry.is_login()).map(|entry| entry.at.as_millis())
        };
        assert_eq!(check("1s: { connect: a }", 1_000), Some(1_100));
        // A finer time makes a finer tick.
        assert_eq!(check("1s30ms: { connect: a }", 1_030), Some(1_040));
        assert_eq!(check("1s: { bad-token: a }, 2s: { connect: a }", 2_000), Some(2_100));
    }

    #[test]
    fn who_dials_as_the_server_starts_is_let_in() {
        let logins = |timeline| observe(timeline).logins.len();
        assert_eq!(
            logins(
                "1s: { connect: a }, 10s: { power-off: a }, 20s: { kill: server, for: 10s }, 30s: { power-on: a }"
            ),
            2
        );
        assert_eq!(logins("1s: { crash: server, for: 100ms }, 1s100ms: { connect: a }"), 1);
    }

    #[test]
    fn every_login_of_the_device_is_told() {
        assert_eq!(observe("1s: { connect: a }, 20s: { reset: a }, 40s: { power-off: a }").logins.len(), 2);
    }

    #[test]
    fn what_passes_is_counted() {
        // Login, device info, sync and five pings, of which all but the sync are answered.
        let traffic = Traffic { messages: 8, bytes_to_server: 37 + 38 + 6 * 5, bytes_to_device: 7 * 5 };
        assert_eq!(observe("1s: { connect: a }").traffic, [traffic]);
    }

    #[test]
    fn a_run_says_how_far_it_is() {
        let progress = Progress::default();
        crate::engine::run_watched(&plan("1s: { connect: a }"), Probe::default(), &progress);
        assert!(progress.now() >= plan("1s: { connect: a }").until);
        assert_eq!(progress.online(), 1);
    }

    /// Runs the plan with a host of our own beside.
    fn run_beside(plan: &Arc<Plan>, watch: impl AsyncFn() + Copy + 'static) {
        let observer = Observer::new(plan, plan.ids(), Probe::default());
        let world = World::new(plan, plan.ids(), Memory::default(), &observer);
        let news = News::new(plan, Probe::default());
        let mut sim = build(plan, &observer, &news, &world);
        sim.host("watcher", move || async move {
            watch().await;
            std::future::pending().await
        });
        let progress = Progress::default();
        Course::new(plan, &observer, &news, &world, progress.teller(1)).run(&mut sim, Probe::default());
    }

    #[test]
    fn an_attempt_that_is_given_up_keeps_no_port() {
        // The server has accepted by then, and the device does not know.
        let plan = plan("1s: { connect: a }, 1s50ms: { power-off: a }");
        let streams = async |second| {
            tokio::time::sleep(Duration::from_secs(second)).await;
            turmoil::established_tcp_stream_count_on("site-0")
        };
        run_beside(&plan, async move || {
            assert_eq!(streams(2).await, 1);
            assert_eq!(streams(50).await, 0, "its login timeout is over");
        });
    }

    #[test]
    #[should_panic(expected = "unhandled panic")]
    fn a_panic_in_a_task_of_the_simulated_world_ends_the_run() {
        run_beside(&plan("1s: { connect: a }"), async || {
            tokio::spawn(async { panic!("a bug in a task that nobody waits for") });
        });
    }
}
