//! How far long runs are, on standard error: bars on a terminal, now and then a line elsewhere.
//!
//! Owns who is told when. What is told comes from the [engine](crate::engine::Progress), which does not know that it is
//! watched.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use blynk_reports::printable::printable;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::clock::now;
use crate::engine::Progress;
use crate::numerals::grouped;
use crate::plan::Plan;

/// Runs that are over sooner are not worth a word.
const LONG: Duration = Duration::from_secs(2);
/// How often a line is printed where there is no terminal.
const LINE_EACH: Duration = Duration::from_secs(20);
/// How often bars move.
pub(super) const REFRESH: Duration = Duration::from_millis(200);

/// Everybody who runs now, and where it is shown.
pub(super) struct Watch {
    bars: MultiProgress,
    shows: Shows,
    running: Mutex<BTreeMap<usize, Running>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    Bars,
    Lines,
    Nothing,
}

struct Running {
    plan: Arc<Plan>,
    progress: Arc<Progress>,
    began: Instant,
    /// On a terminal, once the run is a long one.
    bar: Option<ProgressBar>,
    /// When the next line is due, where there is no terminal.
    next_line: Instant,
}

impl Watch {
    /// Shows nothing if that is wanted.
    pub(super) fn new(is_quiet: bool) -> Self {
        let shows = match (is_quiet, io::stderr().is_terminal()) {
            (true, _) => Shows::Nothing,
            (false, true) => Shows::Bars,
            (false, false) => Shows::Lines,
        };
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { bars, shows, running: Mutex::default() }
    }

    /// A run begins; it tells this how far it is.
    pub(super) fn begin(&self, place: usize, plan: &Arc<Plan>) -> Arc<Progress> {
        let (progress, began) = (Arc::new(Progress::default()), now());
        let running = Running {
            plan: plan.clone(),
            progress: progress.clone(),
            began,
            bar: None,
            next_line: began + LINE_EACH,
        };
        self.running().insert(place, running);
        progress
    }

    pub(super) fn end(&self, place: usize) {
        if let Some(bar) = self.running().remove(&place).and_then(|running| running.bar) {
            bar.finish_and_clear();
        }
    }

    /// Shows how far everybody is.
    pub(super) fn refresh(&self) {
        let now = now();
        for running in self.running().values_mut().filter(|running| now - running.began >= LONG) {
            match self.shows {
                Shows::Bars => running.move_bar(&self.bars, now),
                Shows::Lines if running.next_line <= now => {
                    running.next_line = now + LINE_EACH;
                    // Whoever does not read it does not want it.
                    let _ = writeln!(io::stderr(), "{}  {}", name(&running.plan), running.told(now));
                }
                Shows::Lines | Shows::Nothing => {}
            }
        }
    }

    /// Prints something else in between.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bars.suspend(print)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<usize, Running>> {
        self.running.lock().expect("nobody panics with the lock held")
    }
}

impl Running {
    fn move_bar(&mut self, bars: &MultiProgress, now: Instant) {
        let bar = self.bar.get_or_insert_with(|| {
            let bar = bars.add(ProgressBar::new(self.plan.until.as_millis().max(1)));
            let style = ProgressStyle::with_template("{bar:24} {prefix:.dim}  {msg}");
            bar.set_style(style.expect("the template is sound"));
            bar.set_prefix(name(&self.plan));
            bar
        });
        bar.set_position(self.progress.now().as_millis());
        let told = self.told(now);
        if let Some(bar) = &self.bar {
            bar.set_message(told);
        }
    }

    /// `34%, 20m of 1h, 512 times real time, 4,980 online`
    fn told(&self, now: Instant) -> String {
        let (at, until) = (self.progress.now(), self.plan.until);
        let percent = at.as_millis() * 100 / until.as_millis().max(1);
        let real = u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX).max(1);
        let ratio = grouped(at.as_millis() / real);
        // A second is fine enough for people.
        let at = blynk_core::time::Duration::from_secs(at.as_millis() / 1_000);
        let online = grouped(self.progress.online());
        format!("{}%, {at} of {until}, {ratio} times real time, {online} online", percent.min(100))
    }
}

fn name(plan: &Plan) -> String {
    printable(&plan.source.path).into_owned()
}
