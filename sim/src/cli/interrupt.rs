//! What an interrupt (ctrl-c) does: it is said, and it waits for files that are being put into their places.

use std::io::{self, Write};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What shells say of a program that was interrupted.
const INTERRUPTED: i32 = 130;

static WRITING: Mutex<()> = Mutex::new(());

/// From now on. A system that lets nobody handle it ends the program all the same.
pub(super) fn heed() {
    let _ = ctrlc::set_handler(|| {
        let _held = held_off();
        let _ = writeln!(io::stderr(), "interrupted");
        process::exit(INTERRUPTED);
    });
}

/// Held while files are written under other names: they would be left behind.
pub(super) fn held_off() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}
