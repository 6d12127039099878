//! What was wrong with the server, the receiver of its notifications, the network and the devices, and for how long.
//!
//! What many members of a fleet had is told of the fleet; it lasts as long as anybody has it.

use std::collections::{BTreeMap, BTreeSet};

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};
use blynk_reports::model::Disturbance;

use crate::plan::{Action, Deed, FaultId, Impairment, Plan, Receiver};
use crate::timeline::{Run, Subject, Timeline, What};

/// So many of one kind are told; of more, those are told as one between which nobody could see a gap.
const MOST: u64 = 300;

/// Everything that was wrong: with the server first, then in the order of groups and kinds.
pub(super) fn disturbances(plan: &Plan, timeline: &Timeline) -> Vec<Disturbance> {
    let mut watch = Watch::default();
    for entry in timeline.entries() {
        match &entry.what {
            What::Run(run) => watch.world.server(entry.at, *run),
            What::Step { step, remark: None } => match (&plan.steps[*step].deed, entry.subject) {
                (Deed::Device(_, action), Subject::Device(device)) => watch.device(entry.at, device, action),
                (Deed::Receiver(receiver), _) => watch.world.receiver(entry.at, *receiver),
                (Deed::Device(..) | Deed::Server(_), _) => {}
            },
            What::Step { remark: Some(_), .. } | What::Server(_) | What::Received { .. } | What::Noted(_) => {
            }
        }
    }
    let Watch { world, open, mut over } = watch;
    over.extend(open.into_iter().map(|((device, _), (from, what))| Span {
        device,
        what,
        from,
        to: plan.until,
    }));
    world.told(plan).chain(of_devices(plan, &over)).collect()
}

/// What is wrong now, and what was.
#[derive(Default)]
struct Watch {
    world: World,
    open: BTreeMap<(DeviceId, Fault), (Instant, &'static str)>,
    over: Vec<Span>,
}

/// What tells the faults of one device apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Power,
    Link(FaultId),
    Other(FaultId),
}

/// Something that one device had.
struct Span {
    device: DeviceId,
    what: &'static str,
    from: Instant,
    to: Instant,
}

impl Watch {
    fn device(&mut self, at: Instant, device: DeviceId, action: &Action) {
        let mut begins = |fault, what| _ = self.open.entry((device, fault)).or_insert((at, what));
        match action {
            Action::Impair(what, id) => begins(Fault::Link(*id), impairment_name(*what)),
            Action::Hang(id) => begins(Fault::Other(*id), "hang"),
            Action::Clone(id) => begins(Fault::Other(*id), "clone"),
            Action::PowerOff => begins(Fault::Power, "power-off"),
            Action::Relieve(_, id) => self.ends(at, device, Fault::Link(*id)),
            Action::Resume(id) | Action::EndClone(id) => self.ends(at, device, Fault::Other(*id)),
            Action::PowerOn => self.ends(at, device, Fault::Power),
            Action::Heal => {
                let links = (device, Fault::Link(FaultId(0)))..=(device, Fault::Link(FaultId(u32::MAX)));
                let healed: Vec<_> = self.open.range(links).map(|((_, fault), _)| *fault).collect();
                healed.into_iter().for_each(|fault| self.ends(at, device, fault));
            }
            Action::Reset => self.happens(at, device, "reset"),
            Action::Garbage(_) => self.happens(at, device, "garbage"),
            Action::BadToken => self.happens(at, device, "bad-token"),
            Action::Connect
            | Action::Disconnect
            | Action::Send { .. }
            | Action::SetHeartbeat(_)
            | Action::SetStatus { .. }
            | Action::Sleep { .. }
            | Action::Command { .. } => {}
        }
    }

    fn ends(&mut self, at: Instant, device: DeviceId, fault: Fault) {
        let ended = self.open.remove(&(device, fault));
        self.over.extend(ended.map(|(from, what)| Span { device, what, from, to: at }));
    }

    fn happens(&mut self, at: Instant, device: DeviceId, what: &'static str) {
        self.over.push(Span { device, what, from: at, to: at });
    }
}

/// The server, and who receives its notifications.
#[derive(Default)]
struct World {
    server: Option<(Instant, &'static str)>,
    receiver: Option<(Instant, &'static str)>,
    over: Vec<(Instant, Instant, &'static str)>,
}

impl World {
    fn server(&mut self, at: Instant, run: Run) {
        let what = match run {
            Run::Up => None,
            Run::Crashed => Some("down: power lost"),
            Run::Killed => Some("down: process gone"),
            Run::Stopped => Some("down: stopped"),
        };
        self.over.extend(self.server.take().map(|(from, what)| (from, at, what)));
        self.server = what.map(|what| (at, what));
    }

    fn receiver(&mut self, at: Instant, receiver: Receiver) {
        let what = match receiver {
            Receiver::Up => None,
            Receiver::Slow => Some("receiver slow"),
            Receiver::Failing => Some("receiver failing"),
            Receiver::Down => Some("receiver down"),
        };
        self.over.extend(self.receiver.take().map(|(from, what)| (from, at, what)));
        self.receiver = what.map(|what| (at, what));
    }

    fn told(mut self, plan: &Plan) -> impl Iterator<Item = Disturbance> {
        let open = [self.server, self.receiver].into_iter().flatten();
        self.over.extend(open.map(|(from, what)| (from, plan.until, what)));
        self.over.sort_by_key(|(from, ..)| *from);
        self.over.into_iter().map(|(from, to, what)| told(plan, "server", what, 0, (from, to)))
    }
}

fn of_devices(plan: &Plan, spans: &[Span]) -> Vec<Disturbance> {
    let mut kinds: BTreeMap<(u32, &str), Vec<&Span>> = BTreeMap::new();
    for span in spans {
        kinds.entry((plan.group_of(span.device).members.start, span.what)).or_default().push(span);
    }
    let kinds = kinds.into_iter().flat_map(|((first, what), mut spans)| {
        let who = &plan.group_of(DeviceId(first)).name;
        spans.sort_by_key(|span| (span.from, span.device));
        let kind = together(plan, &spans).into_iter();
        kind.map(|(from, to, devices)| told(plan, who, what, devices.len() as u64, (from, to)))
            .collect::<Vec<_>>()
    });
    kinds.collect()
}

/// Spans that touch are one. `spans` is in order.
fn together(plan: &Plan, spans: &[&Span]) -> Vec<(Instant, Instant, BTreeSet<DeviceId>)> {
    let is_crowded = spans.len() as u64 > MOST;
    let gap = Duration::from_millis(if is_crowded { plan.until.as_millis() / MOST } else { 0 });
    let mut joined: Vec<(Instant, Instant, BTreeSet<DeviceId>)> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some((_, to, devices)) if span.from <= *to + gap => {
                *to = span.to.max(*to);
                devices.insert(span.device);
            }
            Some(_) | None => joined.push((span.from, span.to, BTreeSet::from([span.device]))),
        }
    }
    joined
}

fn told(plan: &Plan, who: &str, what: &str, devices: u64, (from, to): (Instant, Instant)) -> Disturbance {
    let spell = |at| plan.clock.spell(at);
    let time = if from == to { spell(from) } else { format!("{}..{}", spell(from), spell(to)) };
    Disturbance {
        who: who.into(),
        what: what.into(),
        devices,
        from: from.as_millis(),
        to: to.as_millis(),
        time,
    }
}

const fn impairment_name(what: Impairment) -> &'static str {
    match what {
        Impairment::Drop => "drop",
        Impairment::Partition => "partition",
        Impairment::Slow(_) => "slow",
        Impairment::Lose(_) => "lose",
    }
}

#[cfg(test)]
mod tests;
