//! What a process has cost so far: `self`, or another one by its number.

use std::fs;
use std::time::Duration;

/// Processor time of all its threads. Linux counts it in hundredths of a second.
pub(crate) fn processor_time(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("Linux tells");
    // The name of the program may hold anything; after it stand the third and all other fields.
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let fields: Vec<_> = fields.split_whitespace().collect();
    let hundredths: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
    Duration::from_millis(hundredths * 10)
}

/// The memory that it holds, in bytes: now (`VmRSS`), or the most so far (`VmHWM`).
pub(crate) fn memory(process: &str, which: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux tells");
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let (_, size) = lines.find(|(name, _)| *name == which).expect("Linux tells");
    let kibibytes: u64 = size.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1_024
}
