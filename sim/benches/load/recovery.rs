//! A server that starts again after its process was killed: until it lets the first device in.

use std::fs;
use std::time::Instant;

use blynk_core::id::DeviceId;
use rustix::io::{read, write};

use crate::database::{Database, Past, token};
use crate::subject::Subject;
use crate::table::Table;
use crate::{frames, socket};

const NAME: &str = "recovery of 100,000 connected devices";

const DEVICES: u32 = 100_000;

/// The median of so many.
const TIMES: usize = 5;

/// At most so many seconds.
const MOST: f64 = 2.0;

pub(crate) fn measure(table: &Table) {
    if !table.wants(NAME) {
        return;
    }
    let database = Database::with(DEVICES, Past::Connected);
    let mut seconds: Vec<_> = (0..TIMES).map(|_| recover(&database)).collect();
    seconds.sort_by(f64::total_cmp);
    table.size(NAME, "s", seconds[TIMES / 2], None, MOST);
}

fn recover(database: &Database) -> f64 {
    let copy = database.folder().join("copy.db");
    for old in ["", "-wal", "-shm"].map(|end| format!("{}{end}", copy.display())) {
        // The first time there are none.
        let _ = fs::remove_file(old);
    }
    fs::copy(database.path(), &copy).expect("there is room");
    let begun = Instant::now();
    let server = Subject::server(&copy, &[]);
    let (socket, login) = (socket::open(0, server.address), frames::login(&token(DeviceId(DEVICES / 2))));
    write(&socket, &login).expect("it is connected");
    let mut answer = [0; 128];
    let length = read(&socket, &mut answer).expect("it is connected");
    let elapsed = begun.elapsed().as_secs_f64();
    assert_eq!(answer[..length], frames::ok(), "it is let in");
    elapsed
}
