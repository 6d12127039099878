//! No text makes the language panic.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Pieces that mean something, so that mutations get past the first check.
const PIECES: [&str; 24] = [
    "\n",
    "  ",
    ": ",
    "{ ",
    " }",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: ",
    "- ",
    ">5",
    "|",
    "10:49:00",
    "..",
    "99999999999w",
    "-1m->",
    "all",
    "connect",
    "for",
    "é",
    "\u{feff}",
    "\"",
    "\t",
];

proptest! {
    #[test]
    fn any_text(text in "\\PC{0,200}") {
        said(&text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        said(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_sound_file_with_pieces_inserted_and_removed(
        sound in select([DOCUMENTED, SLEEPING].as_slice()),
        edits in prop::collection::vec((0..SLEEPING.len(), 0_usize..6, select(PIECES.as_slice())), 1..6),
    ) {
        let mut text: Vec<char> = sound.chars().collect();
        for (at, removed, piece) in edits {
            let at = at.min(text.len());
            let end = (at + removed).min(text.len());
            text.splice(at..end, piece.chars());
        }
        said(&text.into_iter().collect::<String>());
    }
}
