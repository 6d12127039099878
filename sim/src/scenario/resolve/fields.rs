//! The keys of a map with a closed list of keys.
//!
//! Owns the complaints about unknown and repeated keys. Does not read values.

use super::Context;
use crate::scenario::diagnostic::{Problem, listed, nearest};
use crate::scenario::keys::Section;
use crate::scenario::syntax::{Entry, Node, Value};

/// The known keys of a map, each at most once, and the entries that mean them.
pub(super) struct Fields<'n>(Vec<(&'static str, &'n Entry)>);

impl<'n> Fields<'n> {
    /// The entry of this key, if the author wrote it.
    pub(super) fn find(&self, key: &str) -> Option<&'n Entry> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, entry)| *entry)
    }

    /// The first key as it is written.
    pub(super) fn first(&self) -> Option<&'n Entry> {
        self.0.first().map(|(_, entry)| *entry)
    }
}

impl Context<'_> {
    /// Sorts out the known keys. Keys that begin with `x-` are the author's own, for anchors. What is misspelt is reported
    /// and read as what was probably meant, so that nobody is told besides that it is missing.
    pub(super) fn fields<'n>(
        &mut self,
        entries: impl IntoIterator<Item = &'n Entry>,
        section: &Section,
    ) -> Fields<'n> {
        let entries: Vec<_> = entries.into_iter().filter(|entry| !entry.key.starts_with("x-")).collect();
        let mut kept: Vec<(&str, &Entry)> = Vec::new();
        for entry in &entries {
            let Some(key) = section.find(&entry.key) else {
                self.report(unknown(entry, section));
                continue;
            };
            match kept.iter().find(|(name, _)| *name == key.name) {
                Some((_, first)) => self.report(twice(entry, first)),
                None => kept.push((key.name, entry)),
            }
        }
        for entry in entries {
            let meant =
                nearest(&entry.key, section.names()).filter(|meant| kept.iter().all(|it| it.0 != *meant));
            kept.extend(meant.map(|meant| (meant, entry)));
        }
        Fields(kept)
    }

    /// The entries of a value that must be a map; none if it is not.
    pub(super) fn map<'n>(&mut self, entry: &'n Entry, example: &str) -> &'n [Entry] {
        self.keep(map(entry, example)).unwrap_or_default()
    }
}

/// The entries of a value that must be a map.
pub(super) fn map<'n>(entry: &'n Entry, example: &str) -> Result<&'n [Entry], Problem> {
    match &entry.value.value {
        Value::Map(entries) => Ok(entries),
        Value::Null | Value::Text(_) | Value::List(_) => {
            Err(wrong_kind(&entry.key, "a map", &entry.value).help(format!("such as `{example}`")))
        }
    }
}

/// `what` needs something else than what stands there.
pub(super) fn wrong_kind(what: &str, needed: &str, node: &Node) -> Problem {
    Problem::error(&node.span, format!("`{what}` needs {needed}, and this is {}", node.kind()))
}

fn unknown(entry: &Entry, section: &Section) -> Problem {
    Problem::error(&entry.key_span, format!("unknown key `{}`", entry.key))
        .did_you_mean(&entry.key, section.names())
        .help(format!("{} has the keys {}", section.name, listed(section.names())))
}

/// A key that stands in its map a second time.
pub(super) fn twice(entry: &Entry, first: &Entry) -> Problem {
    Problem::error(&entry.key_span, format!("`{}` stands twice", entry.key)).other(&first.key_span, "first")
}
