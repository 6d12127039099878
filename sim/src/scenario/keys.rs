//! The table of the language: every key, every verb and every metric, and what it is for.
//!
//! Owns the words. The resolver takes unknown words from here, and the [schema](super::schema) that describes the language
//! to an editor is made of it. What a key's value may be in detail is the resolver's to decide.

mod metrics;
mod shape;
mod verbs;
mod words;

pub use metrics::*;
pub use shape::Shape;
pub use verbs::*;
pub use words::*;

use Shape as S;

/// A key of a map.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What may stand behind it.
    pub shape: Shape,
    /// What it is for, one line.
    pub about: &'static str,
}

/// A kind of map with a closed list of keys.
#[derive(Debug)]
pub struct Section {
    /// What the map describes, for messages: `a device`.
    pub name: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, shape, about }
}

impl Section {
    /// The key of this name.
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }
}

/// Names that mean something of their own and that no device may have.
pub const RESERVED_NAMES: [&str; 4] = ["all", "server", "notifications", "commands"];

/// The whole file.
pub static SCENARIO: Section = Section {
    name: "a scenario",
    keys: &[
        key("scenario", S::Text, "title"),
        key("about", S::Text, "remarks, Markdown"),
        key("tags", S::Names, "what `--tags` selects by"),
        key("seed", S::Number(0), "where all random numbers come from, default 1"),
        key(
            "engine",
            S::Word(words::engines),
            "turmoil or events, where only that one makes sense; default turmoil",
        ),
        key("start", S::TimeOfDay, "time of day at zero, for wall-clock times"),
        key("until", S::Moment, "last instant that is looked at"),
        key("tolerance", S::Length, "how far a change may be off its moment, default 0s"),
        key("tick", S::Length, "step of the turmoil engine"),
        key("template", S::Map(&TEMPLATE), "heartbeat and lifecycle of devices that name no template"),
        key("templates", S::Named(&TEMPLATE), "templates by name"),
        key("devices", S::NamedOrNothing(&DEVICE), "devices by name"),
        key("server", S::Map(&SERVER), "settings of the server"),
        key("timeline", S::Timeline, "moment or window: action or list of actions"),
        key("expect", S::Expectations, "device or group: what must come of it"),
        key("limits", S::Limits, "metric: bound, such as `detection p99: at most 121s`"),
        key("settle", S::Length, "how long after the last fault every device with power must be online"),
        key("snapshot", S::Truth, "`true`: compare the timeline with the accepted one beside the file"),
    ],
};

/// A template.
pub static TEMPLATE: Section = Section {
    name: "a template",
    keys: &[
        key("heartbeat", S::Length, "of devices that announce none, default 45s"),
        key(
            "lifecycle",
            S::Lifecycle,
            "chain of statuses: `online -2m-> offline`, or a list of statuses with settings",
        ),
        key("offline-ignore", S::Length, "absences shorter than this are left out of the timeline's view"),
        key("contacts", S::Addresses, "name: mail address, URL or phone number of somebody to notify"),
    ],
};

/// A status in the long form of a chain.
pub static STATUS: Section = Section {
    name: "a status",
    keys: &[
        key("after", S::Length, "how long after the previous status it is entered; not for the first"),
        key("label", S::Text, "what people call it, default its name"),
        key("color", S::Text, "a colour's name or `\"#rrggbb\"`"),
        key("icon", S::Text, "an icon's name"),
        key("notify", S::Map(&NOTIFY), "who is told when a device enters it"),
        key("timeline", S::Word(|| words(&SHOWN)), "`show` or `hide` the change to it"),
        key(
            "controls",
            S::Word(|| words(&CONTROLS)),
            "`allow`, `warn` or `block` commands in it; not for the first",
        ),
    ],
};

/// Who is told of a status.
pub static NOTIFY: Section = Section {
    name: "`notify`",
    keys: &[
        key("channels", S::WordList(words::channels), "list of `email`, `push`, `sms`, `webhook`"),
        key("to", S::Names, "list of names, which `contacts` resolve"),
        key("text", S::Text, "what it says, default device and status"),
        key("limit", S::Length, "at most one in this time"),
        key("every", S::Number(1), "only every n-th entry into the status, default 1"),
    ],
};

/// A device.
pub static DEVICE: Section = Section {
    name: "a device",
    keys: &[
        key("template", S::Name, "name of one of the `templates`"),
        key("heartbeat", S::Length, "what its firmware announces, default the template's"),
        key("reconnect", S::Reconnect, "`never`, `every 5s`, or `backoff 1s..60s`"),
        key(
            "network",
            S::Network,
            "quality of its link: a profile's name, or `{ latency, jitter, loss }`; default `ideal`",
        ),
        key("count", S::Number(1), "many devices under one name"),
        key("id", S::Pattern, "pattern of the names of many devices, default `name-0000`"),
        key("client", S::Word(words::clients), "the client library whose behaviour it has, with its faults"),
        key(
            "token",
            S::Word(|| words(&TOKENS)),
            "`wrong`: it logs in with a token that the server does not know; default `right`",
        ),
        key(
            "protocol",
            S::Word(|| words(&WAYS)),
            "`hardware`, a connection that is kept, or `http`, a request for each message",
        ),
        key("sends", S::Period, "`every 10m`: a value at this interval while it is connected"),
        key("contacts", S::Addresses, "as a template's, and before them"),
    ],
};

/// A network, given inline.
pub static NETWORK: Section = Section {
    name: "a network",
    keys: &[
        key("latency", S::Length, "the least time that a message takes, one way"),
        key("jitter", S::Length, "what it may take longer"),
        key("loss", S::Share, "how many messages are lost and sent again by TCP, such as `2%`"),
    ],
};

/// The server's settings.
pub static SERVER: Section = Section {
    name: "the server",
    keys: &[
        key("takeover", S::Word(|| words(&TAKEOVERS)), "`accept` or `reject` a second login of one device"),
        key("messages-per-second", S::Number(1), "most messages of a session in any second, default 50"),
        key("login-timeout", S::Length, "how long a connection may take to log in, default 10s"),
        key("allowance", S::Word(|| words(&ALLOWANCES)), "`iot` (1.5 heartbeats) or `legacy` (2.3)"),
        key("body-limit", S::Number(1), "longest body of a message in bytes, default 4096"),
        key("value-limit", S::Number(1), "longest value of a pin in bytes, default 1024"),
        key(
            "restart-grace",
            S::Length,
            "how long devices have to return after a restart, default one allowance each",
        ),
        key(
            "login-failures-per-minute",
            S::Number(1),
            "most failed logins of one token from one address, default 5",
        ),
        key("notifications-per-day", S::Number(1), "most notifications of a device in a day, default 100"),
        key(
            "notification-gap",
            S::Length,
            "entries into one status that are closer together notify once, default 5s",
        ),
        key("notification-tries", S::Number(1), "how often a notification is tried, default 10"),
        key("outbox-limit", S::Number(1), "most notifications that may wait to be delivered, default 10000"),
    ],
};

/// What stands beside time keys under a device's name in `expect`.
pub static EXPECT: Section = Section {
    name: "an expectation, beside times,",
    keys: &[
        key("at", S::Samples, "moment: status at this moment, or how many devices are in which status"),
        key("ever", S::Counts, "status: how many devices were in it at least once"),
        key("never", S::Statuses, "a status that nobody may enter, or a list of them"),
        key("changes", S::Changes, "how often the status of each device changes, the first login included"),
    ],
};
