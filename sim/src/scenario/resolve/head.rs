//! The keys that describe the scenario itself.
//!
//! Owns title, remarks, tags, seed, engine, clock, tolerance and whether there is a snapshot. Does not decide when the run ends.

use blynk_core::time::Duration;
use blynk_reports::printable::printable;

use super::fields::Fields;
use super::{Context, read};
use crate::plan::{Engine, Snapshot, Span, WallClock};
use crate::random::Seed;
use crate::scenario::Options;
use crate::scenario::diagnostic::Problem;
use crate::scenario::syntax::{Entry, Node};
use crate::scenario::units;

/// What the file says about itself.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) tags: Vec<String>,
    pub(super) seed: Seed,
    pub(super) engine: Engine,
    pub(super) is_bound_to_engine: bool,
    pub(super) clock: WallClock,
    pub(super) tolerance: Duration,
    pub(super) snapshot: Snapshot,
}

impl Context<'_> {
    pub(super) fn head(&mut self, fields: &Fields<'_>, options: &Options) -> Head {
        let (own_seed, own_engine) = (self.seed(fields), self.engine(fields));
        let is_own = options.seed.is_none_or(|seed| seed == own_seed)
            && options.engine.is_none_or(|engine| engine == own_engine);
        let snapshot = self.optional(fields, "snapshot", snapshot).flatten();
        Head {
            title: self.title(fields),
            about: self.optional(fields, "about", text).unwrap_or_default().trim_end().to_owned(),
            tags: self.tags(fields),
            seed: options.seed.unwrap_or(own_seed),
            engine: options.engine.unwrap_or(own_engine),
            is_bound_to_engine: fields.find("engine").is_some(),
            clock: WallClock { start: self.optional(fields, "start", start) },
            tolerance: self.optional(fields, "tolerance", read::any_length).unwrap_or_default(),
            snapshot: match snapshot {
                None => Snapshot::None,
                Some(key) if is_own => Snapshot::Demanded(key),
                Some(_) => Snapshot::OfAnother,
            },
        }
    }

    /// Reads the value of a key, if the key is there.
    pub(super) fn optional<'n, T>(
        &mut self,
        fields: &Fields<'n>,
        key: &str,
        read: impl FnOnce(&'n Entry) -> Result<T, Problem>,
    ) -> Option<T> {
        let result = read(fields.find(key)?);
        self.keep(result)
    }

    fn title(&mut self, fields: &Fields<'_>) -> String {
        if fields.find("scenario").is_none() {
            let place = fields.first().map_or(0..0, |entry| entry.key_span.clone());
            self.report(
                Problem::error(&place, "the scenario has no title").help("begin with `scenario: A title`"),
            );
        }
        self.optional(fields, "scenario", title).unwrap_or_default()
    }

    fn tags(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let items = self.optional(fields, "tags", read::list).unwrap_or_default();
        items.iter().filter_map(|item| self.keep(tag(item))).collect()
    }

    fn seed(&mut self, fields: &Fields<'_>) -> Seed {
        let written = self.optional(fields, "seed", |entry| read::number(entry, 0..=u64::MAX));
        Seed(written.unwrap_or(1))
    }

    fn engine(&mut self, fields: &Fields<'_>) -> Engine {
        let [turmoil, events] = Engine::ALL.map(|engine| (engine.name(), Some(engine)));
        let words = [turmoil, events, ("live", None)];
        let Some(written) = self.optional(fields, "engine", |entry| read::word(entry, &words)) else {
            return Engine::default();
        };
        if written.is_none()
            && let Some(entry) = fields.find("engine")
        {
            let instead = "leave `engine` out: every scenario runs on `turmoil`, and on `events`";
            self.report(Problem::not_supported(&entry.value.span, "engine: live", instead));
        }
        written.unwrap_or_default()
    }
}

fn text(entry: &Entry) -> Result<&str, Problem> {
    read::text(&entry.key, &entry.value)
}

fn snapshot(entry: &Entry) -> Result<Option<Span>, Problem> {
    Ok(read::truth(entry)?.then(|| entry.key_span.clone()))
}

fn title(entry: &Entry) -> Result<String, Problem> {
    match text(entry)?.trim() {
        "" => Err(Problem::error(&entry.key_span, "the scenario's title is empty")),
        title => Ok(printable(title).into_owned()),
    }
}

fn tag(node: &Node) -> Result<String, Problem> {
    let text = read::text("tags", node)?;
    if read::is_name(text) {
        return Ok(text.to_owned());
    }
    Err(Problem::error(&node.span, format!("`{text}` cannot be a tag")).help(read::NAME_HELP))
}

fn start(entry: &Entry) -> Result<Duration, Problem> {
    units::time_of_day(text(entry)?).map_err(|error| read::not_a_time(&entry.value.span, &error))
}
