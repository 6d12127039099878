//! How many devices of a fleet were in which status: areas on each other, Online at the bottom.

use askama::Template;

use super::Anchor;
use crate::model::{Counts, Group, Picture, Tone};
use crate::numerals::count;

#[derive(Template)]
#[template(path = "chart.html")]
pub(super) struct Chart<'a> {
    /// Its scenario and the place of its group in the data.
    pub(super) place: String,
    pub(super) name: &'a str,
    pub(super) devices: String,
    pub(super) told: String,
    pub(super) columns: usize,
    pub(super) areas: Vec<Area>,
}

pub(super) struct Area {
    pub(super) tone: &'static str,
    /// Further statuses of one tone are paler.
    pub(super) shade: usize,
    pub(super) path: String,
}

/// One for each fleet.
pub(super) fn charts(picture: &Picture, anchor: Anchor) -> impl Iterator<Item = Chart<'_>> {
    let groups = picture.groups.iter().enumerate();
    groups.filter_map(move |(place, group)| chart(group, format!("{anchor} {place}")))
}

fn chart(group: &Group, place: String) -> Option<Chart<'_>> {
    let counts = group.counts.as_ref()?;
    Some(Chart {
        place,
        name: &group.name,
        devices: count(group.devices, "device"),
        told: format!("{}: how many devices were in which status; arrow keys go along it", group.name),
        columns: counts.devices.len().max(1),
        areas: areas(group, counts),
    })
}

/// Those who are not there yet are the sky above.
fn areas(group: &Group, counts: &Counts) -> Vec<Area> {
    let mut order: Vec<_> =
        group.statuses.iter().enumerate().filter(|(_, it)| it.tone != Tone::New).collect();
    order.sort_by_key(|(_, status)| status.tone);
    let mut floor = vec![0; counts.devices.len()];
    let mut areas: Vec<Area> = Vec::new();
    for (place, status) in order {
        let heights = counts.devices.iter().map(|column| column.get(place).copied().unwrap_or(0));
        let ceiling: Vec<_> = floor.iter().zip(heights).map(|(floor, height)| floor + height).collect();
        if ceiling != floor {
            let tone = name(status.tone);
            let shade = areas.iter().filter(|area| area.tone == tone).count().min(3);
            areas.push(Area { tone, shade, path: path(group.devices, &floor, &ceiling) });
        }
        floor = ceiling;
    }
    areas
}

const fn name(tone: Tone) -> &'static str {
    match tone {
        Tone::New => "new",
        Tone::Online => "online",
        Tone::Custom => "custom",
        Tone::Offline => "offline",
    }
}

/// Steps along the ceiling, and back along the floor.
fn path(devices: u64, floor: &[u64], ceiling: &[u64]) -> String {
    let height = |number: u64| format!("{:.1}", 100.0 - number as f64 / devices.max(1) as f64 * 100.0);
    let mut path = format!("M0 {}", height(ceiling[0]));
    for (place, number) in ceiling.iter().enumerate() {
        if place > 0 && *number != ceiling[place - 1] {
            path += &format!("H{place}V{}", height(*number));
        }
    }
    path += &format!("H{}V{}", ceiling.len(), height(floor[floor.len() - 1]));
    for place in (1..floor.len()).rev() {
        if floor[place] != floor[place - 1] {
            path += &format!("H{place}V{}", height(floor[place - 1]));
        }
    }
    path + "H0Z"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_goes_along_its_ceiling_and_back_along_its_floor() {
        assert_eq!(path(10, &[0, 0, 0], &[10, 10, 5]), "M0 0.0H2V50.0H3V100.0H0Z");
        assert_eq!(path(10, &[10, 10, 5], &[10, 10, 10]), "M0 0.0H3V50.0H2V0.0H0Z");
    }
}
