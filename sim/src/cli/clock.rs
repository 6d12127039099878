//! Real time, for people only: how long something took.

use std::time::Instant;

#[expect(clippy::disallowed_methods, reason = "how long a run takes, for people only")]
pub(super) fn now() -> Instant {
    Instant::now()
}
