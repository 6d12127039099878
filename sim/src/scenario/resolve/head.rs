//! The keys that describe the scenario itself.
//!
//! Owns title, remarks, tags, seed, engine, clock, tolerance and whether there is a snapshot. Does not decide when the run ends.

use blynk_core::time::Duration;

use super::fields::Fields;
use super::{Context, read};
use crate::plan::{Span, WallClock};
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
    pub(super) clock: WallClock,
    pub(super) tolerance: Duration,
    pub(super) snapshot: Option<Span>,
}

impl Context<'_> {
    pub(super) fn head(&mut self, fields: &Fields<'_>, options: &Options) -> Head {
        self.engine(fields);
        let own_seed = self.seed(fields);
        let snapshot = self.optional(fields, "snapshot", snapshot).flatten();
        Head {
            title: self.title(fields),
            about: self.optional(fields, "about", text).unwrap_or_default().trim_end().to_owned(),
            tags: self.tags(fields),
            seed: options.seed.unwrap_or(own_seed),
            clock: WallClock { start: self.optional(fields, "start", start) },
            tolerance: self.optional(fields, "tolerance", read::any_length).unwrap_or_default(),
            // It is of the file's own seed.
            snapshot: snapshot.filter(|_| options.seed.is_none_or(|seed| seed == own_seed)),
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

    fn engine(&mut self, fields: &Fields<'_>) {
        let words = [("turmoil", true), ("events", false), ("live", false)];
        if let Some(false) = self.optional(fields, "engine", |entry| read::word(entry, &words)) {
            let instead = "leave `engine` out: every scenario runs on `turmoil`";
            let Some(entry) = fields.find("engine") else { return };
            let written = read::text("engine", &entry.value).unwrap_or_default();
            let what = format!("engine: {written}");
            self.report(Problem::not_supported(&entry.value.span, &what, instead));
        }
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
        title => Ok(title.to_owned()),
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
