//! The keys of a map with a closed list of keys.
//!
//! Owns the complaints about unknown and repeated keys. Does not read values.

use super::Context;
use crate::scenario::diagnostic::{Problem, listed};
use crate::scenario::keys::Section;
use crate::scenario::syntax::{Entry, Node, Value};

/// The known keys of a map, each at most once.
pub(super) struct Fields<'n>(Vec<&'n Entry>);

impl<'n> Fields<'n> {
    /// The entry of this key, if the author wrote it.
    pub(super) fn find(&self, key: &str) -> Option<&'n Entry> {
        self.0.iter().copied().find(|entry| entry.key == key)
    }

    /// The first key as it is written.
    pub(super) fn first(&self) -> Option<&'n Entry> {
        self.0.first().copied()
    }
}

impl Context<'_> {
    /// Sorts out the known keys. Keys that begin with `x-` are the author's own, for anchors.
    pub(super) fn fields<'n>(
        &mut self,
        entries: impl IntoIterator<Item = &'n Entry>,
        section: &Section,
    ) -> Fields<'n> {
        let mut kept: Vec<&Entry> = Vec::new();
        for entry in entries.into_iter().filter(|entry| !entry.key.starts_with("x-")) {
            let first = kept.iter().find(|first| first.key == entry.key);
            let checked = known(entry, section).and_then(|()| first.map_or(Ok(()), |f| Err(twice(entry, f))));
            if self.keep(checked).is_some() {
                kept.push(entry);
            }
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

fn known(entry: &Entry, section: &Section) -> Result<(), Problem> {
    if section.find(&entry.key).is_some() {
        return Ok(());
    }
    Err(Problem::error(&entry.key_span, format!("unknown key `{}`", entry.key))
        .did_you_mean(&entry.key, section.names())
        .help(format!("{} has the keys {}", section.name, listed(section.names()))))
}

/// A key that stands in its map a second time.
pub(super) fn twice(entry: &Entry, first: &Entry) -> Problem {
    Problem::error(&entry.key_span, format!("`{}` stands twice", entry.key)).other(&first.key_span, "first")
}
