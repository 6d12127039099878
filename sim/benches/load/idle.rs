//! Devices that are logged in and say nothing: what each holds of the server's memory.

use std::time::Duration;

use blynk_core::id::DeviceId;
use rustix::fd::OwnedFd;
use rustix::io::{read, write};

use crate::database::{Database, Past, token};
use crate::subject::Subject;
use crate::table::Table;
use crate::{frames, socket};

const NAME: &str = "memory of idle connections";

/// How many there are when it is measured.
const COUNTS: [u32; 2] = [10_000, 18_000];

/// At most so many kilobytes each.
const MOST: f64 = 2.0;

/// So many come at a time.
const AT_ONCE: usize = 100;

/// Devices that come and go, one after the other, before anything is measured: until then the server is still starting.
const FIRST: u32 = 100;

pub(crate) fn measure(table: &Table) {
    if !table.wants(NAME) {
        return;
    }
    let database = Database::with(COUNTS[1], Past::New);
    let [server, echo] =
        [Subject::server(&database.path(), &[]), Subject::echo()].map(|subject| grow(&subject));
    let row = |name: &str, from: usize, to: usize| {
        let connections = f64::from(server[to].0 - server[from].0);
        let each = |sizes: [(u32, u64); 3]| (sizes[to].1 - sizes[from].1) as f64 / connections / 1_000.0;
        table.size(name, "KB", each(server), Some(each(echo)), MOST);
    };
    row("memory of 10,000 idle connections, each", 0, 1);
    row("memory of 18,000 idle connections, each", 0, 2);
    // What the server needed for its start alone serves the first of them, and none of these.
    row("  from 10,000 to 18,000, each", 1, 2);
}

/// What a process holds with no connection, and with each of the counts.
fn grow(subject: &Subject) -> [(u32, u64); 3] {
    (0..FIRST).for_each(|number| drop(enter(subject, &[number])));
    let mut idle: Vec<OwnedFd> = Vec::new();
    [0, COUNTS[0], COUNTS[1]].map(|count| {
        let present = u32::try_from(idle.len()).expect("few");
        let numbers: Vec<_> = (present..count).collect();
        numbers.chunks(AT_ONCE).for_each(|numbers| idle.extend(enter(subject, numbers)));
        // What was needed for a moment is given back.
        std::thread::sleep(Duration::from_secs(1));
        (count, subject.memory())
    })
}

/// Lets these devices in.
fn enter(subject: &Subject, numbers: &[u32]) -> Vec<OwnedFd> {
    let connect = |number: &u32| {
        let (socket, login) =
            (socket::open(*number, subject.address), frames::login(&token(DeviceId(*number))));
        write(&socket, &[login.clone(), frames::info()].concat()).expect("it is connected");
        (socket, [subject.answer_to(&login), subject.answer_to(&frames::info())].concat())
    };
    let entering: Vec<_> = numbers.iter().map(connect).collect();
    let let_in = |(socket, answers): (OwnedFd, Vec<u8>)| {
        let (mut buffer, mut length) = ([0; 256], 0);
        while length < answers.len() {
            length += read(&socket, &mut buffer[length..]).expect("it is connected");
        }
        assert_eq!(buffer[..length], answers, "it is let in");
        socket
    };
    entering.into_iter().map(let_in).collect()
}
