//! Users' commands, and what becomes of them (`lifecycle` section 10).

use super::{Change, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a command that is to be blocked is let through",
        changes: &[Change {
            file: "hub/call.rs",
            sound: "self.status(device).map_or(Controls::Allow, |status| status.controls)",
            broken: "Controls::Allow",
        }],
        scenario: "scenarios/interactions/blocked.yaml",
        says: "a command for V2 is pending where it is to be blocked",
    },
    Fault {
        name: "a command is replaced by an older one",
        changes: &[Change {
            file: "control.rs",
            sound: "self.devices.entry(device).or_default().pending.insert(command.pin, command)",
            broken: "{
                self.devices.entry(device).or_default().pending.entry(command.pin).or_insert(command);
                None
            }",
        }],
        scenario: "scenarios/interactions/latest-of-each-pin.yaml",
        says: "a command for V1 was applied, but does not wait",
    },
    Fault {
        name: "a pending command is forgotten over a restart",
        changes: &[Change {
            file: "hub.rs",
            sound: "Pins { values: device.values, pending: device.pending }",
            broken: "Pins { values: device.values, ..Pins::default() }",
        }],
        scenario: "scenarios/interactions/command-over-a-restart.yaml",
        says: "the device asked for what it missed, but was not handed the command for V1",
    },
];
