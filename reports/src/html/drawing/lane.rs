//! The life of one device: its statuses as bars, the lower the worse, and under them when it was connected.

use super::{percent, share, tab};
use crate::model::{Change, Device, Picture, Tone};
use crate::numerals::count;

/// More changes than this are drawn in so many columns, each as its worst status.
const MOST: usize = 400;
/// The narrowest bar that can be seen and met, in per cent.
const NARROWEST: f64 = 0.15;

pub(in crate::html) struct DrawnLane<'a> {
    pub(in crate::html) name: &'a str,
    pub(in crate::html) failing: bool,
    pub(in crate::html) connected: Vec<Stretch>,
    pub(in crate::html) segments: Vec<Segment>,
}

pub(in crate::html) struct Stretch {
    pub(in crate::html) x: String,
    pub(in crate::html) width: String,
}

/// A status from its beginning to its end.
pub(in crate::html) struct Segment {
    pub(in crate::html) tab: &'static str,
    pub(in crate::html) tone: &'static str,
    pub(in crate::html) x: String,
    pub(in crate::html) width: String,
    pub(in crate::html) y: u8,
    pub(in crate::html) height: u8,
    pub(in crate::html) told: String,
}

/// The lane of a device whose history is known.
pub(super) fn lane<'a>(picture: &Picture, device: &'a Device) -> Option<DrawnLane<'a>> {
    let history = device.history.as_ref()?;
    let stretch = |(from, to): &(u64, u64)| {
        let (from, to) = (share(picture, *from), share(picture, *to));
        Stretch { x: percent(from), width: percent((to - from).max(NARROWEST)) }
    };
    let pieces = pieces(picture, device, history);
    Some(DrawnLane {
        name: &device.name,
        failing: device.failing,
        connected: device.connected.iter().map(stretch).collect(),
        segments: pieces
            .into_iter()
            .enumerate()
            .map(|(place, piece)| segment(picture, place, piece))
            .collect(),
    })
}

struct Piece {
    from: u64,
    to: u64,
    tone: Tone,
    told: String,
}

fn pieces(picture: &Picture, device: &Device, history: &[Change]) -> Vec<Piece> {
    let ends = history.iter().skip(1).map(|next| (next.at, next.time.as_str()));
    let ends = ends.chain([(picture.until, picture.end.as_str())]);
    let each = history.iter().zip(ends).map(|(change, (to, end))| Piece {
        from: change.at,
        to,
        tone: tone(picture, device, &change.to),
        told: told(change, end),
    });
    let each: Vec<_> = each.collect();
    if each.len() <= MOST { each } else { merged(picture, history, &each) }
}

/// `offline  10:52:00 to 10:55:08`, the reason, and what led to it.
fn told(change: &Change, end: &str) -> String {
    let because = change.because.iter().map(|cause| format!("\nbecause {} {}", cause.time, cause.text));
    format!("{}, {} to {end}\n{}", change.to, change.time, change.reason) + &because.collect::<String>()
}

/// In columns, neighbours of one tone together.
fn merged(picture: &Picture, history: &[Change], each: &[Piece]) -> Vec<Piece> {
    let width = picture.until / MOST as u64 + 1;
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
