//! Races: devices whose lives a tick decides.
//!
//! Wherever an input of a device lies within two ticks of one of its deadlines, a return beside a give-up or a login
//! beside a due status, an engine with ticks may take the other way. Which deadlines there are only the machines know. So
//! a race is shown by trial: the exact engine runs the device again with something [nudged](Nudge) by up to two ticks
//! between the last change that both engines agree on and the first that they do not. If the device then goes another way,
//! and that is the way that it went on the other engine, a tick decides; if it never does, the engines disagree. Only
//! devices that differ are run again, and all at once, since devices do not touch each other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::lifecycle::Chain;
use blynk_core::time::{Duration, Instant};

use super::{Difference, History, Run, TICKS, agree, histories};
use crate::engine::{self, Probe};
use crate::plan::{Action, Deed, FaultId, Impairment, Plan, Step, Template};

/// A device whose life a tick decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Race {
    /// Where its histories part.
    pub difference: Difference,
    /// What makes it go the other way on the exact engine.
    pub nudge: Nudge,
}

/// Something that is moved a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// A step of the plan, by its place.
    Step(usize, Shift),
    /// All waits of the device's chain.
    Waits(Shift),
    /// What passes between device and server around this instant, one way.
    Messages(Instant, Duration),
}

/// By how much, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Back in time; a wait becomes shorter.
    Earlier(Duration),
    /// Forth in time; a wait becomes longer.
    Later(Duration),
}

/// No fault of a plan has this name: a plan has fewer steps.
const NUDGED: FaultId = FaultId(u32::MAX);

/// Those of the differences that a tick explains, in the order of the devices.
pub(super) fn find(
    exact: Run<'_>,
    theirs: &[History],
    differences: &[Difference],
    tick: Duration,
) -> Vec<Race> {
    let (ours, open) = (histories(exact), differences.to_vec());
    let mut trial = Trial { plan: exact.plan, ours, theirs, tick, open, races: Vec::new() };
    trial.nudge_each();
    trial.nudge_all();
    trial.races.sort_by_key(|race| race.difference.device);
    trial.races
}

struct Trial<'a> {
    plan: &'a Plan,
    ours: Vec<History>,
    theirs: &'a [History],
    tick: Duration,
    /// What is not explained yet.
    open: Vec<Difference>,
    races: Vec<Race>,
}

impl Trial<'_> {
    /// What concerns one device, for each a nudge at a time.
    fn nudge_each(&mut self) {
        let nudges = self.own_nudges();
        let most = nudges.values().map(Vec::len).max().unwrap_or(0);
        for place in 0..most {
            let nudge = |device| nudges.get(&device).and_then(|nudges| nudges.get(place)).copied();
            let mut plan = self.plan_of_open();
            for Difference { device, .. } in &self.open {
                if let Some(nudge) = nudge(*device) {
                    self.nudge(&mut plan, *device, nudge);
                }
            }
            self.attempt(plan, nudge);
        }
    }

    /// What concerns everybody.
    fn nudge_all(&mut self) {
        for nudge in self.common_nudges() {
            let Some(first) = self.open.first() else { return };
            let mut plan = self.plan_of_open();
            self.nudge(&mut plan, first.device, nudge);
            self.attempt(plan, |_| Some(nudge));
        }
    }

    /// The plan in which nothing happens to anybody else.
    fn plan_of_open(&self) -> Plan {
        let mut plan = self.plan.clone();
        let open: BTreeSet<_> = self.open.iter().map(|it| it.device).collect();
        // Steps keep their places until the plan is nudged.
        for step in &mut plan.steps {
            if step.deed.device().is_some_and(|device| !open.contains(&device)) {
                step.at = Instant::from_millis(u64::MAX);
            }
        }
        plan
    }

    /// Runs a nudged plan, and keeps those who do as on the other engine.
    fn attempt(&mut self, mut plan: Plan, nudge: impl Fn(DeviceId) -> Option<Nudge>) {
        if self.open.is_empty() {
            return;
        }
        plan.steps.sort_by_key(|step| step.at);
        let plan = Arc::new(plan);
        let observations = engine::run(&plan, Probe { unwatched: true, ..Probe::default() });
        let nudged = histories(Run { plan: &plan, observations: &observations });
        // What is moved by two ticks may move what follows by as much.
        let slack = self.tick * (TICKS + TICKS);
        let does_as = |histories: &[History], Difference { device, turn }: Difference| {
            let device = device.0 as usize;
            (0..=turn).all(|turn| agree(nudged[device].get(turn), histories[device].get(turn), slack))
        };
        let does_as_theirs = |it: Difference| does_as(self.theirs, it) && !does_as(&self.ours, it);
        let (explained, open): (Vec<_>, _) = self.open.iter().copied().partition(|it| does_as_theirs(*it));
        let race = |difference: Difference| Some(Race { difference, nudge: nudge(difference.device)? });
        self.races.extend(explained.into_iter().filter_map(race));
        self.open = open;
    }

    fn nudge(&self, plan: &mut Plan, device: DeviceId, nudge: Nudge) {
        match nudge {
            Nudge::Step(step, shift) => plan.steps[step].at = shift.of_instant(plan.steps[step].at),
            Nudge::Waits(shift) => move_waits(plan, shift),
            Nudge::Messages(around, by) => {
                let (slack, slow) = (self.tick * TICKS, Impairment::Slow(by));
                let step = |at, action| Step { at, deed: Deed::Device(device, action) };
                plan.steps.push(step(around - slack, Action::Impair(slow, NUDGED)));
                plan.steps.push(step(around + slack, Action::Relieve(slow, NUDGED)));
            }
        }
    }

    /// What may have led to each difference: a step that was done to the device, or when messages passed around a step or
    /// around the difference itself.
    fn own_nudges(&self) -> BTreeMap<DeviceId, Vec<Nudge>> {
        let mut steps: BTreeMap<Option<DeviceId>, Vec<usize>> = BTreeMap::new();
        for (place, step) in self.plan.steps.iter().enumerate() {
            steps.entry(step.deed.device()).or_default().push(place);
        }
        let of = |device: Option<DeviceId>| steps.get(&device).map_or(&[][..], Vec::as_slice);
        let nudges = |it: &Difference| (it.device, self.nudges(*it, of(Some(it.device)), of(None)));
        self.open.iter().map(nudges).collect()
    }

    fn nudges(&self, difference: Difference, own: &[usize], common: &[usize]) -> Vec<Nudge> {
        let span = self.span(difference);
        let at = |step: &usize| self.plan.steps[*step].at;
        let near =
            |steps: &[usize]| steps.iter().copied().filter(|it| span.contains(&at(it))).collect::<Vec<_>>();
        let (own, common) = (near(own), near(common));
        let moments = own.iter().chain(&common).map(at).chain(self.parting(difference));
        let steps = own.iter().flat_map(|step| self.shifts().map(|shift| Nudge::Step(*step, shift)));
        steps.chain(moments.flat_map(|at| self.delays().map(move |by| Nudge::Messages(at, by)))).collect()
    }

    fn common_nudges(&self) -> Vec<Nudge> {
        let steps = self.plan.steps.iter().enumerate().filter(|(_, step)| step.deed.device().is_none());
        let steps = steps.flat_map(|(place, _)| self.shifts().map(move |shift| Nudge::Step(place, shift)));
        self.shifts().map(Nudge::Waits).chain(steps).collect()
    }

    fn shifts(&self) -> impl Iterator<Item = Shift> + use<> {
        let tick = self.tick;
        (1..=TICKS).flat_map(move |ticks| [Shift::Later(tick * ticks), Shift::Earlier(tick * ticks)])
    }

    /// One way: there and back a message takes a tick longer, or two.
    fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        let tick = self.tick;
        (1..=TICKS).map(move |ticks| (tick * ticks / 2).max(Duration::MILLISECOND))
    }

    /// From the last change that is the same until the first that is not.
    fn span(&self, difference: Difference) -> RangeInclusive<Instant> {
        let slack = self.tick * TICKS;
        let before = difference.turn.checked_sub(1).map(|turn| Difference { turn, ..difference });
        let from = before.and_then(|before| self.parting(before).min()).unwrap_or(Instant::ZERO);
        let to = self.parting(difference).max().unwrap_or(self.plan.until);
        from - slack..=to + slack
    }

    /// When this change is made, on either engine.
    fn parting(&self, Difference { device, turn }: Difference) -> impl Iterator<Item = Instant> + use<> {
        let [ours, theirs] = [&self.ours, self.theirs]
            .map(|histories| histories[device.0 as usize].get(turn).map(|(at, _)| *at));
        ours.into_iter().chain(theirs)
    }
}

/// The first status is entered at once.
fn move_waits(plan: &mut Plan, shift: Shift) {
    for device in &mut plan.devices {
        let mut template = Template::clone(&device.template);
        let mut statuses = Vec::from(template.chain);
        statuses.iter_mut().skip(1).for_each(|status| status.wait = shift.of_wait(status.wait));
        template.chain = Chain::new(statuses).expect("a chain stays one, however long its waits are");
        device.template = Arc::new(template);
    }
}

impl Shift {
    fn of_instant(self, at: Instant) -> Instant {
        match self {
            Self::Earlier(by) => at - by,
            Self::Later(by) => at + by,
        }
    }

    fn of_wait(self, wait: Duration) -> Duration {
        match self {
            Self::Earlier(by) => wait.saturating_sub(by),
            Self::Later(by) => wait + by,
        }
    }
}
