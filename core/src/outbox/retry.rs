//! How long a notification pauses after a try that failed.

use crate::time::Duration;

/// After the first failure; it doubles with each further one.
const FIRST: Duration = Duration::SECOND;

/// It grows no longer than this.
const LONGEST: Duration = Duration::from_secs(300);

/// The pause after this many failures.
pub(super) fn pause(failed: u16) -> Duration {
    let doublings = u32::from(failed.saturating_sub(1));
    (FIRST * 2u64.saturating_pow(doublings)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_five_minutes() {
        let check = |failed, seconds| assert_eq!(pause(failed), Duration::from_secs(seconds));
        check(1, 1);
        check(2, 2);
        check(9, 256);
        check(10, 300);
        check(u16::MAX, 300);
    }
}
