//! The figures of a run that `limits` can bound.

use blynk_core::time::Duration;

use crate::numerals::grouped;
use crate::plan::{Limit, Measure, Metric, Statistic};

/// A metric's entry in the table.
#[derive(Clone, Copy, Debug)]
pub struct MetricKey {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub metric: Metric,
    /// What it is, one line.
    pub about: &'static str,
}

const fn metric(name: &'static str, metric: Metric, about: &'static str) -> MetricKey {
    MetricKey { name, metric, about }
}

macro_rules! times {
    ($name:literal, $measure:ident, $about:literal) => {
        [
            metric(concat!($name, " p50"), Metric::Time(Measure::$measure, Statistic::P50), $about),
            metric(concat!($name, " p90"), Metric::Time(Measure::$measure, Statistic::P90), $about),
            metric(concat!($name, " p99"), Metric::Time(Measure::$measure, Statistic::P99), $about),
            metric(concat!($name, " max"), Metric::Time(Measure::$measure, Statistic::Max), $about),
        ]
    };
}

static TIMES: [[MetricKey; 4]; 4] = [
    times!("detection", Detection, "from the base of the wait, the last byte or the close, to Offline"),
    times!("close", Close, "from the last byte to the server's close"),
    times!("login", Login, "from dialling to the answer that the login is accepted"),
    times!("recovery", Recovery, "from the return of link, power, application or server to Online"),
];

static NUMBERS: [MetricKey; 5] = [
    metric("logins per second", Metric::LoginsPerSecond, "accepted logins in the busiest whole second"),
    metric(
        "messages per second",
        Metric::MessagesPerSecond,
        "messages of devices in the busiest whole second",
    ),
    metric("notifications", Metric::Notifications, "notifications that were owed"),
    metric(
        "false offline",
        Metric::FalseOffline,
        "changes to Offline of devices with which nothing was wrong",
    ),
    metric("bytes per device and day", Metric::BytesPerDeviceAndDay, "bytes of the protocol, both ways"),
];

/// All metrics.
pub fn metrics() -> impl Iterator<Item = &'static MetricKey> {
    TIMES.iter().flatten().chain(&NUMBERS)
}

/// How a metric is written.
pub fn metric_name(metric: Metric) -> &'static str {
    let key = metrics().find(|key| key.metric == metric);
    key.expect("every metric is in the table").name
}

/// `at most 121s`
pub fn spell_bound(limit: &Limit) -> String {
    format!("{} {}", limit.comparison.name(), spell_figure(limit.metric, limit.value))
}

/// A figure with its unit, as a limit is written.
pub fn spell_figure(metric: Metric, value: u64) -> String {
    match metric {
        Metric::Time(..) => Duration::from_millis(value).to_string(),
        Metric::LoginsPerSecond
        | Metric::MessagesPerSecond
        | Metric::Notifications
        | Metric::FalseOffline
        | Metric::BytesPerDeviceAndDay => grouped(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_one_name() {
        for key in metrics() {
            assert_eq!(metric_name(key.metric), key.name);
        }
    }
}
