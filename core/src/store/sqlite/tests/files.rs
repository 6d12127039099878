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
    assert_eq!(entries(&store, LAMP, 0, 9).len(), 1);
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
    store.connection.pragma_update(None, "user_version", 5).expect("a setting");
    drop(store);
    let error = Sqlite::open(&path).expect_err("a newer version");
    assert!(matches!(error, StoreError::Newer { found: 5, known: 4 }), "{error}");
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
fn others_may_load_what_one_commits() {
    let directory = directory();
    let path = directory.path().join("devices.db");
    let [mut owner, mut other] = [0, 1].map(|_| Sqlite::open(&path).expect("a file"));
    owner.commit(&first_writes()).expect("a commit");
    assert_eq!(other.load().expect("the first commit").devices[0].state, State::NEW);
    owner.commit(&[Write::State(LAMP, state())]).expect("a commit");
    assert_eq!(other.load().expect("both commits").devices[0].state, state());
}

#[test]
fn timelines_go_on_whoever_moved_what_is_recent() {
    let directory = directory();
    let path = directory.path().join("devices.db");
    let mut store = Sqlite::open(&path).expect("a new file");
    store.commit(&[first_writes(), vec![reported(0), reported(1)]].concat()).expect("a commit");
    // A keeper, and after it the next process.
    let mut keeper = Sqlite::open(&path).expect("the same file");
    assert_eq!(entries(&keeper, LAMP, 0, 9).len(), 2);
    while keeper.settle_some().expect("it is moved") {}
    store.commit(&[reported(2)]).expect("a commit");
    assert_eq!(entries(&keeper, LAMP, 0, 9).len(), 3);
    while keeper.settle_some().expect("it is moved") {}
    drop(store);
    let mut store = Sqlite::open(&path).expect("the same file");
    store.commit(&[reported(3), Write::Template(Arc::new(template())), reported(4)]).expect("a commit");
    let excerpt = store.timeline(LAMP, Section { offset: 0, limit: 9 }).expect("a timeline");
    assert_eq!(excerpt.content.iter().map(|it| it.sequence).collect::<Vec<_>>(), [4, 3, 2, 1, 0]);
    assert_eq!(excerpt.content.iter().map(|it| it.entry.at).collect::<Vec<_>>(), [4, 3, 2, 1, 0].map(at));
}

#[test]
fn an_entry_is_read_with_others_wherever_they_are() {
    let mut store = store();
    (0..40).for_each(|second| {
        store.commit(&[reported(second), Write::State(PUMP, State::NEW)]).expect("a commit");
        let seconds = entries(&store, LAMP, 0, 99).into_iter().map(|entry| entry.at);
        assert!(seconds.eq((0..=second).rev().map(at)), "after {second} s");
        assert_eq!(store.newest_instant().expect("it can be read"), Some(at(second)));
    });
}
