//! Which devices are run together.
//!
//! Devices influence each other only through the server, and there only where something is limited for all of them
//! together. So a fleet is split into shards, each with a server of its own: a few hundred devices stay in the
//! processor's caches, and shards need not wait for each other. Which devices make a shard depends on the plan alone, and
//! what comes of them is joined in their order.
//!
//! Owns which plans cannot be split, and what shows afterwards that one should not have been.

use std::ops::Range;

use blynk_core::hub::REMEMBERED_FAILURES;
use blynk_core::id::DeviceId;

use crate::engine::{Observations, Probe};
use crate::plan::{Action, Deed, Plan, Receiver, Step};
use crate::timeline::{Entry, Event, Stage, Undeliverable, What};

/// The devices of a shard: as many as keep everything about them in a core's own cache.
const DEVICES: u32 = 256;

/// Devices that are run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// By their numbers in the plan.
    pub(super) devices: Range<u32>,
    /// What is done to them and to the world: places among the plan's steps, in their order.
    pub(super) steps: Vec<u32>,
}

impl Shard {
    pub(super) fn ids(&self) -> impl Iterator<Item = DeviceId> + use<> {
        self.devices.clone().map(DeviceId)
    }

    /// Where a device stands among those of the shard.
    pub(super) fn place(&self, device: DeviceId) -> usize {
        (device.0 - self.devices.start) as usize
    }
}

/// All devices in shards, in their order: how they are run unless it shows that they must be run together.
pub(super) fn split(plan: &Plan, probe: Probe) -> Vec<Shard> {
    if is_coupled(plan, probe) { whole(plan) } else { shards(plan, DEVICES) }
}

/// All devices in one shard.
pub(super) fn whole(plan: &Plan) -> Vec<Shard> {
    shards(plan, u32::MAX)
}

/// Shards of so many devices at most. A plan without devices is one.
pub(super) fn shards(plan: &Plan, most: u32) -> Vec<Shard> {
    let Range { end, .. } = plan.ids();
    let starts = (0..end.max(1)).step_by(most as usize);
    let devices = starts.map(|start| start..end.min(start.saturating_add(most)));
    let mut shards: Vec<_> = devices.map(|devices| Shard { devices, steps: Vec::new() }).collect();
    for (place, step) in (0..).zip(&plan.steps) {
        match step.deed {
            Deed::Device(device, _) => shards[(device.0 / most) as usize].steps.push(place),
            Deed::Server(_) | Deed::Receiver(_) => shards.iter_mut().for_each(|it| it.steps.push(place)),
        }
    }
    shards
}

/// Whether devices may matter to each other, as far as the plan tells.
pub(super) fn is_coupled(plan: &Plan, probe: Probe) -> bool {
    // Writes are counted.
    let is_cut = probe.cut.is_some();
    // So many deliveries at a time.
    let is_slow = notifies(plan) && plan.steps.iter().any(|step| step.deed == Deed::Receiver(Receiver::Slow));
    // So many failed logins are remembered.
    let tries_wrong_token = |step: &&Step| matches!(step.deed, Deed::Device(_, Action::BadToken));
    let wrong = plan.devices.iter().filter(|device| !device.has_right_token).count()
        + plan.steps.iter().filter(tries_wrong_token).count();
    is_cut || is_slow || wrong > REMEMBERED_FAILURES
}

fn notifies(plan: &Plan) -> bool {
    plan.devices.iter().any(|device| device.template.chain.iter().any(|status| status.notify.is_some()))
}

/// Whether one outbox may have had to refuse what those of the shards took.
pub(super) fn overflows(plan: &Plan, observations: &Observations) -> bool {
    let mut waiting = 0;
    let entries = observations.timeline.entries();
    entries.chunk_by(|a, b| a.at == b.at).any(|moment| {
        // Within a moment all of them may come before the first goes.
        let most = waiting + moment.iter().filter(|entry| comes_or_goes(entry) == Some(true)).count();
        waiting = most - moment.iter().filter(|entry| comes_or_goes(entry) == Some(false)).count();
        most > plan.server.outbox_limit as usize
    })
}

/// Whether this entry brings a notification into the outbox, or takes one out.
fn comes_or_goes(entry: &Entry) -> Option<bool> {
    let What::Server(Event::Notified { stage, .. }) = &entry.what else { return None };
    match stage {
        Stage::Owed => Some(true),
        Stage::Delivered
        | Stage::Dead(
            Undeliverable::Limit
            | Undeliverable::Tries
            | Undeliverable::Refused
            | Undeliverable::NoGateway
            | Undeliverable::WrongAddress,
        ) => Some(false),
        Stage::Dead(
            Undeliverable::NoContact | Undeliverable::Quota | Undeliverable::Gap | Undeliverable::Full,
        ) => None,
    }
}

#[cfg(test)]
mod tests {
    use blynk_core::time::Duration;

    use super::*;
    use crate::engine::Cut;
    use crate::plan::{Engine, Source};
    use crate::scenario::{Options, load};

    /// A fleet of 600 with this in its file.
    fn plan(rest: &str) -> Plan {
        let text = format!("scenario: x\ndevices: {{ a: {{ count: 600 }} }}\nuntil: 1m\n{rest}\n");
        let options = Options { engine: Some(Engine::Events), ..Options::default() };
        load(Source { path: "x.yaml".into(), text }, &options).expect("a valid scenario").plan
    }

    fn check(rest: &str, expected: usize) {
        assert_eq!(split(&plan(rest), Probe::default()).len(), expected, "{rest}");
    }

    const EXPECT: &str = "expect: { a: { at: { 1s: new } } }";
    const NOTIFY: &str = "template: { contacts: { me: m@x.org }, lifecycle: [ online: {}, \
                          offline: { after: 1m, notify: { channels: [email], to: [me] } } ] }";

    #[test]
    fn a_fleet_is_split_unless_its_devices_matter_to_each_other() {
        check(&format!("timeline: {{ 5s: {{ connect: all }} }}\n{EXPECT}"), 3);
        check(&format!("timeline: {{ 5s: {{ receiver: slow }} }}\n{EXPECT}"), 3);
        check(&format!("{NOTIFY}\ntimeline: {{ 5s: {{ receiver: down }} }}\n{EXPECT}"), 3);
        check(&format!("{NOTIFY}\ntimeline: {{ 5s: {{ receiver: slow }} }}\n{EXPECT}"), 1);
        check(&format!("timeline: {{ 0s..10s: {{ bad-token: all, every: 1s }} }}\n{EXPECT}"), 3);
        check(&format!("timeline: {{ 0s..20s: {{ bad-token: all, every: 1s }} }}\n{EXPECT}"), 1);
    }

    #[test]
    fn a_shard_has_the_steps_of_its_devices_and_of_the_world() {
        let plan =
            plan(&format!("timeline: {{ 1s: {{ connect: a/300 }}, 2s: {{ crash: server }} }}\n{EXPECT}"));
        let shards = split(&plan, Probe::default());
        let told: Vec<_> = shards.iter().map(|it| (it.devices.clone(), it.steps.clone())).collect();
        assert_eq!(told, [(0..256, vec![1]), (256..512, vec![0, 1]), (512..600, vec![1])]);
    }

    #[test]
    fn a_cut_counts_all_writes() {
        let cut = Some(Cut { commit: 1, durable: true, down: Duration::SECOND });
        assert_eq!(split(&plan(EXPECT), Probe { cut, ..Probe::default() }).len(), 1);
    }
}
