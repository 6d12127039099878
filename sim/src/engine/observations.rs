//! What an engine hands over when a run is over: the timeline, and what is not told there because no rule depends on it.

use std::fmt;
use std::mem;
use std::ops::AddAssign;

use blynk_core::id::DeviceId;
use blynk_core::time::{Duration, Instant};

use crate::network::ConnectionId;
use crate::numerals::count;
use crate::oracle::Breach;
use crate::timeline::{Entry, Subject, Timeline};

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Observations {
    /// Everything that happened.
    pub timeline: Timeline,
    /// What passed in the name of each device, by its number.
    pub traffic: Vec<Traffic>,
    /// The whole second in which most messages reached the server.
    pub busiest: Busiest,
    /// Every accepted login of a device's own, by the instants of the answers, then by device.
    pub logins: Vec<Login>,
    /// What the deliveries contradict.
    pub breaches: Vec<Breach>,
    /// The traced device in detail.
    pub trace: Vec<TraceLine>,
    /// How often the server wrote to its store. Where devices were run in shards, each with a server, it is the sum of
    /// theirs.
    pub commits: u64,
    /// When the engine refused a connection for the first time because one host had none left: the run is worth nothing
    /// from then on.
    pub out_of_ports: Option<Instant>,
}

/// Something on a connection of the traced device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// When.
    pub at: Instant,
    /// On which connection.
    pub connection: ConnectionId,
    /// What: a message that reached the server or came from it, or what the device did about the connection.
    pub text: String,
}

/// What passed in the name of one device: on its connections, and on those of clones, users and operators that are about
/// it. Counted where the simulated network hands it over: what silence holds, or loses, on the way to the device counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages that reached the server.
    pub messages: u64,
    /// Their bytes.
    pub bytes_to_server: u64,
    /// Bytes that came from the server.
    pub bytes_to_device: u64,
}

/// What happened in a run, or in several, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Messages that reached the server.
    pub messages: u64,
    /// Logins that it recorded.
    pub logins: u64,
    /// Changes of statuses.
    pub changes: u64,
}

impl Totals {
    /// Those of one run.
    pub fn of(observations: &Observations) -> Self {
        let count = |is_it: fn(&Entry) -> bool| {
            observations.timeline.entries().iter().filter(|entry| is_it(entry)).count() as u64
        };
        Self {
            messages: observations.traffic.iter().map(|traffic| traffic.messages).sum(),
            logins: count(Entry::is_login),
            changes: count(|entry| entry.change().is_some()),
        }
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.logins += other.logins;
        self.changes += other.changes;
    }
}

/// `153 messages, 9 logins, 16 changes`
impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { messages, logins, changes } = *self;
        write!(f, "{}, {}, {}", count(messages, "message"), count(logins, "login"), count(changes, "change"))
    }
}

/// What one [observer](super::observer::Observer) saw of a run: all of it, or what happened to some devices.
#[derive(Debug)]
pub(super) struct Part {
    /// In the order in which they were made.
    pub(super) entries: Vec<Entry>,
    pub(super) traffic: Vec<Traffic>,
    pub(super) logins: Vec<Login>,
    pub(super) breaches: Vec<Breach>,
    pub(super) trace: Vec<TraceLine>,
    pub(super) commits: u64,
    pub(super) out_of_ports: Option<Instant>,
}

impl Observations {
    /// Joins what was seen of the devices, part by part in their order. What happened to the world, all of them saw.
    pub(super) fn join(parts: impl IntoIterator<Item = Part>, messages: &Seconds) -> Self {
        let mut parts = parts.into_iter();
        let mut whole = parts.next().expect("a run has an observer");
        for part in parts {
            whole.entries.extend(part.entries.into_iter().filter(|entry| entry.subject != Subject::World));
            whole.traffic.extend(part.traffic);
            whole.logins.extend(part.logins);
            whole.breaches.extend(part.breaches);
            whole.trace.extend(part.trace);
            whole.commits += part.commits;
            whole.out_of_ports = whole.out_of_ports.into_iter().chain(part.out_of_ports).min();
        }
        whole.logins.sort_by_key(|login| (login.answered_at, login.device));
        whole.breaches.sort_by_key(|breach| (breach.at, breach.device));
        Self {
            timeline: Timeline::new(whole.entries),
            traffic: whole.traffic,
            busiest: messages.busiest(),
            logins: whole.logins,
            breaches: whole.breaches,
            trace: whole.trace,
            commits: whole.commits,
            out_of_ports: whole.out_of_ports,
        }
    }
}

/// How often something happened in each whole second in which it did, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seconds(Vec<(u64, u64)>);

impl Seconds {
    /// Once, now. The clocks of observers are less than two seconds apart: a tick is a second at most.
    pub(super) fn count(&mut self, now: Instant) {
        let second = now.as_millis() / 1_000;
        let before = self.0.iter().rposition(|(known, _)| *known <= second);
        match before {
            Some(place) if self.0[place].0 == second => self.0[place].1 += 1,
            Some(place) => self.0.insert(place + 1, (second, 1)),
            None => self.0.insert(0, (second, 1)),
        }
    }

    /// What others counted. In which order they are added does not matter.
    pub(super) fn add(&mut self, others: Self) {
        let (mut ours, mut others) =
            (mem::take(&mut self.0).into_iter().peekable(), others.0.into_iter().peekable());
        self.0.reserve(ours.len().max(others.len()));
        while let Some(second) = ours.peek().into_iter().chain(others.peek()).map(|(second, _)| *second).min()
        {
            let counts = [&mut ours, &mut others].map(|it| it.next_if(|(known, _)| *known == second));
            self.0.push((second, counts.into_iter().flatten().map(|(_, number)| number).sum()));
        }
    }

    fn busiest(&self) -> Busiest {
        let mut busiest = Busiest::default();
        self.0.iter().for_each(|(second, number)| busiest.count(*second, *number));
        busiest
    }
}

/// The whole second in which something happened most often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busiest {
    /// How often.
    pub most: u64,
    /// When it begins; the first of several.
    pub second: Instant,
}

impl Busiest {
    /// That second, counted from zero, has come to so many.
    pub fn count(&mut self, second: u64, number: u64) {
        if number > self.most {
            *self = Self { most: number, second: Instant::from_millis(second * 1_000) };
        }
    }
}

/// A login that was accepted, as the device itself saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub device: DeviceId,
    /// When it dialled.
    pub dialled_at: Instant,
    /// When it was told that the login is accepted, as it feels it: what an engine of ticks takes for the two exchanges with
    /// the server is left out.
    pub answered_at: Instant,
}

impl Login {
    /// How long it took.
    pub fn latency(&self) -> Duration {
        self.answered_at.since(self.dialled_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(millis: &[u64]) -> Seconds {
        let mut seconds = Seconds::default();
        millis.iter().for_each(|at| seconds.count(Instant::from_millis(*at)));
        seconds
    }

    #[test]
    fn seconds_are_counted_in_order_though_clocks_are_apart() {
        assert_eq!(counted(&[900, 2_000, 1_100, 0, 2_999]).0, [(0, 2), (1, 1), (2, 2)]);
        assert_eq!(counted(&[5_000, 900]).0, [(0, 1), (5, 1)]);
    }

    #[test]
    fn what_others_counted_is_added() {
        let check = |ours: &[u64], others: &[u64]| {
            let (mut one, mut other) = (counted(ours), counted(others));
            one.add(counted(others));
            other.add(counted(ours));
            assert_eq!(one, other);
            assert_eq!(one, counted(&[ours, others].concat()));
        };
        check(&[0, 1_000, 1_500], &[1_200, 7_000]);
        check(&[], &[3_000]);
        check(&[3_000, 3_001], &[3_002]);
        check(&[1_000, 3_000], &[2_000, 4_000]);
    }

    #[test]
    fn the_busiest_second_is_the_first_of_several() {
        let second = Instant::from_millis(2_000);
        assert_eq!(counted(&[0, 2_000, 2_001, 5_000, 5_001]).busiest(), Busiest { most: 2, second });
    }
}
