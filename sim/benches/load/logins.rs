//! Devices that connect, log in, tell about themselves and leave, one after the other; the server keeps all of it.

use std::time::{Duration, Instant};

use blynk_core::id::DeviceId;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::io::{read, write};

use crate::database::{Database, Past, token};
use crate::subject::Subject;
use crate::table::{Table, Work};
use crate::{frames, socket};

/// How long each of the two is under load before it is the other's turn.
const TURN: Duration = Duration::from_secs(3);

const TURNS: usize = 3;

/// So many at a time.
const VISITORS: usize = 256;

/// Takes all devices, each once, in an order in which no neighbours follow each other.
const STRIDE: u64 = 61_803;

/// 20,000 where the bare echo makes 44,000.
const GOAL: f64 = 20.0 / 44.0;

/// Name, devices that come in turn, what commits survive, and the goal.
const ROWS: [(&str, u32, &str, Option<f64>); 4] = [
    ("logins of 1,000 devices", 1_000, "process", Some(GOAL)),
    ("logins of 100,000 devices", 100_000, "process", Some(GOAL)),
    ("logins of 1,000 devices, power-safe", 1_000, "power", None),
    ("logins of 100,000 devices, power-safe", 100_000, "power", None),
];

pub(crate) fn measure(table: &Table) {
    for (name, devices, durability, goal) in ROWS.into_iter().filter(|(name, ..)| table.wants(name)) {
        let database = Database::with(devices, Past::New);
        let server = Subject::server(&database.path(), &["--durability", durability]);
        let subjects = [server, Subject::echo()];
        let mut queues = subjects.each_ref().map(|subject| Queue::new(subject, devices));
        let mut works = [Work::default(); 2];
        for _ in 0..TURNS {
            for (queue, work) in queues.iter_mut().zip(&mut works) {
                *work += queue.subject.watch(|| queue.pass_for(TURN));
            }
        }
        let [server, echo] = works;
        table.rate(name, server, echo, goal);
        table.slowest(queues[0].slowest, queues[1].slowest);
    }
}

/// Devices that come one after the other.
struct Queue<'a> {
    subject: &'a Subject,
    devices: u32,
    /// How many have come.
    number: u32,
    /// From the first byte to the last answer.
    slowest: Duration,
}

impl<'a> Queue<'a> {
    fn new(subject: &'a Subject, devices: u32) -> Self {
        Self { subject, devices, number: 0, slowest: Duration::ZERO }
    }

    /// Returns how many have come and gone.
    fn pass_for(&mut self, length: Duration) -> u64 {
        let begun = Instant::now();
        let ready = epoll::create(epoll::CreateFlags::CLOEXEC).expect("a file");
        let mut visitors: Vec<_> = (0..VISITORS).map(|place| self.next(&ready, place)).collect();
        let (mut events, mut gone) = (Vec::with_capacity(VISITORS), 0);
        while begun.elapsed() < length {
            epoll::wait(&ready, spare_capacity(&mut events), None).expect("answers come");
            for event in events.drain(..) {
                let place = usize::try_from(event.data.u64()).expect("a place");
                if visitors[place].is_answered(self.subject) {
                    self.slowest = self.slowest.max(visitors[place].begun.elapsed());
                    visitors[place] = self.next(&ready, place);
                    gone += 1;
                }
            }
        }
        gone
    }

    /// The next device connects and logs in.
    fn next(&mut self, ready: &OwnedFd, place: usize) -> Visitor {
        let device = u64::from(self.number) * STRIDE % u64::from(self.devices);
        let login = frames::login(&token(DeviceId(u32::try_from(device).expect("one of them"))));
        let socket = socket::open(self.number, self.subject.address);
        self.number += 1;
        let place = epoll::EventData::new_u64(place as u64);
        epoll::add(ready, &socket, place, epoll::EventFlags::IN).expect("it can be waited for");
        let begun = Instant::now();
        write(&socket, &login).expect("it is connected");
        Visitor { socket, begun, awaits: self.subject.answer_to(&login), is_told: false }
    }
}

/// A device on its way: what it has still to say.
struct Visitor {
    socket: OwnedFd,
    begun: Instant,
    awaits: Vec<u8>,
    is_told: bool,
}

impl Visitor {
    /// Takes an answer. Returns whether it was the last.
    fn is_answered(&mut self, subject: &Subject) -> bool {
        let mut answer = [0; 128];
        let length = read(&self.socket, &mut answer).expect("it is connected");
        assert_eq!(answer[..length], self.awaits, "it is let in");
        if self.is_told {
            return true;
        }
        let info = frames::info();
        write(&self.socket, &info).expect("it is connected");
        self.awaits = subject.answer_to(&info);
        self.is_told = true;
        false
    }
}
