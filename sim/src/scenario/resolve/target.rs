//! Whom an action is for.
//!
//! Owns names, lists of names, `all`, members by their numbers, and picks. A pick avoids whoever its own list has named, and
//! whoever an earlier pick under the same time took.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

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
    /// The devices that a verb names, in device order.
    pub(super) fn targets(&mut self, verb: &str, node: &Node, roster: &Roster) -> BTreeSet<DeviceId> {
        let mut targets = BTreeSet::new();
        for name in self.keep(names(verb, node)).unwrap_or_default() {
            let meant = self.meant(verb, name, &targets, roster);
            let Some(meant) = self.keep(meant) else { continue };
            let expected = targets.len() + meant.len();
            targets.extend(meant);
            if targets.len() < expected {
                self.report(Problem::error(
                    &name.span,
                    "this names a device that the list has already named",
                ));
            }
        }
        targets
    }

    fn meant(
        &mut self,
        verb: &str,
        node: &Node,
        named: &BTreeSet<DeviceId>,
        roster: &Roster,
    ) -> Result<Vec<DeviceId>, Problem> {
        let Value::Text(text) = &node.value else { return Err(wrong_kind(verb, "names of devices", node)) };
        if text == "all" {
            return Ok(roster.ids().collect());
        }
        if let Some((amount, name)) = text.split_once(" of ") {
            return self.picked(node, amount.trim(), group(node, name.trim(), roster)?, named);
        }
        match text.split_once('/') {
            Some((name, numbers)) => members(node, group(node, name, roster)?, numbers),
            None => roster.named(text).ok_or_else(|| unknown_name(&node.span, text, roster).help(HELP)),
        }
    }

    fn picked(
        &mut self,
        node: &Node,
        amount: &str,
        group: &Group,
        named: &BTreeSet<DeviceId>,
    ) -> Result<Vec<DeviceId>, Problem> {
        let wanted = amount_of(amount).ok_or_else(|| {
            Problem::error(&node.span, format!("`{amount}` is neither a number nor a share")).help(HELP)
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

fn names<'n>(verb: &str, node: &'n Node) -> Result<&'n [Node], Problem> {
    match &node.value {
        Value::Text(_) => Ok(std::slice::from_ref(node)),
        Value::List(names) if !names.is_empty() => Ok(names),
        Value::Null | Value::List(_) => Err(Problem::error(&node.span, format!("`{verb}` names no device"))
            .help(format!("write `{verb}: sensor`, `{verb}: [a, b]` or `{verb}: all`"))),
        Value::Map(_) => Err(wrong_kind(verb, "a device, a list of devices or `all`", node)),
    }
}

fn group<'r>(node: &Node, name: &str, roster: &'r Roster) -> Result<&'r Group, Problem> {
    roster.group(name).ok_or_else(|| unknown_name(&node.span, name, roster))
}

fn amount_of(text: &str) -> Option<Amount> {
    match units::share(text) {
        Some(share) => Some(Amount::Part(share)),
        None => text.parse().ok().filter(|number| *number > 0).map(Amount::Number),
    }
}

/// `17` or `0..99`, both included.
fn members(node: &Node, group: &Group, numbers: &str) -> Result<Vec<DeviceId>, Problem> {
    let wrong = |title: String| {
        let last = group.members.len() - 1;
        Problem::error(&node.span, title).help(format!("the members of `{}` are 0 to {last}", group.name))
    };
    let range = range(numbers).ok_or_else(|| wrong(format!("`{numbers}` names no members")))?;
    let ids: Vec<_> = group.ids().skip(*range.start()).take(range.clone().count()).collect();
    if ids.len() == range.count() && !ids.is_empty() {
        Ok(ids)
    } else {
        Err(wrong(format!("`{}` has no members {numbers}", group.name)))
    }
}

fn range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
    Some(first as usize..=last as usize)
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
