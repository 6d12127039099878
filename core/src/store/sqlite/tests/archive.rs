use super::*;
use crate::id::StatusIndex;
use crate::store::{Letters, Past};
use crate::timeline::{Cause, Change};

fn change(second: u64, to: u8) -> Write {
    let change = Change { from: None, to: StatusIndex(to), cause: Cause::Data };
    Write::Entry(LAMP, Entry { at: at(second), event: Event::Status(change) })
}

/// The keys of the statuses that the lamp entered, the newest first.
fn keys(store: &Sqlite) -> Vec<String> {
    let excerpt = store.timeline(LAMP, Section { offset: 0, limit: 9 }).expect("a timeline");
    let key = |recorded: &crate::store::Recorded| {
        let Event::Status(change) = &recorded.entry.event else { panic!("there are no other entries") };
        recorded.template.chain.status(change.to).key.clone()
    };
    excerpt.content.iter().map(key).collect()
}

#[test]
fn an_entry_keeps_the_status_that_it_meant() {
    let mut store = store();
    store.commit(&[change(1, 1)]).expect("a commit");
    let shorter = vec![Status::new("online", Length::ZERO), Status::new("asleep", Length::ZERO)];
    let chain =
        Chain::new([shorter, vec![Status::new("offline", Length::MINUTE)]].concat()).expect("a chain");
    store.commit(&[Write::Template(Arc::new(Template { chain, ..template() }))]).expect("a commit");
    store.commit(&[change(2, 1)]).expect("a commit");
    assert_eq!(keys(&store), ["asleep", "offline"]);
}

#[test]
fn a_database_of_the_first_version_becomes_one_of_the_newest() {
    let connection = Connection::open_in_memory().expect("a database");
    connection.execute_batch(include_str!("../version_1.sql")).expect("the first version");
    let body = json(&template());
    connection.execute("INSERT INTO template VALUES ('sensor', ?1)", (&body,)).expect("a template");
    let token = String::from_utf8(vec![b'a'; Token::LEN]).expect("a token");
    connection
        .execute(
            "INSERT INTO device (id, token, template, contacts) VALUES (0, ?1, 'sensor', '{}')",
            (token,),
        )
        .expect("a device");
    let Write::Entry(_, entry) = change(1, 1) else { unreachable!("an entry") };
    connection.execute("INSERT INTO entry VALUES (0, 0, 1000, ?1)", (json(&entry.event),)).expect("an entry");
    let (notification, progress) = (json(&notification(1)), r#"{"stage":"Owed","failed":2,"at":9000}"#);
    connection
        .execute("INSERT INTO notification VALUES (1, 0, 'owed', ?1, ?2)", (progress, notification))
        .expect("a notification");
    connection.pragma_update(None, "application_id", 0x426c_796e).expect("a setting");
    connection.pragma_update(None, "user_version", 1).expect("a setting");
    let mut store = Sqlite::over(connection).expect("a migration");
    let stored = store.load().expect("its content");
    assert_eq!(*stored.templates["sensor"], template());
    assert_eq!((stored.devices.len(), &*stored.devices[0].identity.name), (1, ""));
    store.commit(&[change(2, 2)]).expect("a commit");
    assert_eq!(keys(&store), ["inactive", "offline"]);
    let letters = store.notifications(Letters::All, Section { offset: 0, limit: 9 }).expect("letters");
    assert_eq!((letters.total, &*letters.content[0].template), (1, &template()));
    assert_eq!(&*letters.content[0].notification.key, "offline");
    assert_eq!(stored.owed[0].1, Progress { failure: None, ordered: false, ..super::progress(Stage::Owed) });
}

/// As version 2 wrote it: without the status's words.
fn without_words(notification: &Notification) -> serde_json::Value {
    let mut value = serde_json::to_value(notification).expect("JSON");
    value.as_object_mut().expect("an object").retain(|field, _| field != "key" && field != "label");
    value
}

#[test]
fn what_was_counted_by_places_is_counted_by_keys_and_a_place_that_is_none_is_forgotten() {
    let connection = Connection::open_in_memory().expect("a database");
    connection.execute_batch(include_str!("../version_1.sql")).expect("the first version");
    connection.execute_batch(include_str!("../version_2.sql")).expect("the second version");
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| connection.execute(sql, values).expect("a row");
    run("INSERT INTO edition VALUES (1, ?1)", &[&json(&template())]);
    run("INSERT INTO template VALUES ('sensor', 1)", &[]);
    let ledger = r#"{"day":1,"in_day":2,"statuses":{"1":{"entries":4,"owed_at":null,"delivered":null},"7":{"entries":9,"owed_at":null,"delivered":null}}}"#;
    let token = String::from_utf8(vec![b'a'; Token::LEN]).expect("a token");
    let sql = "INSERT INTO device (id, token, template, contacts, ledger) VALUES (0, ?1, 'sensor', '{}', ?2)";
    run(sql, &[&token, &ledger]);
    let body = without_words(&notification(1));
    let told = serde_json::json!({ "Notified": { "notification": body, "stage": "Owed" } });
    run("INSERT INTO entry VALUES (0, 0, 1000, ?1, 1)", &[&told.to_string()]);
    let sql = "INSERT INTO notification VALUES (1, 0, 'owed', ?1, ?2, 1, 0)";
    run(sql, &[&json(&progress(Stage::Owed)), &body.to_string()]);
    connection.pragma_update(None, "application_id", 0x426c_796e).expect("a setting");
    connection.pragma_update(None, "user_version", 2).expect("a setting");
    let mut store = Sqlite::over(connection).expect("a migration");
    let stored = store.load().expect("its content");
    let counts = stored.devices[0].ledger.statuses.iter().map(|(key, tally)| (&**key, tally.entries));
    assert_eq!(counts.collect::<Vec<_>>(), [("offline", 4)]);
    let excerpt = store.timeline(LAMP, Section { offset: 0, limit: 9 }).expect("a timeline");
    let Event::Notified { notification, .. } = &excerpt.content[0].entry.event else {
        panic!("there are no other entries")
    };
    assert_eq!((&*notification.key, &stored.owed[0].0), ("offline", &**notification));
}

#[test]
fn a_past_is_found_however_much_happened_since() {
    let mut store = store();
    let entry = |second, event| Write::Entry(LAMP, Entry { at: at(second), event });
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    let session = SessionId(1);
    let client = "ESP32 \"LoggedIn\"".into();
    let commanded = |id| Event::Commanded { command: command(id, 1), verdict: crate::command::Verdict::Sent };
    let others = (0..900).map(|id| entry(9, commanded(id)));
    let begun = [
        reported(1),
        entry(2, Event::LoggedIn { session, address }),
        entry(3, Event::Announced { session, heartbeat: None, client }),
        entry(4, Event::Interrupted { session }),
        entry(5, Event::LoggedIn { session: SessionId(2), address }),
    ];
    let writes: Vec<_> = begun.into_iter().chain(others).collect();
    store.commit(&writes).expect("a commit");
    let entries =
        writes.iter().filter_map(|write| if let Write::Entry(_, entry) = write { Some(entry) } else { None });
    let past = store.past(LAMP).expect("a past");
    assert_eq!(past, Past::of(entries));
    assert_eq!(
        (past.oldest_arrival, past.newest_arrival, past.newest_end),
        (Some(at(1)), Some(at(5)), Some(at(4)))
    );
    assert_eq!(store.past(PUMP).expect("a past"), Past::default());
}

#[test]
fn a_section_is_of_the_whole_list() {
    let mut store = store();
    (0..5).for_each(|second| store.commit(&[reported(second)]).expect("a commit"));
    let check = |offset, limit, expected: &[u64]| {
        let excerpt = store.timeline(LAMP, Section { offset, limit }).expect("a timeline");
        let sequences: Vec<_> = excerpt.content.iter().map(|recorded| recorded.sequence).collect();
        assert_eq!((&*sequences, excerpt.total), (expected, 5));
    };
    check(0, 2, &[4, 3]);
    check(3, 9, &[1, 0]);
    check(5, 9, &[]);
    check(u64::MAX, 9, &[]);
    assert_eq!(store.newest_instant().expect("an instant"), Some(at(4)));
}

#[test]
fn entries_of_other_kinds_are_passed_over_where_they_are() {
    let store = store();
    let sql =
        format!("EXPLAIN QUERY PLAN {}", super::super::archive::first_of(["LoggedIn", "Reported"], "DESC"));
    let mut statement = store.connection.prepare(&sql).expect("a statement");
    let steps = statement.query_map((0,), |row| row.get(3)).expect("a plan");
    let plan = steps.collect::<Result<Vec<String>, _>>().expect("a plan").join("; ");
    assert!(plan.contains("SEARCH entry USING PRIMARY KEY") && !plan.contains("CO-ROUTINE"), "{plan}");
}

#[test]
fn dead_letters_are_those_that_will_never_be_delivered() {
    let mut store = store();
    let write = |id, stage| Write::Notification(notification(id), progress(stage));
    let dead = Stage::Dead(Undeliverable::Tries);
    store.commit(&[write(1, Stage::Owed), write(2, dead), write(3, Stage::Delivered)]).expect("a commit");
    let check = |which, expected: &[u64]| {
        let excerpt = store.notifications(which, Section { offset: 0, limit: 9 }).expect("letters");
        let ids: Vec<_> = excerpt.content.iter().map(|kept| kept.notification.id.0).collect();
        assert_eq!((&*ids, excerpt.total), (expected, expected.len() as u64));
    };
    check(Letters::Dead, &[2]);
    check(Letters::All, &[3, 2, 1]);
    check(Letters::Of(LAMP), &[3, 2, 1]);
    check(Letters::Of(PUMP), &[]);
    check(Letters::Numbered(NotificationId(2)), &[2]);
    check(Letters::Numbered(NotificationId(4)), &[]);
}
