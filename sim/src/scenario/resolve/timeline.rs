//! The timeline: moments and windows to steps.
//!
//! Owns what may stand under a time key: one action or a list of actions.

use super::Context;
use super::fields::Fields;
use super::roster::Roster;
use super::steps::{MOST, Steps};
use super::times::TimeKeys;
use crate::plan::{Step, Window};
use crate::random::Seed;
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::{Entry, Node, Value};

impl Context<'_> {
    pub(super) fn timeline(&mut self, fields: &Fields<'_>, roster: &Roster, seed: Seed) -> Vec<Step> {
        let Some(timeline) = fields.find("timeline") else { return Vec::new() };
        let (mut seen, mut steps) = (TimeKeys::default(), Steps::new(seed, roster));
        for entry in self.map(timeline, "timeline: { 0s: { connect: sensor } }") {
            let window = self.window_key(entry, &mut seen);
            self.picks.forget();
            for node in self.keep(actions(entry)).unwrap_or_default() {
                self.add_action(window, node, &mut steps, roster);
            }
        }
        steps.finish()
    }

    /// Also without a time an action is read, for its own mistakes.
    fn add_action(&mut self, window: Option<Window>, node: &Node, steps: &mut Steps<'_>, roster: &Roster) {
        let (Some(act), Some(window)) = (self.act(node, roster), window) else { return };
        if act.needs_window() && window.length().is_zero() {
            let title = "`every` and `evenly` need a window, and this is a single moment";
            let help = "write a window, such as `0s..2m`, as the time";
            self.report(Problem::error(&node.span, title).help(help));
        } else if steps.fits(window, &act) {
            let latest = steps.add(window, act);
            self.written.undone_by(latest);
        } else {
            let title = format!("the timeline has more than {MOST} steps");
            self.report(
                Problem::error(&node.span, title)
                    .help("name fewer devices or actions, or repeat them less often"),
            );
        }
    }
}

fn actions(entry: &Entry) -> Result<&[Node], Problem> {
    match &entry.value.value {
        Value::List(actions) if !actions.is_empty() => Ok(actions),
        Value::Map(_) | Value::Text(_) => Ok(std::slice::from_ref(&entry.value)),
        Value::Null | Value::List(_) => Err(Problem::error(&entry.key_span, "nothing happens at this time")
            .help(format!("write `{}: {{ connect: sensor }}`", entry.key))),
    }
}
