//! When the process is asked to end.

use std::future::{Future, poll_fn};
use std::io;
use std::task::Poll;

use tokio::signal::unix::{SignalKind, signal};

/// Ready with the name of the first signal that asks for a stop. From the call on, none ends the process by itself.
pub(super) fn stop() -> io::Result<impl Future<Output = &'static str>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(poll_fn(move |cx| {
        if interrupt.poll_recv(cx).is_ready() {
            return Poll::Ready("SIGINT");
        }
        terminate.poll_recv(cx).map(|_| "SIGTERM")
    }))
}
