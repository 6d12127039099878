//! What a scenario lists: the server's starts and ends, notifications, users' commands.
//!
//! Owns how entries are told from another and which lists are complete. Those of a kind that are expected are
//! paired with those that came: in what order things of several kinds stand at one instant is nobody's
//! business.

use blynk_core::id::{Pin, StatusIndex};
use blynk_core::time::Duration;

use super::pairing::pair;
use super::{Kind, Mismatch};
use crate::plan::{Commands, Notifications, Runs, Span, Turn, Window};
use crate::timeline::{Channel, Entry, Event, Run, Stage, Subject, Undeliverable, Verdict, What};

/// Something that can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// The server is up, or down, from now on.
    Run {
        /// Which.
        up: bool,
    },
    /// A notification is this far.
    Notification {
        /// How far.
        stage: Stage,
        /// About which status.
        status: StatusIndex,
        /// By which way.
        channel: Channel,
        /// To whom.
        to: Box<str>,
    },
    /// A user's command.
    Command {
        /// What became of it.
        turn: Turn,
        /// For which pin.
        pin: Pin,
    },
}

impl Item {
    /// What this is, if it can be listed.
    pub fn of(what: &What) -> Option<Self> {
        run(what).or_else(|| notification(what)).or_else(|| command(what))
    }
}

/// An expected item, when, and the place that says so.
type Expected = (Item, Window, Span);

pub(super) fn judge_runs(runs: &Runs, slack: Duration, lanes: &[Vec<&Entry>]) -> Vec<Mismatch> {
    let listed = |(window, up, span): &(Window, bool, Span)| (Item::Run { up: *up }, *window, span.clone());
    let expected: Vec<_> = runs.windows.iter().map(listed).collect();
    let lane = lanes.first().map_or(&[][..], Vec::as_slice);
    let recorded = items(lane, run);
    let whole = expected.last().map_or(0..0, |(.., span)| span.clone());
    mismatches(Subject::World, compare(&expected, &recorded, slack, lane), whole)
}

pub(super) fn judge_notifications(
    notifications: &Notifications,
    slack: Duration,
    lanes: &[Vec<&Entry>],
) -> Vec<Mismatch> {
    let lane = &lanes[notifications.device.0 as usize];
    let listed = notifications.expected.iter().map(|it| {
        let (stage, status, channel) = (it.stage, it.status, it.channel);
        let item = Item::Notification { stage, status, channel, to: it.to.as_str().into() };
        (item, it.window, it.span.clone())
    });
    let expected: Vec<_> = listed.collect();
    let is_named = |class: Class| notifications.expected.iter().any(|it| Class::of(it.stage) == class);
    let mut recorded = items(lane, notification);
    recorded.retain(|(item, _)| match item {
        Item::Notification { stage, .. } => match Class::of(*stage) {
            Class::Owed => true,
            class @ (Class::Delivered | Class::Dead) => is_named(class),
        },
        Item::Run { .. } | Item::Command { .. } => true,
    });
    let found = compare(&expected, &recorded, slack, lane);
    mismatches(Subject::Device(notifications.device), found, notifications.span.clone())
}

pub(super) fn judge_commands(commands: &Commands, slack: Duration, lanes: &[Vec<&Entry>]) -> Vec<Mismatch> {
    let lane = &lanes[commands.device.0 as usize];
    let listed = commands.expected.iter();
    let listed = listed.map(|it| (Item::Command { turn: it.turn, pin: it.pin }, it.window, it.span.clone()));
    let expected: Vec<_> = listed.collect();
    let found = compare(&expected, &items(lane, command), slack, lane);
    mismatches(Subject::Device(commands.device), found, commands.span.clone())
}

/// A list is complete for each of these, or not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Owed,
    Delivered,
    Dead,
}

impl Class {
    fn of(stage: Stage) -> Self {
        match stage {
            Stage::Owed => Self::Owed,
            Stage::Delivered => Self::Delivered,
            Stage::Dead(_) => Self::Dead,
        }
    }
}

fn items(lane: &[&Entry], item: fn(&What) -> Option<Item>) -> Vec<(Item, usize)> {
    lane.iter().enumerate().filter_map(|(got, entry)| Some((item(&entry.what)?, got))).collect()
}

fn run(what: &What) -> Option<Item> {
    match what {
        What::Run(Run::Up) => Some(Item::Run { up: true }),
        What::Run(Run::Crashed | Run::Killed | Run::Stopped) => Some(Item::Run { up: false }),
        What::Step { .. } | What::Server(_) | What::Received { .. } | What::Noted(_) => None,
    }
}

fn notification(what: &What) -> Option<Item> {
    let What::Server(Event::Notified { notification, stage, .. }) = what else { return None };
    let (status, channel, to) = (notification.status, notification.channel, notification.to.clone());
    // Scenarios have one word for both.
    let stage = match *stage {
        Stage::Dead(Undeliverable::Gap) => Stage::Dead(Undeliverable::Quota),
        stage @ (Stage::Owed | Stage::Delivered | Stage::Dead(_)) => stage,
    };
    Some(Item::Notification { stage, status, channel, to })
}

fn command(what: &What) -> Option<Item> {
    let (turn, pin) = match what {
        What::Server(Event::Commanded { command, verdict }) => match verdict {
            // It is applied at once, and that is what is listed.
            Verdict::Sent => return None,
            Verdict::Pending | Verdict::Warned => (Turn::Pending, command.pin),
            Verdict::Blocked => (Turn::Blocked, command.pin),
        },
        What::Server(Event::Applied { pin, .. }) => (Turn::Applied, *pin),
        What::Server(_) | What::Step { .. } | What::Run(_) | What::Received { .. } | What::Noted(_) => {
            return None;
        }
    };
    Some(Item::Command { turn, pin })
}

/// What differs, with the place that says otherwise, in the order of the list; what is extra has none, and comes last.
fn compare(
    expected: &[Expected],
    recorded: &[(Item, usize)],
    slack: Duration,
    lane: &[&Entry],
) -> Vec<(Option<Span>, Kind)> {
    let kinds = kinds(expected, recorded).into_iter();
    let mut found: Vec<_> =
        kinds.flat_map(|item| compare_kind(item, expected, recorded, slack, lane)).collect();
    found.sort_by_key(|(place, got, _)| (place.is_none(), *place, *got));
    found.into_iter().map(|(place, _, kind)| (place.map(|place| expected[place].2.clone()), kind)).collect()
}

/// Each once.
fn kinds<'a>(expected: &'a [Expected], recorded: &'a [(Item, usize)]) -> Vec<&'a Item> {
    let mut kinds = Vec::new();
    for item in expected.iter().map(|(item, ..)| item).chain(recorded.iter().map(|(item, _)| item)) {
        if !kinds.contains(&item) {
            kinds.push(item);
        }
    }
    kinds
}

/// What differs of one kind: its place in the list, or that of the entry, and how.
fn compare_kind(
    item: &Item,
    expected: &[Expected],
    recorded: &[(Item, usize)],
    slack: Duration,
    lane: &[&Entry],
) -> Vec<(Option<usize>, Option<usize>, Kind)> {
    let listed: Vec<_> = (0..expected.len()).filter(|place| expected[*place].0 == *item).collect();
    let windows: Vec<_> = listed.iter().map(|place| expected[*place].1).collect();
    let came: Vec<_> = recorded.iter().filter(|(it, _)| it == item).map(|(_, got)| *got).collect();
    let instants: Vec<_> = came.iter().map(|got| lane[*got].at).collect();
    let mut found = Vec::new();
    for (one, other) in pair(&windows, &instants, slack) {
        let (place, got) = (one.map(|one| listed[one]), other.map(|other| came[other]));
        let item = item.clone();
        let kind = match (one.map(|one| windows[one]), got) {
            (Some(window), Some(got)) if window.contains(lane[got].at, slack) => continue,
            (Some(window), Some(got)) => Kind::ItemOffTime { window, item, got },
            (Some(window), None) => Kind::ItemMissing { window, item },
            (None, Some(got)) => Kind::ItemExtra { item, got },
            (None, None) => unreachable!("a pair has at least one side"),
        };
        found.push((place, got, kind));
    }
    found
}

/// `whole` is the place of the list.
fn mismatches(subject: Subject, found: Vec<(Option<Span>, Kind)>, whole: Span) -> Vec<Mismatch> {
    let mismatch = |(span, kind): (Option<Span>, Kind)| Mismatch {
        subject,
        span: span.unwrap_or_else(|| whole.clone()),
        kind,
    };
    found.into_iter().map(mismatch).collect()
}
