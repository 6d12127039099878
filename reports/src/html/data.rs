//! The devices of all scenarios as data for the page's tables: everything of as many as fit, then less of the others.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Change, Device, Group, Picture};

/// Up to so many bytes a device is told with what led to each of its changes;
const WITH_CAUSES: usize = 900_000;
/// up to so many with its history;
const WITH_HISTORY: usize = 1_250_000;
/// up to so many at all. Together with the rest of the page that is less than 2 MB.
const AT_ALL: usize = 1_700_000;

/// Everything that the tables show.
pub(super) struct Data {
    scenarios: Vec<Option<String>>,
    bytes: usize,
    /// As much as is told of the devices from now on. One that does not fit is not the last of its kind.
    depth: Option<Depth>,
    pub(super) devices_left_out: u64,
    pub(super) histories_left_out: u64,
    pub(super) causes_left_out: u64,
}

/// What the page knows of one scenario.
#[derive(Serialize)]
struct Table<'a> {
    until: u64,
    start: Option<u64>,
    groups: &'a [Group],
    /// Every text that stands in a history; the device's own name in it is `\u{1}`.
    texts: &'a [String],
    devices: Vec<Row<'a>>,
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

impl Default for Data {
    fn default() -> Self {
        Self {
            scenarios: Vec::new(),
            bytes: 0,
            depth: Some(Depth::Causes),
            devices_left_out: 0,
            histories_left_out: 0,
            causes_left_out: 0,
        }
    }
}

impl Depth {
    const fn limit(self) -> usize {
        match self {
            Self::Row => AT_ALL,
            Self::History => WITH_HISTORY,
            Self::Causes => WITH_CAUSES,
        }
    }

    const fn less(self) -> Option<Self> {
        match self {
            Self::Row => None,
            Self::History => Some(Self::Row),
            Self::Causes => Some(Self::History),
        }
    }
}

impl Data {
    /// The devices of one more scenario; nothing, if it is not drawn. Returns its place.
    pub(super) fn push(&mut self, picture: Option<&Picture>) -> usize {
        let table = picture.map(|picture| self.table(picture));
        self.scenarios.push(table);
        self.scenarios.len() - 1
    }

    fn table(&mut self, picture: &Picture) -> String {
        let groups = picture.groups.iter().enumerate().map(|(place, group)| (group.name.as_str(), place));
        let mut packer = Packer {
            picture,
            groups: groups.collect(),
            texts: Vec::new(),
            bytes_of_texts: 0,
            known: BTreeMap::new(),
        };
        let mut devices = Vec::new();
        for device in &picture.devices {
            match self.fitting(&mut packer, device) {
                Some(row) => devices.push(row),
                None => self.devices_left_out += 1,
            }
        }
        let Picture { until, start, groups, .. } = picture;
        let table = Table { until: *until, start: *start, groups, texts: &packer.texts, devices };
        // A `<` could end the element that the data stands in.
        serde_json::to_string(&table).expect("the model is plain").replace('<', "\\u003c")
    }

    /// As much of a device as there is room for.
    fn fitting<'a>(&mut self, packer: &mut Packer<'a>, device: &'a Device) -> Option<Row<'a>> {
        let (row, depth) = loop {
            let known = if device.history.is_some() { Depth::Causes } else { Depth::Row };
            let depth = self.depth?.min(known);
            let (row, bytes) = packer.row(device, depth);
            if self.bytes + bytes <= depth.limit() {
                self.bytes += bytes;
                break (row, depth);
            }
            self.depth = depth.less();
        };
        match depth {
            Depth::Causes => {}
            Depth::History => self.causes_left_out += 1,
            Depth::Row => self.histories_left_out += 1,
        }
        Some(row)
    }

    /// All of it, as it stands in the page.
    pub(super) fn json(self) -> String {
        let scenarios = self.scenarios.into_iter().map(|table| table.unwrap_or_else(|| "null".into()));
        format!("[{}]", scenarios.collect::<Vec<_>>().join(",\n"))
    }
}

/// Packs the devices of one scenario.
struct Packer<'a> {
    picture: &'a Picture,
    groups: BTreeMap<&'a str, usize>,
    texts: Vec<String>,
    bytes_of_texts: usize,
    known: BTreeMap<String, usize>,
}

impl<'a> Packer<'a> {
    /// A device, and how many bytes it takes.
    fn row(&mut self, device: &'a Device, depth: Depth) -> (Row<'a>, usize) {
        let texts = self.bytes_of_texts;
        let group = self.groups.get(device.group.as_str()).copied().unwrap_or_default();
        let history = device.history.as_ref().filter(|_| depth > Depth::Row);
        let row = Row(
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
        );
        let bytes = serde_json::to_string(&row).expect("the model is plain").len() + 1;
        let new_texts = self.bytes_of_texts - texts;
        (row, bytes + new_texts)
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
        let text = text.replace(&device.name, "\u{1}");
        if let Some(place) = self.known.get(&text) {
            return *place;
        }
        // With its quotes and comma.
        self.bytes_of_texts += text.len() + 3;
        self.texts.push(text.clone());
        self.known.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }
}
