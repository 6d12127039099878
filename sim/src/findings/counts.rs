//! Words for numbers of devices and of changes.

use crate::plan::{Bounds, Count, Plan, When};
use crate::timeline::canonical;

/// `4,700 of 5,000 devices are online at 9m, not at least 4,750`.
pub(super) fn title(plan: &Plan, count: &Count, got: u64, of: u64) -> String {
    let Count { when, status, bounds, .. } = count;
    let (got, wanted) = (grouped(got), spell(*bounds, of));
    let devices = canonical::count(usize::try_from(of).unwrap_or(usize::MAX), "device");
    match when {
        When::At(at) => {
            let is = if got == "1" { "is" } else { "are" };
            format!("{got} of {devices} {is} {status} at {}, not {wanted}", plan.clock.spell(*at))
        }
        When::Ever => format!("{got} of {devices} went {status} at least once, not {wanted}"),
    }
}

/// `205 to 275`, `at least 4,750`, `at most 3`, `7`. No number is above `all`.
pub(super) fn spell(Bounds { least, most }: Bounds, all: u64) -> String {
    match (least, most) {
        (least, most) if least == most => grouped(least),
        (0, most) => format!("at most {}", grouped(most)),
        (least, most) if most == all => format!("at least {}", grouped(least)),
        (least, most) => format!("{} to {}", grouped(least), grouped(most)),
    }
}

/// `once`, `5 times`.
pub(super) fn times(number: u64) -> String {
    match number {
        0 => "never".into(),
        1 => "once".into(),
        more => format!("{} times", grouped(more)),
    }
}

fn grouped(number: u64) -> String {
    canonical::grouped(usize::try_from(number).unwrap_or(usize::MAX))
}
