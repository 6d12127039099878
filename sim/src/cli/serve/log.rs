//! Logs: to standard error, as lines of text or of JSON.

use std::io;

use blynk_core::id::DeviceId;
use blynk_core::server::Recorder;
use blynk_core::timeline::{Entry, Event};
use tracing_subscriber::fmt;

use super::options::{Config, LogFormat};

/// Whatever is said from now on is logged, from the level of the configuration on.
pub(super) fn start(config: &Config) {
    let logs = fmt().with_max_level(config.log).with_writer(io::stderr).with_target(false);
    // Where logs cannot be written, it cannot be told there either: to try that would be a panic.
    let logs = logs.log_internal_errors(false);
    // Only a terminal shows colours, and only if nobody objects.
    let logs = logs.with_ansi(config.colors && io::IsTerminal::is_terminal(&io::stderr()));
    match config.log_format {
        LogFormat::Text => logs.init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
}

/// Logs every entry of every timeline, for those who debug.
#[derive(Clone, Copy, Debug)]
pub(super) struct Journal;

impl Recorder for Journal {
    fn record(&mut self, device: DeviceId, entry: &Entry) {
        let device = device.0;
        match &entry.event {
            Event::LoggedIn { session, address } => tracing::debug!(device, %session, %address, "logged in"),
            Event::Announced { session, client, .. } => {
                tracing::debug!(device, %session, %client, "announced")
            }
            Event::Superseded { session, by } => tracing::debug!(device, %session, %by, "superseded"),
            Event::Closed { session, close } => {
                tracing::debug!(device, %session, reason = close.reason.name(), why = %close.reason, "closed");
            }
            Event::Interrupted { session } => tracing::debug!(device, %session, "interrupted"),
            Event::Reported { address } => tracing::debug!(device, %address, "reported"),
            Event::Status(change) => {
                tracing::debug!(device, status = change.to.0, why = %change.cause, "entered a status");
            }
            Event::Commanded { command, verdict } => {
                tracing::debug!(device, command = command.id.0, pin = %command.pin, ?verdict, "commanded");
            }
            Event::Applied { command, pin } => tracing::debug!(device, command = command.0, %pin, "applied"),
            Event::Notified { notification, stage, .. } => {
                tracing::debug!(device, notification = notification.id.0, ?stage, "notification");
            }
        }
    }
}
