//! What is wrong with each broken server, by the sections of the rules (`lifecycle`).

mod commands;
mod gone;
mod notifications;
mod restart;
mod sessions;
mod status;

/// A server that is broken on purpose.
pub(crate) struct Fault {
    /// What it does.
    pub(crate) name: &'static str,
    /// The lines that make it so.
    pub(crate) changes: &'static [Change],
    /// The scenario that must fail.
    pub(crate) scenario: &'static str,
    /// What the failure must say.
    pub(crate) says: &'static str,
}

/// An expression of the server, and what stands in its place.
pub(crate) struct Change {
    /// Below `core/src`.
    pub(crate) file: &'static str,
    /// The expression; it stands once in the file.
    pub(crate) sound: &'static str,
    /// Another of the same type.
    pub(crate) broken: &'static str,
}

/// All faults, those of one section together.
pub(crate) fn all() -> impl Iterator<Item = &'static Fault> + Clone {
    const SECTIONS: &[&[Fault]] = &[
        status::FAULTS,
        gone::FAULTS,
        sessions::FAULTS,
        restart::FAULTS,
        notifications::FAULTS,
        commands::FAULTS,
    ];
    SECTIONS.iter().copied().flatten()
}
