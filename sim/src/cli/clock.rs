//! Real time, for people only: how long something took, and how long to wait for them.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "how long a run takes, for people only")]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "between two looks at what people change")]
pub(super) fn pause(length: Duration) {
    std::thread::sleep(length);
}
