//! Knowing that a device is gone, and the waits that begin then (`lifecycle` section 4).

use super::{Change, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "the wait after a silence counts from the close, not from the last byte",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "self.state.connection.wait_base()?",
            broken: "detected",
        }],
        scenario: "scenarios/documented/4-wifi-loss-exact.yaml",
        says: "offline is due at 10:52:01",
    },
    Fault {
        name: "the wait after a close counts from the last byte, not from the close",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "self.state.connection.wait_base()?",
            broken: "match self.state.connection { Connection::Disconnected { last_byte_at, .. } => last_byte_at, _ => since }",
        }],
        scenario: "scenarios/documented/1-graceful.yaml",
        says: "offline is due at 10:55:00",
    },
    Fault {
        name: "a later wait counts from the close, not from the status before",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "Standing { status: change.to, since: at }",
            broken: "{
                let closed = match self.state.connection {
                    Connection::Disconnected { at, .. } | Connection::Reported { at } => at,
                    Connection::Never | Connection::Connected { .. } => at,
                };
                Standing { status: change.to, since: closed }
            }",
        }],
        scenario: "scenarios/lifecycle/offline-then-inactive.yaml",
        says: "inactive is due at 11m30s",
    },
    Fault {
        name: "a change is applied before the silence was noticed",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "detected.max(base + entered.wait)",
            broken: "base + entered.wait",
        }],
        scenario: "scenarios/documented/5-wifi-loss-short-wait-exact.yaml",
        says: "offline is due at 10:51:08",
    },
    Fault {
        name: "a timer is not cancelled on reconnect",
        changes: &[Change {
            file: "lifecycle/machine.rs",
            sound: "self.state.connection = Connection::Connected { session, since: now }",
            broken: "if self.upcoming().is_none() {
                self.state.connection = Connection::Connected { session, since: now }
            }",
        }],
        scenario: "scenarios/documented/2-graceful-reconnect.yaml",
        says: "entered offline, which nothing calls for",
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
    Fault {
        name: "a byte at the very end of the allowance does not count",
        changes: &[Change {
            file: "server/connection.rs",
            sound: "self.session.wants_bytes()",
            broken: "self.session.wants_bytes()
                && self.session.poll_timeout().is_none_or(|(deadline, _)| self.house.clock.now() < deadline)",
        }],
        scenario: "scenarios/heartbeat/byte-at-the-end.yaml",
        says: "sensor at 8s: says the last byte came at 5s, but one was delivered later",
    },
    Fault {
        name: "the announced heartbeat is ignored",
        changes: &[Change {
            file: "session/request.rs",
            sound: "self.state = State::Live { heartbeat, since: now, is_announced: true }",
            broken: "{ let _ = heartbeat; }",
        }],
        scenario: "scenarios/heartbeat/lengthened.yaml",
        says: "sensor at 1m15s: closed (heartbeat), but the allowance was not over",
    },
    Fault {
        name: "a silence is not noticed",
        changes: &[Change {
            file: "session.rs",
            sound: "Some((silent_since + self.settings.allowance.of(heartbeat), Timer::Heartbeat))",
            broken: "{ let _ = (silent_since, heartbeat); None }",
        }],
        scenario: "scenarios/lifecycle/lost-for-hours.yaml",
        says: "frozen at 2m7s: the connection is gone, but was still believed to live",
    },
    Fault {
        name: "a FIN is not noticed",
        changes: &[Change {
            file: "server/connection.rs",
            sound: "Poll::Ready(Ok(self.on_read(buffer.filled())))",
            broken: "if buffer.filled().is_empty() {
                Poll::Pending
            } else {
                Poll::Ready(Ok(self.on_read(buffer.filled())))
            }",
        }],
        scenario: "scenarios/documented/1-graceful.yaml",
        says: "sensor at 10:50:00: the connection is gone, but was still believed to live",
    },
    Fault {
        name: "an RST is taken for nothing",
        changes: &[Change {
            file: "server/connection.rs",
            sound: "ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))",
            broken: "match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Err(_) => return Poll::Pending,
                read => read,
            }",
        }],
        scenario: "scenarios/network/reset.yaml",
        says: "sensor at 1m: the connection is gone, but was still believed to live",
    },
    Fault {
        name: "a flood is borne",
        changes: &[Change {
            file: "session.rs",
            sound: "self.flood.message(now) > usize::from(self.settings.messages_per_second)",
            broken: "false",
        }],
        scenario: "scenarios/protocol/flood.yaml",
        says: "more messages than a second may, but was still believed to live",
    },
];
