//! Networks by name: what scenarios call the quality of a device's network.
//!
//! A mean round trip is twice the latency plus the jitter, since latency is the least that a message takes one way, and
//! jitter what it may take longer. Ways are alike, and the jitter is uniform: the figures below are medians and bounds of
//! measurements, and not their long tails.
//!
//! | name | latency | jitter | loss | mean round trip |
//! |---|---|---|---|---|
//! | `ideal` | 0 | 0 | 0 | 0 |
//! | `ethernet` | 4 ms | 1 ms | 0.1 % | 9 ms |
//! | `wifi` | 5 ms | 20 ms | 1 % | 30 ms |
//! | `lte` | 12 ms | 16 ms | 0.4 % | 40 ms |
//! | `nb-iot` | 400 ms | 800 ms | 1 % | 1.6 s |
//! | `satellite` | 280 ms | 40 ms | 1 % | 600 ms |
//!
//! Where they come from:
//!
//! - `ethernet`: a fixed line. Its median round trip to a near server was 9 ms worldwide (Ookla, Speedtest Global Index,
//!   first quarter of 2023). Loss: one in a thousand, what ITU-T Y.1541 (12/2011, table 1) allows in classes 0 to 4.
//! - `wifi`: a fixed line behind a radio hop, which takes 20 ms on average here. Measured on campuses it took 3 ms in the
//!   median and 20 ms in the 90th percentile (Sui et al., "Characterizing and Improving WiFi Latency in Large-Scale
//!   Operational Networks", MobiSys 2016), or more than 20 ms for half of the packets (Pei et al., "WiFi can be the weakest
//!   link of round trip network latency in the wild", INFOCOM 2016). Loss: where the worst of three classes of the FCC
//!   begins (ninth "Measuring Broadband America" report on fixed broadband, chart 8).
//! - `lte`: the average round trip of mobile networks was 40 ms when few were 5G (Ookla, Speedtest Global Index, September
//!   2020). The jitter is that of two repetitions on the radio, 8 ms each in FDD (HARQ, 3GPP TS 36.321). Loss: where the
//!   best of the FCC's three classes ends.
//! - `nb-iot`: comparisons of cellular networks name 1.6 s to 10 s for LTE Cat NB1 ("Cellular Communication Protocols",
//!   mbedded.ninja, 2024); 837 ms, near the least here, were measured (Ugwuanyi et al., "Survey of IoT for Developing
//!   Countries", Electronics 10(18), 2021). Two round trips take at most 4.8 s, so that an attempt, which is given up after
//!   5 s, makes it unless something is lost. Loss: as with `wifi`.
//! - `satellite`: geostationary. One hop takes up to 279 ms (RFC 2488, section 2), and a round trip with all that is on the
//!   ground around 600 ms (Huston, "Testing LEO and GEO satellite services in Australia", APNIC, 2022). Loss: that of the
//!   lossy link in Endres et al., "Performance of QUIC Implementations Over Geostationary Satellite Links", 2022.

use blynk_core::time::Duration;

use crate::plan::{Quality, Share};

/// All of them, the best first.
const PROFILES: [(&str, Quality); 6] = [
    ("ideal", Quality::IDEAL),
    ("ethernet", quality(4, 1, 1_000)),
    ("wifi", quality(5, 20, 10_000)),
    ("lte", quality(12, 16, 4_000)),
    ("nb-iot", quality(400, 800, 10_000)),
    ("satellite", quality(280, 40, 10_000)),
];

/// The network of this name.
pub fn find(name: &str) -> Option<Quality> {
    PROFILES.iter().find(|(known, _)| *known == name).map(|(_, quality)| *quality)
}

/// All names, in the order in which people should read them.
pub fn names() -> impl Iterator<Item = &'static str> {
    PROFILES.iter().map(|(name, _)| *name)
}

/// In milliseconds and millionths.
const fn quality(latency: u64, jitter: u64, loss: u32) -> Quality {
    let Some(loss) = Share::from_millionths(loss) else { panic!("no share is more than the whole") };
    Quality { latency: Duration::from_millis(latency), jitter: Duration::from_millis(jitter), loss }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::ATTEMPT;

    #[test]
    fn every_name_is_found_and_no_other() {
        assert!(names().all(|name| find(name).is_some()));
        assert_eq!(find("ideal"), Some(Quality::IDEAL));
        assert_eq!(find("lan"), None);
    }

    #[test]
    fn mean_round_trips_are_those_that_are_published() {
        let mean = |name| find(name).map(|it| (it.latency * 2 + it.jitter).as_millis());
        let means = ["ethernet", "wifi", "lte", "nb-iot", "satellite"].map(mean);
        assert_eq!(means, [9, 30, 40, 1_600, 600].map(Some));
    }

    #[test]
    fn an_attempt_makes_it_over_every_network_unless_something_is_lost() {
        let longest = |name| find(name).map(|it| (it.latency + it.jitter) * 4);
        assert!(names().all(|name| longest(name) < Some(ATTEMPT)));
    }
}
