//! What client libraries say differently from the plain device.

use super::*;

#[test]
fn a_login_of_an_old_library_is_a_login() {
    let story = || {
        let story = Story::new();
        let token = story.token();
        story.message(0, 1, Content::OldLogin(token))
    };
    story().says_logged_in(0, 1).believed(15);
    let text = "a login was delivered, but never accepted";
    story().objected_to(15, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_library_announces_a_heartbeat_or_none() {
    let story =
        |heartbeat| Story::connected().message(1, 1, Content::Info { fields: &["ver", "1"], heartbeat });
    let twenty = Some(Duration::from_secs(20));
    story(twenty).says(1, &announced(1, Duration::from_secs(20))).believed(31);
    story(None).says_closed(16, 1, silence(), 1).believed(31);
    let text = "recorded a heartbeat of 20s that was not announced";
    let invented = story(None).says(1, &announced(1, Duration::from_secs(20)));
    invented.says_closed(16, 1, silence(), 1).objected_to(31, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_message_under_id_zero_ends_its_connection() {
    let story = || Story::connected().message(5, 1, Content::IdZero(Content::Ping.into()));
    story().says_closed(5, 1, illegal(), 5).believed(20);
    let text = "the connection brought illegal bytes, but was still believed to live";
    story().objected_to(20, Invariant::NoLateNoEarly, text);
}

#[test]
fn data_under_id_zero_is_no_data() {
    let write = Content::Write { pin: Pin(0), value: "1".into() };
    let story = Story::online().message(5, 1, Content::IdZero(write.into()));
    story.says_closed(5, 1, illegal(), 5).believed(20);
}

#[test]
fn a_word_before_the_login_leaves_nothing_to_accept_and_a_ping_does_not() {
    let said = |content| Story::new().message(0, 1, content).login(0, 1);
    said(Content::Write { pin: Pin(0), value: "1".into() }).believed(20);
    said(Content::Ping).says_logged_in(0, 1).believed(15);
    let text = "a login was delivered, but never accepted";
    said(Content::Ping).objected_to(15, Invariant::NoLateNoEarly, text);
}

#[test]
fn a_connection_that_is_spoilt_spoils_no_other() {
    let write = Content::Write { pin: Pin(0), value: "1".into() };
    let story = || Story::new().message(0, 1, write.clone()).login(0, 1).login(10, 2);
    story().says_logged_in(10, 1).believed(25);
    let text = "a login was delivered, but never accepted";
    story().objected_to(25, Invariant::NoLateNoEarly, text);
}
