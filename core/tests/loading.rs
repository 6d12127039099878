//! A server with many devices starts with all of them, and how long that takes:
//! `cargo test --release -p blynk-core --test loading -- --nocapture`

use std::collections::BTreeMap;
use std::sync::Arc;

use blynk_core::close::CloseReason;
use blynk_core::hub::Hub;
use blynk_core::id::{DeviceId, Pin, SessionId, StatusIndex, Token};
use blynk_core::lifecycle::{Chain, Connection, Standing, State, Template};
use blynk_core::notification::{Delivery, Ledger, Tally};
use blynk_core::settings::Settings;
use blynk_core::store::{Identity, Sqlite, Store, Write};
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::{Entry, Event};

const DEVICES: u32 = 100_000;

/// A device that was seen, notified and left two values.
fn writes(number: u32) -> Vec<Write> {
    let device = DeviceId(number);
    let token = Token::parse(format!("{number:032}").as_bytes()).expect("32 characters");
    let contacts = BTreeMap::from([("owner".into(), "owner@example.com".into())]);
    let seen = Instant::from_millis(1_790_000_000_000);
    let connection = Connection::Disconnected { at: seen, reason: CloseReason::Closed, last_byte_at: seen };
    let standing = Some(Standing { status: StatusIndex::ONLINE, since: seen });
    let state = State {
        connection,
        standing,
        announced: Some(Duration::MINUTE),
        grace_until: seen,
        newest_session: Some(SessionId(7)),
    };
    let delivered = Some(Delivery { at: seen, entered_at: seen });
    let tally = Tally { entries: 4, owed_at: Some(seen), delivered };
    let ledger = Ledger { day: seen, in_day: 3, statuses: BTreeMap::from([("offline".into(), tally)]) };
    let event = Event::Interrupted { session: SessionId(7) };
    vec![
        Write::Device(device, Identity { name: "".into(), token, template: "sensor".into(), contacts }),
        Write::State(device, state),
        Write::Ledger(device, ledger),
        Write::Value(device, Pin(0), "21.5".into()),
        Write::Value(device, Pin(1), "on".into()),
        Write::Entry(device, Entry { at: seen, event }),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]
fn many_devices_are_loaded() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let path = directory.path().join("devices.db");
    let mut store = Sqlite::open(&path).expect("a file");
    let template = Template::new("sensor", Chain::default());
    store.commit(&[Write::Template(Arc::new(template))]).expect("a commit");
    let writes: Vec<_> = (0..DEVICES).flat_map(writes).collect();
    let begin = std::time::Instant::now();
    writes.chunks(1_000).for_each(|chunk| store.commit(chunk).expect("a commit"));
    println!("{} writes committed by the thousand in {:?}", writes.len(), begin.elapsed());
    drop(store);
    let begin = std::time::Instant::now();
    let stored = Sqlite::open(&path).expect("the file").load().expect("what was committed");
    let loaded = begin.elapsed();
    println!("{} devices loaded in {loaded:?}", stored.devices.len());
    let hub = Hub::new(Instant::from_millis(1_790_000_000_000), Arc::new(Settings::default()), stored);
    println!("and a hub made of them in {:?}", begin.elapsed() - loaded);
    assert_eq!(hub.registry().devices().count(), DEVICES as usize);
    // A debug build on a busy machine says nothing about the time.
    if !cfg!(debug_assertions) {
        assert!(loaded < std::time::Duration::from_secs(2), "{loaded:?}");
    }
}
