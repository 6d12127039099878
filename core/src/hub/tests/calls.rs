//! Every wish and every refusal.

use super::*;

fn ask_of(about: About, wish: Wish) -> Input {
    Input::Call(CALL, Call { about, wish })
}

fn wishes() -> [Wish; 5] {
    [
        report(&[(1, "on")]),
        Wish::Get(vec![]),
        Wish::IsConnected,
        Wish::SetStatus("standby".into()),
        Wish::Command(Pin(1), "on".into()),
    ]
}

fn get(pins: &[u8]) -> Input {
    ask(Wish::Get(pins.iter().copied().map(Pin).collect()))
}

fn values(values: &[(u8, &str)]) -> Output {
    let values = values.iter().map(|(pin, value)| (Pin(*pin), (*value).into())).collect();
    reply(Ok(Reply::Values(values)))
}

/// Exactly as long as a value may be, and a byte longer.
fn long_values() -> [String; 2] {
    [1_024, 1_025].map(|length| "x".repeat(length))
}

#[test]
fn whatever_is_wished_of_an_unknown_token_is_refused() {
    for wish in wishes() {
        let told = [reply(Err(Refusal::InvalidToken))];
        check(&mut world(), at(5), ask_of(About::Token(token(NOBODY)), wish), &[], &told);
    }
}

#[test]
fn whatever_is_wished_of_an_unknown_device_is_refused() {
    for wish in wishes() {
        let told = [reply(Err(Refusal::NoSuchDevice(NOBODY)))];
        check(&mut world(), at(5), ask_of(About::Device(NOBODY), wish), &[], &told);
    }
}

#[test]
fn whether_a_device_is_connected_is_the_raw_truth() {
    let connected_is = |expected| [reply(Ok(Reply::Connected(expected)))];
    check(&mut world(), at(5), ask(Wish::IsConnected), &[], &connected_is(false));
    check(&mut connected(), at(5), ask(Wish::IsConnected), &[], &connected_is(true));
    // It is still Online.
    check(&mut waiting(5), at(5), ask(Wish::IsConnected), &[], &connected_is(false));
}

#[test]
fn a_report_may_hold_several_values_or_none() {
    let recorded = [value(2, "a"), value(1, "b")];
    let told = [reply(Ok(Reply::Done))];
    check(&mut connected(), at(5), ask(report(&[(2, "a"), (1, "b")])), &recorded, &told);
    check(&mut connected(), at(5), ask(report(&[])), &[], &told);
}

#[test]
fn the_latest_values_are_told_in_order_of_pins_whoever_set_them() {
    let mut world = connected();
    world.hear(at(1), wrote(OLD, 3, "22.5"));
    world.hear(at(2), ask(report(&[(1, "on")])));
    world.hear(at(3), order(Wish::Command(Pin(2), "7".into())));
    check(&mut world, at(5), get(&[]), &[], &[values(&[(1, "on"), (2, "7"), (3, "22.5")])]);
    check(&mut world, at(5), get(&[3, 1]), &[], &[values(&[(1, "on"), (3, "22.5")])]);
}

#[test]
fn a_pin_that_was_never_written_has_no_value() {
    let mut world = connected();
    world.hear(at(1), wrote(OLD, 1, "on"));
    check(&mut world, at(5), get(&[1, 2, 3]), &[], &[reply(Err(Refusal::NoValue(Pin(2))))]);
}

#[test]
fn a_device_without_values_has_none_to_tell() {
    check(&mut world(), at(5), get(&[]), &[], &[values(&[])]);
}

#[test]
fn a_value_of_exactly_the_limit_is_taken() {
    let [longest, _] = long_values();
    let (_, told) = connected().hear(at(5), ask(report(&[(1, &longest)])));
    assert_eq!(told, [reply(Ok(Reply::Done))]);
    let (_, told) = connected().hear(at(5), order(Wish::Command(Pin(1), longest.into())));
    assert!(told.contains(&reply(Ok(Reply::Commanded(CommandId(1), Verdict::Sent)))));
}

#[test]
fn a_longer_value_is_refused_and_leaves_no_trace() {
    let [_, longer] = long_values();
    let too_long = Refusal::ValueTooLong { pin: Pin(2), length: 1_025, limit: 1_024 };
    let told = [reply(Err(too_long))];
    check(&mut world(), at(5), ask(report(&[(1, "on"), (2, &longer)])), &[], &told);
    check(&mut world(), at(5), order(Wish::Command(Pin(2), longer.into())), &[], &told);
}

#[test]
fn a_refusal_names_the_value_and_the_way_out() {
    let check = |refusal: Refusal, text: &str| assert_eq!(refusal.to_string(), text);
    check(Refusal::InvalidToken, "Invalid token.");
    check(Refusal::NoSuchDevice(DeviceId(7)), "Device with identifier 7 is not found.");
    check(Refusal::NoValue(Pin(3)), "Pin V3 has no value.");
    let too_long = Refusal::ValueTooLong { pin: Pin(2), length: 1_025, limit: 1_024 };
    check(too_long, "The value of V2 has 1025 bytes; at most 1024 are allowed.");
    let allowed = |keys: &[&str]| keys.iter().map(|key| (*key).into()).collect();
    let later =
        Refusal::StatusNotAllowed { status: "online".into(), allowed: allowed(&["offline", "retired"]) };
    check(later, "Status online cannot be set now; allowed: offline, retired.");
    let last = Refusal::StatusNotAllowed { status: "online".into(), allowed: allowed(&[]) };
    check(last, "Status online cannot be set now; allowed: none.");
    let blocked = Refusal::Blocked { status: "Gone".into() };
    check(blocked, "The device does not take commands while its status is Gone.");
}
