//! What must end a connection, and what may not.

use super::*;

#[test]
fn a_silence_that_was_noticed_too_early_is_no_silence() {
    let story = Story::connected().ping(10).says_closed(24, 1, silence(), 10);
    let text = "closed (heartbeat), but the allowance was not over, or over before";
    story.objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_silence_that_is_never_noticed_objected_to() {
    let text = "the connection is gone, but was still believed to live";
    Story::connected().ping(10).objected_to(26, Invariant::NoLateNoEarly, text);
    Story::connected().ping(10).believed(25);
}

#[test]
fn a_silence_is_noticed_when_its_last_millisecond_is_over() {
    let text = "the connection is gone, but was still believed to live";
    let cut = |millis| Story::exact().ping(10).server_at(Instant::from_millis(millis), Run::Crashed);
    cut(25_001).believed(30);
    cut(25_002).objected_to(30, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_fin_that_is_never_noticed_objected_to() {
    let story = Story::connected().delivered(3, 1, &ToServer::Fin);
    story.objected_to(10, Invariant::NoLateNoEarly, "the connection is gone, but was still believed to live");
}

#[test]
fn illegal_bytes_that_are_ignored_objected_to() {
    let check = |kind| {
        let text = "the connection brought illegal bytes, but was still believed to live";
        Story::connected().garbage(5, kind).objected_to(10, Invariant::NoLateNoEarly, text);
        Story::connected().garbage(4, Garbage::Truncated).garbage(5, kind).believed(10);
    };
    check(Garbage::IdZero);
    check(Garbage::UnknownCommand);
    check(Garbage::Oversize);
}

#[test]
fn an_end_that_is_noticed_late_objected_to() {
    let text = "the connection brought illegal bytes, but was still believed to live";
    let story = || Story::connected().garbage(5, Garbage::IdZero);
    let closed = story().delivered(8, 1, &ToServer::Fin).says_closed(8, 1, CloseReason::Closed, 5);
    closed.objected_to(100, Invariant::NoLateNoEarly, text);
    let superseded = story().login(8, 2).says_superseded(8, 1, 2).says_logged_in(8, 2);
    superseded.objected_to(20, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_flood_that_is_ignored_objected_to_once_a_second_less_a_tick_holds_it() {
    let pinged_after = |millis| {
        let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
        story.ping_at(second(5) + Duration::from_millis(millis))
    };
    let text = "the connection brought more messages than a second may, but was still believed to live";
    pinged_after(899).objected_to(10, Invariant::NoLateNoEarly, text);
    pinged_after(900).believed(10);
    let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1);
    story.garbage(5, Garbage::Truncated).ping(5).ping(5).ping(5).believed(10);
}

#[test]
fn ends_need_a_cause_that_was_delivered() {
    let check = |reason, text: &str| {
        let story = Story::connected().ping(5).says_closed(5, 1, reason, 5);
        story.objected_to(10, Invariant::NoLateNoEarly, text);
    };
    check(CloseReason::Closed, "closed (closed), but no FIN was delivered");
    check(CloseReason::Reset, "closed (reset), but no RST was delivered");
    check(illegal(), "closed (protocol), but nothing illegal was delivered");
}

#[test]
fn illegal_bytes_are_a_cause_at_that_moment() {
    let story = || Story::connected().garbage(5, Garbage::IdZero);
    story().says_closed(5, 1, illegal(), 5).believed(100);
    let objections = story().ping(7).says_closed(7, 1, illegal(), 7).objections(100);
    let text = "closed (protocol), but nothing illegal was delivered";
    assert!(objections.contains(&(Invariant::NoLateNoEarly, text.into())));
}

#[test]
fn what_follows_a_part_of_a_frame_can_complete_something_illegal() {
    let check = |part| {
        let story = || Story::connected().garbage(5, part).ping(7);
        story().says_closed(7, 1, illegal(), 7).believed(100);
        let text = "closed (protocol), but nothing illegal was delivered";
        story().says_closed(8, 1, illegal(), 7).objected_to(100, Invariant::NoLateNoEarly, text);
    };
    check(Garbage::Truncated);
    check(Garbage::Random);
}

#[test]
fn what_follows_a_part_of_a_frame_is_announced_only_if_the_server_says_so() {
    let announced = announced(1, Duration::from_secs(20));
    let story = || Story::connected().garbage(5, Garbage::Truncated);
    let story = || story().message(7, 1, Content::Announce(Duration::from_secs(20)));
    story().says_closed(22, 1, silence(), 7).believed(100);
    story().says(7, &announced).says_closed(37, 1, silence(), 7).believed(100);
}

#[test]
fn reasons_that_these_runs_do_not_have_are_not_believed() {
    let check = |reason, text: &str| {
        let story = Story::connected().ping(5).says_closed(5, 1, reason, 5);
        story.objected_to(10, Invariant::NoLateNoEarly, text);
    };
    check(
        CloseReason::Server,
        "closed (server), but the end of the server is no end of the device's connection",
    );
    let text = "closed (superseded), but a takeover is no end of the device's connection";
    check(CloseReason::Superseded, text);
}

#[test]
fn a_flood_is_more_messages_than_a_second_may_bring() {
    let story = || Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
    story().ping(5).says_closed(5, 1, CloseReason::Flood, 5).believed(100);
    story().ping(6).ping(6).ping(6).says_closed(6, 1, CloseReason::Flood, 6).believed(100);
    let text = "closed (flood), but no more messages than allowed were delivered in a second";
    story().says_closed(5, 1, CloseReason::Flood, 5).objected_to(100, Invariant::NoLateNoEarly, text);
    let spread = story().ping(7).says_closed(7, 1, CloseReason::Flood, 7);
    spread.objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_flood_may_have_been_read_within_a_second_though_it_came_within_a_tick_more() {
    let closed_after = |millis| {
        let story = Story::with("messages-per-second: 2").login(0, 1).says_logged_in(0, 1).ping(5).ping(5);
        let last_byte_at = second(5) + Duration::from_millis(millis);
        let close = Close { reason: CloseReason::Flood, last_byte_at, last_command: Command::Ping };
        let closed = Event::Closed { session: SessionId(1), close };
        story.ping_at(last_byte_at).says_at(last_byte_at, &closed).objections(100)
    };
    assert_eq!(closed_after(1_099), []);
    assert_eq!(closed_after(1_100).len(), 1);
}

#[test]
fn a_body_over_the_limit_is_illegal() {
    let write = |length| Content::Write { pin: Pin(0), value: "x".repeat(length).into() };
    let story = |length| {
        let story = Story::with("body-limit: 100").login(0, 1).says_logged_in(0, 1);
        story.message(5, 1, write(length))
    };
    // Before the value stand `vw` and the pin, each with its NUL.
    story(95).believed(10);
    story(96).says_closed(5, 1, illegal(), 5).believed(10);
    let text = "the connection brought illegal bytes, but was still believed to live";
    story(96).objected_to(10, Invariant::NoLateNoEarly, text);
    Story::with("body-limit: 31").login(0, 1).believed(10);
}
