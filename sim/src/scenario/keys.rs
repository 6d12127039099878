//! The table of the language: every key and every verb, what it is for, and whether it is built.
//!
//! Owns the words. The resolver takes unknown and unsupported words from here; so can whatever describes the language
//! to an editor. Does not decide what a key's value may be.

mod verbs;

pub use verbs::*;

/// Whether a part of the language can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It works.
    Built,
    /// It is part of the language but not built; says what can be used instead, or nothing.
    Later(&'static str),
}

/// A key of a map.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// Whether it works.
    pub support: Support,
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

const fn built(name: &'static str, about: &'static str) -> Key {
    Key { name, support: Support::Built, about }
}

const fn later(name: &'static str, about: &'static str, instead: &'static str) -> Key {
    Key { name, support: Support::Later(instead), about }
}

impl Section {
    /// The key of this name.
    pub fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The keys that can be used.
    pub fn usable(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().filter(|key| key.support == Support::Built).map(|key| key.name)
    }
}

/// Names that mean something of their own and that no device may have.
pub const RESERVED_NAMES: [&str; 4] = ["all", "server", "notifications", "commands"];

/// The whole file.
pub static SCENARIO: Section = Section {
    name: "a scenario",
    keys: &[
        built("scenario", "title"),
        built("about", "remarks, Markdown"),
        built("tags", "what `--tags` selects by"),
        built("seed", "where all random numbers come from, default 1"),
        built("engine", "the engine, if only one makes sense"),
        built("start", "time of day at zero, for wall-clock times"),
        built("until", "last instant that is looked at"),
        built("tolerance", "how far a change may be off its moment, default 0s"),
        built("tick", "step of the turmoil engine"),
        built("template", "heartbeat and lifecycle of devices that name no template"),
        built("templates", "templates by name"),
        built("devices", "devices by name"),
        built("server", "settings of the server"),
        built("timeline", "moment or window: action or list of actions"),
        built("expect", "device or group: what must come of it"),
        later("limits", "bounds of metrics", "expect statuses at their moments under `expect`"),
        built("snapshot", "compare the timeline with an accepted one"),
    ],
};

/// A template.
pub static TEMPLATE: Section = Section {
    name: "a template",
    keys: &[
        built("heartbeat", "of devices that announce none, default 45s"),
        built("lifecycle", "chain of statuses: `online -2m-> offline`, or a list of statuses with settings"),
        built("offline-ignore", "absences shorter than this are left out of the timeline's view"),
        built("contacts", "name: mail address, URL or phone number of somebody to notify"),
    ],
};

/// A status in the long form of a chain.
pub static STATUS: Section = Section {
    name: "a status",
    keys: &[
        built("after", "how long after the previous status it is entered; not for the first"),
        built("label", "what people call it, default its name"),
        built("color", "a colour's name or `\"#rrggbb\"`"),
        built("icon", "an icon's name"),
        built("notify", "who is told when a device enters it"),
        built("timeline", "`show` or `hide` the change to it"),
        built("controls", "`allow`, `warn` or `block` commands in it; not for the first"),
    ],
};

/// Who is told of a status.
pub static NOTIFY: Section = Section {
    name: "`notify`",
    keys: &[
        built("channels", "list of `email`, `push`, `sms`, `webhook`"),
        built("to", "list of names, which `contacts` resolve"),
        built("text", "what it says, default device and status"),
        built("limit", "at most one in this time"),
        built("every", "only every n-th entry into the status, default 1"),
    ],
};

/// A device.
pub static DEVICE: Section = Section {
    name: "a device",
    keys: &[
        built("template", "name of one of the `templates`"),
        built("heartbeat", "what its firmware announces, default the template's"),
        built("reconnect", "`never`, `every 5s`, or `backoff 1s..60s`"),
        built("network", "quality of its link, default `ideal`"),
        later("count", "many devices under one name", "list each device by its own name"),
        later("id", "pattern of the names of many devices", "list each device by its own name"),
        later("client", "behaviour of a real client library", "set `heartbeat` and `reconnect`"),
        built("protocol", "`hardware`, a connection that is kept, or `http`, a request for each message"),
        built("sends", "`every 10m`: a value at this interval while it is connected"),
        built("contacts", "as a template's, and before them"),
    ],
};

/// The server's settings.
pub static SERVER: Section = Section {
    name: "the server",
    keys: &[
        built("takeover", "`accept` or `reject` a second login of one device"),
        built("messages-per-second", "most messages of a session in any second, default 50"),
        built("login-timeout", "how long a connection may take to log in, default 10s"),
        built("allowance", "`iot` (1.5 heartbeats) or `legacy` (2.3)"),
        built("body-limit", "longest body of a message in bytes, default 4096"),
        built("value-limit", "longest value of a pin in bytes, default 1024"),
        built("restart-grace", "how long devices have to return after a restart, default one allowance each"),
        built("login-failures-per-minute", "most failed logins of one token from one address, default 5"),
        built("notifications-per-day", "most notifications of a device in a day, default 100"),
        built("notification-gap", "entries into one status that are closer together notify once, default 5s"),
        built("notification-tries", "how often a notification is tried, default 10"),
        built("outbox-limit", "most notifications that may wait to be delivered, default 10000"),
    ],
};

/// What stands beside time keys under a device's name in `expect`.
pub static EXPECT: Section = Section {
    name: "an expectation, beside times,",
    keys: &[
        built("at", "moment: status at this moment"),
        later("ever", "status: how many were in it at least once", "write each device's history by time"),
        later("never", "a status that nobody may enter", "write each device's whole history by time"),
        later("changes", "how many changes", "write each device's whole history by time"),
    ],
};
