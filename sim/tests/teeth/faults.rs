//! What is wrong with each broken server.

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

pub(crate) const FAULTS: &[Fault] = &[
    Fault {
        name: "the wait after a silence counts from the close, not from the last byte",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "wait_base(detected, reason, last_byte_at)",
            broken: "{ let _ = (reason, last_byte_at); detected }",
        }],
        scenario: "scenarios/documented/4-wifi-loss-exact.yaml",
        says: "offline is due at 10:52:01",
    },
    Fault {
        name: "the allowance is rounded up",
        changes: &[Change {
            file: "settings.rs",
            sound: "Self::whole_seconds(heartbeat * 3 / 2)",
            broken: "Self::whole_seconds(heartbeat * 3 / 2 + Duration::from_millis(999))",
        }],
        scenario: "scenarios/documented/4-wifi-loss-exact.yaml",
        says: "closed (heartbeat), but the allowance was not over, or over before",
    },
];
