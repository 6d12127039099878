//! What was wrong with the server, the network and the devices: a row for each kind.

use askama::Template;

use super::{Anchor, percent, share, tab};
use crate::model::{Disturbance, Picture};
use crate::numerals::count;

#[derive(Template)]
#[template(path = "strip.html")]
pub(super) struct Strip {
    anchor: Anchor,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) spans: Vec<Span>,
}

pub(super) struct Span {
    pub(super) tab: &'static str,
    pub(super) x1: String,
    pub(super) x2: String,
    pub(super) told: String,
}

/// In the order in which they are told.
pub(super) fn strips(picture: &Picture, anchor: Anchor) -> Vec<Strip> {
    let alike = |a: &Disturbance, b: &Disturbance| (&a.who, row(a)) == (&b.who, row(b));
    let strips = picture.disturbances.chunk_by(alike).map(|kind| {
        let first = &kind[0];
        let is_server = first.devices == 0;
        Strip {
            anchor,
            name: match is_server {
                true => first.who.clone(),
                false => format!("{} {}", first.what, first.who),
            },
            kind: if is_server { "server" } else { "devices" },
            spans: kind.iter().enumerate().map(|(place, it)| span(picture, place, it)).collect(),
        }
    });
    strips.collect()
}

/// All that happens to the server is in one row.
fn row(it: &Disturbance) -> &str {
    if it.devices == 0 { "" } else { &it.what }
}

fn span(picture: &Picture, place: usize, it: &Disturbance) -> Span {
    let Disturbance { who, what, devices, from, to, time } = it;
    let whose = match devices {
        0 => format!("{who} {what}"),
        1 => format!("{what}: {who}"),
        devices => format!("{what}: {who}, {}", count(*devices, "device")),
    };
    Span {
        tab: tab(place),
        x1: percent(share(picture, *from)),
        x2: percent(share(picture, *to)),
        told: format!("{whose}\n{time}"),
    }
}
