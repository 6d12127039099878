//! What people see of a device's timeline. The record keeps everything.

use super::Event;
use crate::lifecycle::Template;
use crate::time::Instant;

/// The places of the entries that are shown, in order, each by the template of its time. A disconnect shorter than the
/// `offline_ignore`, and the login that ends it with what that session announces, are left out, and so are changes to
/// statuses that the template hides (`lifecycle` sections 2 and 11).
pub fn shown(entries: &[(Instant, &Event, &Template)]) -> Vec<usize> {
    let mut hidden = vec![false; entries.len()];
    let (mut ended, mut unseen) = (None, None);
    for (place, (at, event, template)) in entries.iter().enumerate() {
        match event {
            Event::Closed { .. } | Event::Interrupted { .. } => ended = Some((place, *at)),
            Event::LoggedIn { session, .. } => {
                if let Some((end, since)) = ended.take()
                    && at.since(since) < template.offline_ignore
                {
                    hidden[end] = true;
                    hidden[place] = true;
                    unseen = Some(*session);
                }
            }
            Event::Announced { session, .. } => hidden[place] = unseen == Some(*session),
            Event::Status(change) => {
                hidden[place] = template.chain.get(change.to).is_some_and(|status| !status.on_timeline);
            }
            Event::Superseded { .. }
            | Event::Reported { .. }
            | Event::Commanded { .. }
            | Event::Applied { .. }
            | Event::Notified { .. } => {}
        }
    }
    (0..entries.len()).filter(|place| !hidden[*place]).collect()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::close::CloseReason;
    use crate::id::{SessionId, StatusIndex};
    use crate::lifecycle::{Chain, Status};
    use crate::protocol::Command;
    use crate::time::Duration;
    use crate::timeline::{Cause, Change, Close};

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    fn login() -> Event {
        login_of(1)
    }

    fn announced(session: u64) -> Event {
        Event::Announced { session: SessionId(session), heartbeat: None, client: "".into() }
    }

    fn login_of(session: u64) -> Event {
        Event::LoggedIn { session: SessionId(session), address: SocketAddr::from(([127, 0, 0, 1], 1)) }
    }

    fn close() -> Event {
        let close =
            Close { reason: CloseReason::Closed, last_byte_at: at(0), last_command: Command::HwLogin };
        Event::Closed { session: SessionId(1), close }
    }

    fn change(to: u8) -> Event {
        Event::Status(Change { from: None, to: StatusIndex(to), cause: Cause::Login })
    }

    /// A template that ignores what is shorter than a minute and does not show the status `standby`.
    fn template() -> Template {
        let mut standby = Status::new("standby", Duration::ZERO);
        standby.on_timeline = false;
        let statuses =
            vec![Status::new("online", Duration::ZERO), standby, Status::new("offline", Duration::MINUTE)];
        let chain = Chain::new(statuses).expect("a chain");
        Template { offline_ignore: Duration::MINUTE, ..Template::new("meter", chain) }
    }

    fn check(events: &[(u64, Event)], expected: &[usize]) {
        let template = template();
        let entries: Vec<_> = events.iter().map(|(second, event)| (at(*second), event, &template)).collect();
        assert_eq!(shown(&entries), expected);
    }

    #[test]
    fn a_short_disconnect_is_not_shown() {
        check(&[(0, login()), (10, close()), (69, login())], &[0]);
        check(&[(0, login()), (10, close()), (70, login())], &[0, 1, 2]);
    }

    #[test]
    fn what_an_unseen_login_announces_is_not_shown() {
        let first = [(0, login_of(1)), (1, announced(1)), (10, close())];
        let back = [(20, login_of(2)), (21, announced(2))];
        check(&[first, [back[0].clone(), back[1].clone(), (30, change(0))]].concat(), &[0, 1, 5]);
    }

    #[test]
    fn a_disconnect_that_did_not_end_is_shown() {
        check(&[(0, login()), (10, close())], &[0, 1]);
    }

    #[test]
    fn what_was_recorded_of_another_chain_is_shown_by_that() {
        let (now, before) = (Template::new("meter", Chain::default()), template());
        let (hidden, last, newest) = (change(1), change(2), change(1));
        let entries = [(at(0), &hidden, &before), (at(1), &last, &before), (at(2), &newest, &now)];
        assert_eq!(shown(&entries), [1, 2]);
    }

    #[test]
    fn changes_of_status_are_shown_unless_the_status_is_hidden() {
        check(&[(0, login()), (0, change(0)), (10, close()), (10, change(1)), (20, login())], &[0, 1]);
        check(&[(10, close()), (20, change(2)), (30, login())], &[1]);
    }
}
