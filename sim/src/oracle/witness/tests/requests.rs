//! Data, and statuses that are set: by messages and by requests.

use super::*;
use crate::timeline::Setter;

const DEVICE_SET: Cause = Cause::Set(Setter::Device);
const OPERATOR_SET: Cause = Cause::Set(Setter::Operator);

impl Story {
    fn update(self, at: u64) -> Self {
        let token = self.token();
        self.request(at, Request::Update { token, pin: Pin(1), value: "1".into() })
    }

    fn says_reported(self, at: u64) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        self.says(at, &Event::Reported { address })
    }

    fn write(self, at: u64, connection: u32) -> Self {
        self.message(at, connection, Content::Write { pin: Pin(1), value: "1".into() })
    }

    fn status(self, at: u64, key: &str) -> Self {
        self.message(at, 1, Content::Status(key.into()))
    }

    fn status_by_operator(self, at: u64, key: &str) -> Self {
        let operator = self.0.operator;
        let request = Request::OperatorSetStatus { operator, device: DEVICE, status: key.into() };
        self.request(at, request)
    }

    fn says_standby(self, at: u64, cause: Cause) -> Self {
        self.says_entered(at, Some(ONLINE), STANDBY, cause)
    }

    fn says_back(self, at: u64) -> Self {
        self.says_entered(at, Some(STANDBY), ONLINE, Cause::Data)
    }

    /// Online, and standby since 5 s by the device's own word.
    fn standby() -> Self {
        Self::online().status(5, "standby").says_standby(5, DEVICE_SET)
    }
}

#[test]
fn a_request_with_data_is_recorded_and_sets_online() {
    let story = || Story::new().update(1).says_reported(1).says_entered(1, None, ONLINE, Cause::Data);
    story().believed(100);
    story().update(5).says_reported(5).believed(100);
    let text = "data was delivered by a request, but never recorded";
    story().update(5).objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_report_needs_a_request_with_the_devices_token() {
    let text = "recorded data of a request, but none was delivered";
    Story::new().says_reported(1).objected_to(10, Invariant::OneChangeOneReason, text);
    let token = Token::parse(&[b'x'; Token::LEN]).expect("a token");
    let other = Story::new().request(1, Request::Update { token, pin: Pin(1), value: "1".into() });
    other.says_reported(1).objected_to(10, Invariant::OneChangeOneReason, text);
    let twice = Story::new().update(1).says_reported(1).says_reported(1);
    twice.objected_to(10, Invariant::OneChangeOneReason, text);
}

#[test]
fn a_request_beside_a_live_session_leaves_it_alone() {
    Story::online().update(5).believed(10);
    let text = "recorded data of a request as a connection of its own, beside a live session";
    Story::online().update(5).says_reported(5).objected_to(10, Invariant::OneLiveSession, text);
    Story::standby().update(7).says_back(7).believed(10);
    let text = "data was delivered, but the device stayed standby";
    Story::standby().update(7).objected_to(10, Invariant::NoLateNoEarly, text);
}

#[test]
fn data_ends_a_status_that_was_set_and_a_ping_does_not() {
    Story::standby().write(7, 1).says_back(7).believed(10);
    let text = "data was delivered, but the device stayed standby";
    Story::standby().write(7, 1).objected_to(10, Invariant::NoLateNoEarly, text);
    Story::standby().ping(7).believed(10);
    let text = "entered online because of data, but none was delivered";
    Story::standby().ping(7).says_back(7).objected_to(10, Invariant::OneChangeOneReason, text);
}

#[test]
fn data_within_a_tick_of_a_status_may_come_before_it_or_after() {
    Story::online().write(5, 1).status(5, "standby").says_standby(5, DEVICE_SET).believed(10);
    let after = Story::online().status(5, "standby").write(5, 1).says_standby(5, DEVICE_SET);
    after.says_back(5).believed(10);
}

#[test]
fn data_of_a_superseded_connection_is_nobodys() {
    let story = || Story::standby().login(6, 2).says_superseded(6, 1, 2).says_logged_in(6, 2);
    story().write(8, 1).believed(15);
    let text = "entered online because of data, but none was delivered";
    story().write(8, 1).says_back(8).objected_to(15, Invariant::OneChangeOneReason, text);
}

#[test]
fn a_status_that_stands_later_is_set() {
    Story::standby().believed(10);
    let by_operator = || Story::online().status_by_operator(5, "standby");
    by_operator().says_standby(5, OPERATOR_SET).believed(10);
    let text = "standby was set, which stands later in the chain, but was not entered";
    by_operator().objected_to(10, Invariant::NoLateNoEarly, text);
    Story::online().status(5, "standby").objected_to(10, Invariant::NoLateNoEarly, text);
    let token = Story::online().token();
    let request = Request::SetStatus { token, status: "standby".into() };
    Story::online().request(5, request.clone()).says_standby(5, DEVICE_SET).believed(10);
    Story::online().request(5, request).objected_to(10, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_status_is_set_by_whoever_said_so() {
    let check = |story: Story, text: &str| {
        let doubt = (Invariant::OneChangeOneReason, text.to_owned());
        assert!(story.objections(10).contains(&doubt), "{text}");
    };
    let text = "standby was set by the device, but nothing delivered did that";
    check(Story::online().says_standby(5, DEVICE_SET), text);
    check(Story::online().status(4, "standby").says_standby(5, DEVICE_SET), text);
    check(Story::online().status_by_operator(5, "standby").says_standby(5, DEVICE_SET), text);
    let offline = Story::online().status(5, "standby").says_entered(5, Some(ONLINE), OFFLINE, DEVICE_SET);
    check(offline, "offline was set by the device, but nothing delivered did that");
}

#[test]
fn what_stands_earlier_and_what_nobody_may_set_is_refused() {
    Story::standby().status(7, "standby").believed(10);
    Story::standby().status(7, "online").believed(10);
    Story::standby().status(7, "retired").believed(10);
    Story::new().status_by_operator(5, "standby").believed(10);
    let operator = Token::parse(&[b'x'; Token::LEN]).expect("a token");
    let request = Request::OperatorSetStatus { operator, device: DEVICE, status: "offline".into() };
    Story::standby().request(7, request).believed(10);
}

#[test]
fn of_two_statuses_within_a_tick_one_may_forbid_the_other() {
    let story = || Story::online().status(5, "standby").status_by_operator(5, "offline");
    let offline = |from| Event::Status(Change { from: Some(from), to: OFFLINE, cause: OPERATOR_SET });
    story().says(5, &offline(ONLINE)).believed(10);
    story().says_standby(5, DEVICE_SET).says(5, &offline(STANDBY)).believed(10);
    let text = "offline was set, which stands later in the chain, but was not entered";
    story().says_standby(5, DEVICE_SET).objected_to(10, Invariant::NoLateNoEarly, text);
}

#[test]
fn what_was_said_before_a_fin_was_heard() {
    let sleeps = || Story::online().status(5, "standby").delivered(5, 1, &ToServer::Fin);
    let closed = |story: Story| story.says_closed(5, 1, CloseReason::Closed, 5);
    closed(sleeps().says_standby(5, DEVICE_SET)).believed(10);
    let text = "standby was set, which stands later in the chain, but was not entered";
    closed(sleeps()).objected_to(10, Invariant::NoLateNoEarly, text);
    let torn = Story::online().status(5, "standby").delivered(5, 1, &ToServer::Reset);
    torn.says_closed(5, 1, CloseReason::Reset, 5).believed(10);
}

#[test]
fn what_follows_a_part_of_a_frame_sets_nothing_for_sure() {
    let story = || Story::standby().garbage(6, Garbage::Truncated).write(7, 1);
    story().believed(10);
    story().says_back(7).believed(10);
}
