use super::*;
use crate::store::{Letters, Retention};

const DAY: u64 = 86_400;

fn keep(days: u64, most_entries: u32) -> Retention {
    Retention { entries: Length::DAY * days, most_entries, letters: Length::DAY * days }
}

/// Forgets what is to be forgotten on this day, a part at a time. Returns how large each was.
fn forget(store: &mut Sqlite, today: u64, retention: Retention) -> Vec<usize> {
    let now = at(today * DAY);
    while store.settle_some().expect("it is moved") {}
    let mut devices = store.forgettable(now, &retention).expect("it can be read");
    let mut part = || store.forget(now, &retention, &mut devices).expect("it is forgotten");
    std::iter::from_fn(|| Some(part()).filter(|rows| *rows > 0)).collect()
}

/// The lamp has reported on each of these days; what is left of them on that day.
fn check(days: &[u64], today: u64, retention: Retention, left: &[u64]) {
    let mut store = store();
    days.iter().for_each(|day| store.commit(&[reported(day * DAY)]).expect("a commit"));
    forget(&mut store, today, retention);
    let kept = entries(&store, LAMP, 0, 9_999);
    assert_eq!(kept.iter().map(|entry| entry.at.as_millis() / 1_000 / DAY).collect::<Vec<_>>(), left);
}

#[test]
fn what_is_older_than_it_is_kept_is_forgotten() {
    check(&[1, 2, 3, 4], 5, keep(2, 100), &[4, 3]);
    check(&[1, 2, 3, 4], 5, keep(4, 100), &[4, 3, 2, 1]);
}

#[test]
fn the_newest_entry_is_kept_for_ever() {
    check(&[1, 2], 900, keep(1, 100), &[2]);
}

#[test]
fn no_timeline_is_longer_than_it_may_be() {
    check(&[1, 2, 3, 4], 5, keep(100, 3), &[4, 3, 2]);
    check(&vec![1; 1_700], 5, keep(100, 3), &[1, 1, 1]);
}

#[test]
fn a_part_is_of_all_devices_and_short_enough_for_those_who_commit_meanwhile() {
    let mut store = store();
    let of_pump = |write| if let Write::Entry(_, entry) = write { Write::Entry(PUMP, entry) } else { write };
    let writes: Vec<_> = (0..400).flat_map(|second| [reported(second), of_pump(reported(second))]).collect();
    store.commit(&writes).expect("a commit");
    assert_eq!(forget(&mut store, 900, keep(1, 9)), [500, 298]);
}

#[test]
fn sequences_go_on_after_the_others_are_forgotten() {
    let mut store = store();
    (1..4).for_each(|day| store.commit(&[reported(day * DAY)]).expect("a commit"));
    forget(&mut store, 900, keep(1, 9));
    store.commit(&[reported(901 * DAY)]).expect("a commit");
    let excerpt = store.timeline(LAMP, Section { offset: 0, limit: 9 }).expect("a timeline");
    assert_eq!(excerpt.content.iter().map(|it| it.sequence).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(excerpt.total, 2);
}

#[test]
fn what_is_owed_is_never_forgotten() {
    let mut store = store();
    let write = |id, stage| Write::Notification(notification(id), progress(stage));
    let dead = Stage::Dead(Undeliverable::Tries);
    store.commit(&[write(1, Stage::Owed), write(2, dead), write(3, Stage::Delivered)]).expect("a commit");
    forget(&mut store, 900, keep(1, 9));
    let letters = store.notifications(Letters::All, Section { offset: 0, limit: 9 }).expect("letters");
    // The newest keeps its number from being used again.
    assert_eq!(letters.content.iter().map(|it| it.notification.id.0).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(store.load().expect("the rest").newest_notification, Some(NotificationId(3)));
}

#[test]
fn a_backup_is_all_of_it_while_it_is_in_use() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let (path, copy) = (directory.path().join("devices.db"), directory.path().join("copy.db"));
    let mut store = Sqlite::open(&path).expect("a new file");
    store.commit(&first_writes()).expect("a commit");
    Sqlite::back_up(&path, &copy).expect("a backup");
    store.commit(&[Write::State(LAMP, state())]).expect("a commit");
    let mut copied = Sqlite::open(&copy).expect("a database");
    assert_eq!(copied.load().expect("its content").devices, [new(LAMP), new(PUMP)]);
    assert!(!directory.path().join("copy.db.part").exists());
    let again = Sqlite::back_up(&path, &copy).expect_err("there is one").to_string();
    assert!(again.contains("copy.db"), "{again}");
    let nowhere = Sqlite::back_up(&directory.path().join("none.db"), &directory.path().join("new.db"));
    assert!(nowhere.is_err() && !directory.path().join("new.db").exists());
}

#[test]
fn half_a_backup_has_not_its_name_and_makes_way_for_the_next() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let (path, copy) = (directory.path().join("devices.db"), directory.path().join("copy.db"));
    let mut store = Sqlite::open(&path).expect("a new file");
    store.commit(&first_writes()).expect("a commit");
    // What a copy leaves that was ended.
    std::fs::write(directory.path().join("copy.db.part"), "SQLite format 3").expect("a file");
    Sqlite::back_up(&path, &copy).expect("a backup");
    let mut copied = Sqlite::open(&copy).expect("a database");
    assert_eq!(copied.load().expect("its content").devices, [new(LAMP), new(PUMP)]);
}
