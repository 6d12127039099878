use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::close::CloseReason;
use crate::command::{self, Verdict};
use crate::hub::{About, Call, CallId, Hub, Input, Output, Wish};
use crate::id::{CommandId, NotificationId, Pin, SessionId, StatusIndex, Token};
use crate::lifecycle::{Chain, Connection as Contact, Standing, State, Status, Template};
use crate::notification::{
    Channel, Delivery, Ledger, Notification, Notify, Progress, Stage, Tally, Undeliverable,
};
use crate::protocol;
use crate::session::Word;
use crate::settings::Settings;
use crate::store::{Identity, StoredDevice};
use crate::time::Duration as Length;
use crate::timeline::{Close, Event};

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
    Identity { token: token(device), template: "sensor".into(), contacts }
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
        identity: identity(device),
        state: State::NEW,
        values: BTreeMap::new(),
        pending: BTreeMap::new(),
        ledger: Ledger::default(),
    }
}

fn state() -> State {
    State {
        connection: Contact::Connected { session: SessionId(7), since: at(3) },
        standing: Some(Standing { status: StatusIndex(2), since: at(4) }),
        announced: Some(Length::from_secs(10)),
        grace_until: at(5),
    }
}

fn ledger() -> Ledger {
    let tally = Tally {
        entries: 4,
        owed_at: Some(at(1)),
        delivered: Some(Delivery { at: at(2), entered_at: at(1) }),
    };
    Ledger { day: at(1), in_day: 3, statuses: BTreeMap::from([(StatusIndex(1), tally)]) }
}

fn command(id: u64, pin: u8) -> command::Command {
    command::Command { id: CommandId(id), pin: Pin(pin), value: "1\0'".into() }
}

fn notification(id: u64) -> Notification {
    Notification {
        id: NotificationId(id),
        device: LAMP,
        status: StatusIndex(1),
        entered_at: at(1),
        channel: Channel::Sms,
        to: "owner".into(),
        address: Some("+49".into()),
        text: None,
        limit: Length::HOUR,
    }
}

fn progress(stage: Stage) -> Progress {
    Progress { stage, failed: 2, at: at(9) }
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
    assert_eq!(store.entries(LAMP, 0, 9).expect("no entries"), []);
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
    fn the_newest_entries_come_first() {
        let mut store = store();
        (0..5).for_each(|second| store.commit(&[reported(second)]).expect("a commit"));
        let seconds = |offset, limit| {
            let entries = store.entries(LAMP, offset, limit).expect("entries");
            entries.iter().map(|entry| entry.at.as_millis() / 1_000).collect::<Vec<_>>()
        };
        assert_eq!(seconds(0, 2), [4, 3]);
        assert_eq!(seconds(3, 9), [1, 0]);
        assert_eq!(seconds(5, 9), [0; 0]);
        assert_eq!(store.entries(NOBODY, 0, 9).expect("none"), []);
    }

    #[test]
    fn an_entry_is_loaded_as_it_was() {
        let mut store = store();
        let told = Box::new(notification(1));
        let entry = Entry { at: at(1), event: Event::Notified { notification: told, stage: Stage::Owed } };
        store.commit(&[Write::Entry(LAMP, entry.clone())]).expect("a commit");
        assert_eq!(store.entries(LAMP, 0, 1).expect("the entry"), [entry]);
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

mod files {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn directory() -> TempDir {
        TempDir::new().expect("a directory")
    }

    #[test]
    fn a_reopened_file_holds_what_was_committed() {
        let directory = directory();
        let path = directory.path().join("devices.db");
        let mut store = Sqlite::open(&path).expect("a new file");
        store.commit(&first_writes()).expect("a commit");
        store.commit(&[Write::State(LAMP, state()), reported(1)]).expect("a commit");
        // As if the process had ended: nothing is closed in order.
        std::mem::forget(store);
        let mut store = Sqlite::open(&path).expect("the same file");
        assert_eq!(store.load().expect("what was committed").devices[0].state, state());
        assert_eq!(store.entries(LAMP, 0, 9).expect("what was committed").len(), 1);
    }

    #[test]
    fn a_file_is_durable_as_was_asked() {
        let directory = directory();
        let check = |durability, level: u8| {
            let store = Sqlite::open(directory.path().join("devices.db")).expect("a file");
            let store = store.with_durability(durability).expect("a setting");
            let pragma = |name| store.connection.pragma_query_value(None, name, |row| row.get(0));
            assert_eq!(pragma("synchronous"), Ok(level));
            let journal: String =
                store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a mode");
            assert_eq!(journal, "wal");
        };
        check(Durability::Process, 1);
        check(Durability::Power, 2);
    }

    /// Opening the file fails with these words and its name.
    fn check_refused(path: &Path, words: &str) {
        let error = Sqlite::open(path).expect_err("no database of ours").to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(error.matches(&path.display().to_string()).count(), 1, "{error}");
    }

    #[test]
    fn a_newer_version_is_refused() {
        let directory = directory();
        let path = directory.path().join("devices.db");
        let store = Sqlite::open(&path).expect("a new file");
        store.connection.pragma_update(None, "user_version", 2).expect("a setting");
        drop(store);
        let error = Sqlite::open(&path).expect_err("a newer version");
        assert!(matches!(error, StoreError::Newer { found: 2, known: 1 }), "{error}");
    }

    #[test]
    fn what_is_no_database_is_refused_and_left_alone() {
        let directory = directory();
        let path = directory.path().join("letter.txt");
        fs::write(&path, "Dear Sir or Madam, ".repeat(99)).expect("a file");
        let before = fs::read(&path).expect("a file");
        check_refused(&path, "file is not a database");
        assert_eq!(fs::read(&path).expect("a file"), before);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let directory = directory();
        let path = directory.path().join("music.db");
        let other = Connection::open(&path).expect("a database");
        other.execute_batch("CREATE TABLE song (title TEXT)").expect("a table");
        drop(other);
        check_refused(&path, "it is a database of another program");
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let directory = directory();
        let path = directory.path().join("devices.db");
        let mut store = Sqlite::open(&path).expect("a new file");
        store.commit(&first_writes()).expect("a commit");
        drop(store);
        let mut bytes = fs::read(&path).expect("a file");
        bytes[4_096..].fill(0xff);
        fs::write(&path, bytes).expect("a file");
        let error = Sqlite::open(&path).and_then(|mut store| store.load()).expect_err("a damaged file");
        assert!(matches!(error, StoreError::Content(_)), "{error}");
    }

    #[test]
    fn a_directory_is_refused() {
        let directory = directory();
        let error = Sqlite::open(directory.path()).expect_err("a directory");
        assert!(matches!(error, StoreError::Medium(_)), "{error}");
        check_refused(&directory.path().join("none/devices.db"), "unable to open database file");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_refused() {
        let directory = directory();
        let path = directory.path().join("devices.db");
        drop(Sqlite::open(&path).expect("a new file"));
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let error = Sqlite::over(connection.expect("a file")).expect_err("no writing");
        assert!(matches!(error, StoreError::Medium(_)), "{error}");
    }

    #[test]
    fn one_of_two_owners_waits_for_the_other() {
        let directory = directory();
        let path = directory.path().join("devices.db");
        let mut owners = [0, 1].map(|_| Sqlite::open(&path).expect("a file"));
        owners[0].commit(&first_writes()).expect("a commit");
        owners[1].commit(&[Write::State(LAMP, state())]).expect("a commit");
        assert_eq!(owners[0].load().expect("both commits").devices[0].state, state());
    }
}

mod with_a_hub {
    use super::*;

    const DEVICES: u32 = 3;

    /// What comes of a hub, kept by a store of each kind.
    struct World {
        now: Instant,
        hub: Hub,
        store: Sqlite,
        folded: Stored,
        in_flight: Vec<NotificationId>,
    }

    #[derive(Clone, Debug)]
    enum Step {
        Wait(u64),
        Word(u64, Word),
        Command(u32, u8),
        Answer(bool),
    }

    fn word() -> impl Strategy<Value = Word> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let close = |at| Close {
            reason: CloseReason::Closed,
            last_byte_at: at,
            last_command: protocol::Command::Ping,
        };
        prop_oneof![
            3 => (0..DEVICES).prop_map(move |id| Word::Login { token: token(DeviceId(id)), address }),
            1 => (0u8..3, "[a-z\"\0]{0,4}").prop_map(|(pin, value)| Word::Wrote {
                pin: Pin(pin),
                value: value.into(),
            }),
            1 => (0u64..9).prop_map(|id| Word::Handed(CommandId(id))),
            1 => (1u64..60).prop_map(|beat| Word::Announced {
                heartbeat: Some(Length::from_secs(beat)),
                client: "ESP32".into(),
            }),
            2 => (0u64..9).prop_map(move |second| Word::Closed(close(at(second)))),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u64..120).prop_map(Step::Wait),
            (1u64..9, word()).prop_map(|(session, word)| Step::Word(session, word)),
            (1u64..9, word()).prop_map(|(session, word)| Step::Word(session, word)),
            (0..DEVICES, 0u8..3).prop_map(|(device, pin)| Step::Command(device, pin)),
            any::<bool>().prop_map(Step::Answer),
        ]
    }

    impl World {
        fn new() -> Self {
            let mut store = store();
            let third = DeviceId(2);
            store.commit(&[Write::Device(third, identity(third))]).expect("a commit");
            let folded = store.load().expect("what was written");
            let hub = Hub::new(at(10), Arc::new(Settings::default()), folded.clone());
            Self { now: at(10), hub, store, folded, in_flight: Vec::new() }
        }

        fn take(&mut self, step: Step) {
            match step {
                Step::Wait(seconds) => {
                    self.now = self.now + Length::from_secs(seconds);
                    self.hear(Input::Timeout);
                }
                Step::Word(session, word) => self.hear(Input::Word(SessionId(session), word)),
                Step::Command(device, pin) => {
                    let wish = Wish::Command(Pin(pin), "1".into());
                    let call = Call { about: About::Device(DeviceId(device)), wish };
                    self.hear(Input::Call(CallId(0), call));
                }
                Step::Answer(went_well) => {
                    if let Some(id) = self.in_flight.pop() {
                        self.hear(if went_well { Input::Delivered(id) } else { Input::Undelivered(id) });
                    }
                }
            }
        }

        /// One commit for each input.
        fn hear(&mut self, input: Input) {
            self.hub.handle_input(self.now, input);
            let outputs: Vec<_> = std::iter::from_fn(|| self.hub.poll_output()).collect();
            let mut writes = Vec::new();
            for output in outputs {
                match output {
                    Output::Write(write) => writes.push(write),
                    Output::Deliver(notification) => self.in_flight.push(notification.id),
                    Output::Login(..)
                    | Output::Supersede(_)
                    | Output::Answer(..)
                    | Output::Values(..)
                    | Output::Reply(..) => {}
                }
            }
            self.store.commit(&writes).expect("what a hub writes can be kept");
            writes.iter().for_each(|write| self.fold(write));
        }

        /// What a store means, in its simplest form.
        fn fold(&mut self, write: &Write) {
            let Stored { devices, owed, newest_command, newest_notification, .. } = &mut self.folded;
            match write.clone() {
                Write::Template(_) | Write::Device(..) => panic!("a hub makes none"),
                Write::State(id, state) => devices[id.0 as usize].state = state,
                Write::Ledger(id, ledger) => devices[id.0 as usize].ledger = ledger,
                Write::Value(id, pin, value) => drop(devices[id.0 as usize].values.insert(pin, value)),
                Write::Pending(id, command) => {
                    *newest_command = Some(command.id);
                    devices[id.0 as usize].pending.insert(command.pin, command);
                }
                Write::Settled(id, command) => {
                    devices[id.0 as usize].pending.retain(|_, pending| pending.id != command);
                }
                Write::Notification(notification, progress) => {
                    *newest_notification = (*newest_notification).max(Some(notification.id));
                    owed.retain(|(known, _)| known.id != notification.id);
                    if progress.stage == Stage::Owed {
                        owed.push((notification, progress));
                        owed.sort_by_key(|(known, _)| known.id);
                    }
                }
                Write::Entry(..) => {}
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_a_hub_writes_is_loaded(steps in prop::collection::vec(step(), 0..60)) {
            let mut world = World::new();
            steps.into_iter().for_each(|step| world.take(step));
            let loaded = world.store.load().expect("what was committed");
            for (device, stored) in world.hub.registry().devices().zip(&loaded.devices) {
                assert_eq!(world.hub.registry().machine(device).state(), &stored.state);
            }
            assert_eq!(loaded, world.folded);
        }
    }

    #[test]
    fn a_hub_goes_on_where_the_store_ended() {
        let mut world = World::new();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
        let close = Close {
            reason: CloseReason::Closed,
            last_byte_at: at(10),
            last_command: protocol::Command::Ping,
        };
        world.take(Step::Word(1, Word::Login { token: token(LAMP), address }));
        world.take(Step::Word(1, Word::Wrote { pin: Pin(3), value: "on".into() }));
        world.take(Step::Word(1, Word::Closed(close)));
        world.take(Step::Command(0, 4));
        world.take(Step::Wait(61));
        assert_eq!(world.in_flight, [NotificationId(1)]);

        let stored = world.store.load().expect("what was committed");
        assert_eq!(stored.devices[0].pending[&Pin(4)].id, CommandId(1));
        let mut hub = Hub::new(at(100), Arc::new(Settings::default()), stored);
        let get = Call { about: About::Device(LAMP), wish: Wish::Get(vec![Pin(3)]) };
        hub.handle_input(at(100), Input::Call(CallId(1), get));
        let outputs: Vec<_> = std::iter::from_fn(|| hub.poll_output()).collect();
        let [Output::Deliver(again), Output::Reply(_, Ok(reply))] = &outputs[..] else {
            panic!("one notification and one answer: {outputs:?}")
        };
        assert_eq!(again.id, NotificationId(1));
        assert_eq!(*reply, crate::hub::Reply::Values(vec![(Pin(3), "on".into())]));
    }
}

/// How long it takes to start with many devices: `cargo test --release -p blynk-core --lib many_devices -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn loading_many_devices_takes_less_than_two_seconds() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let path = directory.path().join("devices.db");
    let mut store = Sqlite::open(&path).expect("a file");
    let mut writes = vec![Write::Template(Arc::new(template()))];
    for number in 0..100_000 {
        let device = DeviceId(number);
        let token = Token::parse(format!("{number:032}").as_bytes()).expect("32 characters");
        writes.push(Write::Device(device, Identity { token, ..identity(LAMP) }));
        writes.push(Write::State(device, state()));
        writes.push(Write::Ledger(device, ledger()));
        writes.extend((0..2).map(|pin| Write::Value(device, Pin(pin), "21.5".into())));
        writes.push(Write::Entry(
            device,
            Entry { at: at(1), event: Event::Interrupted { session: SessionId(1) } },
        ));
    }
    let begin = std::time::Instant::now();
    writes.chunks(1_000).for_each(|chunk| store.commit(chunk).expect("a commit"));
    println!("{} writes committed in {:?}", writes.len(), begin.elapsed());
    drop(store);
    let begin = std::time::Instant::now();
    let stored = Sqlite::open(&path).expect("a file").load().expect("what was committed");
    println!("{} devices loaded in {:?}", stored.devices.len(), begin.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(2));
}
