//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Beside connections: the database, logs, and what the runtime needs.
const OTHERS: u64 = 64;

/// Asks for as many as the system allows. Returns how many connections can be served: those that were asked for, or else
/// as many as fit and no more than the default.
pub(super) fn connections(asked: Option<u32>, default: u32) -> u32 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "cannot have more files open");
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let fit = u32::try_from(files.saturating_sub(OTHERS)).unwrap_or(u32::MAX).max(1);
    if let Some(asked) = asked.filter(|asked| *asked > fit) {
        tracing::warn!(files, asked, "the system allows fewer open files than connections were asked for");
    }
    asked.unwrap_or(default).min(fit)
}
