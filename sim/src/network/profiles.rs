//! Networks by name.

use crate::plan::Quality;

/// The network of this name.
pub fn find(name: &str) -> Option<Quality> {
    (name == "ideal").then_some(Quality::IDEAL)
}

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    ["ideal"].into_iter()
}
