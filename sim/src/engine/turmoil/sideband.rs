//! What the two ends of a simulated connection tell each other beside its bytes: when exactly they were said, and
//! whether the connection was torn.
//!
//! turmoil hands over between ticks: what a site sends within a tick reaches the server's host as that tick begins, and
//! what the server sends reaches the site as the next one does. With the instants beside the bytes neither end need feel
//! that. The server reads nothing before it was sent. A device hears an answer at the instant of its question, and
//! whatever the server's own clock brings as much earlier as the server heard of it late ([`Lag`]): so whoever dials again
//! and again does not fall behind by the ticks that each connection and login takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use blynk_core::queue::Queue;
use blynk_core::time::{Duration, Instant};

/// Shared by the ends of one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Sideband(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    is_torn: bool,
    /// Whose it is, once the site knows that it is open.
    lag: Option<Lag>,
    to_server: Queue<Said<Sent>>,
    to_device: Queue<Said<Instant>>,
}

/// Some bytes, or none for the end, and when they were said.
#[derive(Debug)]
struct Said<T> {
    length: usize,
    when: T,
}

/// When a device said something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// By its host's clock.
    pub(super) at: Instant,
    /// As the device itself feels it: its host may have heard late of what it answers.
    pub(super) felt_at: Instant,
}

/// What the server may read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readable {
    /// Nothing until then.
    From(Instant),
    /// At most so many bytes, sent together.
    Bytes(usize),
    /// The end of the connection, whether the device has said so or not.
    End,
}

/// How late the server was when it last heard something of a device, on whatever connection: up to two ticks after a
/// connection was opened, and nothing while it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Lag(Arc<AtomicU64>);

impl Sideband {
    /// Whether both are of one connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The site learns that the connection is open.
    pub(super) fn open(&self, lag: Lag) {
        self.state().lag = Some(lag);
    }

    /// The device sends so many bytes; none are the end.
    pub(super) fn send(&self, length: usize, when: Sent) {
        self.state().to_server.push_back(Said { length, when });
    }

    /// The end that comes is an RST.
    pub(super) fn tear(&self) {
        self.state().is_torn = true;
    }

    /// Whether it was torn.
    pub(super) fn is_torn(&self) -> bool {
        self.state().is_torn
    }

    /// What the server may read now.
    pub(super) fn readable(&self, now: Instant) -> Readable {
        match self.state().to_server.front() {
            Some(said) if said.when.at > now => Readable::From(said.when.at),
            Some(Said { length: length @ 1.., .. }) => Readable::Bytes(*length),
            Some(Said { length: 0, .. }) | None => Readable::End,
        }
    }

    /// The server reads so many bytes of what it may.
    pub(super) fn read(&self, now: Instant, length: usize) {
        let state = &mut *self.state();
        let Some(said) = state.to_server.front_mut() else { return };
        if let Some(lag) = &state.lag {
            lag.set(now.since(said.when.felt_at));
        }
        said.length -= length;
        if said.length == 0 {
            state.to_server.pop_front();
        }
    }

    /// The server sends so many bytes; none are the end.
    pub(super) fn answer(&self, now: Instant, length: usize) {
        let state = &mut *self.state();
        let late = state.lag.as_ref().map_or(Duration::ZERO, Lag::is);
        state.to_device.push_back(Said { length, when: now - late });
    }

    /// Whether something is under way of which it is known when the server said it.
    pub(super) fn is_answered(&self) -> bool {
        !self.state().to_device.is_empty()
    }

    /// The device hears so many bytes; none are the end. Returns when the server said so, unless the end came without a
    /// word.
    pub(super) fn hear(&self, length: usize) -> Option<Instant> {
        let to_device = &mut self.state().to_device;
        let when = to_device.front()?.when;
        let mut rest = length;
        while let Some(said) = to_device.front_mut() {
            if said.length > rest {
                said.length -= rest;
                break;
            }
            rest -= said.length;
            to_device.pop_front();
            if rest == 0 {
                break;
            }
        }
        Some(when)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics with the lock held")
    }
}

impl Lag {
    fn is(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, late: Duration) {
        self.0.store(late.as_millis(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    const fn sent(millis: u64, felt: u64) -> Sent {
        Sent { at: at(millis), felt_at: at(felt) }
    }

    #[test]
    fn nothing_is_read_before_it_was_sent() {
        let sideband = Sideband::default();
        sideband.send(5, sent(130, 130));
        sideband.send(0, sent(150, 150));
        assert_eq!(sideband.readable(at(100)), Readable::From(at(130)));
        assert_eq!(sideband.readable(at(130)), Readable::Bytes(5));
        sideband.read(at(130), 3);
        assert_eq!(sideband.readable(at(130)), Readable::Bytes(2));
        sideband.read(at(130), 2);
        assert_eq!(sideband.readable(at(149)), Readable::From(at(150)));
        assert_eq!(sideband.readable(at(150)), Readable::End);
    }

    #[test]
    fn an_answer_is_heard_at_the_instant_of_its_question() {
        let sideband = Sideband::default();
        sideband.open(Lag::default());
        sideband.send(5, sent(200, 130));
        sideband.read(at(200), 5);
        sideband.answer(at(200), 7);
        sideband.answer(at(1_200), 0);
        assert_eq!((sideband.hear(4), sideband.hear(3)), (Some(at(130)), Some(at(130))));
        // What the server's clock brings counts from when the server heard of it.
        assert_eq!(sideband.hear(0), Some(at(1_130)));
        assert_eq!(sideband.hear(0), None);
    }

    #[test]
    fn all_connections_of_a_device_share_its_lag() {
        let (lag, older, newer) = (Lag::default(), Sideband::default(), Sideband::default());
        older.open(lag.clone());
        newer.open(lag);
        newer.send(5, sent(200, 130));
        newer.read(at(200), 5);
        older.answer(at(200), 0);
        assert_eq!(older.hear(0), Some(at(130)));
    }
}
