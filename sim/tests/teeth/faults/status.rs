//! Which status a device is in while it is heard, or says so itself (`lifecycle` sections 2, 3 and 8).

use super::{Change, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a ping counts as data",
        changes: &[Change {
            file: "session.rs",
            sound: "self.on_request(now, command, id, body)",
            broken: "{
                if command == Command::Ping { self.say(now, Word::Data) }
                self.on_request(now, command, id, body)
            }",
        }],
        scenario: "scenarios/lifecycle/set-by-device.yaml",
        says: "entered online because of data, but none was delivered",
    },
    Fault {
        name: "data does not set Online",
        changes: &[Change {
            file: "hub/word.rs",
            sound: "self.on_wrote(now, device, pin, value)",
            broken: "self.write_value(device, pin, value)",
        }],
        scenario: "scenarios/lifecycle/set-by-device.yaml",
        says: "data was delivered, but the device stayed standby",
    },
    Fault {
        name: "a report over HTTP does not move the wait",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "self.state.connection = Connection::Reported { at: now }",
            broken: "if self.state.connection == Connection::Never {
                self.state.connection = Connection::Reported { at: now }
            }",
        }],
        scenario: "scenarios/http/reports-on-time.yaml",
        says: "weather at 15m0.1s: offline is due at 2h15m0.1s",
    },
    Fault {
        name: "a report over HTTP beside a live session disconnects it",
        changes: &[
            Change { file: "hub/call.rs", sound: "self.live_session(device).is_none()", broken: "true" },
            Change {
                file: "lifecycle/machine.rs",
                sound: "self.state.connection.live_session().is_none()",
                broken: "true",
            },
        ],
        scenario: "scenarios/http/report-beside-a-session.yaml",
        says: "recorded data of a request as a connection of its own, beside a live session",
    },
    Fault {
        name: "a status that stands earlier may be set",
        changes: &[Change {
            file: "hub.rs",
            sound: "machine.template().chain.later_than(standing.status)",
            broken: "{ let _ = standing; machine.template().chain.later_than(StatusIndex::ONLINE) }",
        }],
        scenario: "scenarios/lifecycle/earlier-status-refused.yaml",
        says: "entered standby where inactive is due",
    },
    Fault {
        name: "a status without a wait is skipped",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "Change { from: Some(status), to: next, cause }",
            broken: "{
                let mut to = next;
                while let Some((later, it)) = self.template.chain.after(to) && it.wait.is_zero() {
                    to = later;
                }
                Change { from: Some(status), to, cause }
            }",
        }],
        scenario: "scenarios/lifecycle/two-changes-at-once.yaml",
        says: "entered offline where standby is due",
    },
];
