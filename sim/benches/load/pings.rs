//! Pings of devices that are logged in: each answer is followed by the next ping.

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
const TURN: Duration = Duration::from_secs(2);

const TURNS: usize = 4;

/// Name, connections, pings that are not answered yet on each, and the goal.
const ROWS: [(&str, u32, usize, f64); 3] = [
    ("pings, 50 connections", 50, 1, 0.7),
    ("pings, 1,000 connections", 1_000, 1, 0.7),
    // 3,000,000 where the bare echo makes 12,500,000.
    ("pings, 200 connections, 64 outstanding", 200, 64, 0.24),
];

pub(crate) fn measure(table: &Table) {
    for (name, connections, outstanding, goal) in ROWS.into_iter().filter(|(name, ..)| table.wants(name)) {
        let database = Database::with(connections, Past::New);
        let (server, echo) = (Subject::server(&database.path(), &[]), Subject::echo());
        let mut crowds = [&server, &echo].map(|subject| Crowd::gather(subject, connections, outstanding));
        let mut works = [Work::default(); 2];
        for _ in 0..TURNS {
            for ((subject, crowd), work) in [&server, &echo].into_iter().zip(&mut crowds).zip(&mut works) {
                *work += subject.watch(|| crowd.ping_for(TURN));
            }
        }
        let [server, echo] = works;
        table.rate(name, server, echo, Some(goal));
    }
}

/// Devices that ping.
struct Crowd {
    members: Vec<Member>,
    ready: OwnedFd,
    pings: Vec<u8>,
    /// What as many answers as pings look like, and an answer more, in whose midst a read may begin.
    answers: Vec<u8>,
}

struct Member {
    socket: OwnedFd,
    /// How much there is of an answer that is not here as a whole.
    begun: usize,
}

impl Crowd {
    fn gather(subject: &Subject, connections: u32, outstanding: usize) -> Self {
        let ready = epoll::create(epoll::CreateFlags::CLOEXEC).expect("a file");
        let pings = frames::ping().repeat(outstanding);
        let members = (0..connections).map(|number| {
            let socket = socket::open(number, subject.address);
            for message in [frames::login(&token(DeviceId(number))), frames::info()] {
                write(&socket, &message).expect("it is connected");
                let mut answer = vec![0; subject.answer_to(&message).len()];
                read(&socket, &mut answer).expect("it is connected");
                assert_eq!(answer, subject.answer_to(&message), "it is let in");
            }
            write(&socket, &pings).expect("it is connected");
            let place = epoll::EventData::new_u64(number.into());
            epoll::add(&ready, &socket, place, epoll::EventFlags::IN).expect("it can be waited for");
            Member { socket, begun: 0 }
        });
        let members = members.collect();
        let answers = subject.answer_to(&frames::ping()).repeat(outstanding + 1);
        Self { members, ready, pings, answers }
    }

    /// Returns how many answers came.
    fn ping_for(&mut self, length: Duration) -> u64 {
        let begun = Instant::now();
        let (mut events, mut answered) = (Vec::with_capacity(1_024), 0);
        while begun.elapsed() < length {
            epoll::wait(&self.ready, spare_capacity(&mut events), None).expect("answers come");
            for event in events.drain(..) {
                let place = usize::try_from(event.data.u64()).expect("a place");
                answered += self.members[place].take_answers(&self.pings, &self.answers);
            }
        }
        answered
    }
}

impl Member {
    /// Takes the answers that are there, and sends as many pings.
    fn take_answers(&mut self, pings: &[u8], answers: &[u8]) -> u64 {
        let (mut buffer, one) = ([0; 512], frames::ANSWER);
        let length = read(&self.socket, &mut buffer).expect("it is connected");
        assert_eq!(buffer[..length], answers[self.begun..][..length], "every answer is as it should be");
        let whole = (self.begun + length) / one;
        self.begun = (self.begun + length) % one;
        write(&self.socket, &pings[..whole * one]).expect("it is connected");
        whole as u64
    }
}
