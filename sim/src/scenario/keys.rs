//! The table of the language: every key, every verb and every metric, and what it is for.
//!
//! Owns the words. The resolver takes unknown words from here; so can whatever describes the language
//! to an editor. Does not decide what a key's value may be.

mod metrics;
mod verbs;

pub use metrics::*;
pub use verbs::*;

/// A key of a map.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
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

const fn key(name: &'static str, about: &'static str) -> Key {
    Key { name, about }
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
        key("scenario", "title"),
        key("about", "remarks, Markdown"),
        key("tags", "what `--tags` selects by"),
        key("seed", "where all random numbers come from, default 1"),
        key("engine", "turmoil or events, where only that one makes sense; default turmoil"),
        key("start", "time of day at zero, for wall-clock times"),
        key("until", "last instant that is looked at"),
        key("tolerance", "how far a change may be off its moment, default 0s"),
        key("tick", "step of the turmoil engine"),
        key("template", "heartbeat and lifecycle of devices that name no template"),
        key("templates", "templates by name"),
        key("devices", "devices by name"),
        key("server", "settings of the server"),
        key("timeline", "moment or window: action or list of actions"),
        key("expect", "device or group: what must come of it"),
        key("limits", "metric: bound, such as `detection p99: at most 121s`"),
        key("settle", "how long after the last fault every device with power must be online"),
        key("snapshot", "`true`: compare the timeline with the accepted one beside the file"),
    ],
};

/// A template.
pub static TEMPLATE: Section = Section {
    name: "a template",
    keys: &[
        key("heartbeat", "of devices that announce none, default 45s"),
        key("lifecycle", "chain of statuses: `online -2m-> offline`, or a list of statuses with settings"),
        key("offline-ignore", "absences shorter than this are left out of the timeline's view"),
        key("contacts", "name: mail address, URL or phone number of somebody to notify"),
    ],
};

/// A status in the long form of a chain.
pub static STATUS: Section = Section {
    name: "a status",
    keys: &[
        key("after", "how long after the previous status it is entered; not for the first"),
        key("label", "what people call it, default its name"),
        key("color", "a colour's name or `\"#rrggbb\"`"),
        key("icon", "an icon's name"),
        key("notify", "who is told when a device enters it"),
        key("timeline", "`show` or `hide` the change to it"),
        key("controls", "`allow`, `warn` or `block` commands in it; not for the first"),
    ],
};

/// Who is told of a status.
pub static NOTIFY: Section = Section {
    name: "`notify`",
    keys: &[
        key("channels", "list of `email`, `push`, `sms`, `webhook`"),
        key("to", "list of names, which `contacts` resolve"),
        key("text", "what it says, default device and status"),
        key("limit", "at most one in this time"),
        key("every", "only every n-th entry into the status, default 1"),
    ],
};

/// A device.
pub static DEVICE: Section = Section {
    name: "a device",
    keys: &[
        key("template", "name of one of the `templates`"),
        key("heartbeat", "what its firmware announces, default the template's"),
        key("reconnect", "`never`, `every 5s`, or `backoff 1s..60s`"),
        key(
            "network",
            "quality of its link: a profile's name, or `{ latency, jitter, loss }`; default `ideal`",
        ),
        key("count", "many devices under one name"),
        key("id", "pattern of the names of many devices, default `name-0000`"),
        key("client", "the client library whose behaviour it has, with its faults"),
        key("token", "`wrong`: it logs in with a token that the server does not know; default `right`"),
        key("protocol", "`hardware`, a connection that is kept, or `http`, a request for each message"),
        key("sends", "`every 10m`: a value at this interval while it is connected"),
        key("contacts", "as a template's, and before them"),
    ],
};

/// A network, given inline.
pub static NETWORK: Section = Section {
    name: "a network",
    keys: &[
        key("latency", "the least time that a message takes, one way"),
        key("jitter", "what it may take longer"),
        key("loss", "how many messages are lost and sent again by TCP, such as `2%`"),
    ],
};

/// The server's settings.
pub static SERVER: Section = Section {
    name: "the server",
    keys: &[
        key("takeover", "`accept` or `reject` a second login of one device"),
        key("messages-per-second", "most messages of a session in any second, default 50"),
        key("login-timeout", "how long a connection may take to log in, default 10s"),
        key("allowance", "`iot` (1.5 heartbeats) or `legacy` (2.3)"),
        key("body-limit", "longest body of a message in bytes, default 4096"),
        key("value-limit", "longest value of a pin in bytes, default 1024"),
        key("restart-grace", "how long devices have to return after a restart, default one allowance each"),
        key("login-failures-per-minute", "most failed logins of one token from one address, default 5"),
        key("notifications-per-day", "most notifications of a device in a day, default 100"),
        key("notification-gap", "entries into one status that are closer together notify once, default 5s"),
        key("notification-tries", "how often a notification is tried, default 10"),
        key("outbox-limit", "most notifications that may wait to be delivered, default 10000"),
    ],
};

/// What stands beside time keys under a device's name in `expect`.
pub static EXPECT: Section = Section {
    name: "an expectation, beside times,",
    keys: &[
        key("at", "moment: status at this moment, or how many devices are in which status"),
        key("ever", "status: how many devices were in it at least once"),
        key("never", "a status that nobody may enter, or a list of them"),
        key("changes", "how often the status of each device changes, the first login included"),
    ],
};
