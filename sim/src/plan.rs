//! A plan: everything a run needs, resolved. Nothing is optional that the scenario's author may leave out.
//!
//! Owns the shape. Made by [`scenario`](crate::scenario), read by engines, oracle and reports; engines never see YAML.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use blynk_core::command::Controls;
use blynk_core::id::{DeviceId, Pin, StatusIndex, Token};
use blynk_core::lifecycle::Status;
pub use blynk_core::lifecycle::Template;
pub use blynk_core::notification::Notify;
use blynk_core::notification::{Channel, Stage};
use blynk_core::settings::{Allowance, Settings, Takeover};
use blynk_core::time::{Duration, Instant};
use blynk_core::timeline::Setter;

use crate::random::{Purpose, Seed};

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
    /// What is done, in the order in which it is done.
    pub steps: Vec<Step>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
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

/// A virtual device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name in the scenario.
    pub name: String,
    /// The template it belongs to.
    pub template: Arc<Template>,
    /// The heartbeat that its firmware announces and keeps.
    pub heartbeat: Duration,
    /// What it does after a loss that it did not intend.
    pub reconnect: Reconnect,
    /// How it speaks with the server.
    pub protocol: Protocol,
    /// How often its application writes a value while it is connected, or, over HTTP, reports one.
    pub sends: Option<Duration>,
    /// People and systems with their addresses; they go before its template's.
    pub contacts: BTreeMap<String, String>,
}

/// How a device speaks with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The device protocol: one connection that is kept.
    Hardware,
    /// A request for each message, and no connection in between.
    Http,
}

/// When a device dials again after a loss or a failed attempt.
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

/// What a scenario can make happen to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Intend to be connected; dial at once.
    Connect,
    /// Close gracefully; stay away until `Connect`.
    Disconnect,
    /// The link goes silent.
    Drop(FaultId),
    /// The silence of that drop ends.
    Restore(FaultId),
    /// Every silence on the link ends.
    Heal,
    /// The connection is torn by RST.
    Reset,
    /// Power is lost: silent, and the device forgets its connection.
    PowerOff,
    /// Power returns: dial at once if the device intends to be connected.
    PowerOn,
    /// A data message: pin and value.
    Send {
        /// The pin.
        pin: Pin,
        /// The value as text.
        value: String,
    },
    /// Announce a heartbeat and keep it from now on.
    SetHeartbeat(Duration),
    /// Illegal bytes.
    Garbage(Garbage),
    /// The application freezes: its connection lives, and nothing comes from it.
    Hang(FaultId),
    /// That freeze ends.
    Resume(FaultId),
    /// A bare second connection with the same token, from elsewhere.
    Clone(FaultId),
    /// That second connection closes.
    EndClone(FaultId),
    /// A login with a wrong token, from the device's address.
    BadToken,
    /// A status is set, by its key: announced by the device, or by an operator.
    SetStatus {
        /// The status's key.
        to: String,
        /// By whom.
        by: Setter,
    },
    /// The device announces a status and closes.
    Sleep {
        /// The status's key.
        to: String,
    },
    /// A user commands the device.
    Command {
        /// The pin.
        pin: Pin,
        /// The value as text.
        value: String,
    },
}

/// Names one silence, freeze or clone, so that its own end ends it and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub u32);

/// Kinds of illegal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garbage {
    /// A ping with message id 0.
    IdZero,
    /// A command code that the protocol does not have.
    UnknownCommand,
    /// A frame that says its body is longer than the server's limit.
    Oversize,
    /// The first bytes of a frame whose rest never comes.
    Truncated,
    /// Random bytes from the device's own stream.
    Random,
}

/// A moment, or all moments from one to another; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The first moment.
    pub from: Instant,
    /// The last moment; equal to `from` for a single one.
    pub to: Instant,
}

/// Something that must be true of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// The complete history of each of these devices.
    History(History),
    /// The status of each of these devices at one moment.
    Sample(Sample),
    /// The complete list of ended live sessions of each of these devices.
    Closes(Closes),
    /// The complete list of the server's starts and ends, the start at zero left out.
    Runs(Runs),
    /// Notifications of one device.
    Notifications(Notifications),
    /// Users' commands to one device.
    Commands(Commands),
}

/// The complete history of statuses, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whose; all of one template.
    pub devices: Vec<DeviceId>,
    /// Exactly these changes.
    pub changes: Vec<ExpectedChange>,
    /// The name under `expect`.
    pub span: Span,
}

/// One change of an expected history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedChange {
    /// When.
    pub window: Window,
    /// To which status.
    pub to: StatusIndex,
    /// The time key that it stands under.
    pub span: Span,
}

/// An expected status at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Whose; all of one template.
    pub devices: Vec<DeviceId>,
    /// When, exactly.
    pub at: Instant,
    /// Which; `None` is `new`, before the first login.
    pub status: Option<StatusIndex>,
    /// The time key under `at`.
    pub span: Span,
}

/// The expected ends of live sessions of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closes {
    /// Whose.
    pub device: DeviceId,
    /// When each session ended, and the time key that says so.
    pub windows: Vec<(Window, Span)>,
}

/// The expected starts and ends of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// When, whether it is up from then on, and the time key that says so; in order of time.
    pub windows: Vec<(Window, bool, Span)>,
}

/// What is expected of the notifications of one device. The list of those that are owed is complete; so is that of the
/// delivered, or of the dead letters, if it names any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notifications {
    /// Whose.
    pub device: DeviceId,
    /// In order of time.
    pub expected: Vec<ExpectedNotification>,
    /// The device's name under `notifications`.
    pub span: Span,
}

/// One expected stage of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedNotification {
    /// When.
    pub window: Window,
    /// How far it is then.
    pub stage: Stage,
    /// About which status.
    pub status: StatusIndex,
    /// By which way.
    pub channel: Channel,
    /// To whom.
    pub to: String,
    /// The place that says so.
    pub span: Span,
}

/// The complete list of what is expected of users' commands to one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// To whom.
    pub device: DeviceId,
    /// In order of time.
    pub expected: Vec<ExpectedCommand>,
    /// The device's name under `commands`.
    pub span: Span,
}

/// One expected turn of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedCommand {
    /// When.
    pub window: Window,
    /// What became of it.
    pub turn: Turn,
    /// For which pin.
    pub pin: Pin,
    /// The place that says so.
    pub span: Span,
}

/// What becomes of a command. One that a connected device is handed at once is applied and never pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It waits until the device is back.
    Pending,
    /// It was written to the device.
    Applied,
    /// The device's status blocks it.
    Blocked,
}

impl Turn {
    /// As scenarios and reports spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Blocked => "blocked",
        }
    }
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

    /// The device of this name.
    pub fn find(&self, name: &str) -> Option<DeviceId> {
        self.devices().find_map(|(id, device)| (device.name == name).then_some(id))
    }

    /// How far apart one moment may be on the engine's clocks: a tick of turmoil.
    pub fn granularity(&self) -> Duration {
        self.tick
    }

    /// Whether the server answers a second login of a connected device with a refusal.
    pub fn refuses_second_logins(&self) -> bool {
        self.server.takeover == Takeover::Reject
    }

    /// Whether the server counts allowances as the open-source server of 2016 to 2021 did.
    pub fn allows_by_legacy_rule(&self) -> bool {
        self.server.allowance == Allowance::Legacy
    }

    /// What the device logs in with.
    pub fn token(&self, id: DeviceId) -> Token {
        self.drawn_token(id, Purpose::Token)
    }

    /// A token that no device has.
    pub fn bad_token(&self, id: DeviceId) -> Token {
        self.drawn_token(id, Purpose::BadToken)
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

impl Window {
    /// A single moment.
    pub const fn moment(at: Instant) -> Self {
        Self { from: at, to: at }
    }

    /// Whether `at` lies in the window, or within `slack` of it.
    pub fn contains(&self, at: Instant, slack: Duration) -> bool {
        self.from - slack <= at && at <= self.to + slack
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
