//! Draws the lives of devices as lanes that fit the terminal: a bar of statuses, and under it when it was connected.

use std::borrow::Cow;

use anstyle::AnsiColor;

use super::{FAINT, Paint};
use crate::model::{Lane, Lanes, Tone};

/// The fewest columns that say anything.
const NARROWEST: usize = 10;
/// Names have this part of the width; the rest of a longer one is cut off.
const NAMES: usize = 3;

const fn bar(tone: Option<Tone>) -> (char, Paint) {
    match tone {
        None | Some(Tone::New) => (' ', Paint(anstyle::Style::new())),
        Some(Tone::Online) => ('█', Paint(AnsiColor::Green.on_default())),
        Some(Tone::Offline) => ('░', Paint(AnsiColor::Red.on_default())),
        Some(Tone::Custom) => ('▒', Paint(AnsiColor::Yellow.on_default())),
    }
}

/// All lanes, in `width` columns, each with its changes below. Ends without a newline.
pub fn lanes(lanes: &Lanes, width: usize) -> String {
    let longest = lanes.lanes.iter().map(|lane| lane.name.chars().count()).max().unwrap_or(0);
    let names = longest.min((width / NAMES).max(NARROWEST));
    let columns = width.saturating_sub(names + 4).max(NARROWEST);
    let mut text = vec![axis(lanes, names, columns)];
    for lane in &lanes.lanes {
        text.push(
            format!("{:<names$}  {}", cut(&lane.name, names), statuses(lane, columns)).trim_end().to_owned(),
        );
        text.push(format!("{:<names$}  {}", "", connection(lane, columns)).trim_end().to_owned());
        text.extend(lane.changes.iter().map(|change| format!("{:<names$}  {change}", "")));
    }
    text.push(FAINT.apply("█ online  ▒ other  ░ offline  ─ connected"));
    text.join("\n")
}

/// As much of a name as stands in so many columns: its end, in which names of one kind differ.
fn cut(name: &str, columns: usize) -> Cow<'_, str> {
    match name.chars().count().checked_sub(columns) {
        None | Some(0) => name.into(),
        Some(more) => format!("…{}", name.chars().skip(more + 1).collect::<String>()).into(),
    }
}

fn axis(lanes: &Lanes, names: usize, columns: usize) -> String {
    let gap = columns.saturating_sub(lanes.from.chars().count() + lanes.to.chars().count()).max(1);
    FAINT.apply(&format!("{:<names$}  {}{:gap$}{}", "", lanes.from, "", lanes.to))
}

/// A column shows the most offline of the statuses that it covers: a short absence must not vanish between two columns.
fn statuses(lane: &Lane, columns: usize) -> String {
    (0..columns)
        .map(|column| tone(lane, span(column, columns)))
        .map(bar)
        .fold(String::new(), |text, (glyph, paint)| text + &paint.apply(&glyph.to_string()))
}

fn tone(lane: &Lane, (from, to): (f64, f64)) -> Option<Tone> {
    let ends = lane.statuses.iter().skip(1).map(|(start, _)| *start).chain([f64::INFINITY]);
    let covered = lane.statuses.iter().zip(ends).filter(|((start, _), end)| *start < to && *end > from);
    covered.map(|((_, status), _)| status.tone).max()
}

fn connection(lane: &Lane, columns: usize) -> String {
    let line = (0..columns).map(|column| {
        let (from, to) = span(column, columns);
        if lane.connected.iter().any(|(start, end)| *start < to && *end > from) { '─' } else { ' ' }
    });
    line.collect()
}

/// The part of the run that a column shows.
fn span(column: usize, columns: usize) -> (f64, f64) {
    let edge = |column: usize| column as f64 / columns as f64;
    (edge(column), edge(column + 1))
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::model::LaneStatus;

    fn status(label: &str, tone: Tone) -> LaneStatus {
        LaneStatus { label: label.to_owned(), tone }
    }

    fn drawn(width: usize) -> String {
        let lane = Lane {
            name: "sensor".to_owned(),
            statuses: vec![
                (0.1, status("online", Tone::Online)),
                (0.5, status("standby", Tone::Custom)),
                (0.7, status("offline", Tone::Offline)),
                (0.701, status("online", Tone::Online)),
            ],
            connected: vec![(0.1, 0.4), (0.701, 1.0)],
            changes: vec!["10:49:30 online: login".to_owned()],
        };
        let never = Lane { name: "b".to_owned(), statuses: vec![], connected: vec![], changes: vec![] };
        let all = Lanes { from: "10:49:00".to_owned(), to: "10:59:00".to_owned(), lanes: vec![lane, never] };
        strip_str(&lanes(&all, width)).to_string()
    }

    #[test]
    fn lanes_fit_the_width_and_lose_no_absence() {
        insta::assert_snapshot!(drawn(60));
        assert!(drawn(60).lines().all(|line| line.chars().count() <= 60));
    }

    #[test]
    fn long_names_are_cut_where_they_are_alike() {
        let named = |name: String| Lane {
            name,
            statuses: vec![(0.0, status("online", Tone::Online))],
            connected: vec![],
            changes: vec![],
        };
        let long = "ü".repeat(50);
        let lanes = vec![named(long.clone() + "-1"), named(long + "-22"), named("b".to_owned())];
        let all = Lanes { from: "0s".to_owned(), to: "1m".to_owned(), lanes };
        for width in [60, 45] {
            let drawn = strip_str(&super::lanes(&all, width)).to_string();
            assert!(drawn.lines().all(|line| line.chars().count() <= width), "{drawn}");
            assert!(drawn.contains("…ü") && drawn.contains("ü-1  █") && drawn.contains("ü-22  █"), "{drawn}");
        }
    }

    #[test]
    fn a_narrow_terminal_still_gets_lanes() {
        insta::assert_snapshot!(drawn(0));
    }
}
