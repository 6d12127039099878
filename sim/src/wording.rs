//! Words for what a plan says: who is meant, and what must come of it, an expectation a line.

use blynk_core::id::DeviceId;

use crate::numerals::{grouped, some};
use crate::plan::{
    Changes, Closes, Commands, Count, Expectation, ExpectedNotification, History, Never, Notifications, Plan,
    Runs, Sample, When, Window,
};
use crate::timeline::canonical::spell_notification;

/// Those who are meant, in few words: whole groups by their names, a few members by theirs.
pub fn names(plan: &Plan, devices: &[DeviceId]) -> String {
    let group = |id: &DeviceId| &plan.group_of(*id).name;
    let names = |ids: &[DeviceId]| ids.iter().map(|id| plan.device(*id).name.as_str()).collect::<Vec<_>>();
    let named = devices.chunk_by(|a, b| group(a) == group(b)).map(|members| {
        let all = plan.group_of(members[0]);
        match members.len() {
            number if number == all.members.len() => all.name.clone(),
            1..=3 => some(&names(members)),
            number => format!("{} of {} ({})", grouped(number as u64), all.name, some(&names(members))),
        }
    });
    named.collect::<Vec<_>>().join(", ")
}

/// An expectation in one line.
pub fn expectation(plan: &Plan, expectation: &Expectation) -> String {
    match expectation {
        Expectation::History(History { devices, changes, .. }) => {
            let changes = changes.iter().map(|change| {
                let status = &plan.status(devices[0], change.to).key;
                format!("{} {status}", spell(plan, change.window))
            });
            format!("{}  {}", names(plan, devices), listed(changes, "no change"))
        }
        Expectation::Sample(Sample { devices, at, status, .. }) => {
            let status = status.map_or("new", |status| &plan.status(devices[0], status).key);
            format!("{}  {status} at {}", names(plan, devices), plan.clock.spell(*at))
        }
        Expectation::Count(Count { when, total, among, status, bounds, .. }) => {
            let devices: Vec<_> = among.iter().flat_map(|among| among.devices.iter().copied()).collect();
            let when = match when {
                When::At(at) => format!("at {}", plan.clock.spell(*at)),
                When::Ever => "at least once".into(),
            };
            format!("{}  {} {status} {when}", names(plan, &devices), bounds.of(*total))
        }
        Expectation::Never(Never { devices, status, .. }) => {
            format!("{}  never {}", names(plan, devices), plan.status(devices[0], *status).key)
        }
        Expectation::Changes(Changes { devices, bounds, .. }) => {
            format!("{}  {} changes each", names(plan, devices), bounds.of(u64::MAX))
        }
        Expectation::Closes(Closes { device, windows }) => {
            let closes = windows.iter().map(|(window, _)| format!("closed {}", spell(plan, *window)));
            format!("{}  {}", names(plan, &[*device]), listed(closes, "never closed"))
        }
        Expectation::Runs(Runs { windows }) => {
            let words = |up: bool| if up { "up" } else { "down" };
            let runs =
                windows.iter().map(|(window, up, _)| format!("{} {}", words(*up), spell(plan, *window)));
            format!("server  {}", listed(runs, "never down"))
        }
        Expectation::Notifications(Notifications { device, expected, .. }) => {
            let told = expected.iter().map(|it| {
                format!("notification {} {}", notification(plan, *device, it), spell(plan, it.window))
            });
            format!("{}  {}", names(plan, &[*device]), listed(told, "never notifies"))
        }
        Expectation::Commands(Commands { device, expected, .. }) => {
            let told = expected
                .iter()
                .map(|it| format!("command {} {} {}", it.pin, it.turn.name(), spell(plan, it.window)));
            format!("{}  {}", names(plan, &[*device]), listed(told, "never commanded"))
        }
    }
}

fn notification(plan: &Plan, device: DeviceId, expected: &ExpectedNotification) -> String {
    let ExpectedNotification { stage, status, channel, to, .. } = expected;
    spell_notification(&plan.status(device, *status).key, *channel, to, *stage)
}

fn spell(plan: &Plan, Window { from, to }: Window) -> String {
    let from_spelt = plan.clock.spell(from);
    if from == to { from_spelt } else { format!("{from_spelt}..{}", plan.clock.spell(to)) }
}

fn listed(items: impl Iterator<Item = String>, none: &str) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { none.into() } else { items.join(", ") }
}
