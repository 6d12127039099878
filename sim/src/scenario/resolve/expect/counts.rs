//! How many devices, and how many changes.
//!
//! Owns the grammar of numbers: `4750`, `4750..4800`, `at least 99%`, `at most 3`, `under 5`, `over 5`, `all`, `none`. Per
//! cents are exact: at least 99% of 4,750 devices are at least 4,703.

use super::{Kin, NEW, unknown_status};
use crate::plan::{Among, Bounds, Changes, Comparison, Count, Expectation, Share, When};
use crate::scenario::diagnostic::Problem;
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node};
use crate::scenario::units;

const HELP: &str = "write `20`, `15..25`, `at least 99%`, `at most 3`, `under 5`, `over 5`, `all` or `none`";
const CHANGES_HELP: &str = "write `2`, `1..3`, `at least 1`, `at most 3`, `under 4` or `over 1`";

impl Context<'_> {
    /// How many devices are in which status.
    pub(super) fn counts(
        &mut self,
        entry: &Entry,
        example: &str,
        when: When,
        kin: &[Kin],
    ) -> Vec<Expectation> {
        let total = kin.iter().map(|kin| kin.devices.len() as u64).sum();
        let mut counts = Vec::new();
        for entry in self.map(entry, example) {
            let among = self.keep(among(entry, when, kin));
            let bounds = self.keep(number(entry, total));
            counts.extend(among.zip(bounds).map(|(among, bounds)| {
                let (status, span) = (entry.key.clone(), entry.key_span.clone());
                Expectation::Count(Count { when, total, among, status, bounds, span })
            }));
        }
        counts
    }

    /// How often the status of each device changes.
    pub(super) fn changes(&mut self, entry: &Entry, kin: &[Kin]) -> Option<Expectation> {
        let bounds = self.keep(changes(&entry.value))?;
        let devices = kin.iter().flat_map(|kin| kin.devices.iter().copied()).collect();
        Some(Expectation::Changes(Changes { devices, bounds, span: entry.key_span.clone() }))
    }
}

/// Those who can be in that status, template by template.
fn among(entry: &Entry, when: When, kin: &[Kin]) -> Result<Vec<Among>, Problem> {
    if entry.key == NEW && when == When::Ever {
        return Err(Problem::error(&entry.key_span, "every device was `new` once")
            .help("`new` stands only under `at`; `x: {}` says that a device never changes"));
    }
    let among = kin.iter().filter_map(|Kin { template, devices }| {
        let status = if entry.key == NEW { None } else { Some(template.chain.find(&entry.key)?) };
        Some(Among { devices: devices.clone(), status })
    });
    let among: Vec<_> = among.collect();
    match kin.first() {
        Some(kin) if among.is_empty() => {
            Err(unknown_status(&entry.key_span, &entry.key, "its template", &kin.template))
        }
        Some(_) | None => Ok(among),
    }
}

fn number(entry: &Entry, total: u64) -> Result<Bounds, Problem> {
    let text = read::text(&entry.key, &entry.value).map_err(|problem| problem.help(HELP))?;
    let wrong = |title: String| Problem::error(&entry.value.span, title).help(HELP);
    let bounds = bounds(text, total).ok_or_else(|| wrong(format!("`{text}` is no number of devices")))?;
    if bounds.least > bounds.most {
        let title = match text.contains('%') {
            true => format!("{text} of {total} is no whole number of devices"),
            false => format!("`{text}` ends before it begins"),
        };
        return Err(wrong(title));
    }
    // Of nobody it is not known how many there are: their template could not be read.
    if bounds.least > total && total > 0 {
        return Err(wrong(format!("{text} is more than there are: {total}")));
    }
    Ok(bounds)
}

fn changes(node: &Node) -> Result<Bounds, Problem> {
    let text = read::text("changes", node).map_err(|problem| problem.help(CHANGES_HELP))?;
    let is_number = !text.contains('%') && !["all", "none"].contains(&text);
    let bounds = bounds(text, u64::MAX).filter(|bounds| is_number && bounds.least <= bounds.most);
    bounds.ok_or_else(|| {
        Problem::error(&node.span, format!("`{text}` is no number of changes")).help(CHANGES_HELP)
    })
}

/// The numbers that a text allows; of `total`, if it speaks of a share.
fn bounds(text: &str, total: u64) -> Option<Bounds> {
    let (least, most) = ends(text, total)?;
    Some(Bounds { least, most, written: text.to_owned() })
}

/// The least and the most of them.
fn ends(text: &str, total: u64) -> Option<(u64, u64)> {
    if let Some((comparison, rest)) = units::comparison(text) {
        let (least, most) = part(rest, total)?;
        return Some(match comparison {
            Comparison::AtLeast => (least, total),
            Comparison::AtMost => (0, most),
            // One less than the least number that is not under it.
            Comparison::Under => (0, least.checked_sub(1)?),
            Comparison::Over => (most.checked_add(1)?, total),
        });
    }
    match text {
        "all" => Some((total, total)),
        "none" => Some((0, 0)),
        _ => {
            let (from, to) = text.split_once("..").unwrap_or((text, text));
            Some((part(from, total)?.0, part(to, total)?.1))
        }
    }
}

/// A number, or a share of the total: rounded up and rounded down.
fn part(text: &str, total: u64) -> Option<(u64, u64)> {
    if let Some(share) = units::share(text) {
        let whole = u64::from(Share::ALL.millionths());
        let product = total.checked_mul(share.millionths().into())?;
        return Some((product.div_ceil(whole), product / whole));
    }
    let number = units::number(text)?.into();
    Some((number, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: impl Into<Option<(u64, u64)>>) {
        assert_eq!(ends(text, 4_750), expected.into(), "{text}");
    }

    #[test]
    fn numbers_are_read() {
        check("20", (20, 20));
        check("205..275", (205, 275));
        check("at least 5", (5, 4_750));
        check("at most 5", (0, 5));
        check("under 5", (0, 4));
        check("over 5", (6, 4_750));
        check("all", (4_750, 4_750));
        check("none", (0, 0));
    }

    #[test]
    fn shares_are_exact() {
        check("at least 99%", (4_703, 4_750));
        check("at most 99%", (0, 4_702));
        check("under 99%", (0, 4_702));
        check("over 99%", (4_703, 4_750));
        check("under 10%", (0, 474));
        check("over 10%", (476, 4_750));
        check("10%", (475, 475));
        check("10%..20%", (475, 950));
        // Half a device is no device.
        check("5%", (238, 237));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "many", "-1", "1.5", "at least", "at least many", "under 0", "..", "5..", "+5", "120%"]
        {
            check(text, None);
        }
    }
}
