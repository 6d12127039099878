//! What this process has cost so far.

use std::fs;
use std::time::Duration;

/// Processor time of all its threads. Linux counts it in hundredths of a second.
pub(crate) fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells");
    // The name of the program may hold anything; after it stand the third and all other fields.
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let fields: Vec<_> = fields.split_whitespace().collect();
    let hundredths: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(hundredths * 10)
}

/// The most memory that it has held so far, in bytes.
pub(crate) fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells the peak");
    let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1_024
}
