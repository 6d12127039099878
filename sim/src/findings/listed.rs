//! Words for what a scenario lists: the server's starts and ends, notifications, users' commands.

use blynk_core::id::StatusIndex;
use blynk_core::notification::{Channel, Stage};
use blynk_core::time::Instant;

use super::teller::{Got, Teller, Who};
use crate::oracle::expectations::listed::Item;
use crate::plan::{Turn, Window};
use crate::timeline::{Entry, Event, What, canonical};

/// What came, though not as expected: what stands behind says how.
pub(super) fn came(teller: &Teller<'_>, who: Who<'_>, item: &Item, off: &str) -> String {
    match item {
        Item::Run { up: true } => format!("server came up{off}"),
        Item::Run { up: false } => format!("server went down{off}"),
        Item::Notification { stage, status, channel, to } => {
            let spelt = spell(teller, *status, *channel, to, *stage);
            match stage {
                Stage::Owed => format!("{who} {} notified{off}: {spelt}", who.was()),
                Stage::Delivered => format!("a notification of {who} was delivered{off}: {spelt}"),
                Stage::Dead(_) => format!("a notification of {who} became a dead letter{off}: {spelt}"),
            }
        }
        Item::Command { turn: Turn::Pending, pin } => format!("command {pin} to {who} was kept{off}"),
        Item::Command { turn: Turn::Applied, pin } => format!("command {pin} to {who} was applied{off}"),
        Item::Command { turn: Turn::Blocked, pin } => format!("command {pin} to {who} was blocked{off}"),
    }
}

/// What was expected and did not come: not then, or never at all.
pub(super) fn missing(teller: &Teller<'_>, who: Who<'_>, window: Window, item: &Item) -> String {
    let came = teller.lane.iter().any(|entry| Item::of(&entry.what).as_ref() == Some(item));
    if came { did_not_come(teller, who, window, item) } else { never_came(teller, who, item) }
}

fn did_not_come(teller: &Teller<'_>, who: Who<'_>, window: Window, item: &Item) -> String {
    let then = spell_window(teller, window);
    match item {
        Item::Run { up: true } => format!("server did not come up {then}"),
        Item::Run { up: false } => format!("server did not go down {then}"),
        Item::Notification { stage, status, channel, to } => {
            let spelt = spell(teller, *status, *channel, to, *stage);
            match stage {
                Stage::Owed => format!("{who} {} not notified {then}: {spelt}", who.was()),
                Stage::Delivered => format!("a notification of {who} was not delivered {then}: {spelt}"),
                Stage::Dead(_) => {
                    format!("a notification of {who} did not become a dead letter {then}: {spelt}")
                }
            }
        }
        Item::Command { turn: Turn::Pending, pin } => format!("command {pin} to {who} was not kept {then}"),
        Item::Command { turn: Turn::Applied, pin } => {
            format!("command {pin} to {who} was not applied {then}")
        }
        Item::Command { turn: Turn::Blocked, pin } => {
            format!("command {pin} to {who} was not blocked {then}")
        }
    }
}

fn never_came(teller: &Teller<'_>, who: Who<'_>, item: &Item) -> String {
    match item {
        Item::Run { up: true } => "server never came up".into(),
        Item::Run { up: false } => "server never went down".into(),
        Item::Notification { stage, status, channel, to } => {
            let spelt = spell(teller, *status, *channel, to, *stage);
            match stage {
                Stage::Owed => format!("{who} {} not notified: {spelt}", who.was()),
                Stage::Delivered => format!("a notification of {who} was never delivered: {spelt}"),
                Stage::Dead(_) => format!("a notification of {who} never became a dead letter: {spelt}"),
            }
        }
        Item::Command { turn: Turn::Pending, pin } => format!("command {pin} to {who} was never kept"),
        Item::Command { turn: Turn::Applied, pin } => format!("command {pin} to {who} was never applied"),
        Item::Command { turn: Turn::Blocked, pin } => format!("command {pin} to {who} was never blocked"),
    }
}

/// `at 9m`, `in 9m..10m`.
fn spell_window(teller: &Teller<'_>, Window { from, to }: Window) -> String {
    let [from, to] = [from, to].map(|at| teller.plan.clock.spell(at));
    if from == to { format!("at {from}") } else { format!("in {from}..{to}") }
}

/// What the record holds in place of something that did not come.
pub(super) fn instead(teller: &Teller<'_>, window: Window, item: &Item) -> Got {
    match item {
        Item::Run { .. } => nearest(teller, window, |what| Item::of(what).as_ref() == Some(item))
            .map_or(Got::Nothing(format!("no more until the end, {}", teller.end())), Got::Entry),
        Item::Notification { status, channel, to, .. } => about(teller, window, *status, (*channel, to)),
        Item::Command { pin, .. } => {
            let is_about_it = |what: &What| match what {
                What::Server(Event::Commanded { command, .. }) => command.pin == *pin,
                What::Server(Event::Applied { pin: applied, .. }) => applied == pin,
                What::Server(_)
                | What::Step { .. }
                | What::Run(_)
                | What::Received { .. }
                | What::Noted(_) => false,
            };
            nearest(teller, window, is_about_it)
                .map_or(Got::Nothing(format!("no command for {pin} at all")), Got::Entry)
        }
    }
}

/// The entry that is the least time from a window; of several, the last.
fn nearest(teller: &Teller<'_>, window: Window, is_it: impl Fn(&What) -> bool) -> Option<usize> {
    let places = (0..teller.lane.len()).rev().filter(|place| is_it(&teller.lane[*place].what));
    places.min_by_key(|place| window.apart(teller.lane[*place].at))
}

/// The newest word about a notification, else the change that called for one.
fn about(teller: &Teller<'_>, window: Window, status: StatusIndex, (channel, to): (Channel, &str)) -> Got {
    let newest = last(teller, |event| match event {
        Event::Notified { notification, .. } => {
            (notification.status, notification.channel, &*notification.to) == (status, channel, to)
        }
        Event::LoggedIn { .. }
        | Event::Announced { .. }
        | Event::Superseded { .. }
        | Event::Closed { .. }
        | Event::Interrupted { .. }
        | Event::Reported { .. }
        | Event::Status(_)
        | Event::Commanded { .. }
        | Event::Applied { .. } => false,
    });
    if let Some(newest) = newest {
        return Got::Entry(newest);
    }
    let slack = teller.plan.tolerance + teller.plan.granularity();
    let enters = |entry: &&Entry| {
        entry.change().is_some_and(|change| change.to == status) && window.contains(entry.at, slack)
    };
    match teller.lane.iter().position(enters) {
        Some(change) => Got::Because(format!("{}, and no notification", teller.line(change)), change),
        None => Got::Nothing(format!("{} did not go {} then", teller.name, teller.status(status))),
    }
}

fn last(teller: &Teller<'_>, is_it: impl Fn(&Event) -> bool) -> Option<usize> {
    teller.lane.iter().rposition(|entry| match &entry.what {
        What::Server(event) => is_it(event),
        What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => false,
    })
}

/// The change of status that an entry is, or follows from.
pub(super) fn led_by(lane: &[&Entry], got: usize) -> Option<usize> {
    let entered = |status: StatusIndex, at: Instant| {
        let is_it = |entry: &&Entry| entry.at == at && entry.change().is_some_and(|it| it.to == status);
        lane.iter().position(is_it)
    };
    match &lane[got].what {
        What::Server(Event::Status(_)) => Some(got),
        What::Server(Event::Notified { notification, .. }) => {
            entered(notification.status, notification.entered_at)
        }
        // Whether a command is allowed follows from the status at that moment.
        What::Server(Event::Commanded { .. }) => lane[..got].iter().rposition(|it| it.change().is_some()),
        What::Server(_) | What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => None,
    }
}

fn spell(teller: &Teller<'_>, status: StatusIndex, channel: Channel, to: &str, stage: Stage) -> String {
    canonical::spell_notification(teller.status(status), channel, to, stage)
}
