//! What is printed: a line for each row as soon as it is measured.

use std::ops::AddAssign;
use std::time::Duration;

/// The rows that are wanted.
pub(crate) struct Table {
    /// Parts of their names; none: all.
    wanted: Vec<String>,
}

/// What was done, in how much processor time, and how long it took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Work {
    pub(crate) done: u64,
    pub(crate) processor: Duration,
    pub(crate) real: Duration,
}

impl Table {
    pub(crate) fn begin(wanted: Vec<String>) -> Self {
        println!("{:<42} {:>12} {:>12} {:>7}  goal", "", "server", "bare echo", "ratio");
        Self { wanted }
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part))
    }

    /// A rate, and the least share of the echo's that it should be.
    pub(crate) fn rate(&self, name: &str, server: Work, echo: Work, least: Option<f64>) {
        let ratio = server.rate() / echo.rate();
        let goal = least.map(|least| (ratio >= least, format!("{least:.2}")));
        self.line(name, &per_second(server), &per_second(echo), &format!("{ratio:.2}"), goal);
        println!("{:<42} {:>12} {:>12}", "  of a core it had", server.share(), echo.share());
    }

    /// How long the slowest of a row took.
    pub(crate) fn slowest(&self, server: Duration, echo: Duration) {
        let [server, echo] = [server, echo].map(|time| format!("{:.2} s", time.as_secs_f64()));
        println!("{:<42} {server:>12} {echo:>12}", "  the slowest of them");
    }

    /// Something that should be small, and the most that it should be.
    pub(crate) fn size(&self, name: &str, unit: &str, server: f64, echo: Option<f64>, most: f64) {
        let echo = echo.map_or(String::new(), |echo| format!("{echo:.2} {unit}"));
        let goal = Some((server <= most, format!("{most} {unit}")));
        self.line(name, &format!("{server:.2} {unit}"), &echo, "", goal);
    }

    fn line(&self, name: &str, server: &str, echo: &str, ratio: &str, goal: Option<(bool, String)>) {
        let goal = goal.map_or(String::new(), |(is_met, goal)| {
            format!("{}: {goal}", if is_met { "met" } else { "missed" })
        });
        println!("{name:<42} {server:>12} {echo:>12} {ratio:>7}  {goal}");
    }
}

impl Work {
    fn rate(&self) -> f64 {
        self.done as f64 / self.processor.as_secs_f64()
    }

    fn share(&self) -> String {
        format!("{:.0} %", 100.0 * self.processor.as_secs_f64() / self.real.as_secs_f64())
    }
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.processor += other.processor;
        self.real += other.real;
    }
}

/// With commas between thousands.
fn per_second(work: Work) -> String {
    let digits = format!("{:.0}", work.rate());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + "/s"
}
