//! The devices of all scenarios as data for the page's tables: everything of as many as fit, then less of the others.

use std::collections::BTreeMap;

use serde::Serialize;

use super::left_out::LeftOut;
use super::listed::Anchor;
use super::room::{Part, Room};
use crate::model::{Change, Counts, Device, Picture, Status};

/// Everything that the tables and charts are made from, by the anchors of their scenarios.
#[derive(Default)]
pub(super) struct Data(Vec<String>);

impl Data {
    pub(super) fn push(&mut self, anchor: Anchor, table: &Table<'_>) {
        self.0.push(format!("\"{anchor}\":{}", table.json()));
    }

    /// All of it, as it stands in the page.
    pub(super) fn json(self) -> String {
        format!("{{{}}}", self.0.join(",\n"))
    }
}

/// What the page knows of one scenario.
pub(super) struct Table<'a> {
    picture: &'a Picture,
    groups: BTreeMap<&'a str, usize>,
    head: String,
    /// Every text that stands in a history, encoded; the device's own name in it is `\u{1}`.
    texts: Vec<String>,
    known: BTreeMap<String, usize>,
    rows: Vec<String>,
}

#[derive(Serialize)]
struct Head<'a> {
    until: u64,
    start: Option<u64>,
    /// Statuses as groups have them; a thousand groups often have the same.
    chains: Vec<&'a [Status]>,
    groups: Vec<Group<'a>>,
}

#[derive(Serialize)]
struct Group<'a> {
    name: &'a str,
    chain: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<&'a Counts>,
}

/// Name, group, whether it fails, status, changes, time offline, detection, recovery, history, connections.
#[derive(Serialize)]
struct Row<'a>(
    &'a str,
    usize,
    u8,
    usize,
    u64,
    u64,
    Option<u64>,
    Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")] Option<Vec<Turn>>,
    #[serde(skip_serializing_if = "Option::is_none")] Option<Vec<u64>>,
);

/// When, status, reason, and for each cause when and what.
#[derive(Serialize)]
struct Turn(u64, usize, usize, Vec<u64>);

/// How much of a device is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Row,
    History,
    Causes,
}

impl Depth {
    const fn part(self) -> Part {
        match self {
            Self::Row => Part::Rows,
            Self::History => Part::Histories,
            Self::Causes => Part::Causes,
        }
    }
}

impl<'a> Table<'a> {
    /// A table without rows; nothing where one device says all, and no fleet is drawn.
    pub(super) fn of(picture: &'a Picture) -> Option<Self> {
        if picture.devices.len() < 2 && picture.groups.iter().all(|group| group.counts.is_none()) {
            return None;
        }
        let groups = picture.groups.iter().enumerate().map(|(place, group)| (group.name.as_str(), place));
        Some(Self {
            picture,
            groups: groups.collect(),
            head: encoded(&head(picture)),
            texts: Vec::new(),
            known: BTreeMap::new(),
            rows: Vec::new(),
        })
    }

    /// How many bytes it takes without rows.
    pub(super) const fn bytes(&self) -> usize {
        self.head.len()
    }

    pub(super) const fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Adds the devices, as much of each as there is room for.
    pub(super) fn fill(&mut self, room: &mut Room, left_out: &mut LeftOut) {
        let picture = self.picture;
        for device in &picture.devices {
            let depths = [Depth::Causes, Depth::History, Depth::Row].into_iter();
            let mut known = depths.filter(|depth| device.history.is_some() || *depth == Depth::Row);
            match known.find(|depth| self.push(device, *depth, room)) {
                Some(Depth::Causes) => {}
                Some(Depth::History) => left_out.causes += 1,
                Some(Depth::Row) => left_out.histories += 1,
                None => left_out.devices += 1,
            }
        }
    }

    /// Adds a device, if so much of it fits.
    fn push(&mut self, device: &Device, depth: Depth, room: &mut Room) -> bool {
        let before = self.texts.len();
        let row = encoded(&self.row(device, depth)) + ",";
        let texts: usize = self.texts[before..].iter().map(|text| text.len() + 1).sum();
        let fits = room.take(depth.part(), row.len() + texts);
        if fits {
            self.rows.push(row);
        } else {
            for text in self.texts.drain(before..) {
                self.known.remove(&text);
            }
        }
        fits
    }

    fn row<'d>(&mut self, device: &'d Device, depth: Depth) -> Row<'d> {
        let group = self.groups.get(device.group.as_str()).copied().unwrap_or_default();
        let history = device.history.as_ref().filter(|_| depth > Depth::Row);
        Row(
            &device.name,
            group,
            u8::from(device.failing),
            self.status(group, &device.status),
            device.changes,
            device.offline,
            device.detection,
            device.recovery,
            history.map(|history| history.iter().map(|it| self.turn(device, group, it, depth)).collect()),
            history.map(|_| device.connected.iter().flat_map(|(from, to)| [*from, *to]).collect()),
        )
    }

    fn turn(&mut self, device: &Device, group: usize, change: &Change, depth: Depth) -> Turn {
        let because = if depth == Depth::Causes { change.because.as_slice() } else { &[] };
        let because =
            because.iter().flat_map(|cause| [cause.at, self.text(device, &cause.text) as u64]).collect();
        Turn(change.at, self.status(group, &change.to), self.text(device, &change.reason), because)
    }

    fn status(&self, group: usize, key: &str) -> usize {
        self.picture.groups[group].statuses.iter().position(|status| status.key == key).unwrap_or_default()
    }

    fn text(&mut self, device: &Device, text: &str) -> usize {
        let text = encoded(&text.replace(&device.name, "\u{1}"));
        let next = self.texts.len();
        *self.known.entry(text).or_insert_with_key(|text| {
            self.texts.push(text.clone());
            next
        })
    }

    fn json(&self) -> String {
        let Self { head, texts, rows, .. } = self;
        let (head, rows) = (&head[..head.len() - 1], rows.concat());
        format!("{head},\"texts\":[{}],\"devices\":[{}]}}", texts.join(","), rows.trim_end_matches(','))
    }
}

fn head(picture: &Picture) -> Head<'_> {
    let mut places = BTreeMap::new();
    let mut chains: Vec<&[Status]> = Vec::new();
    let mut groups = Vec::new();
    for group in &picture.groups {
        let key: Vec<_> = group.statuses.iter().map(|status| (&status.key, status.tone)).collect();
        let chain = *places.entry(key).or_insert(chains.len());
        if chain == chains.len() {
            chains.push(&group.statuses);
        }
        groups.push(Group { name: &group.name, chain, counts: group.counts.as_ref() });
    }
    Head { until: picture.until, start: picture.start, chains, groups }
}

/// A `<` could end the element that the data stands in.
fn encoded(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the model is plain").replace('<', "\\u003c")
}
