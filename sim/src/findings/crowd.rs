//! Expectations that were not met by many devices in the same way: one finding for all, with the story of the first.

use blynk_core::time::{Duration, Instant};
use blynk_reports::model::Finding;

use super::teller::{Got, Teller, Who};
use crate::numerals::some;
use crate::oracle::expectations::{Kind, Mismatch};

/// Those of whom the same is said at one place of a scenario.
pub(super) struct Crowd<'a>(Vec<(Teller<'a>, &'a Mismatch)>);

impl<'a> Crowd<'a> {
    /// Nobody yet.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn push(&mut self, teller: Teller<'a>, mismatch: &'a Mismatch) {
        self.0.push((teller, mismatch));
    }

    /// What is said of them all.
    pub(super) fn finding(mut self) -> Finding {
        self.0.sort_by_key(|(teller, mismatch)| came_at(teller, &mismatch.kind));
        let (first, Mismatch { span, kind, .. }) = &self.0[0];
        let who = match self.0.len() {
            1 => Who::One(first.name),
            many => Who::Many(many),
        };
        let place = first.place(span.clone(), first.label(kind));
        let finding = Finding::error(first.title(kind, who, &self.off()), Some(place));
        let (finding, of) = match who {
            // A number of devices is shown with one of them.
            Who::One(name) if matches!(kind, Kind::Count { .. }) => (finding, format!(" ({name})")),
            Who::One(_) => (finding, String::new()),
            Who::Many(_) => {
                (self.extremes(finding.note("devices", self.names())), format!(" ({})", first.name))
            }
        };
        match first.got(kind) {
            Got::Entry(got) => {
                let finding = first.because(finding.note("got", first.line(got) + &of), got);
                first.story(finding, first.lane[got].at)
            }
            Got::Nothing(words) => first.story(finding.note("got", words + &of), first.plan.until),
            Got::Because(words, led) => {
                let finding = first.because(finding.note("got", words + &of), led);
                first.story(finding, first.lane[led].at)
            }
        }
    }

    /// `2.5s early`, `1m late`, `2s to 31s late`.
    fn off(&self) -> String {
        let offs = || self.0.iter().filter_map(|(teller, mismatch)| teller.off(&mismatch.kind));
        let (Some(least), Some(most)) = (offs().min(), offs().max()) else { return String::new() };
        let spell = |off: i64| Duration::from_millis(off.unsigned_abs());
        match (least < 0, most < 0) {
            (true, true) if least == most => format!("{} early", spell(least)),
            (true, true) => format!("{} to {} early", spell(most), spell(least)),
            (false, false) if least == most => format!("{} late", spell(least)),
            (false, false) => format!("{} to {} late", spell(least), spell(most)),
            (true, false) | (false, true) => format!("{} early to {} late", spell(least), spell(most)),
        }
    }

    fn names(&self) -> String {
        let mut tellers: Vec<_> = self.0.iter().map(|(teller, _)| teller).collect();
        tellers.sort_by_key(|teller| teller.subject);
        some(&tellers.iter().map(|teller| teller.name).collect::<Vec<_>>())
    }

    /// When it came first and last, where it came.
    fn extremes(&self, finding: Finding) -> Finding {
        let came = || self.0.iter().filter(|(teller, mismatch)| came_at(teller, &mismatch.kind).is_some());
        let spell = |(teller, mismatch): &(Teller<'_>, &Mismatch)| {
            let at = came_at(teller, &mismatch.kind).unwrap_or_default();
            format!("{} ({})", teller.plan.clock.spell(at), teller.name)
        };
        match (came().next(), came().next_back()) {
            (Some(first), Some(last)) => finding.note("earliest", spell(first)).note("latest", spell(last)),
            (None, _) | (_, None) => finding,
        }
    }
}

fn came_at(teller: &Teller<'_>, kind: &Kind) -> Option<Instant> {
    match teller.got(kind) {
        Got::Entry(got) => Some(teller.lane[got].at),
        Got::Nothing(_) | Got::Because(..) => None,
    }
}
