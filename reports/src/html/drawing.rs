//! What is drawn of one scenario: where everything goes, in per cent of the width, so that pages may be of any width.

mod chart;
mod histogram;
mod lane;
mod strip;

use std::collections::BTreeMap;

use crate::model::{Device, Picture};
use crate::numerals::count;
use chart::Chart;
use histogram::Histogram;
use lane::DrawnLane;
use strip::Strip;

/// Single devices that have a lane; all have one in the table.
const LANES: usize = 60;
/// Members of fleets that have a lane, because something is said of them.
const FAILING_LANES: usize = 12;

/// What is drawn of one scenario.
pub(super) struct Drawing<'a> {
    /// The place of its data.
    pub(super) place: usize,
    pub(super) ticks: Vec<DrawnTick<'a>>,
    pub(super) strips: Vec<Strip>,
    pub(super) lanes: Vec<DrawnLane<'a>>,
    pub(super) untold_lanes: String,
    pub(super) charts: Vec<Chart<'a>>,
    pub(super) histograms: Vec<Histogram<'a>>,
    /// How many devices are in its table.
    pub(super) devices: usize,
}

pub(super) struct DrawnTick<'a> {
    pub(super) x: String,
    pub(super) align: &'static str,
    pub(super) time: &'a str,
}

pub(super) fn drawing(picture: &Picture, place: usize) -> Drawing<'_> {
    let groups =
        picture.groups.iter().enumerate().map(|(place, group)| (group.name.as_str(), (place, group)));
    let groups: BTreeMap<_, _> = groups.collect();
    let group = |device: &Device| groups.get(device.group.as_str());
    let fleet = |device: &&Device| group(device).is_some_and(|(_, group)| group.fleet);
    let order = |device: &&Device| group(device).map(|(place, _)| *place);
    let mut singles: Vec<_> = picture.devices.iter().filter(|device| !fleet(device)).collect();
    singles.sort_by_key(order);
    let members: Vec<_> = picture.devices.iter().filter(|it| it.failing && fleet(it)).collect();
    let (mut lanes, mut untold) = (Vec::new(), 0);
    for (devices, most) in [(singles, LANES), (members, FAILING_LANES)] {
        untold += devices.len().saturating_sub(most);
        lanes.extend(devices.into_iter().take(most).filter_map(|device| lane::lane(picture, device)));
    }
    Drawing {
        place,
        ticks: ticks(picture),
        strips: strip::strips(picture),
        lanes,
        untold_lanes: match untold {
            0 => String::new(),
            untold => format!("{} more in the table.", count(untold as u64, "lane")),
        },
        charts: chart::charts(picture, place),
        histograms: picture.times.iter().map(histogram::histogram).collect(),
        devices: picture.devices.len(),
    }
}

fn ticks(picture: &Picture) -> Vec<DrawnTick<'_>> {
    let tick = |(at, time)| {
        let share = share(picture, at);
        let align = if share < 4.0 {
            "start"
        } else if share > 96.0 {
            "end"
        } else {
            "middle"
        };
        DrawnTick { x: percent(share), align, time }
    };
    picture.ticks.iter().map(|it| (it.at, it.time.as_str())).map(tick).collect()
}

/// Where a moment is, in per cent of the run.
fn share(picture: &Picture, at: u64) -> f64 {
    at as f64 / picture.until.max(1) as f64 * 100.0
}

/// Three decimals are finer than any screen.
fn percent(share: f64) -> String {
    let text = format!("{share:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// One stop for the tabulator in each row; arrows go on from there.
const fn tab(place: usize) -> &'static str {
    if place == 0 { "0" } else { "-1" }
}
