//! The devices of a plan: who there is, and what each is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use blynk_core::id::DeviceId;
use blynk_core::time::Duration;

use super::Template;

/// What stands under one name of `devices`: a single device, or a fleet of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name in the scenario.
    pub name: String,
    /// The places of its members among the plan's devices.
    pub members: Range<u32>,
    /// Whether it was declared with a count: its members have names of their own.
    pub is_fleet: bool,
}

impl Group {
    /// The one of `groups`, which have all devices in their order, that a device belongs to.
    ///
    /// # Panics
    /// If it belongs to none.
    pub fn of(groups: &[Self], id: DeviceId) -> &Self {
        &groups[groups.partition_point(|group| group.members.end <= id.0)]
    }

    /// The member of this number; members count from 0.
    pub fn member(&self, number: u32) -> Option<DeviceId> {
        (number < self.members.end - self.members.start).then(|| DeviceId(self.members.start + number))
    }

    /// The members of these numbers; nothing if there is none, or if one of them is not there.
    pub fn range(&self, numbers: RangeInclusive<u32>) -> Option<Vec<DeviceId>> {
        let ids: Option<Vec<_>> = numbers.map(|number| self.member(number)).collect();
        ids.filter(|ids| !ids.is_empty())
    }

    /// Its members, in their order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = DeviceId> + use<> {
        self.members.clone().map(DeviceId)
    }
}

/// A virtual device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name in the scenario.
    pub name: String,
    /// The template it belongs to.
    pub template: Arc<Template>,
    /// The heartbeat that its firmware keeps, and announces if its client library does that.
    pub heartbeat: Duration,
    /// How it speaks with the server.
    pub protocol: Protocol,
    /// Whether it logs in with its own token; otherwise with one that the server does not know.
    pub has_right_token: bool,
    /// The quality of its network while nothing impairs it.
    pub network: Quality,
    /// How often its application writes a value while it is connected, or, over HTTP, reports one.
    pub sends: Option<Duration>,
    /// People and systems with their addresses; they go before its template's.
    pub contacts: Arc<BTreeMap<String, String>>,
}

/// How a device speaks with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The device protocol: one connection that is kept by this client library.
    Hardware(Client),
    /// A request for each message, and no connection in between.
    Http,
}

/// The library that keeps a device's connection (`protocol`, "Timings of the real clients").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// None that exists: what a well-made library does, with this policy of dialling again.
    Plain(Reconnect),
    /// The C++ library 1.4.0.
    Cpp,
    /// The C++ library before 1.0.
    Cpp0,
    /// npm `blynk-library` 0.5.4.
    Js,
    /// PyPI `blynklib` 0.2.6.
    Python,
    /// PyPI `blynk-library-python` 0.2.0.
    PythonLegacy,
}

/// When a plain device dials again after a loss or a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// It stays away.
    Never,
    /// This long after the last attempt began, or when that is over if later.
    Every(Duration),
    /// A random time up to `first`, doubling up to `most`, counted from the end of the last attempt.
    Backoff {
        /// Bound of the first delay.
        first: Duration,
        /// Bound that later delays grow to.
        most: Duration,
    },
}

/// The quality of a network, the same in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// The least time that a message takes.
    pub latency: Duration,
    /// What it may take longer, uniformly.
    pub jitter: Duration,
    /// How many of the messages are lost, and sent again by TCP.
    pub loss: Share,
}

impl Quality {
    /// No time is lost, and nothing else.
    pub const IDEAL: Self = Self { latency: Duration::ZERO, jitter: Duration::ZERO, loss: Share::NONE };
}

/// A part of a whole, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(1_000_000);

    /// A share of so many millionths; none beyond the whole.
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths <= Self::ALL.0 { Some(Self(millionths)) } else { None }
    }

    /// How many millionths it is.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl Client {
    /// Those that exist.
    pub const LIBRARIES: [Self; 5] = [Self::Cpp, Self::Cpp0, Self::Js, Self::Python, Self::PythonLegacy];

    /// As a scenario spells it; the plain device has no name.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain(_) => None,
            Self::Cpp => Some("cpp"),
            Self::Cpp0 => Some("cpp-0.x"),
            Self::Js => Some("js"),
            Self::Python => Some("python"),
            Self::PythonLegacy => Some("python-legacy"),
        }
    }

    /// The heartbeat that the library keeps if nobody says otherwise; none of the plain device, which keeps what its
    /// template expects. (`BLYNK_HEARTBEAT` of the C++ library, `options.heartbeat` of `blynk.js`, the parameter
    /// `heartbeat` of `blynklib.py` and `BlynkLib.py`.)
    pub const fn default_heartbeat(self) -> Option<Duration> {
        match self {
            Self::Plain(_) => None,
            Self::Cpp => Some(Duration::from_secs(40)),
            Self::Cpp0 | Self::Js | Self::Python | Self::PythonLegacy => Some(Duration::from_secs(10)),
        }
    }

    /// The heartbeats that the library takes. What it announces must be whole seconds; `blynk-library` announces none.
    pub const fn heartbeats(self) -> RangeInclusive<Duration> {
        match self {
            Self::Cpp | Self::Cpp0 => Duration::from_secs(10)..=Duration::HOUR,
            Self::Plain(_) | Self::Js | Self::Python | Self::PythonLegacy => Duration::SECOND..=Duration::DAY,
        }
    }

    /// Whether the server learns the heartbeat from the device.
    pub const fn announces_heartbeat(self) -> bool {
        match self {
            Self::Js => false,
            Self::Plain(_) | Self::Cpp | Self::Cpp0 | Self::Python | Self::PythonLegacy => true,
        }
    }
}

/// As a scenario spells it.
impl fmt::Display for Reconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => write!(f, "never"),
            Self::Every(period) => write!(f, "every {period}"),
            Self::Backoff { first, most } => write!(f, "backoff {first}..{most}"),
        }
    }
}

/// `latency 40ms, jitter 20ms, loss 1%`, without what is nothing.
impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { latency, jitter, loss } = self;
        write!(f, "latency {latency}")?;
        if !jitter.is_zero() {
            write!(f, ", jitter {jitter}")?;
        }
        if *loss != Share::NONE { write!(f, ", loss {loss}") } else { Ok(()) }
    }
}

/// In per cent, without zeros at the end: `2.5%`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let decimals = format!("{rest:04}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{whole}%"),
            decimals => write!(f, "{whole}.{decimals}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_as_people_write_them() {
        let spelt = |millionths| Share::from_millionths(millionths).map(|share| share.to_string());
        assert_eq!(spelt(300_000).as_deref(), Some("30%"));
        assert_eq!(spelt(25_000).as_deref(), Some("2.5%"));
        assert_eq!(spelt(1).as_deref(), Some("0.0001%"));
        assert_eq!(spelt(1_000_000).as_deref(), Some("100%"));
        assert_eq!(spelt(1_000_001), None);
    }

    #[test]
    fn every_library_takes_its_own_heartbeat() {
        for client in [Client::Cpp, Client::Cpp0, Client::Js, Client::Python, Client::PythonLegacy] {
            let heartbeat = client.default_heartbeat().expect("a library has one");
            assert!(client.heartbeats().contains(&heartbeat), "{client:?}");
        }
        assert_eq!(Client::Plain(Reconnect::Never).default_heartbeat(), None);
    }
}
