//! Whom an action is for.
//!
//! Owns names, lists of names and `all`. Picks from a group are not built.

use std::collections::BTreeSet;

use blynk_core::id::DeviceId;

use super::Context;
use super::devices::Roster;
use super::fields::wrong_kind;
use crate::plan::Span;
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::syntax::{Node, Value};

impl Context<'_> {
    /// The devices that a verb names, in device order.
    pub(super) fn targets(&mut self, verb: &str, node: &Node, roster: &Roster) -> BTreeSet<DeviceId> {
        let mut targets = BTreeSet::new();
        for name in self.keep(names(verb, node)).unwrap_or_default() {
            let Some(named) = self.keep(devices(verb, name, roster)) else { continue };
            let before = targets.len();
            let count = named.len();
            targets.extend(named);
            if targets.len() < before + count {
                self.report(Problem::error(
                    &name.span,
                    "this names a device that the list has already named",
                ));
            }
        }
        targets
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

fn devices(verb: &str, node: &Node, roster: &Roster) -> Result<Vec<DeviceId>, Problem> {
    let Value::Text(name) = &node.value else { return Err(wrong_kind(verb, "names of devices", node)) };
    if name == "all" {
        return Ok(roster.ids().collect());
    }
    if name.contains(" of ") || name.contains(['%', '/']) {
        return Err(Problem::not_supported(&node.span, name, "name the devices, `[a, b]`, or `all`"));
    }
    roster.find(name).map(|id| vec![id]).ok_or_else(|| unknown_device(&node.span, name, roster))
}

/// The complaint about a name that no device has.
pub(super) fn unknown_device(span: &Span, name: &str, roster: &Roster) -> Problem {
    Problem::error(span, format!("unknown device `{name}`"))
        .did_you_mean(name, roster.names())
        .help(format!("the devices of this file: {}", listed(roster.names())))
}
