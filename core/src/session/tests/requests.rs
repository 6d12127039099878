use super::*;

#[test]
fn a_ping_is_answered_and_the_hub_is_not_told() {
    check(&mut live(), 5, Input::Bytes(&ping(9)), &[], &[(9, Answer::OK)]);
}

#[test]
fn data_is_said_and_not_answered() {
    let commands =
        [Command::Hardware, Command::Property, Command::Group, Command::EventLog, Command::EventClear];
    for command in commands {
        check(&mut live(), 5, Input::Bytes(&request(command, 2, b"x")), &[data(5)], &[]);
    }
}

#[test]
fn what_is_not_data_is_not_said() {
    let mut session = live();
    check(&mut session, 5, Input::Bytes(&ping(2)), &[], &[(2, Answer::OK)]);
    check(&mut session, 6, Input::Bytes(&[0, 0, 3, 0, 200]), &[], &[]);
}

#[test]
fn commands_that_are_not_for_devices_are_answered_with_an_error() {
    let mut session = live();
    let errors = [
        (Command::Bridge, Answer::NOT_ALLOWED),
        (Command::Redirect, Answer::ILLEGAL_COMMAND),
        (Command::DebugPrint, Answer::ILLEGAL_COMMAND),
        (Command::Internal, Answer::ILLEGAL_COMMAND),
    ];
    for (command, answer) in errors {
        check(&mut session, 5, Input::Bytes(&request(command, 2, b"x")), &[], &[(2, answer)]);
    }
}

/// Some other data.
fn event(id: u16) -> Vec<u8> {
    request(Command::EventLog, id, b"leak\0in the cellar")
}

#[test]
fn data_is_said_once_per_read() {
    let mut session = live();
    let events = [event(2), event(3), ping(4), event(5)].concat();
    check(&mut session, 5, Input::Bytes(&events), &[data(5)], &[(4, Answer::OK)]);
    check(&mut session, 1_000, Input::Bytes(&event(6)), &[data(1_000)], &[]);
}

#[test]
fn every_write_is_said_with_its_pin_and_value() {
    let write = request(Command::Hardware, 3, b"vw\x00255\0a\0b");
    let words = [wrote(5), Output::Word(at(5), Word::Wrote { pin: Pin(255), value: "a\0b".into() })];
    check(&mut live(), 5, Input::Bytes(&[super::write(2), write].concat()), &words, &[]);
}

#[test]
fn data_is_said_before_the_close_that_follows_it_in_one_read() {
    let bytes = [write(2), vec![99, 0, 1, 0, 0], write(3)].concat();
    let reason = CloseReason::Protocol(Violation::UnknownCommand(99));
    let [word, close] = closed(5, reason, 5, Command::Hardware);
    check(&mut live(), 5, Input::Bytes(&bytes), &[wrote(5), word, close], &[]);
}

#[test]
fn a_value_of_exactly_the_limit_is_written() {
    let value = "x".repeat(20);
    let write = request(Command::Hardware, 2, format!("vw\x001\0{value}").as_bytes());
    let word = Word::Wrote { pin: Pin(1), value: value.into() };
    check(&mut live(), 5, Input::Bytes(&write), &[Output::Word(at(5), word)], &[]);
}

#[test]
fn a_write_that_cannot_be_kept_is_refused_and_still_data() {
    let longer = format!("vw\x001\0{}", "x".repeat(21));
    for body in [longer.as_bytes(), b"vw\0", b"vw\x001", b"vw\x00256\x001", b"vw\x001\0\xff"] {
        let write = request(Command::Hardware, 2, body);
        check(&mut live(), 5, Input::Bytes(&write), &[data(5)], &[(2, Answer::ILLEGAL_BODY)]);
    }
}

// Announcements and statuses.

#[test]
fn an_info_is_said_with_the_heartbeat_and_the_client() {
    let info =
        request(Command::Internal, 2, b"ver\x001.4.0\0h-beat\x0040\0dev\0ESP32\0fw-type\0TMPL1\0fw\x000.1.0");
    let heartbeat = Some(Duration::from_secs(40));
    let word = Word::Announced { heartbeat, client: "ESP32 1.4.0, TMPL1 0.1.0".into() };
    check(&mut live(), 5, Input::Bytes(&info), &[Output::Word(at(5), word)], &[(2, Answer::OK)]);
}

#[test]
fn an_info_without_a_heartbeat_is_said_without_one() {
    let info = request(Command::Internal, 2, b"ver\x000.5.4\0dev\0js");
    let word = Word::Announced { heartbeat: None, client: "js 0.5.4".into() };
    check(&mut live(), 5, Input::Bytes(&info), &[Output::Word(at(5), word)], &[(2, Answer::OK)]);
}

#[test]
fn a_status_that_the_device_sets_is_said_and_answered_by_the_hub() {
    let id = MessageId::new(9).expect("not zero");
    for body in [&b"status\0standby"[..], b"status\0standby\0"] {
        for answer in [Answer::OK, Answer::NOT_ALLOWED] {
            let mut session = live();
            let word = Output::Word(at(5), Word::SetStatus { id, status: "standby".into() });
            check(&mut session, 5, Input::Bytes(&request(Command::Internal, 9, body)), &[word], &[]);
            check(&mut session, 6, Input::Answer(id, answer), &[], &[(9, answer)]);
        }
    }
}

#[test]
fn an_answer_that_comes_after_the_end_is_not_sent() {
    let mut session = live();
    hear(&mut session, 5, Input::Fin);
    check(&mut session, 6, Input::Answer(MessageId::FIRST, Answer::OK), &[], &[]);
}
