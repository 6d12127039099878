//! How often something took how long.

use askama::Template;

use super::{percent, tab};
use crate::model::{Bar, Times};
use crate::numerals::grouped;

/// The height of the tallest bar, in pixels.
const TALLEST: f64 = 66.0;
/// So few times are not drawn.
const FEW: u64 = 5;
/// Where bars stand, from above.
const GROUND: f64 = 72.0;

#[derive(Template)]
#[template(path = "histogram.html")]
pub(super) struct Histogram<'a> {
    pub(super) name: &'a str,
    pub(super) about: &'a str,
    pub(super) count: String,
    pub(super) figures: &'a [(String, String)],
    pub(super) least: &'a str,
    pub(super) most: &'a str,
    pub(super) bars: Vec<DrawnBar>,
}

pub(super) struct DrawnBar {
    pub(super) tab: &'static str,
    pub(super) x: String,
    pub(super) width: String,
    pub(super) y: String,
    pub(super) height: String,
    pub(super) told: String,
}

pub(super) fn histogram(times: &Times) -> Histogram<'_> {
    let Times { name, about, count, figures, bars } = times;
    // A few times say as much by themselves.
    let bars = if *count < FEW { &[][..] } else { bars };
    let figures = if *count == 1 { &figures[figures.len().saturating_sub(1)..] } else { figures };
    let tallest = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let shown = bars.iter().enumerate().filter(|(_, bar)| bar.count > 0).enumerate();
    Histogram {
        name,
        about,
        count: match count {
            1 => "once".into(),
            count => format!("{} times", grouped(*count)),
        },
        figures,
        least: bars.first().map_or("", |bar| &bar.time.0),
        most: bars.last().map_or("", |bar| &bar.time.1),
        bars: shown.map(|(stop, (place, it))| bar(stop, place, it, (bars.len(), tallest))).collect(),
    }
}

fn bar(stop: usize, place: usize, Bar { time, count, .. }: &Bar, (bars, tallest): (usize, u64)) -> DrawnBar {
    // A bar that cannot be seen says that there was none.
    let height = (*count as f64 / tallest as f64 * TALLEST).max(1.5);
    // One bar alone is not a wall.
    let width = 100.0 / bars.max(6) as f64;
    DrawnBar {
        tab: tab(stop),
        x: percent(place as f64 * width),
        width: percent(width * 0.9),
        y: percent(GROUND - height),
        height: percent(height),
        told: format!("{}\n{} to {}", grouped(*count), time.0, time.1),
    }
}
