//! Notifications that an operator wants tried now: those that are owed, and dead letters.
//!
//! Owns which of them can be, and to which address. In which order they are tried is the [outbox](crate::outbox)'s.

use super::{Hub, Refusal, Reply};
use crate::id::DeviceId;
use crate::notification::{Notification, Stage};
use crate::outbox::{self, Input};
use crate::time::Instant;

impl Hub {
    /// It goes to the address that its recipient has now: a wrong one may be why it was not delivered.
    pub(super) fn retry(
        &mut self,
        now: Instant,
        notification: Notification,
        found: Stage,
    ) -> Result<Reply, Refusal> {
        let Notification { id, device, .. } = notification;
        if self.identity(device).is_none() {
            return Err(Refusal::NoSuchNotification(id));
        }
        if !self.outbox.owes(device, id) {
            match found {
                Stage::Delivered => return Err(Refusal::Delivered(id)),
                // Whoever found it looked a moment ago, and it is not known here how it ended.
                Stage::Owed => return Err(Refusal::Ended(id)),
                Stage::Dead(_) if self.outbox.has_room() => {}
                Stage::Dead(_) => return Err(Refusal::OutboxFull),
            }
        }
        let Some(address) = self.contact(device, &notification.to) else {
            return Err(Refusal::NoContact(notification.to));
        };
        self.tell_outbox(now, Input::Retry(&Notification { address: Some(address), ..notification }));
        Ok(Reply::Ordered(self.outbox.turn(device, id)))
    }

    /// Its own contacts go before its template's.
    fn contact(&self, device: DeviceId, name: &str) -> Option<Box<str>> {
        let template = self.registry.machine(device).template();
        outbox::address([&self.identity(device)?.contacts, &template.contacts], name)
    }
}
