//! The ids of one device's messages.

use blynk_core::protocol::MessageId;

use super::manners::Ids;
use crate::device::{Content, Message};

/// Counts messages, as its library does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    ids: Ids,
    /// The next id; `None` is the illegal 0.
    next: Option<MessageId>,
}

impl Numbers {
    /// Of a program that starts.
    pub(super) fn new(ids: Ids) -> Self {
        let first = match ids {
            Ids::Wrapping | Ids::ZeroAtTheEnd => MessageId::FIRST,
            // The login has its own.
            Ids::Continuing => MessageId::FIRST.next(),
        };
        Self { ids, next: Some(first) }
    }

    /// A login comes next.
    pub(super) fn begin_session(&mut self) {
        match self.ids {
            Ids::Wrapping | Ids::ZeroAtTheEnd => *self = Self::new(self.ids),
            Ids::Continuing => {}
        }
    }

    /// The message of a login.
    pub(super) fn login(&mut self, content: Content) -> Message {
        match self.ids {
            Ids::Wrapping | Ids::ZeroAtTheEnd => self.message(content),
            Ids::Continuing => Message { id: MessageId::FIRST, content },
        }
    }

    /// The message of anything else.
    pub(super) fn message(&mut self, content: Content) -> Message {
        let Some(id) = self.next else {
            return Message { id: MessageId::FIRST, content: Content::IdZero(content.into()) };
        };
        self.next = match self.ids {
            Ids::Wrapping | Ids::Continuing => Some(id.next()),
            Ids::ZeroAtTheEnd => Some(id.next()).filter(|next| *next != MessageId::FIRST),
        };
        Message { id, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of the messages with these places in a session that was not the first; a place of 1 is the login.
    fn check(ids: Ids, places: [u32; 4], expected: [u16; 4]) {
        let mut numbers = Numbers::new(ids);
        numbers.begin_session();
        let mut said = vec![numbers.login(Content::Ping)];
        said.extend((1..=65_537).map(|_| numbers.message(Content::Ping)));
        let id = |message: &Message| {
            if matches!(message.content, Content::IdZero(_)) { 0 } else { message.id.get() }
        };
        assert_eq!(places.map(|place| id(&said[place as usize - 1])), expected);
        numbers.begin_session();
        assert_eq!(id(&numbers.login(Content::Ping)), 1);
    }

    #[test]
    fn after_the_last_id_comes_the_first_or_zero_for_ever() {
        check(Ids::Wrapping, [1, 65_535, 65_536, 65_537], [1, 65_535, 1, 2]);
        check(Ids::ZeroAtTheEnd, [1, 65_535, 65_536, 65_537], [1, 65_535, 0, 0]);
        check(Ids::Continuing, [1, 65_535, 65_536, 65_537], [1, 65_535, 1, 2]);
    }

    #[test]
    fn ids_go_on_from_session_to_session_or_begin_anew() {
        let second_of_the_second_session = |ids| {
            let mut numbers = Numbers::new(ids);
            numbers.login(Content::Ping);
            numbers.message(Content::Ping);
            numbers.begin_session();
            numbers.login(Content::Ping);
            numbers.message(Content::Ping).id.get()
        };
        assert_eq!(second_of_the_second_session(Ids::Wrapping), 2);
        assert_eq!(second_of_the_second_session(Ids::ZeroAtTheEnd), 2);
        assert_eq!(second_of_the_second_session(Ids::Continuing), 3);
    }
}
