//! A plan: everything a run needs, resolved. Nothing is optional that the scenario's author may leave out.
//!
//! Owns the shape. Made by [`scenario`](crate::scenario), read by engines, oracle and reports; engines never see YAML.

mod action;
mod device;
mod expectation;
mod limit;

use std::ops::Range;
use std::sync::Arc;

pub use blynk_core::command::Controls;
use blynk_core::id::{DeviceId, StatusIndex, Token};
pub use blynk_core::lifecycle::Template;
use blynk_core::lifecycle::{Status, StatusKind};
pub use blynk_core::notification::Notify;
use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::time::{Duration, Instant};

use crate::random::{Purpose, Seed};

pub use action::{Action, FaultId, Garbage, Impairment};
pub use device::{Client, Device, Group, Protocol, Quality, Reconnect, Share};
pub use expectation::{
    Among, Bounds, Changes, Closes, Commands, Count, Devices, Expectation, ExpectedChange, ExpectedCommand,
    ExpectedNotification, History, Never, Notifications, Runs, Sample, Turn, When, Window,
};
pub use limit::{Comparison, Limit, Measure, Metric, Settle, Statistic};

/// One scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it came from, for messages that point into it.
    pub source: Arc<Source>,
    /// The scenario's title.
    pub title: String,
    /// The author's remarks, Markdown; empty if there are none.
    pub about: String,
    /// What `--tags` selects by.
    pub tags: Vec<String>,
    /// Every random number of the run follows from it.
    pub seed: Seed,
    /// What it is run on.
    pub engine: Engine,
    /// Whether the file names its engine: it makes sense on no other.
    pub is_bound_to_engine: bool,
    /// How moments are spelt: wall clock or offset.
    pub clock: WallClock,
    /// The last instant of the run, inclusive.
    pub until: Instant,
    /// How far a change may be off its expected moment, without the engine's own granularity.
    pub tolerance: Duration,
    /// The step of the turmoil engine.
    pub tick: Duration,
    /// Settings of the server under test.
    pub server: Settings,
    /// The devices; a device's place is its [`DeviceId`].
    pub devices: Vec<Device>,
    /// The names under `devices` and whose they are, in the order of the file: together all devices, each once.
    pub groups: Vec<Group>,
    /// What is done, in the order in which it is done.
    pub steps: Vec<Step>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
    /// What its figures must be.
    pub limits: Vec<Limit>,
    /// By when everybody must be back after the last fault, if the scenario demands that.
    pub settle: Option<Settle>,
    /// Whether the run must be the accepted one.
    pub snapshot: Snapshot,
}

/// Whether a run is held against an accepted timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// The file does not demand it.
    None,
    /// The key that demands it.
    Demanded(Span),
    /// The file demands it of its own seed and engine, and this is another.
    OfAnother,
}

impl Snapshot {
    /// The key that demands it of this run.
    pub const fn span(&self) -> Option<&Span> {
        match self {
            Self::Demanded(span) => Some(span),
            Self::None | Self::OfAnother => None,
        }
    }
}

/// What runs a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// The server's whole shell on a simulated network, in ticks.
    #[default]
    Turmoil,
    /// The machines alone, from event to event.
    Events,
}

/// The text of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A place in a [`Source`]: byte offsets.
pub type Span = Range<usize>;

/// One thing that the scenario does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// What.
    pub deed: Deed,
}

/// What a scenario can do, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To one device.
    Device(DeviceId, Action),
    /// To the server.
    Server(ServerAction),
    /// To the receiver of all notifications: from now on it is like this.
    Receiver(Receiver),
}

impl Deed {
    /// The device that it is done to, if it is done to one.
    pub const fn device(&self) -> Option<DeviceId> {
        match self {
            Self::Device(device, _) => Some(*device),
            Self::Server(_) | Self::Receiver(_) => None,
        }
    }
}

/// What a scenario can do to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerAction {
    /// Power is lost: silence.
    Crash,
    /// The process is gone: RST.
    Kill,
    /// A graceful stop: FIN.
    Stop,
    /// It starts.
    Start,
}

/// How the receiver of notifications behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Receiver {
    /// Takes everything and says so at once.
    #[default]
    Up,
    /// Takes everything, and says so after the server has lost its patience.
    Slow,
    /// Takes nothing, and says so.
    Failing,
    /// Cannot be reached.
    Down,
}

/// How moments are spelt in messages and timelines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WallClock {
    /// The time of day at zero, if the scenario names one.
    pub start: Option<Duration>,
}

impl Plan {
    /// The device with this id.
    ///
    /// # Panics
    /// If the id is not of this plan.
    pub fn device(&self, id: DeviceId) -> &Device {
        &self.devices[id.0 as usize]
    }

    /// The numbers of all devices.
    ///
    /// # Panics
    /// If there are 2^32.
    pub fn ids(&self) -> Range<u32> {
        0..u32::try_from(self.devices.len()).expect("fewer than 2^32 devices")
    }

    /// All devices with their ids.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceId, &Device)> {
        (0..).map(DeviceId).zip(&self.devices)
    }

    /// The steps of a device, with their places.
    pub fn steps_of(&self, id: DeviceId) -> impl Iterator<Item = (usize, &Step)> {
        let is_its = move |step: &Step| matches!(step.deed, Deed::Device(device, _) if device == id);
        self.steps.iter().enumerate().filter(move |(_, step)| is_its(step))
    }

    /// A status of this device's template.
    ///
    /// # Panics
    /// If the device is not of this plan, or the status not of its chain.
    pub fn status(&self, id: DeviceId, status: StatusIndex) -> &Status {
        self.device(id).template.chain.status(status)
    }

    /// Whether a status of this device is the Offline kind.
    ///
    /// # Panics
    /// As [`status`](Self::status).
    pub fn is_offline(&self, id: DeviceId, status: StatusIndex) -> bool {
        self.status(id, status).kind() == StatusKind::Offline
    }

    /// The group that a device belongs to.
    ///
    /// # Panics
    /// If the device is not of this plan.
    pub fn group_of(&self, id: DeviceId) -> &Group {
        Group::of(&self.groups, id)
    }

    /// The device of this name; `fleet/17` is another name of a member.
    pub fn find(&self, name: &str) -> Option<DeviceId> {
        if let Some((group, number)) = name.split_once('/') {
            return self.groups.iter().find(|it| it.name == group)?.member(number.parse().ok()?);
        }
        self.devices().find_map(|(id, device)| (device.name == name).then_some(id))
    }

    /// How far apart one moment may be on the engine's clocks: a tick of turmoil, and nothing where there are no ticks.
    pub fn granularity(&self) -> Duration {
        match self.engine {
            Engine::Turmoil => self.tick,
            Engine::Events => Duration::ZERO,
        }
    }

    /// Whether the server answers a second login of a connected device with a refusal.
    pub fn refuses_second_logins(&self) -> bool {
        self.server.takeover == Takeover::Reject
    }

    /// Whether the server counts allowances as the open-source server of 2016 to 2021 did.
    pub fn allows_by_legacy_rule(&self) -> bool {
        self.server.allowance == Allowance::Legacy
    }

    /// What the server knows the device by.
    pub fn token(&self, id: DeviceId) -> Token {
        self.drawn_token(id, Purpose::Token)
    }

    /// A token that no device has.
    pub fn bad_token(&self, id: DeviceId) -> Token {
        self.drawn_token(id, Purpose::BadToken)
    }

    /// What the device logs in with.
    pub fn login_token(&self, id: DeviceId) -> Token {
        if self.device(id).has_right_token { self.token(id) } else { self.bad_token(id) }
    }

    /// What operators and users prove their right with.
    pub fn operator_token(&self) -> Token {
        self.drawn_token(DeviceId(0), Purpose::Operator)
    }

    fn drawn_token(&self, id: DeviceId, purpose: Purpose) -> Token {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut token = [0; Token::LEN];
        self.seed.stream(id, purpose).fill(&mut token);
        let token = token.map(|byte| ALPHABET[usize::from(byte % 64)]);
        Token::parse(&token).expect("32 printable characters")
    }
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Turmoil, Self::Events];

    /// As scenarios and the command line name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Turmoil => "turmoil",
            Self::Events => "events",
        }
    }
}

impl WallClock {
    /// `10:51:58.500` with a wall clock (`+1d 00:00:01` after midnight), `1m30s` without.
    pub fn spell(&self, at: Instant) -> String {
        let Some(start) = self.start else { return at.to_string() };
        let millis = at.as_millis() + start.as_millis();
        let (day, rest) = (millis / Duration::DAY.as_millis(), millis % Duration::DAY.as_millis());
        let (seconds, thousandths) = (rest / 1_000, rest % 1_000);
        let mut text = if day > 0 { format!("+{day}d ") } else { String::new() };
        text += &format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if thousandths > 0 { text + &format!(".{thousandths:03}") } else { text }
    }
}
