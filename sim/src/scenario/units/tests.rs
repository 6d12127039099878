//! Both sides of every rule of the grammar of time.

use super::*;

const MORNING: WallClock = WallClock { start: Some(Duration::from_secs(10 * 3_600)) };
const NONE: WallClock = WallClock { start: None };

fn check(text: &str, millis: u64) {
    assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
}

fn refuse(text: &str, kind: fn(String) -> TimeError) {
    assert_eq!(duration(text), Err(kind(text.to_owned())));
}

#[test]
fn every_unit_is_known() {
    check("1ms", 1);
    check("1s", 1_000);
    check("1m", 60_000);
    check("1h", 3_600_000);
    check("1d", 86_400_000);
    check("1w", 604_800_000);
    check("0s", 0);
}

#[test]
fn units_combine_from_large_to_small() {
    check("1m30s", 90_000);
    check("1d2h3m4s5ms", 93_784_005);
    refuse("30s1m", TimeError::Order);
    refuse("1m1m", TimeError::Order);
}

#[test]
fn only_seconds_have_decimals() {
    check("1m0.001s", 60_001);
    check("2.5s", 2_500);
    check("1.5000s", 1_500);
    refuse("1.5m", TimeError::Decimals);
    refuse("1.5ms", TimeError::Decimals);
    refuse("1.0005s", TimeError::TooFine);
}

#[test]
fn a_number_without_a_unit_is_no_time() {
    refuse("45", TimeError::NoUnit);
    refuse("1m30", TimeError::NoLastUnit);
    assert_eq!(duration("45").unwrap_err().to_string(), "\"45\" has no unit: write `45s` or `45m`");
}

#[test]
fn nonsense_is_refused() {
    refuse("", TimeError::NotALength);
    refuse("soon", TimeError::NotALength);
    refuse("1m 30s", TimeError::NotALength);
    refuse("1..2s", TimeError::NotAMoment);
    refuse("1.s", TimeError::NotALength);
    refuse(".5s", TimeError::NotALength);
    refuse("1.2.3s", TimeError::TooFine);
    refuse("5_000s", TimeError::NotALength);
    refuse("1m\u{b2}", TimeError::NotALength);
    refuse("-5s", TimeError::Negative);
    refuse("10:00:00", TimeError::NotADuration);
    assert_eq!(duration("5sec"), Err(TimeError::UnknownUnit("5sec".into(), "sec".into())));
    assert_eq!(duration("5S"), Err(TimeError::UnknownUnit("5S".into(), "S".into())));
}

#[test]
fn a_hundred_years_are_the_limit() {
    check("36525d", 36_525 * 86_400_000);
    refuse("36525d1ms", TimeError::TooLong);
    refuse("99999999999999999999s", TimeError::TooLong);
    refuse("18446744073709551615w", TimeError::TooLong);
}

#[test]
fn a_time_of_day_has_hours_minutes_and_seconds() {
    assert_eq!(time_of_day("10:50:00"), Ok(Duration::from_secs(39_000)));
    assert_eq!(time_of_day("00:00:00.5"), Ok(Duration::from_millis(500)));
    for wrong in
        ["10:50", "24:00:00", "10:60:00", "1:2:3", "10:50:00.", "10:50:00.0001", "10:50:00:00", "+1:00:00"]
    {
        assert_eq!(time_of_day(wrong), Err(TimeError::NotATimeOfDay(wrong.into())));
    }
}

#[test]
fn a_time_of_day_before_the_start_is_tomorrow() {
    assert_eq!(moment("10:00:00", MORNING), Ok(Instant::ZERO));
    assert_eq!(moment("10:00:01.500", MORNING), Ok(Instant::from_millis(1_500)));
    assert_eq!(moment("09:59:59", MORNING), Ok(Instant::from_millis(86_399_000)));
    assert_eq!(moment("10:00:00", NONE), Err(TimeError::NoStart("10:00:00".into())));
}

#[test]
fn windows_have_both_ends() {
    let window_of = |from, to| Window { from: Instant::from_millis(from), to: Instant::from_millis(to) };
    assert_eq!(window("1s..2m", NONE), Ok(window_of(1_000, 120_000)));
    assert_eq!(window("10:00:00..10:00:01", MORNING), Ok(window_of(0, 1_000)));
    assert_eq!(window("1s", NONE), Ok(window_of(1_000, 1_000)));
    assert_eq!(window("1s..1s", NONE), Ok(window_of(1_000, 1_000)));
    assert_eq!(window("2s..1s", NONE), Err(TimeError::Backwards("2s..1s".into())));
    assert_eq!(window("1s..", NONE), Err(TimeError::NotATime(String::new())));
    assert_eq!(window("1s..2s..3s", NONE), Err(TimeError::NotAMoment("2s..3s".into())));
}
