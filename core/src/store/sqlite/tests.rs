mod archive;
mod files;
mod history;
mod keep;
mod with_a_hub;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use super::*;
use crate::close::CloseReason;
use crate::command::{self, Verdict};
use crate::hub::{About, Call, CallId, Hub, Input, Output, Wish};
use crate::id::{CommandId, DeviceId, NotificationId, Pin, SessionId, StatusIndex, Token};
use crate::lifecycle::{Chain, Connection as Contact, Standing, State, Status, Template};
use crate::notification::{
    Channel, Delivery, Failure, Ledger, Notification, Notify, Progress, Stage, Tally, Undeliverable,
};
use crate::protocol;
use crate::session::Word;
use crate::settings::Settings;
use crate::store::{Identity, Memory, Section, StoredDevice};
use crate::time::{Duration as Length, Instant};
use crate::timeline::{Close, Entry, Event};

const LAMP: DeviceId = DeviceId(0);
const PUMP: DeviceId = DeviceId(1);
const NOBODY: DeviceId = DeviceId(9);

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Length::from_secs(seconds)
}

fn token(device: DeviceId) -> Token {
    Token::parse(&[b'a' + u8::try_from(device.0).expect("small"); Token::LEN]).expect("32 characters")
}

/// `online -1m-> offline -1h-> inactive`; two people are told when a device goes offline.
fn template() -> Template {
    let notify = Notify {
        channels: vec![Channel::Email, Channel::Push],
        to: vec!["owner".into(), "stranger".into()],
        text: Some("it is \"gone\"\0".into()),
        limit: Length::HOUR,
        every: NonZeroU32::MIN,
    };
    let offline = Status { notify: Some(notify), ..Status::new("offline", Length::MINUTE) };
    let statuses = vec![Status::new("online", Length::ZERO), offline, Status::new("inactive", Length::HOUR)];
    let contacts = BTreeMap::from([("owner".into(), "owner@example.com".into())]);
    Template { contacts, ..Template::new("sensor", Chain::new(statuses).expect("a chain")) }
}

fn identity(device: DeviceId) -> Identity {
    let contacts = BTreeMap::from([("installer".into(), "+49 30 \u{1f514}".into())]);
    Identity {
        name: format!("no. {}", device.0).into(),
        token: token(device),
        template: "sensor".into(),
        contacts,
    }
}

fn first_writes() -> Vec<Write> {
    let devices = [LAMP, PUMP].map(|device| Write::Device(device, identity(device)));
    [Write::Template(Arc::new(template()))].into_iter().chain(devices).collect()
}

/// A store of the lamp and the pump.
fn store() -> Sqlite {
    let mut store = Sqlite::in_memory().expect("a database in memory");
    store.commit(&first_writes()).expect("a commit");
    store
}

fn new(device: DeviceId) -> StoredDevice {
    StoredDevice {
        id: device,
        identity: identity(device),
        state: State::NEW,
        values: BTreeMap::new(),
        pending: BTreeMap::new(),
        ledger: Ledger::default(),
    }
}

fn entries(store: &Sqlite, device: DeviceId, offset: u64, limit: u32) -> Vec<Entry> {
    let excerpt = store.timeline(device, Section { offset, limit }).expect("a timeline");
    excerpt.content.into_iter().map(|recorded| recorded.entry).collect()
}

fn state() -> State {
    State {
        connection: Contact::Connected { session: SessionId(7), since: at(3) },
        standing: Some(Standing { status: StatusIndex(2), since: at(4) }),
        announced: Some(Length::from_secs(10)),
        grace_until: at(5),
        newest_session: Some(SessionId(7)),
    }
}

fn ledger() -> Ledger {
    let tally = Tally {
        entries: 4,
        owed_at: Some(at(1)),
        delivered: Some(Delivery { at: at(2), entered_at: at(1) }),
    };
    Ledger { day: at(1), in_day: 3, statuses: BTreeMap::from([("standby".into(), tally)]) }
}

fn command(id: u64, pin: u8) -> command::Command {
    command::Command { id: CommandId(id), pin: Pin(pin), value: "1\0'".into() }
}

fn notification(id: u64) -> Notification {
    Notification {
        id: NotificationId(id),
        device: LAMP,
        status: StatusIndex(1),
        key: "standby".into(),
        label: "Standby".into(),
        entered_at: at(1),
        channel: Channel::Sms,
        to: "owner".into(),
        address: Some("+49".into()),
        text: None,
        limit: Length::HOUR,
    }
}

fn progress(stage: Stage) -> Progress {
    Progress { stage, failed: 2, failure: Some(Failure::new("answered 503")), ordered: true, at: at(9) }
}

fn reported(second: u64) -> Write {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    Write::Entry(LAMP, Entry { at: at(second), event: Event::Reported { address } })
}

/// What is loaded after these commits to a store of the lamp and the pump.
fn check(commits: &[&[Write]], expected: impl FnOnce(&mut Stored)) {
    let mut store = store();
    commits.iter().for_each(|writes| store.commit(writes).expect("a commit"));
    let mut stored = Stored {
        templates: BTreeMap::from([("sensor".into(), Arc::new(template()))]),
        devices: vec![new(LAMP), new(PUMP)],
        ..Stored::default()
    };
    expected(&mut stored);
    assert_eq!(store.load().expect("what was written"), stored);
}

/// The commit is refused with these words, and nothing of it is kept.
fn check_refused(wrong: Write, words: &str) {
    let mut store = store();
    let before = store.load().expect("what was written");
    let error = store.commit(&[Write::State(LAMP, state()), reported(1), wrong]).expect_err("a wrong write");
    assert_eq!(error.to_string(), format!("{UNKNOWN}: {words}"));
    assert_eq!(store.load().expect("what was written before"), before);
    assert_eq!(entries(&store, LAMP, 0, 9), []);
}

const UNKNOWN: &str = "the database holds something that this version does not understand";

mod loading {
    use super::*;

    #[test]
    fn an_empty_store_is_empty() {
        let mut store = Sqlite::in_memory().expect("a database in memory");
        assert_eq!(store.load().expect("nothing"), Stored::default());
    }

    #[test]
    fn templates_and_devices_are_loaded() {
        check(&[], |_| {});
    }

    #[test]
    fn a_template_can_be_changed() {
        let changed = Template { heartbeat: Length::from_secs(9), ..template() };
        let changed = Arc::new(changed);
        check(&[&[Write::Template(changed.clone())]], |stored| {
            stored.templates.insert("sensor".into(), changed);
        });
    }

    #[test]
    fn the_last_state_counts() {
        check(&[&[Write::State(PUMP, State::NEW), Write::State(PUMP, state())]], |stored| {
            stored.devices[1].state = state();
        });
    }

    #[test]
    fn the_last_ledger_counts() {
        check(&[&[Write::Ledger(PUMP, Ledger::default()), Write::Ledger(PUMP, ledger())]], |stored| {
            stored.devices[1].ledger = ledger();
        });
    }

    #[test]
    fn the_last_value_of_a_pin_counts() {
        let value = |pin, value: &str| Write::Value(LAMP, Pin(pin), value.into());
        check(&[&[value(255, "1"), value(0, "")], &[value(255, "2\0'3")]], |stored| {
            stored.devices[0].values = BTreeMap::from([(Pin(0), "".into()), (Pin(255), "2\0'3".into())]);
        });
    }

    #[test]
    fn the_last_command_for_a_pin_waits() {
        let pending = |id, pin| Write::Pending(PUMP, command(id, pin));
        check(&[&[pending(1, 4), pending(2, 5)], &[pending(3, 4)]], |stored| {
            stored.devices[1].pending = BTreeMap::from([(Pin(4), command(3, 4)), (Pin(5), command(2, 5))]);
            stored.newest_command = Some(CommandId(3));
        });
    }

    #[test]
    fn a_settled_command_does_not_wait_and_its_number_is_not_used_again() {
        check(&[&[Write::Pending(PUMP, command(8, 4))], &[Write::Settled(PUMP, CommandId(8))]], |stored| {
            stored.newest_command = Some(CommandId(8));
        });
    }

    #[test]
    fn settling_an_older_command_leaves_the_newer() {
        let newer = Write::Pending(PUMP, command(2, 4));
        let commit = [Write::Pending(PUMP, command(1, 4)), newer, Write::Settled(PUMP, CommandId(1))];
        check(&[&commit], |stored| {
            stored.devices[1].pending = BTreeMap::from([(Pin(4), command(2, 4))]);
            stored.newest_command = Some(CommandId(2));
        });
    }

    #[test]
    fn nothing_is_left_of_a_removed_device_but_the_numbers_that_it_used() {
        let dead = progress(Stage::Dead(Undeliverable::Tries));
        let life = [
            Write::State(LAMP, state()),
            reported(1),
            Write::Value(LAMP, Pin(1), "1".into()),
            Write::Pending(LAMP, command(3, 4)),
            Write::Notification(notification(5), dead),
            Write::Notification(notification(6), progress(Stage::Owed)),
        ];
        check(&[&life, &[Write::Removed(LAMP)]], |stored| {
            stored.devices.remove(0);
            stored.newest_command = Some(CommandId(3));
            stored.newest_notification = Some(NotificationId(6));
            stored.newest_removed = Some(LAMP);
            stored.newest_removed_session = Some(SessionId(7));
        });
    }

    #[test]
    fn a_template_is_removed_when_no_device_follows_it() {
        let removed = Write::TemplateRemoved("sensor".into());
        check(&[&[Write::Removed(PUMP), Write::Removed(LAMP), removed]], |stored| {
            *stored = Stored { newest_removed: Some(PUMP), ..Stored::default() };
        });
    }

    #[test]
    fn the_number_of_a_blocked_command_is_not_used_again() {
        let event = Event::Commanded { command: command(6, 1), verdict: Verdict::Blocked };
        check(&[&[Write::Entry(LAMP, Entry { at: at(1), event })]], |stored| {
            stored.newest_command = Some(CommandId(6));
        });
    }

    #[test]
    fn notifications_are_loaded_while_they_are_owed() {
        let write = |id, stage| Write::Notification(notification(id), progress(stage));
        let dead = Stage::Dead(Undeliverable::Tries);
        let first = [10, 9, 3, 4].map(|id| write(id, Stage::Owed));
        check(&[&first, &[write(10, Stage::Delivered), write(3, dead)]], |stored| {
            stored.owed = [4, 9].map(|id| (notification(id), progress(Stage::Owed))).into();
            stored.newest_notification = Some(NotificationId(10));
        });
    }

    #[test]
    fn a_dead_letter_that_is_owed_again_has_the_address_of_now() {
        let again = Notification { address: Some("+44".into()), ..notification(3) };
        let dead = Write::Notification(notification(3), progress(Stage::Dead(Undeliverable::Tries)));
        check(&[&[dead], &[Write::Notification(again.clone(), progress(Stage::Owed))]], |stored| {
            stored.owed = vec![(again, progress(Stage::Owed))];
            stored.newest_notification = Some(NotificationId(3));
        });
    }

    #[test]
    fn the_newest_entries_come_first() {
        let mut store = store();
        (0..5).for_each(|second| store.commit(&[reported(second)]).expect("a commit"));
        let seconds = |offset, limit| {
            let entries = entries(&store, LAMP, offset, limit);
            entries.iter().map(|entry| entry.at.as_millis() / 1_000).collect::<Vec<_>>()
        };
        assert_eq!(seconds(0, 2), [4, 3]);
        assert_eq!(seconds(3, 9), [1, 0]);
        assert_eq!(seconds(5, 9), [0; 0]);
        assert_eq!(entries(&store, NOBODY, 0, 9), []);
    }

    #[test]
    fn an_entry_is_loaded_as_it_was() {
        let mut store = store();
        let told = Box::new(notification(1));
        let entry = Entry {
            at: at(1),
            event: Event::Notified { notification: told, stage: Stage::Owed, failure: None },
        };
        store.commit(&[Write::Entry(LAMP, entry.clone())]).expect("a commit");
        assert_eq!(entries(&store, LAMP, 0, 1), [entry]);
    }
}

mod refusing {
    use super::*;

    #[test]
    fn what_is_about_no_device_is_refused_with_the_whole_commit() {
        let missing = |what: &str| format!("{what}: what it belongs to is not stored");
        check_refused(Write::State(NOBODY, state()), &missing("the state of device 9"));
        check_refused(Write::Ledger(NOBODY, ledger()), &missing("the ledger of device 9"));
        check_refused(Write::Value(NOBODY, Pin(1), "".into()), &missing("V1 of device 9"));
        check_refused(Write::Pending(NOBODY, command(1, 1)), &missing("command 1 for device 9"));
        let of_nobody = Notification { device: NOBODY, ..notification(1) };
        let of_nobody = Write::Notification(of_nobody, progress(Stage::Owed));
        check_refused(of_nobody, &missing("notification 1 of device 9"));
    }

    #[test]
    fn a_device_needs_its_template() {
        let identity = Identity { template: "none".into(), ..identity(DeviceId(2)) };
        let words = "device 2 of template `none`: what it belongs to is not stored";
        check_refused(Write::Device(DeviceId(2), identity), words);
    }

    #[test]
    fn a_device_needs_a_number_and_a_token_of_its_own() {
        let twice = Write::Device(LAMP, identity(DeviceId(2)));
        check_refused(twice, "device 0 of template `sensor`: UNIQUE constraint failed: device.id");
        let twice = Write::Device(DeviceId(2), identity(LAMP));
        check_refused(twice, "device 2 of template `sensor`: UNIQUE constraint failed: device.token");
    }

    /// Loading fails with these words after somebody changed the tables.
    fn check_changed(sql: &str, words: &str) {
        let mut store = store();
        store.connection.execute_batch("PRAGMA foreign_keys = OFF").expect("a setting");
        store.connection.execute_batch(sql).expect("a change");
        let error = store.load().expect_err("a wrong content").to_string();
        assert_eq!(error, format!("{UNKNOWN}: {words}"));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        check_changed("DELETE FROM device WHERE id = 0", "device 1 follows where device 0 should");
        check_changed("DELETE FROM template", "device 0 has the template `sensor`, which is not stored");
        check_changed("UPDATE device SET token = 'short' WHERE id = 1", "the token of device 1 is none");
        check_changed(
            "UPDATE device SET state = '{' WHERE id = 1",
            "the state of device 1: EOF while parsing an object at line 1 column 1",
        );
        check_changed("INSERT INTO pin_value VALUES (9, 1, 'x')", "device 9 has values, and is not stored");
        check_changed("INSERT INTO pin_value VALUES (1, 256, 'x')", "Integer 256 out of range at index 1");
    }

    #[test]
    fn a_status_that_the_template_lost_is_named() {
        let mut store = store();
        let shorter = Template { chain: Chain::default(), ..template() };
        let commit = [Write::State(PUMP, state()), Write::Template(Arc::new(shorter))];
        store.commit(&commit).expect("a commit");
        let error = store.load().expect_err("a status that is not there").to_string();
        let words = "device 1 is in status 2, counted from 0, and its template `sensor` has only 2";
        assert_eq!(error, format!("{UNKNOWN}: {words}"));
    }
}
