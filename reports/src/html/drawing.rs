//! What is drawn of one scenario: where everything goes, in per cent of the width, so that pages may be of any width.

mod chart;
mod histogram;
mod lane;
mod strip;

use std::collections::BTreeMap;
use std::fmt;

use askama::Template;

use super::data::{Data, Table};
use super::left_out::LeftOut;
use super::listed::Anchor;
use super::room::{Part, Room};
use crate::model::{Device, Picture};
use crate::numerals::count;
use chart::Chart;
use histogram::Histogram;
use lane::{Detail, DrawnLane};
use strip::Strip;

/// Single devices that have a lane; all have one in the table.
const LANES: usize = 60;
/// Members of fleets that have a lane, because something is said of them.
const FAILING_LANES: usize = 12;

/// What is there only when lanes and the table are: a note, the table's place, and the frame of its data.
const ENDS: usize = 250;

/// What is drawn of one scenario.
#[derive(Template)]
#[template(path = "drawing.html")]
pub(super) struct Drawing<'a> {
    picture: &'a Picture,
    anchor: Anchor,
    ticks: Vec<DrawnTick<'a>>,
    strips: Vec<Strip>,
    lanes: Vec<DrawnLane<'a>>,
    untold_lanes: u64,
    charts: Vec<Chart<'a>>,
    histograms: Vec<Histogram<'a>>,
    /// What the table and the charts are made from.
    table: Option<Table<'a>>,
}

struct DrawnTick<'a> {
    x: String,
    align: &'static str,
    time: &'a str,
}

impl<'a> Drawing<'a> {
    /// Everything but lanes and tables, as far as it fits; nothing if not even the axis does.
    pub(super) fn of(
        picture: &'a Picture,
        anchor: Anchor,
        room: &mut Room,
        left_out: &mut LeftOut,
    ) -> Option<Self> {
        let mut drawing = Self {
            picture,
            anchor,
            ticks: ticks(picture),
            strips: Vec::new(),
            lanes: Vec::new(),
            untold_lanes: 0,
            charts: Vec::new(),
            histograms: Vec::new(),
            table: Table::of(picture),
        };
        let bytes = drawing.to_string().len() + drawing.table.as_ref().map_or(0, Table::bytes) + ENDS;
        if !room.take(Part::Drawings, bytes) {
            return None;
        }
        let strips = strip::strips(picture, anchor).into_iter();
        drawing.strips = fitting(strips, room, &mut left_out.strips);
        drawing.charts = fitting(chart::charts(picture, anchor), room, &mut left_out.charts);
        let histograms = picture.times.iter().map(histogram::histogram);
        drawing.histograms = fitting(histograms, room, &mut left_out.histograms);
        Some(drawing)
    }

    /// Adds lanes, some of them in few strokes where there is little room.
    pub(super) fn draw_lanes(&mut self, room: &mut Room, left_out: &mut LeftOut) {
        let (devices, others) = chosen(self.picture);
        self.untold_lanes = others;
        for device in devices {
            match self.lane(device, room) {
                Some(lane) => {
                    left_out.rough_lanes += u64::from(lane.detail == Detail::Rough);
                    self.lanes.push(lane);
                }
                None => self.untold_lanes += 1,
            }
        }
    }

    /// In as much detail as fits.
    fn lane(&self, device: &'a Device, room: &mut Room) -> Option<DrawnLane<'a>> {
        let ways = [(Part::Lanes, Detail::Whole), (Part::RoughLanes, Detail::Rough)];
        ways.into_iter().find_map(|(part, detail)| {
            let lane = lane::lane(self.picture, self.anchor, device, detail)?;
            room.fits(part, &lane).then_some(lane)
        })
    }

    /// Puts the devices into the data for the table, as far as they fit.
    pub(super) fn tabulate(&mut self, data: &mut Data, room: &mut Room, left_out: &mut LeftOut) {
        let Some(table) = &mut self.table else { return };
        if self.picture.devices.len() > 1 {
            table.fill(room, left_out);
        }
        data.push(self.anchor, table);
    }

    fn has_table(&self) -> bool {
        self.table.as_ref().is_some_and(Table::has_rows)
    }

    fn untold(&self) -> String {
        count(self.untold_lanes, "more lane")
    }
}

/// The pieces that fit; the others are counted.
fn fitting<T: fmt::Display>(pieces: impl Iterator<Item = T>, room: &mut Room, left_out: &mut u64) -> Vec<T> {
    let (fitting, others): (Vec<_>, Vec<_>) = pieces.partition(|piece| room.fits(Part::Drawings, piece));
    *left_out += others.len() as u64;
    fitting
}

/// The devices that have lanes, and how many others would have one if that were not too many to look at.
fn chosen(picture: &Picture) -> (Vec<&Device>, u64) {
    let groups =
        picture.groups.iter().enumerate().map(|(place, group)| (group.name.as_str(), (place, group.fleet)));
    let groups: BTreeMap<_, _> = groups.collect();
    let place = |device: &&Device| groups.get(device.group.as_str()).map(|(place, _)| *place);
    let is_member = |device: &&Device| groups.get(device.group.as_str()).is_some_and(|(_, fleet)| *fleet);
    let (mut members, mut singles): (Vec<_>, Vec<_>) = picture.devices.iter().partition(is_member);
    singles.sort_by_key(place);
    members.retain(|device| device.failing);
    let others = singles.len().saturating_sub(LANES) + members.len().saturating_sub(FAILING_LANES);
    singles.truncate(LANES);
    members.truncate(FAILING_LANES);
    singles.append(&mut members);
    (singles, others as u64)
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
