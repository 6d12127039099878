//! The table of the language: every key and every verb, what it is for, and whether it is built.
//!
//! Owns the words. The resolver takes unknown and unsupported words from here; so can whatever describes the language
//! to an editor. Does not decide what a key's value may be.

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
        built("lifecycle", "chain of statuses, such as `online -2m-> offline`"),
        later("offline-ignore", "hold back short absences", "lengthen the first wait of `lifecycle`"),
        later("contacts", "who is notified", ""),
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
        later("protocol", "protocol version", "leave it out: devices speak the current protocol"),
        later("sends", "data messages at intervals", "name each `send` in the timeline"),
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
        later("restart-grace", "how long devices have to return after a restart", ""),
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

/// A verb of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Intend to be connected.
    Connect,
    /// Close gracefully.
    Disconnect,
    /// The link goes silent.
    Drop,
    /// Every silence ends.
    Heal,
    /// RST.
    Reset,
    /// Power is lost.
    PowerOff,
    /// Power returns.
    PowerOn,
    /// A data message.
    Send,
    /// Announce a heartbeat.
    SetHeartbeat,
    /// Illegal bytes.
    Garbage,
}

/// Whether a verb can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It works and means this.
    Built(Verb),
    /// As [`Support::Later`].
    Later(&'static str),
}

/// A verb's entry in the table.
#[derive(Clone, Copy, Debug)]
pub struct VerbKey {
    /// As it is written.
    pub name: &'static str,
    /// Whether it works.
    pub meaning: Meaning,
    /// The modifiers that it takes.
    pub modifiers: &'static [&'static str],
    /// What it does, one line.
    pub about: &'static str,
}

const fn verb(
    name: &'static str,
    verb: Verb,
    modifiers: &'static [&'static str],
    about: &'static str,
) -> VerbKey {
    VerbKey { name, meaning: Meaning::Built(verb), modifiers, about }
}

const fn later_verb(name: &'static str, about: &'static str, instead: &'static str) -> VerbKey {
    VerbKey { name, meaning: Meaning::Later(instead), modifiers: &[], about }
}

/// All verbs. Those that take `for` can be undone.
pub static VERBS: [VerbKey; 24] = [
    verb("connect", Verb::Connect, &["for"], "intends to be connected and dials at once"),
    verb("disconnect", Verb::Disconnect, &["for"], "closes gracefully and stays away until `connect`"),
    verb("drop", Verb::Drop, &["for"], "the link goes silent"),
    verb("heal", Verb::Heal, &[], "ends every silence of the link"),
    verb("reset", Verb::Reset, &[], "the connection is torn by RST"),
    verb("power-off", Verb::PowerOff, &["for"], "silent, and the device forgets its connection"),
    verb("power-on", Verb::PowerOn, &[], "dials at once if it intends to be connected"),
    verb("send", Verb::Send, &["pin", "value"], "a data message, default V0 = 1"),
    verb("set-heartbeat", Verb::SetHeartbeat, &["to", "for"], "announces a heartbeat and keeps it"),
    verb("garbage", Verb::Garbage, &["kind"], "illegal bytes"),
    later_verb("hang", "the application freezes", "`drop` silences the device too"),
    later_verb("command", "a user's command to the device", ""),
    later_verb("set-status", "announces a status", ""),
    later_verb("sleep", "announces a status and closes", "`disconnect` closes without one"),
    later_verb(
        "clone",
        "a second connection with the same token",
        "`power-off` with `for` logs in beside a ghost",
    ),
    later_verb("bad-token", "a login with a wrong token", ""),
    later_verb("partition", "a group's network goes silent", "`drop` silences each device of a list"),
    later_verb("slow", "latency of a group's network", ""),
    later_verb("lose", "loss in a group's network", ""),
    later_verb("crash", "the server loses power", ""),
    later_verb("kill", "the server's process is gone", ""),
    later_verb("stop", "the server stops gracefully", ""),
    later_verb("start", "the server starts", ""),
    later_verb("receiver", "the receiver of notifications fails", ""),
];

/// Everything that can stand beside a verb.
pub static MODIFIERS: [Key; 9] = [
    built("for", "undo it after this long"),
    built("to", "the value that is set"),
    built("pin", "virtual pin, `V0` to `V255`"),
    built("value", "value of the message"),
    built("kind", "which illegal bytes"),
    later("every", "repeat within a window", "write each moment"),
    later("evenly", "spread members over a window", "write each moment"),
    later("latency", "of the network", ""),
    later("loss", "of the network", ""),
];

/// The verb of this name.
pub fn find_verb(name: &str) -> Option<&'static VerbKey> {
    VERBS.iter().find(|verb| verb.name == name)
}

/// The modifier of this name.
pub fn find_modifier(name: &str) -> Option<&'static Key> {
    MODIFIERS.iter().find(|modifier| modifier.name == name)
}

/// The verbs that can be used.
pub fn usable_verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().filter(|verb| matches!(verb.meaning, Meaning::Built(_))).map(|verb| verb.name)
}

/// The verbs that `for` undoes.
pub fn undoable_verbs() -> impl Iterator<Item = &'static str> {
    VERBS.iter().filter(|verb| verb.modifiers.contains(&"for")).map(|verb| verb.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modifier_of_a_verb_is_in_the_table() {
        for name in VERBS.iter().flat_map(|verb| verb.modifiers) {
            assert!(find_modifier(name).is_some(), "{name}");
        }
    }
}
