//! Words for numbers of devices and of changes.

use crate::numerals::{count, grouped};
use crate::plan::{Count, Plan, When};

/// `4,700 of 5,000 devices are online at 9m, not at least 99%`.
pub(super) fn title(plan: &Plan, demanded: &Count, got: u64) -> String {
    let Count { when, total, status, bounds, .. } = demanded;
    let (got, wanted) = (grouped(got), &bounds.written);
    let devices = count(*total, "device");
    match when {
        When::At(at) => {
            let is = if got == "1" || *total == 1 { "is" } else { "are" };
            format!("{got} of {devices} {is} {status} at {}, not {wanted}", plan.clock.spell(*at))
        }
        When::Ever => format!("{got} of {devices} went {status} at least once, not {wanted}"),
    }
}

/// `once`, `5 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        0 => "never".into(),
        1 => "once".into(),
        2 => "twice".into(),
        more => format!("{} times", grouped(more)),
    }
}
