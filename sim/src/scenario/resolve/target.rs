//! Whom an action is for.
//!
//! Owns names, lists of names, `all`, members by their numbers, and picks. A pick avoids whoever its own list has named, and
//! whoever an earlier pick under the same time took.

use std::collections::BTreeSet;

use blynk_core::id::DeviceId;

use super::Context;
use super::fields::wrong_kind;
use super::roster::{Roster, unknown_name};
use crate::plan::{Group, Share};
use crate::random::{Purpose, Seed};
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::{Node, Value};
use crate::scenario::units;

/// Everything that is picked at random in one file.
pub(super) struct Picks {
    seed: Seed,
    /// How many picks there were: each draws anew.
    made: u32,
    /// Who was picked under the time that is being read.
    taken: BTreeSet<DeviceId>,
}

/// How many members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Amount {
    Part(Share),
    Number(usize),
}

const HELP: &str =
    "write a name, `all`, `fleet/17`, `fleet/0..99`, `5% of fleet`, `200 of fleet`, or a list of these";

impl Picks {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, made: 0, taken: BTreeSet::new() }
    }

    /// Another time begins: whoever was picked may be picked again.
    pub(super) fn forget(&mut self) {
        self.taken.clear();
    }

    /// That many of the candidates: those that draw the lowest numbers.
    fn pick(&mut self, candidates: impl Iterator<Item = DeviceId>, amount: usize) -> Vec<DeviceId> {
        let draw = |id| (self.seed.draw(id, Purpose::Pick, self.made).up_to(u64::MAX), id);
        let mut drawn: Vec<_> = candidates.map(draw).collect();
        drawn.sort_unstable();
        self.made += 1;
        let picked: Vec<_> = drawn.into_iter().take(amount).map(|(_, id)| id).collect();
        self.taken.extend(&picked);
        picked
    }
}

impl Context<'_> {
    /// The devices that a verb names, in device order. Picks come after all names of their list, wherever they stand.
    pub(super) fn targets(&mut self, verb: &str, node: &Node, roster: &Roster) -> BTreeSet<DeviceId> {
        let texts = self.keep(texts(verb, node)).unwrap_or_default();
        let (picks, names): (Vec<_>, Vec<_>) = texts.iter().partition(|(_, text)| text.contains(" of "));
        let mut targets = BTreeSet::new();
        for (node, text) in names {
            let named = self.keep(named(node, text, roster)).unwrap_or_default();
            let expected = targets.len() + named.len();
            targets.extend(named);
            if targets.len() < expected {
                let title = format!("`{text}` names a device that the list has already named");
                self.report(Problem::error(&node.span, title).help("name each device once"));
            }
        }
        for (node, text) in picks {
            let picked = self.picked(node, text, &targets, roster);
            targets.extend(self.keep(picked).unwrap_or_default());
        }
        targets
    }

    fn picked(
        &mut self,
        node: &Node,
        text: &str,
        named: &BTreeSet<DeviceId>,
        roster: &Roster,
    ) -> Result<Vec<DeviceId>, Problem> {
        let (amount, name) = text.split_once(" of ").expect("a pick has these words");
        let (amount, name) = (amount.trim(), name.trim());
        let group = roster.group(name).ok_or_else(|| {
            unknown_name(&node.span, name, roster).help("a pick is of one name under `devices`")
        })?;
        let wanted = amount_of(amount).ok_or_else(|| {
            Problem::error(&node.span, format!("`{amount}` is neither a number nor a share above 0"))
                .help(HELP)
        })?;
        let wanted = wanted.of(group.members.len());
        let is_free = |id: &DeviceId| !named.contains(id) && !self.picks.taken.contains(id);
        let free: Vec<_> = group.ids().filter(is_free).collect();
        if free.len() < wanted {
            let (left, name, size) = (free.len(), &group.name, group.members.len());
            let title = format!("{wanted} of `{name}` are wanted, and {left} of its {size} are left");
            return Err(Problem::error(&node.span, title)
                .help("a pick avoids whom its list has named, and whom earlier picks at this time took"));
        }
        Ok(self.picks.pick(free.into_iter(), wanted))
    }
}

impl Amount {
    /// Half a device rounds up, and there is always one.
    fn of(self, size: usize) -> usize {
        match self {
            Self::Number(number) => number,
            Self::Part(share) => {
                let whole = Share::ALL.millionths() as usize;
                ((size * share.millionths() as usize + whole / 2) / whole).max(1)
            }
        }
    }
}

/// One text, or several.
fn texts<'n>(verb: &str, node: &'n Node) -> Result<Vec<(&'n Node, &'n str)>, Problem> {
    let text = |node: &'n Node| match &node.value {
        Value::Text(text) => Ok((node, text.as_str())),
        Value::Null | Value::List(_) | Value::Map(_) => Err(wrong_kind(verb, "names of devices", node)),
    };
    match &node.value {
        Value::Text(_) => Ok(vec![text(node)?]),
        Value::List(nodes) if !nodes.is_empty() => nodes.iter().map(text).collect(),
        Value::Null | Value::List(_) => Err(Problem::error(&node.span, format!("`{verb}` names no device"))
            .help(format!("write `{verb}: sensor`, `{verb}: [a, b]` or `{verb}: all`"))),
        Value::Map(_) => Err(wrong_kind(verb, "a device, a list of devices or `all`", node)),
    }
}

/// Those who are meant by a name, by `all`, or by their numbers.
fn named(node: &Node, text: &str, roster: &Roster) -> Result<Vec<DeviceId>, Problem> {
    if text == "all" {
        return Ok(roster.ids().collect());
    }
    match text.split_once('/') {
        Some((name, numbers)) => {
            let group = roster.group(name).ok_or_else(|| unknown_name(&node.span, name, roster))?;
            members(node, group, numbers)
        }
        None => roster.named(text).ok_or_else(|| unknown_name(&node.span, text, roster).help(HELP)),
    }
}

fn amount_of(text: &str) -> Option<Amount> {
    match units::share(text) {
        Some(share) => (share > Share::NONE).then_some(Amount::Part(share)),
        None => {
            units::number(text).filter(|number| *number > 0).map(|number| Amount::Number(number as usize))
        }
    }
}

/// `17` or `0..99`, both included.
fn members(node: &Node, group: &Group, numbers: &str) -> Result<Vec<DeviceId>, Problem> {
    let wrong = |title: String| {
        let last = group.members.len() - 1;
        Problem::error(&node.span, title).help(format!("the members of `{}` are 0 to {last}", group.name))
    };
    let range = units::numbers(numbers).ok_or_else(|| wrong(format!("`{numbers}` names no members")))?;
    group.range(range).ok_or_else(|| wrong(format!("`{}` has no members {numbers}", group.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_device_rounds_up_and_there_is_always_one() {
        let five_percent = Amount::Part(Share::from_millionths(50_000).expect("a share"));
        assert_eq!([0, 10, 29, 30, 5_000].map(|size| five_percent.of(size)), [1, 1, 1, 2, 250]);
    }
}
