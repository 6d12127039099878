use super::*;

#[test]
fn a_byte_at_the_very_end_of_the_allowance_is_in_time() {
    let mut session = live();
    check(&mut session, 15_000, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
    check(&mut session, 15_001, Input::Timeout, &[], &[]);
    check_silence(&mut session, 30_000, 10, 15_000, Command::Ping);
}

#[test]
fn the_delay_of_the_server_is_not_the_silence_of_the_device() {
    let mut session = live();
    check(&mut session, 99_000, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
    check_silence(&mut session, 114_000, 10, 99_000, Command::Ping);
}

#[test]
fn another_heartbeat_of_the_template_counts_from_when_it_is_heard_of() {
    let mut session = live();
    check(&mut session, 9_000, Input::Heartbeat(Duration::SECOND), &[], &[]);
    check_silence(&mut session, 11_000, 1, 0, Command::HwLogin);
}

#[test]
fn an_announced_heartbeat_goes_before_the_templates() {
    let mut session = live();
    check(&mut session, 0, Input::Bytes(&announcement(2, "20")), &[announced(0, 20)], &[(2, Answer::OK)]);
    check(&mut session, 9_000, Input::Heartbeat(Duration::SECOND), &[], &[]);
    check_silence(&mut session, 30_000, 20, 0, Command::Internal);
}

#[test]
fn a_session_that_says_nothing_after_its_login_is_silent() {
    check_silence(&mut live(), 15_000, 10, 0, Command::HwLogin);
}

#[test]
fn a_late_wake_up_records_the_end_of_the_allowance() {
    let end = closed(15_000, silence(10), 0, Command::HwLogin);
    check(&mut live(), 99_000, Input::Timeout, &end, &[]);
}

#[test]
fn every_byte_counts_also_of_half_a_frame() {
    let mut session = live();
    check(&mut session, 10_000, Input::Bytes(&ping(2)[..1]), &[], &[]);
    check(&mut session, 20_000, Input::Bytes(&ping(2)[1..4]), &[], &[]);
    check_silence(&mut session, 35_000, 10, 20_000, Command::HwLogin);
}

#[test]
fn an_answer_of_the_device_is_a_sign_of_life() {
    let mut session = live();
    check(&mut session, 10_000, Input::Bytes(&[0, 0, 3, 0, 200]), &[], &[]);
    check_silence(&mut session, 25_000, 10, 10_000, Command::HwLogin);
}

#[test]
fn an_announced_heartbeat_counts_from_its_message() {
    let mut session = live();
    let word = announced(14_000, 40);
    check(&mut session, 14_000, Input::Bytes(&announcement(2, "40")), &[word], &[(2, Answer::OK)]);
    check_silence(&mut session, 74_000, 40, 14_000, Command::Internal);
}

#[test]
fn a_heartbeat_announced_again_takes_effect_at_once() {
    let mut session = live();
    for (millis, seconds) in [(1_000, 600), (2_000, 1)] {
        let (word, bytes) = (announced(millis, seconds), announcement(2, &seconds.to_string()));
        check(&mut session, millis, Input::Bytes(&bytes), &[word], &[(2, Answer::OK)]);
    }
    check_silence(&mut session, 4_000, 1, 2_000, Command::Internal);
}

#[test]
fn a_refused_heartbeat_leaves_the_old_one_in_force() {
    let mut session = live();
    for value in ["0", "86401", "soon"] {
        let refused = [(2, Answer::ILLEGAL_BODY)];
        check(&mut session, 5_000, Input::Bytes(&announcement(2, value)), &[], &refused);
    }
    check_silence(&mut session, 20_000, 10, 5_000, Command::Internal);
}

#[test]
fn an_info_without_a_heartbeat_leaves_the_old_one_in_force() {
    let mut session = live();
    let info = request(Command::Internal, 2, b"ver\x000.5.4\0dev\0js");
    hear(&mut session, 5_000, Input::Bytes(&info));
    check_silence(&mut session, 20_000, 10, 5_000, Command::Internal);
}
