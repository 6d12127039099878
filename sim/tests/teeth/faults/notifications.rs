//! What is owed, when it is delivered, and what becomes a dead letter (`lifecycle` section 9).

use super::{Change, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a notification is sent twice, under two keys",
        changes: &[Change {
            file: "outbox.rs",
            sound: "self.owe(now, notification)",
            broken: "{
                self.owe(now, notification.clone());
                let id = self.number();
                self.owe(now, Notification { id, ..notification })
            }",
        }],
        scenario: "scenarios/notifications/receiver-down.yaml",
        says: "sensor at 2m: notification offline email owner: it was not earned",
    },
    Fault {
        name: "a notification is tried again under a new key",
        changes: &[Change {
            file: "outbox.rs",
            sound: "progress.at = now + retry::pause(progress.failed)",
            broken: "{
                notification.id.0 += 1_000;
                progress.at = now + retry::pause(progress.failed)
            }",
        }],
        scenario: "scenarios/notifications/receiver-slow.yaml",
        says: "notification offline email owner delivered, but was not owed",
    },
    Fault {
        name: "the limit of notifications is ignored",
        changes: &[
            Change { file: "outbox.rs", sound: "tally.is_limited(now, notify.limit)", broken: "false" },
            Change { file: "outbox.rs", sound: "account.is_limited(now, &notification)", broken: "false" },
        ],
        scenario: "scenarios/notifications/flapping-is-limited.yaml",
        says: "sensor at 20s: notification offline push owner: it was not earned",
    },
    Fault {
        name: "the limit does not hold for what waits already",
        changes: &[Change {
            file: "outbox.rs",
            sound: "account.is_limited(now, &notification)",
            broken: "false",
        }],
        scenario: "scenarios/notifications/limit-while-waiting.yaml",
        says: "another was delivered within the limit's period",
    },
    Fault {
        name: "the quota is ignored",
        changes: &[Change { file: "outbox.rs", sound: "!has_room", broken: "false" }],
        scenario: "scenarios/notifications/quota.yaml",
        says: "it is to be a dead letter: over the device's quota of notifications",
    },
    Fault {
        name: "entries that are close together notify each",
        changes: &[Change {
            file: "outbox.rs",
            sound: "tally.is_too_soon(now, self.settings.notification_gap)",
            broken: "false",
        }],
        scenario: "scenarios/notifications/quota.yaml",
        says: "it is to be a dead letter: closer to another of this status than the setting notification-gap allows",
    },
    Fault {
        name: "every entry notifies, whatever is to be counted out",
        changes: &[Change { file: "outbox.rs", sound: "tally.entries % notify.every != 0", broken: "false" }],
        scenario: "scenarios/notifications/every-third.yaml",
        says: "sensor at 1m: notification offline email owner: it was not earned",
    },
    Fault {
        name: "a dead letter is dropped silently",
        changes: &[Change {
            file: "outbox.rs",
            sound: "self.bury(now, notification, why)",
            broken: "{ let _ = (notification, why); }",
        }],
        scenario: "scenarios/notifications/no-contact.yaml",
        says: "notification offline email installer was earned, but never came to be",
    },
    Fault {
        name: "the newest notification of a device goes first",
        changes: &[
            Change {
                file: "outbox/account.rs",
                sound: "self.owed.front_mut()",
                broken: "self.owed.back_mut()",
            },
            Change {
                file: "outbox.rs",
                sound: "self.account(device).owe(now, Owed { notification, progress })",
                broken: "{
                    self.account(device).owe(now, Owed { notification, progress });
                    true
                }",
            },
        ],
        scenario: "scenarios/notifications/limit-while-waiting.yaml",
        says: "which was owed first",
    },
    Fault {
        name: "what is owed is forgotten over a restart",
        changes: &[Change {
            file: "hub.rs",
            sound: "hub.outbox.resume(notification, progress)",
            broken: "{ let _ = (notification, progress); }",
        }],
        scenario: "scenarios/server/notification-owed-over-a-restart.yaml",
        says: "is owed, and was neither delivered nor given up by the end",
    },
    Fault {
        name: "the limit is forgotten over a restart",
        changes: &[Change { file: "hub.rs", sound: "hub.outbox.restore(id, device.ledger)", broken: "{}" }],
        scenario: "scenarios/server/limit-over-a-restart.yaml",
        says: "limited at 7m: notification offline push owner: it was not earned",
    },
];
