//! Words for engines that disagree, and for races.

use std::fmt::Display;

use blynk_core::time::{Duration, Instant};
use blynk_reports::model::Finding;

use super::teller::Teller;
use crate::agreement::{Agreement, DEVICES_PER_RACE, Difference, Nudge, Race, Run, Shift};
use crate::numerals::{count, grouped, some};
use crate::plan::{Group, Plan};
use crate::timeline::canonical::describe_deed;
use crate::timeline::{Entry, Subject};

/// Two runs of one plan that were held against each other.
struct Pair<'a> {
    exact: Run<'a>,
    ticking: Run<'a>,
    exact_lanes: Vec<Vec<&'a Entry>>,
    ticking_lanes: Vec<Vec<&'a Entry>>,
}

/// What keeps two engines from agreeing: the first device that they disagree on, and races, where there are too many.
pub fn disagreements(exact: Run<'_>, ticking: Run<'_>, agreement: &Agreement) -> Vec<Finding> {
    let pair = Pair::new(exact, ticking);
    let overrun = agreement.overrun(exact.plan);
    let races = overrun.into_iter().map(|group| pair.races(group, &agreement.races));
    pair.disagreement(&agreement.disagreements).into_iter().chain(races).collect()
}

/// How many races are told, a line each; the rest are counted.
const TOLD: usize = 5;

/// A line for each race, unless there are many.
pub fn races(exact: Run<'_>, ticking: Run<'_>, agreement: &Agreement) -> Vec<String> {
    let pair = Pair::new(exact, ticking);
    let line = |race: &Race| {
        let at = exact.plan.clock.spell(pair.parting(race.difference));
        format!(
            "{} from {at} on: {}",
            pair.name(race.difference),
            nudged(exact.plan, ticking.plan, race.nudge)
        )
    };
    let untold = agreement.races.len().saturating_sub(TOLD);
    let rest = (untold > 0).then(|| format!("and {} more", grouped(untold as u64)));
    agreement.races.iter().take(TOLD).map(line).chain(rest).collect()
}

impl<'a> Pair<'a> {
    fn new(exact: Run<'a>, ticking: Run<'a>) -> Self {
        let [exact_lanes, ticking_lanes] =
            [exact, ticking].map(|run| run.observations.timeline.by_device(run.plan.devices.len()));
        Self { exact, ticking, exact_lanes, ticking_lanes }
    }

    fn disagreement(&self, found: &[Difference]) -> Option<Finding> {
        let first = *found.first()?;
        let finding = Finding::error(format!("the engines disagree: {}", self.title(first)), None);
        let finding = if found.len() > 1 { finding.note("devices", self.names(found)) } else { finding };
        Some(self.story(finding, first))
    }

    /// Too many races among these devices.
    fn races(&self, group: &Group, races: &[Race]) -> Finding {
        let own: Vec<_> =
            races.iter().filter(|race| group.members.contains(&race.difference.device.0)).copied().collect();
        let first = own.first().expect("there are too many of them");
        let (finding, of) = match &own[..] {
            [_] if group.members.len() == 1 => {
                let title = format!("a tick decides what becomes of {}", group.name);
                (Finding::error(title, None), String::new())
            }
            own => {
                let (total, borne) = (group.members.len(), group.members.len() / DEVICES_PER_RACE);
                let title = format!(
                    "a tick decides what becomes of {} of {} of {}; at most {borne} may be races",
                    grouped(own.len() as u64),
                    count(total as u64, "device"),
                    group.name
                );
                let differences: Vec<_> = own.iter().map(|race| race.difference).collect();
                let finding = Finding::error(title, None).note("devices", self.names(&differences));
                (finding, format!(" ({})", self.name(first.difference)))
            }
        };
        let finding = finding.note("race", nudged(self.exact.plan, self.ticking.plan, first.nudge) + &of);
        let help = "leave more than two ticks between what happens to a device and what is due on it, or name one `engine`";
        self.story(finding, first.difference).note("help", help)
    }

    /// What each engine says, and why.
    fn story(&self, finding: Finding, difference: Difference) -> Finding {
        let [exact, ticking] = self.tellers(difference);
        let finding = self.side(finding, self.exact, &exact, difference);
        let finding = self.side(finding, self.ticking, &ticking, difference);
        finding.note("rerun", exact.rerun_on("all"))
    }

    fn side(&self, finding: Finding, run: Run<'_>, teller: &Teller<'_>, difference: Difference) -> Finding {
        let name = run.plan.engine.name();
        match teller.change(difference.turn) {
            Some(place) => teller.because(finding.note(name, teller.line(place)), place),
            None => finding.note(name, format!("nothing more until the end, {}", teller.end())),
        }
    }

    /// `a went offline 1s later on turmoil than on events`.
    fn title(&self, difference: Difference) -> String {
        let [exact, ticking] = self.tellers(difference);
        let [ours, theirs] = [&exact, &ticking].map(|teller| teller.change(difference.turn));
        let [on_ours, on_theirs] = [self.exact, self.ticking].map(|run| run.plan.engine.name());
        let name = exact.name;
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if exact.entered(ours) == ticking.entered(theirs) => {
                let (ours_at, theirs_at) = (exact.lane[ours].at, ticking.lane[theirs].at);
                let off = off(ours_at, theirs_at);
                format!("{name} went {} {off} on {on_theirs} than on {on_ours}", exact.entered(ours))
            }
            (Some(ours), Some(theirs)) => format!(
                "{name} went {} on {on_ours} and {} on {on_theirs}",
                exact.entered(ours),
                ticking.entered(theirs)
            ),
            (Some(ours), None) => {
                format!("{name} went {} on {on_ours} and not on {on_theirs}", exact.entered(ours))
            }
            (None, Some(theirs)) => {
                format!("{name} went {} on {on_theirs} and not on {on_ours}", ticking.entered(theirs))
            }
            (None, None) => unreachable!("where histories part at least one goes on"),
        }
    }

    fn tellers(&self, Difference { device, .. }: Difference) -> [Teller<'_>; 2] {
        let subject = Subject::Device(device);
        [
            Teller::new(self.exact.plan, &self.exact_lanes, subject),
            Teller::new(self.ticking.plan, &self.ticking_lanes, subject),
        ]
    }

    /// When the first of both goes on.
    fn parting(&self, difference: Difference) -> Instant {
        let changes = self.tellers(difference).map(|it| Some(it.lane[it.change(difference.turn)?].at));
        changes.into_iter().flatten().min().expect("where histories part at least one goes on")
    }

    fn name(&self, difference: Difference) -> &'a str {
        &self.exact.plan.device(difference.device).name
    }

    fn names(&self, found: &[Difference]) -> String {
        some(&found.iter().map(|it| self.name(*it)).collect::<Vec<_>>())
    }
}

/// What makes a device do on the exact engine what it does on the other.
fn nudged(exact: &Plan, ticking: &Plan, nudge: Nudge) -> String {
    let what = match nudge {
        Nudge::Step(step, shift) => {
            let step = &exact.steps[step];
            let (whose, what) = describe_deed(exact, &step.deed);
            let at = exact.clock.spell(step.at);
            match shift {
                Shift::Earlier(by) => format!("`{what}` of {whose} comes {by} before {at}"),
                Shift::Later(by) => format!("`{what}` of {whose} comes {by} after {at}"),
            }
        }
        Nudge::Waits(Shift::Earlier(by)) => format!("its waits are {by} shorter"),
        Nudge::Waits(Shift::Later(by)) => format!("its waits are {by} longer"),
        Nudge::Messages(at, by) => {
            format!("its messages around {} take {by} longer", exact.clock.spell(at))
        }
    };
    format!("as on {} if {what}", ticking.engine.name())
}

fn off(ours: Instant, theirs: Instant) -> impl Display {
    let (late, early) = (theirs.since(ours), ours.since(theirs));
    if late > Duration::ZERO { format!("{late} later") } else { format!("{early} earlier") }
}
