//! Users' commands: what they are told, and when a device is handed one.

use blynk_core::id::CommandId;

use super::*;
use crate::timeline::{Command as UsersCommand, Setter, Verdict};

impl Story {
    fn command(self, at: u64, value: &str) -> Self {
        let operator = self.0.operator;
        let request = Request::Command { operator, device: DEVICE, pin: Pin(1), value: value.into() };
        self.request(at, request)
    }

    fn says_commanded(self, at: u64, id: u64, verdict: Verdict) -> Self {
        let command = UsersCommand { id: CommandId(id), pin: Pin(1), value: "on".into() };
        self.says(at, &Event::Commanded { command, verdict })
    }

    /// A command that was delivered and recorded.
    fn commanded(self, at: u64, id: u64, verdict: Verdict) -> Self {
        self.command(at, "on").says_commanded(at, id, verdict)
    }

    fn says_applied(self, at: u64, id: u64) -> Self {
        self.says(at, &Event::Applied { command: CommandId(id), pin: Pin(1) })
    }

    fn sync(self, at: u64, connection: u32) -> Self {
        self.message(at, connection, Content::Sync)
    }

    /// Online until it closed at 3 s; a command waits since 5 s, and the device is back since 8 s.
    fn back() -> Self {
        let away = Self::away().commanded(5, 1, Verdict::Pending);
        away.login(8, 2).says_logged_in(8, 2)
    }

    /// Online until it closed at 3 s.
    fn away() -> Self {
        let story = Self::online().delivered(3, 1, &ToServer::Fin);
        story.says_closed(3, 1, CloseReason::Closed, 0)
    }

    fn doubted(self, text: &str) {
        self.objected_to(15, Invariant::OneChangeOneReason, text);
    }

    fn missed(self, text: &str) {
        self.objected_to(15, Invariant::NoLateNoEarly, text);
    }
}

#[test]
fn a_connected_device_is_handed_its_command_at_once() {
    let story = || Story::online().commanded(5, 1, Verdict::Sent);
    story().says_applied(5, 1).believed(15);
    story().believed(15);
    let twice = story().says_applied(5, 1).says_applied(5, 1);
    twice.doubted("a command for V1 was applied, but does not wait");
}

#[test]
fn a_command_is_recorded_and_was_given() {
    Story::online().command(5, "on").missed("a command for V1 was delivered, but never recorded");
    let invented = "recorded a command for V1, but none was delivered";
    Story::online().says_commanded(5, 1, Verdict::Sent).doubted(invented);
    let other = Story::online().command(5, "off").says_commanded(5, 1, Verdict::Sent);
    assert_eq!(other.objections(15)[0].1, invented);
    let operator = Token::parse(&[b'x'; Token::LEN]).expect("a token");
    let request = Request::Command { operator, device: DEVICE, pin: Pin(1), value: "on".into() };
    Story::online().request(5, request).believed(15);
    Story::online().command(5, &"x".repeat(1_025)).believed(15);
}

#[test]
fn what_users_are_told_follows_from_status_and_connection() {
    let standby = |story: Story, at| {
        let set = Cause::Set(Setter::Operator);
        let operator = story.0.operator;
        let request = Request::OperatorSetStatus { operator, device: DEVICE, status: "standby".into() };
        story.request(at, request).says_entered(at, Some(ONLINE), STANDBY, set)
    };
    let offline = |story: Story| {
        let wait = Cause::Wait { base: second(3), wait: Duration::SECOND, detected: second(3) };
        story.says_entered(4, Some(ONLINE), OFFLINE, wait)
    };
    let check = |story: fn() -> Story, right, wrong, text: &str| {
        story().commanded(6, 1, right).believed(10);
        story().commanded(6, 1, wrong).doubted(text);
    };
    check(Story::away, Verdict::Pending, Verdict::Sent, "a command for V1 is sent where it is to be pending");
    let blocked = |verdict| offline(Story::away()).commanded(6, 1, verdict);
    blocked(Verdict::Blocked).believed(10);
    blocked(Verdict::Pending).doubted("a command for V1 is pending where it is to be blocked");
    let warned = |verdict| standby(Story::away(), 5).commanded(6, 1, verdict);
    warned(Verdict::Warned).believed(10);
    warned(Verdict::Pending).doubted("a command for V1 is pending where it is to be pending with a warning");
    standby(Story::online(), 5).commanded(6, 1, Verdict::Sent).believed(10);
    let text = "a command for V1 is blocked where it is to be sent";
    Story::online().commanded(6, 1, Verdict::Blocked).doubted(text);
}

#[test]
fn a_device_is_handed_what_waits_when_it_asks() {
    Story::back().sync(9, 2).says_applied(9, 1).believed(15);
    let text = "the device asked for what it missed, but was not handed the command for V1";
    Story::back().sync(9, 2).missed(text);
    Story::back().believed(15);
    let text = "a command for V1 was applied, but the device did not ask for it";
    Story::back().says_applied(9, 1).doubted(text);
    let text = "a command for V1 was applied, but no session is live";
    let away = Story::away().commanded(5, 1, Verdict::Pending).says_applied(6, 1);
    away.objected_to(15, Invariant::OneLiveSession, text);
}

#[test]
fn a_newer_command_for_the_pin_replaces_the_older_one() {
    let story = || Story::away().commanded(5, 1, Verdict::Pending).commanded(6, 2, Verdict::Pending);
    let story = || story().login(8, 2).says_logged_in(8, 2).sync(9, 2);
    story().says_applied(9, 2).believed(15);
    let both = story().says_applied(9, 1).says_applied(9, 2);
    both.doubted("a command for V1 was applied, but does not wait");
}

#[test]
fn a_sync_in_the_tick_of_a_command_may_come_before_it() {
    let story = Story::online().sync(5, 1).command(5, "on").says_commanded(5, 1, Verdict::Sent);
    story.believed(10);
    let ended = Story::back().sync(9, 2).delivered(9, 2, &ToServer::Reset);
    ended.says_closed(9, 2, CloseReason::Reset, 9).believed(20);
}
