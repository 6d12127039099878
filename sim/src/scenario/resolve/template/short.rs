//! The short form of a chain: `online -2m-> offline`.
//!
//! Owns statuses and arrows. What makes a chain whole is the server's own rule, [`Chain::new`].

use blynk_core::lifecycle::{Chain, ChainError, Status};
use blynk_core::time::Duration;

use super::{misspelt, status_key};
use crate::plan::Span;
use crate::scenario::diagnostic::Problem;
use crate::scenario::resolve::{Context, read};
use crate::scenario::syntax::{Entry, Node};
use crate::scenario::units;

const CHAIN_HELP: &str = "write statuses and waits in turn: `online -2m-> standby -1d-> offline`";

impl Context<'_> {
    pub(super) fn short_form(&mut self, entry: &Entry) -> Option<Chain> {
        let text = self.keep(read::text(&entry.key, &entry.value))?;
        let statuses = self.statuses(&entry.value, text)?;
        self.keep(Chain::new(statuses).map_err(|error| {
            let names = tokens(text).step_by(2);
            let placed = names.map(|(span, name)| (read::part(self.source, &entry.value, text, span), name));
            broken(&entry.value, placed, &error)
        }))
    }

    /// Statuses and arrows in turn; every one that is wrong is reported.
    fn statuses(&mut self, node: &Node, text: &str) -> Option<Vec<Status>> {
        let (mut statuses, mut wait, mut whole) = (Vec::new(), Some(Duration::ZERO), true);
        for (place, (span, token)) in tokens(text).enumerate() {
            let span = read::part(self.source, node, text, span);
            if !place.is_multiple_of(2) {
                wait = self.keep(arrow(&span, token));
                continue;
            }
            match (self.keep(status_key(&span, token, CHAIN_HELP)), wait) {
                (Some(key), Some(wait)) => statuses.push(Status::new(key, wait)),
                (None, _) | (_, None) => whole = false,
            }
        }
        if tokens(text).count().is_multiple_of(2) {
            let end = read::part(self.source, node, text, text.len().saturating_sub(1)..text.len());
            self.report(Problem::error(&end, "the chain does not end with a status").help(CHAIN_HELP));
            whole = false;
        }
        whole.then_some(statuses)
    }
}

/// The words of a text and where in it they stand.
fn tokens(text: &str) -> impl Iterator<Item = (Span, &str)> {
    text.split_whitespace().map(|token| {
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        (start..start + token.len(), token)
    })
}

fn arrow(span: &Span, token: &str) -> Result<Duration, Problem> {
    let Some(wait) = token.strip_prefix('-').and_then(|rest| rest.strip_suffix("->")) else {
        return Err(Problem::error(span, format!("`{token}` is not a wait between two statuses"))
            .help("write the wait into an arrow, with spaces around it: `-2m->`, or `-0s->` for none"));
    };
    units::duration(wait).map_err(|error| read::not_a_time(span, &error))
}

fn broken<'a>(node: &Node, names: impl IntoIterator<Item = (Span, &'a str)>, error: &ChainError) -> Problem {
    let problem = misspelt(error, names).unwrap_or_else(|| Problem::error(&node.span, error.to_string()));
    problem.help(match error {
        ChainError::Length(_) | ChainError::FirstHasWait | ChainError::FirstHasControls => CHAIN_HELP,
        ChainError::FirstNotOnline(_) => "put `online` first; other statuses stand anywhere after it",
        ChainError::NoOffline => "end with `... -2m-> offline`; other statuses may stand before and after it",
        ChainError::Duplicate(_) => "give each status a name of its own",
    })
}
