//! What a stop, a crash or a restart of the server may change (`lifecycle` section 7).

use super::{Change, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a restart gives no grace",
        changes: &[Change {
            file: "hub.rs",
            sound: "self.settings.grace(machine.heartbeat())",
            broken: "{ let _ = machine; crate::time::Duration::ZERO }",
        }],
        scenario: "scenarios/server/crash-unnoticed.yaml",
        says: "sensor at 1m20s: entered offline within the grace after the server's restart",
    },
    Fault {
        name: "a restart gives no grace to those that were away before",
        changes: &[Change {
            file: "hub.rs",
            sound: "self.registry.handle_input(now, input)",
            broken: "{ let _ = input; }",
        }],
        scenario: "scenarios/server/down-past-a-deadline.yaml",
        says: "back at 3m: entered offline while the server was down",
    },
    Fault {
        name: "the end of the server is taken for the end of its devices' connections",
        changes: &[
            Change {
                file: "hub.rs",
                sound: "self.record(now, device, Event::Interrupted { session })",
                broken: "{
                    let reason = crate::close::CloseReason::Server;
                    let last_command = crate::protocol::Command::Ping;
                    let close = crate::timeline::Close { reason, last_byte_at: now, last_command };
                    self.record(now, device, Event::Closed { session, close })
                }",
            },
            Change {
                file: "hub.rs",
                sound: "self.tell(now, device, lifecycle::Input::Restarted { grace })",
                broken: "{
                    let _ = grace;
                    let reason = crate::close::CloseReason::Server;
                    self.tell(now, device, lifecycle::Input::Closed { reason, last_byte_at: now })
                }",
            },
        ],
        scenario: "scenarios/server/crash-unnoticed.yaml",
        says: "session 1 was live when the server went down, but was not interrupted",
    },
    Fault {
        name: "a change of status is told and not stored",
        changes: &[Change {
            file: "hub.rs",
            sound: "self.write(Write::State(device, *self.registry.machine(device).state()))",
            broken: "{}",
        }],
        scenario: "scenarios/server/notification-owed-over-a-restart.yaml",
        says: "sensor at 5m7s: entered offline, which nothing calls for",
    },
    Fault {
        name: "the announced heartbeat is not stored",
        changes: &[Change {
            file: "hub/word.rs",
            sound: "self.tell(now, device, lifecycle::Input::Announced(heartbeat))",
            broken: "{ let _ = heartbeat; }",
        }],
        scenario: "scenarios/server/kill.yaml",
        says: "gone at 2m35s: offline is due at 1m58s",
    },
];
