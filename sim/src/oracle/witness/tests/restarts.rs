//! The server goes down and comes up: what becomes of sessions, and what is heard in between.

use super::*;

impl Story {
    /// The server is down from 20 s to 40 s, with a ping before.
    fn restarted(self) -> Self {
        self.ping(10).down().server(40, Run::Up)
    }

    fn down(self) -> Self {
        self.server(20, Run::Crashed)
    }

    fn says_interrupted(self, at: u64, session: u64) -> Self {
        self.says(at, &Event::Interrupted { session: SessionId(session) })
    }
}

#[test]
fn a_live_session_is_interrupted_by_a_restart() {
    Story::connected().restarted().says_interrupted(40, 1).believed(100);
    Story::connected().ping(10).down().says_interrupted(40, 1).server(40, Run::Up).believed(100);
    Story::connected().ping(10).down().believed(100);
    let text = "session 1 was live when the server went down, but was not interrupted";
    Story::connected().restarted().objected_to(100, Invariant::OneLiveSession, text);
}

#[test]
fn only_who_was_live_is_interrupted() {
    let text = "session 1 was interrupted, but was not live when the server went down";
    let check = |story: Story| story.objected_to(100, Invariant::OneLiveSession, text);
    check(Story::new().restarted().says_interrupted(40, 1));
    check(Story::connected().restarted().says_interrupted(40, 1).says_interrupted(40, 1));
    let closed = Story::connected().delivered(3, 1, &ToServer::Fin).says_closed(3, 1, CloseReason::Closed, 0);
    check(closed.restarted().says_interrupted(40, 1));
}

#[test]
fn an_interruption_needs_a_start() {
    let objections = Story::connected().ping(10).says_interrupted(12, 1).objections(20);
    let text = "session 1 was interrupted, but the server did not start then";
    assert!(objections.contains(&(Invariant::NoLateNoEarly, text.into())));
    let late = Story::connected().restarted().says_interrupted(41, 1).objections(100);
    assert!(late.contains(&(Invariant::NoLateNoEarly, text.into())));
}

#[test]
fn after_a_restart_the_device_logs_in_again() {
    let story = || Story::connected().restarted().says_interrupted(40, 1).login(45, 2);
    story().says_logged_in(45, 2).believed(50);
    let text = "a login was delivered, but never accepted";
    story().objected_to(50, Invariant::NoLateNoEarly, text);
    let text = "session 1 speaks, but is not the live one";
    let older = Story::connected().restarted().says_interrupted(40, 1).delivered(45, 1, &ToServer::Fin);
    older.says_closed(45, 1, CloseReason::Closed, 10).objected_to(50, Invariant::OneLiveSession, text);
}

#[test]
fn what_arrives_while_the_server_is_down_is_lost() {
    let token = Story::new().token();
    let update = || Request::Update { token, pin: Pin(1), value: "1".into() };
    let down = || Story::connected().ping(10).down().login(30, 2).request(31, update());
    down().server(40, Run::Up).says_interrupted(40, 1).believed(100);
    let objections = down().says_logged_in(30, 2).objections(35);
    let text = "something was recorded while the server was down";
    assert_eq!(objections[0], (Invariant::NoLateNoEarly, text.into()));
}

#[test]
fn a_login_in_the_tick_of_a_crash_may_be_accepted_or_not() {
    let crash = || Story::new().login(20, 1).down();
    crash().server(40, Run::Up).believed(100);
    let accepted = || Story::new().login(20, 1).says_logged_in(20, 1).down().server(40, Run::Up);
    accepted().says_interrupted(40, 1).believed(100);
    let text = "session 1 was live when the server went down, but was not interrupted";
    accepted().objected_to(100, Invariant::OneLiveSession, text);
    let text = "a login was delivered, but never accepted";
    let early = Story::new().login(19, 1).down().server(40, Run::Up);
    early.objected_to(100, Invariant::NoLateNoEarly, text);
}

#[test]
fn what_was_due_before_the_crash_is_not_excused_by_it() {
    let text = "the connection is gone, but was still believed to live";
    let silent = Story::connected().down().server(40, Run::Up).says_interrupted(40, 1);
    silent.objected_to(100, Invariant::NoLateNoEarly, text);
    let never_back = Story::connected().down();
    never_back.objected_to(100, Invariant::NoLateNoEarly, text);
}
