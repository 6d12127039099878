//! The life of one device: its statuses as bars, the lower the worse, and under them when it was connected.

use askama::Template;

use super::{Anchor, percent, share, tab};
use crate::model::{Change, Device, Picture, Tone};
use crate::numerals::count;

/// The narrowest bar that can be seen and met, in per cent.
const NARROWEST: f64 = 0.15;

/// How much of a life is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// What can be told apart on a screen, and what led to it.
    Whole,
    /// A few strokes.
    Rough,
}

impl Detail {
    /// More changes than this are drawn in so many columns, each as its worst status.
    const fn most(self) -> usize {
        match self {
            Self::Whole => 400,
            Self::Rough => 40,
        }
    }
}

#[derive(Template)]
#[template(path = "lane.html")]
pub(super) struct DrawnLane<'a> {
    pub(super) detail: Detail,
    anchor: Anchor,
    name: &'a str,
    failing: bool,
    connected: Vec<Stretch>,
    segments: Vec<Segment>,
}

pub(super) struct Stretch {
    pub(super) x: String,
    pub(super) width: String,
}

/// A status from its beginning to its end.
pub(super) struct Segment {
    pub(super) tab: &'static str,
    pub(super) tone: &'static str,
    pub(super) x: String,
    pub(super) width: String,
    pub(super) y: u8,
    pub(super) height: u8,
    pub(super) told: String,
}

/// The lane of a device whose history is known.
pub(super) fn lane<'a>(
    picture: &Picture,
    anchor: Anchor,
    device: &'a Device,
    detail: Detail,
) -> Option<DrawnLane<'a>> {
    let history = device.history.as_ref()?;
    let stretch = |(from, to): (u64, u64)| {
        let (from, to) = (share(picture, from), share(picture, to));
        Stretch { x: percent(from), width: percent((to - from).max(NARROWEST)) }
    };
    let pieces = pieces(picture, device, history, detail);
    Some(DrawnLane {
        detail,
        anchor,
        name: &device.name,
        failing: device.failing,
        connected: connected(picture, device, detail).into_iter().map(stretch).collect(),
        segments: pieces
            .into_iter()
            .enumerate()
            .map(|(place, piece)| segment(picture, place, piece))
            .collect(),
    })
}

/// When it was connected; of very many times those are one between which nobody could see a gap.
fn connected(picture: &Picture, device: &Device, detail: Detail) -> Vec<(u64, u64)> {
    let width = if device.connected.len() > detail.most() { column(picture, detail) } else { 0 };
    let mut seen: Vec<(u64, u64)> = Vec::new();
    for &(from, to) in &device.connected {
        match seen.last_mut() {
            Some((_, end)) if from - *end < width => *end = to,
            Some(_) | None => seen.push((from, to)),
        }
    }
    seen
}

/// How long a column lasts, in milliseconds.
const fn column(picture: &Picture, detail: Detail) -> u64 {
    picture.until / detail.most() as u64 + 1
}

struct Piece {
    from: u64,
    to: u64,
    tone: Tone,
    told: String,
}

fn pieces(picture: &Picture, device: &Device, history: &[Change], detail: Detail) -> Vec<Piece> {
    let ends = history.iter().skip(1).map(|next| (next.at, next.time.as_str()));
    let ends = ends.chain([(picture.until, picture.end.as_str())]);
    let each = history.iter().zip(ends).map(|(change, (to, end))| Piece {
        from: change.at,
        to,
        tone: tone(picture, device, &change.to),
        told: told(change, end, detail),
    });
    let each: Vec<_> = each.collect();
    if each.len() <= detail.most() { each } else { merged(history, &each, column(picture, detail)) }
}

/// `offline  10:52:00 to 10:55:08`, the reason, and what led to it unless a few words must do.
fn told(change: &Change, end: &str, detail: Detail) -> String {
    let causes: &[_] = if detail == Detail::Whole { &change.because } else { &[] };
    let because = causes.iter().map(|cause| format!("\nbecause {} {}", cause.time, cause.text));
    format!("{}, {} to {end}\n{}", change.to, change.time, change.reason) + &because.collect::<String>()
}

/// In columns of this width, neighbours of one tone together.
fn merged(history: &[Change], each: &[Piece], width: u64) -> Vec<Piece> {
    let mut merged: Vec<(Piece, usize, usize)> = Vec::new();
    let mut first = 0;
    while first < each.len() {
        let column = each[first].from / width;
        let last = first + each[first..].partition_point(|piece| piece.from / width == column) - 1;
        let tone = each[first..=last].iter().map(|piece| piece.tone).max().unwrap_or(Tone::New);
        let to = each[last].to;
        match merged.last_mut() {
            Some((piece, _, end)) if piece.tone == tone => (piece.to, *end) = (to, last),
            Some(_) | None => {
                let piece = Piece { from: each[first].from, to, tone, told: String::new() };
                merged.push((piece, first, last));
            }
        }
        first = last + 1;
    }
    let tell = |(piece, first, last): (Piece, usize, usize)| {
        let changes = count((last - first + 1) as u64, "change");
        let told = format!(
            "{changes}, {} to {}\ntoo near to each other to be drawn one by one",
            history[first].time, history[last].time
        );
        Piece { told, ..piece }
    };
    merged.into_iter().map(tell).collect()
}

fn segment(picture: &Picture, place: usize, piece: Piece) -> Segment {
    let (from, to) = (share(picture, piece.from), share(picture, piece.to));
    let (tone, y, height) = match piece.tone {
        Tone::New => ("new", 20, 2),
        Tone::Online => ("online", 0, 22),
        Tone::Custom => ("custom", 6, 16),
        Tone::Offline => ("offline", 15, 7),
    };
    Segment {
        tab: tab(place),
        tone,
        x: percent(from),
        width: percent((to - from).max(NARROWEST)),
        y,
        height,
        told: piece.told,
    }
}

fn tone(picture: &Picture, device: &Device, key: &str) -> Tone {
    let group = picture.groups.iter().find(|group| group.name == device.group);
    let status = group.and_then(|group| group.statuses.iter().find(|status| status.key == key));
    status.map_or(Tone::Custom, |status| status.tone)
}
