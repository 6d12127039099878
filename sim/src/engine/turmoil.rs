//! The turmoil engine: the server's whole shell on a simulated network, in virtual time.
//!
//! A host per device would be far too slow, so a [site](site) is one host that carries many devices as tasks. Owns hosts,
//! ticks and streams; decides nothing about devices. The only place that names turmoil.

mod network;
mod site;

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use blynk_core::hub::Hub;
use blynk_core::id::DeviceId;
use blynk_core::server::{Clock, Recorder, Server};
use blynk_core::time::Instant;
use blynk_core::timeline::Entry;

use super::observer::{Observations, Observer};
use crate::plan::Plan;
use network::{Network, PORT};

#[cfg(not(tokio_unstable))]
compile_error!(
    "blynk-sim needs `--cfg tokio_unstable`: without it a panic in the simulated world is swallowed. \
     It stands in .cargo/config.toml, which a RUSTFLAGS environment variable replaces."
);

/// More connections than this on one host make the search for a free port slow.
const DEVICES_PER_SITE: usize = 2_000;
const SERVER: &str = "server";
/// Ticks before zero: the server must listen before the first device dials, and its host runs after theirs.
const WARM_UP: u64 = 2;

/// Runs the plan.
pub(super) fn run(plan: &Arc<Plan>, traced: Option<DeviceId>) -> Observations {
    let observer = Observer::new(plan, traced);
    drive(&mut build(plan, &observer), plan);
    observer.finish(plan.until)
}

fn drive(sim: &mut turmoil::Sim<'_>, plan: &Plan) {
    // What is due at the end becomes visible once its millisecond is over, and arrives up to a tick later.
    let end = Duration::from(plan.until.since_zero() + plan.tick * (WARM_UP + 2));
    while sim.elapsed() <= end {
        sim.step().unwrap_or_else(|error| panic!("a host of the simulated world failed: {error}"));
    }
}

fn build(plan: &Arc<Plan>, observer: &Observer) -> turmoil::Sim<'static> {
    let mut sim = turmoil::Builder::new()
        .epoch(SystemTime::UNIX_EPOCH)
        .rng_seed(plan.seed.0)
        .tick_duration(plan.tick.into())
        .simulation_duration(Duration::MAX)
        .min_message_latency(Duration::ZERO)
        .max_message_latency(Duration::ZERO)
        .ephemeral_ports(1_024..=u16::MAX)
        .tcp_capacity(DEVICES_PER_SITE.max(plan.devices.len()))
        .build();
    let network = Network::default();
    // Sites first: within a tick the hosts run in this order, and what a site sends is heard by the server at once.
    for (number, devices) in sites(plan).into_iter().enumerate() {
        let (plan, observer, network) = (plan.clone(), observer.clone(), network.clone());
        sim.host(format!("site-{number}"), move || {
            let site = site::run(plan.clone(), devices.clone(), observer.clone(), network.clone());
            async { match site.await {} }
        });
    }
    let (plan, observer) = (plan.clone(), observer.clone());
    sim.host(SERVER, move || {
        let server = serve(plan.clone(), observer.clone(), network.clone());
        async { match server.await? {} }
    });
    sim
}

fn sites(plan: &Plan) -> Vec<Range<usize>> {
    let devices = plan.devices.len();
    (0..devices).step_by(DEVICES_PER_SITE).map(|first| first..devices.min(first + DEVICES_PER_SITE)).collect()
}

async fn serve(plan: Arc<Plan>, observer: Observer, network: Network) -> std::io::Result<Infallible> {
    let listener = network.listen(PORT).await?;
    let clock = clock(plan.tick).await;
    let mut hub = Hub::new(Arc::new(plan.server));
    for (id, device) in plan.devices() {
        let added = hub.add_device(plan.token(id), device.template.clone());
        assert_eq!(added, id, "the server numbers devices as the plan does");
    }
    Ok(Server { hub, recorder: Watched { observer, clock }, clock }.run(listener).await)
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

/// Hands the server's records to the observer, with the instant at which they became visible.
struct Watched {
    observer: Observer,
    clock: Clock,
}

impl Recorder for Watched {
    fn record(&mut self, device: DeviceId, entry: &Entry) {
        self.observer.recorded(self.clock.now(), device, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Source;
    use crate::scenario::{Options, load};

    fn plan() -> Arc<Plan> {
        let text =
            "scenario: x\ndevices: { a: }\ntimeline: { 1s: { connect: a } }\nexpect: { a: { 1s: online } }\n";
        let source = Source { path: "x.yaml".into(), text: text.into() };
        Arc::new(load(source, &Options::default()).expect("a valid scenario").plan)
    }

    #[test]
    #[should_panic(expected = "unhandled panic")]
    fn a_panic_in_a_task_of_the_simulated_world_ends_the_run() {
        let plan = plan();
        let mut sim = build(&plan, &Observer::new(&plan, None));
        sim.host("doomed", || async {
            tokio::spawn(async { panic!("a bug in a task that nobody waits for") });
            std::future::pending().await
        });
        drive(&mut sim, &plan);
    }
}
