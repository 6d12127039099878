use super::*;

#[test]
fn a_delivered_one_is_tried_no_more() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &notify());
    delivered(&mut outbox, 1, 1);
    undelivered(&mut outbox, 2, 1);
    check_at(&mut outbox, at(1_000), &["1 owed", "try 1", "1 delivered"]);
    assert_eq!(outbox.poll_timeout(), None);
}

#[test]
fn another_try_comes_when_the_millisecond_of_its_pause_is_over() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &notify());
    undelivered(&mut outbox, 4, 1);
    check(&mut outbox, &["1 owed", "try 1", "1 again at 5s"]);
    assert_eq!(outbox.poll_timeout(), Some(at(5)));
    check_at(&mut outbox, at(5), &[]);
    check_at(&mut outbox, at(5).when_over(), &["try 1"]);
}

#[test]
fn pauses_double() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &notify());
    wanted(&mut outbox);
    for (second, again) in [(0, "1 again at 1s"), (10, "1 again at 12s"), (20, "1 again at 24s")] {
        check_at(&mut outbox, at(second), if second == 0 { &[] } else { &["try 1"] });
        undelivered(&mut outbox, second, 1);
        check(&mut outbox, &[again]);
    }
}

#[test]
fn the_last_try_that_fails_makes_a_dead_letter() {
    let mut outbox = outbox(Settings { notification_tries: 2, ..Settings::default() });
    offline(&mut outbox, 0, &notify());
    undelivered(&mut outbox, 0, 1);
    check_at(&mut outbox, at(2), &["1 owed", "try 1", "1 again at 1s", "try 1"]);
    undelivered(&mut outbox, 3, 1);
    check(&mut outbox, &["1 tries"]);
    assert_eq!(outbox.poll_timeout(), None);
}

#[test]
fn what_the_last_try_met_is_kept_and_a_dead_letter_says_it_on_the_timeline() {
    let mut outbox = outbox(Settings { notification_tries: 2, ..Settings::default() });
    offline(&mut outbox, 0, &notify());
    for (second, words) in [(0, "answered 500"), (3, "no answer in 10s")] {
        outbox.handle_input(at(second), Input::Timeout);
        wanted(&mut outbox);
        let failure = Failure::new(words);
        outbox.handle_input(at(second), Input::Undelivered(NotificationId(1), &failure));
        let Some(Output::Write(Write::Notification(_, progress))) = outbox.poll_output() else {
            panic!("a try that failed is kept")
        };
        assert_eq!(progress.failure, Some(failure));
    }
    let Some(Output::Write(Write::Entry(_, Entry { event: Event::Notified { failure, .. }, .. }))) =
        outbox.poll_output()
    else {
        panic!("a dead letter is on the timeline")
    };
    assert_eq!(failure, Some(Failure::new("no answer in 10s")));
}

#[test]
fn a_devices_later_ones_wait_for_its_earlier() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &told(&["owner", "installer"]));
    undelivered(&mut outbox, 0, 1);
    check(&mut outbox, &["1 owed", "2 owed", "try 1", "1 again at 1s"]);
    check_at(&mut outbox, at(2), &["try 1"]);
    delivered(&mut outbox, 3, 1);
    check(&mut outbox, &["1 delivered", "try 2"]);
}

#[test]
fn what_no_try_can_reach_makes_way_at_once() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &told(&["owner", "installer"]));
    let never = Input::Undeliverable(NotificationId(1), Undeliverable::NoGateway);
    outbox.handle_input(at(0), never);
    outbox.handle_input(at(0), never);
    check(&mut outbox, &["1 owed", "2 owed", "try 1", "1 no-gateway", "try 2"]);
}

#[test]
fn what_its_receiver_refuses_for_good_makes_way_at_once_and_says_why() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &told(&["owner", "installer"]));
    wanted(&mut outbox);
    let said = Failure::new("answered 550 no such mailbox");
    for _ in 0..2 {
        outbox.handle_input(at(1), Input::Refused(NotificationId(1), &said));
    }
    let Some(Output::Write(Write::Notification(_, progress))) = outbox.outputs.front() else {
        panic!("a dead letter is kept")
    };
    assert_eq!((progress.failed, progress.failure.as_ref()), (1, Some(&said)));
    check(&mut outbox, &["1 refused", "try 2"]);
}

#[test]
fn a_dead_letter_makes_way_as_well() {
    let mut outbox = outbox(Settings { notification_tries: 1, ..Settings::default() });
    offline(&mut outbox, 0, &told(&["owner", "installer"]));
    undelivered(&mut outbox, 1, 1);
    check(&mut outbox, &["1 owed", "2 owed", "try 1", "1 tries", "try 2"]);
}

#[test]
fn one_device_does_not_wait_for_another() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &notify());
    undelivered(&mut outbox, 0, 1);
    enter(&mut outbox, at(0), PUMP, OFFLINE, &notify());
    check(&mut outbox, &["1 owed", "try 1", "1 again at 1s", "2 owed", "try 2"]);
}

#[test]
fn a_fresh_one_does_not_wait_for_the_pause_of_another_device() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &notify());
    undelivered(&mut outbox, 0, 1);
    wanted(&mut outbox);
    enter(&mut outbox, at(1), PUMP, OFFLINE, &notify());
    check(&mut outbox, &["2 owed", "try 2"]);
}

#[test]
fn only_so_many_are_in_flight_and_the_rest_come_in_order() {
    let mut outbox = outbox(Settings::default());
    let devices = u32::try_from(MOST_IN_FLIGHT).expect("small") + 2;
    (0..devices).for_each(|device| enter(&mut outbox, at(0), DeviceId(device), OFFLINE, &notify()));
    let tries = wanted(&mut outbox).iter().filter(|line| line.starts_with("try")).count();
    assert_eq!(tries, MOST_IN_FLIGHT);
    assert_eq!(outbox.poll_timeout(), None);
    check_at(&mut outbox, at(1), &[]);
    delivered(&mut outbox, 1, 7);
    check(&mut outbox, &["7 delivered", "try 65"]);
    undelivered(&mut outbox, 1, 9);
    check(&mut outbox, &["9 again at 2s", "try 66"]);
}

#[test]
fn one_that_waited_is_not_tried_when_an_earlier_entrys_was_delivered() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &limited(60));
    offline(&mut outbox, 10, &limited(60));
    delivered(&mut outbox, 20, 1);
    check(&mut outbox, &["1 owed", "try 1", "2 owed", "1 delivered", "2 limit"]);
}

#[test]
fn one_that_waited_longer_than_the_period_is_tried() {
    let mut outbox = outbox(Settings::default());
    enter(&mut outbox, at(0), LAMP, OFFLINE, &limited(60));
    enter(&mut outbox, at(10), LAMP, INACTIVE, &notify());
    enter(&mut outbox, at(20), LAMP, OFFLINE, &limited(60));
    delivered(&mut outbox, 30, 1);
    check(&mut outbox, &["1 owed", "try 1", "2 owed", "3 owed", "1 delivered", "try 2"]);
    delivered(&mut outbox, 90, 2);
    check(&mut outbox, &["2 delivered", "try 3"]);
}

#[test]
fn one_that_waited_a_millisecond_less_than_the_period_is_not() {
    let mut outbox = outbox(Settings::default());
    enter(&mut outbox, at(0), LAMP, OFFLINE, &limited(60));
    enter(&mut outbox, at(10), LAMP, INACTIVE, &notify());
    enter(&mut outbox, at(20), LAMP, OFFLINE, &limited(60));
    delivered(&mut outbox, 30, 1);
    wanted(&mut outbox);
    outbox.handle_input(at(90) - Duration::MILLISECOND, Input::Delivered(NotificationId(2)));
    check(&mut outbox, &["2 delivered", "3 limit"]);
}

#[test]
fn those_of_one_entry_do_not_limit_each_other() {
    let mut outbox = outbox(Settings::default());
    let both = Notify { limit: Duration::HOUR, ..told(&["owner", "installer"]) };
    offline(&mut outbox, 0, &both);
    delivered(&mut outbox, 1, 1);
    delivered(&mut outbox, 2, 2);
    check(&mut outbox, &["1 owed", "2 owed", "try 1", "1 delivered", "try 2", "2 delivered"]);
}

#[test]
fn answers_about_unknown_ones_are_not_heard() {
    let mut outbox = outbox(Settings::default());
    delivered(&mut outbox, 0, 1);
    undelivered(&mut outbox, 0, 2);
    assert_eq!(outbox.poll_output(), None);
}

#[test]
fn a_device_that_never_notifies_costs_nothing() {
    let mut outbox = outbox(Settings::default());
    outbox.restore(LAMP, Ledger::default());
    assert!(outbox.accounts.is_empty());
}
