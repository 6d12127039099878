//! Values for the device: answers to a sync, and users' commands.

use super::*;

fn value(pin: u8, value: &str, command: Option<u64>) -> PinValue {
    PinValue { pin: Pin(pin), value: value.into(), command: command.map(CommandId) }
}

fn handed(millis: u64, command: u64) -> Output {
    Output::Word(at(millis), Word::Handed(CommandId(command)))
}

fn id(id: u16) -> Option<MessageId> {
    MessageId::new(id)
}

/// What values make the session say, and the writes that it sends.
fn check_values(
    session: &mut Session,
    id: Option<MessageId>,
    values: &[PinValue],
    outputs: &[Output],
    writes: &[(u16, &str)],
) {
    let (done, sent) = hear(session, 7, Input::Values(id, values));
    assert_eq!(done, outputs);
    let writes = writes.iter().map(|(id, body)| request(Command::Hardware, *id, body.as_bytes()));
    assert_eq!(sent, writes.collect::<Vec<_>>().concat());
}

/// A live session whose device takes messages of this many bytes.
fn live_with_buffer(bytes: usize) -> Session {
    let mut session = live();
    let info = format!("ver\x001.4.0\0buff-in\0{bytes}");
    hear(&mut session, 5, Input::Bytes(&request(Command::Internal, 2, info.as_bytes())));
    session
}

#[test]
fn the_answers_to_a_sync_carry_its_id() {
    let values = [value(1, "22.5", None), value(255, "a\0b", None)];
    check_values(&mut live(), id(300), &values, &[], &[(300, "vw\x001\x0022.5"), (300, "vw\x00255\0a\0b")]);
}

#[test]
fn no_values_are_no_answer() {
    check_values(&mut live(), id(300), &[], &[], &[]);
}

#[test]
fn what_nobody_asked_for_has_ids_of_its_own() {
    let mut session = live();
    let values = [value(1, "on", None), value(2, "off", None)];
    check_values(&mut session, None, &values, &[], &[(1, "vw\x001\0on"), (2, "vw\x002\0off")]);
    check_values(&mut session, None, &values[..1], &[], &[(3, "vw\x001\0on")]);
}

#[test]
fn after_the_last_id_comes_the_first_and_never_zero() {
    let mut session = live();
    session.next_id = MessageId::new(65_535).expect("not zero");
    let values = [value(1, "a", None), value(1, "b", None)];
    check_values(&mut session, None, &values, &[], &[(65_535, "vw\x001\0a"), (1, "vw\x001\0b")]);
}

#[test]
fn only_commands_are_said_to_be_handed() {
    let values = [value(1, "on", Some(8)), value(2, "off", None), value(3, "5", Some(9))];
    let writes = [(2, "vw\x001\0on"), (2, "vw\x002\0off"), (2, "vw\x003\x005")];
    check_values(&mut live(), id(2), &values, &[handed(7, 8), handed(7, 9)], &writes);
}

#[test]
fn what_the_buffer_of_the_device_does_not_hold_is_not_sent() {
    // Five bytes of header, five of `vw`, pin and separators.
    let (fits, longer) = (value(1, "12345", Some(8)), value(1, "123456", Some(9)));
    let mut session = live_with_buffer(15);
    check_values(&mut session, None, &[longer, fits], &[handed(7, 8)], &[(1, "vw\x001\x0012345")]);
}

#[test]
fn an_info_without_a_buffer_leaves_the_old_one_in_force() {
    let mut session = live_with_buffer(15);
    hear(&mut session, 6, Input::Bytes(&announcement(3, "40")));
    check_values(&mut session, None, &[value(1, "123456", Some(9))], &[], &[]);
}

#[test]
fn what_no_message_holds_is_not_sent_whatever_the_device_says() {
    let (fits, longer) = ("x".repeat(65_530), "x".repeat(65_531));
    let values = [value(1, &longer, Some(8)), value(1, &fits, Some(9))];
    for mut session in [live(), live_with_buffer(usize::MAX)] {
        let (done, sent) = hear(&mut session, 7, Input::Values(None, &values));
        assert_eq!((done, sent.len()), (vec![handed(7, 9)], LONGEST_MESSAGE));
    }
}

#[test]
fn nothing_is_handed_before_the_login_or_after_the_end() {
    let values = [value(1, "on", Some(8))];
    check_values(&mut fresh(), None, &values, &[], &[]);
    check_values(&mut logging_in(), None, &values, &[], &[]);
    let mut session = live();
    hear(&mut session, 6, Input::Fin);
    check_values(&mut session, None, &values, &[], &[]);
}

#[test]
fn a_sync_names_its_pins_and_its_id() {
    let check_sync = |body: &[u8], pins: &[u8]| {
        let pins = pins.iter().copied().map(Pin).collect();
        let word = Word::Sync { id: MessageId::new(9).expect("not zero"), pins };
        let sync = request(Command::HwSync, 9, body);
        check(&mut live(), 5, Input::Bytes(&sync), &[Output::Word(at(5), word)], &[]);
    };
    check_sync(b"", &[]);
    check_sync(b"vr\x001\x00255", &[1, 255]);
}

#[test]
fn a_sync_that_cannot_be_understood_is_answered_so() {
    let sync = request(Command::HwSync, 9, b"vr\x00256");
    check(&mut live(), 5, Input::Bytes(&sync), &[], &[(9, Answer::ILLEGAL_BODY)]);
}
