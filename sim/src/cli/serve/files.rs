//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Beside connections: the database, logs, and what the runtime needs.
const OTHERS: u64 = 64;

/// Asks for as many as the system allows, and says so if that is too few for all connections.
pub(super) fn allow(connections: u32) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, "cannot have more files open");
    }
    if let Some(files) = getrlimit(Resource::Nofile).current
        && files < u64::from(connections) + OTHERS
    {
        tracing::warn!(
            files,
            connections,
            "the system allows fewer open files than the limit of connections: later ones will wait"
        );
    }
}
