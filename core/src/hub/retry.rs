//! Notifications that an operator wants tried now: those that are owed, and dead letters.
//!
//! Owns which of them can be, and to which address. In which order they are tried is the [outbox](crate::outbox)'s.

use super::{Hub, Refusal, Reply};
use crate::id::DeviceId;
use crate::notification::{Notification, Stage};
use crate::outbox::{self, Input};
use crate::time::Instant;

impl Hub {
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
        let addressed = match self.outbox.owed_one(device, id).cloned() {
            Some(owed) => self.with_address_of_now(owed),
            None => self.revived(notification, found)?,
        };
        self.tell_outbox(now, Input::Retry(&addressed));
        Ok(Reply::Ordered(self.outbox.turn(device, id)))
    }

    /// A wrong address may be why it was not delivered. Whose recipient is no contact any more is tried where it would be
    /// tried anyway.
    fn with_address_of_now(&self, owed: Notification) -> Notification {
        let address = self.contact(owed.device, &owed.to).or(owed.address);
        Notification { address, ..owed }
    }

    /// A dead letter that may be owed again. Whoever found it looked a moment ago.
    fn revived(&self, notification: Notification, found: Stage) -> Result<Notification, Refusal> {
        let id = notification.id;
        match found {
            Stage::Delivered => return Err(Refusal::Delivered(id)),
            // It is not known here how it ended.
            Stage::Owed => return Err(Refusal::Ended(id)),
            // Somebody else ordered it meanwhile.
            Stage::Dead(_) if self.outbox.has_delivered_again(id) => return Err(Refusal::Delivered(id)),
            Stage::Dead(_) if self.outbox.has_room() => {}
            Stage::Dead(_) => return Err(Refusal::OutboxFull),
        }
        match self.contact(notification.device, &notification.to) {
            Some(address) => Ok(Notification { address: Some(address), ..notification }),
            None => Err(Refusal::NoContact(notification.to)),
        }
    }

    /// Its own contacts go before its template's.
    fn contact(&self, device: DeviceId, name: &str) -> Option<Box<str>> {
        let template = self.registry.machine(device).template();
        outbox::address([&self.identity(device)?.contacts, &template.contacts], name)
    }
}
