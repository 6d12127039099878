//! Who speaks for a device (`lifecycle` section 6).

use super::{Change, Fault};

/// A session that was superseded is heard on.
const IS_HEARD_ON: Change = Change { file: "hub/word.rs", sound: "self.live.remove(&older)", broken: "None" };

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "the late FIN of a superseded session is honoured",
        changes: &[
            IS_HEARD_ON,
            Change {
                file: "server/connection.rs",
                sound: "Box::pin(timeout(FAREWELL.into(), self.farewell())).await",
                broken: "{
                    let farewell = timeout(FAREWELL.into(), self.farewell()).await;
                    let mut rest = [0; READ];
                    while let Ok(1..) = tokio::io::AsyncReadExt::read(&mut self.stream, &mut rest).await {}
                    let (last_byte_at, last_command) = self.session.last();
                    let close = Close { reason: CloseReason::Closed, last_byte_at, last_command };
                    let letter = self.letter(self.house.clock.now(), Word::Closed(close));
                    let _ = self.house.words.send(letter).await;
                    farewell
                }",
            },
        ],
        scenario: "scenarios/sessions/late-close-of-the-old.yaml",
        says: "sensor at 1m30s: session 1 speaks, but is not the live one",
    },
    Fault {
        name: "a takeover lets both speak",
        changes: &[
            IS_HEARD_ON,
            Change {
                file: "hub/word.rs",
                sound: "self.outputs.push_back(Output::Supersede(older))",
                broken: "{}",
            },
        ],
        scenario: "scenarios/sessions/two-sockets-one-token.yaml",
        says: "sensor at 5m: session 1 speaks, but is not the live one",
    },
    Fault {
        name: "a login beside a live session takes over where it is to be refused",
        changes: &[Change {
            file: "hub/word.rs",
            sound: "(self.live_session(device), self.settings.takeover)",
            broken: "(self.live_session(device), Takeover::Accept)",
        }],
        scenario: "scenarios/sessions/takeover-rejected-clone.yaml",
        says: "was superseded by a login that is to be refused",
    },
    Fault {
        name: "the numbers of sessions begin anew after a restart",
        changes: &[Change {
            file: "hub.rs",
            sound: "SessionId(newest_session.map_or(1, |newest| newest.0 + 1))",
            broken: "SessionId(1)",
        }],
        scenario: "scenarios/server/crash-unnoticed.yaml",
        says: "session 1 was used before",
    },
    Fault {
        name: "good logins are throttled like failed ones",
        changes: &[Change {
            file: "hub/word.rs",
            sound: "self.registry.find(&token)",
            broken: "self.registry.find(&token).filter(|_| self.failures.failed(now, (address.ip().into(), token)))",
        }],
        scenario: "scenarios/notifications/flapping-is-limited.yaml",
        says: "a login was delivered, but never accepted",
    },
];
