use super::*;

/// Somebody wants this one to be tried now.
fn retry(outbox: &mut Outbox, second: u64, notification: &Notification) {
    outbox.handle_input(at(second), Input::Retry(notification));
}

/// The lamp owes the owner and the installer one each, numbers 1 and 2, of which the first is being tried.
fn owing(tries: u16) -> (Outbox, [Notification; 2]) {
    let mut outbox = outbox(Settings { notification_tries: tries, ..Settings::default() });
    offline(&mut outbox, 0, &told(&["owner", "installer"]));
    wanted(&mut outbox);
    let owed = &outbox.accounts[&LAMP].owed;
    let notifications = [0, 1].map(|place| owed[place].notification.clone());
    (outbox, notifications)
}

#[test]
fn a_dead_letter_is_owed_again_with_all_its_tries() {
    let (mut outbox, [first, _]) = owing(2);
    undelivered(&mut outbox, 0, 1);
    check_at(&mut outbox, at(2), &["1 again at 1s", "try 1"]);
    undelivered(&mut outbox, 2, 1);
    delivered(&mut outbox, 3, 2);
    check(&mut outbox, &["1 tries", "try 2", "2 delivered"]);
    assert_eq!(outbox.owed(), 0);
    retry(&mut outbox, 60, &first);
    check(&mut outbox, &["1 owed", "try 1"]);
    assert_eq!(outbox.owed(), 1);
    undelivered(&mut outbox, 61, 1);
    check(&mut outbox, &["1 again at 1m2s"]);
}

#[test]
fn a_pause_ends_when_somebody_wants_it_to() {
    let (mut outbox, [first, _]) = owing(9);
    undelivered(&mut outbox, 0, 1);
    outbox.handle_input(Instant::from_millis(100), Input::Retry(&first));
    check(&mut outbox, &["1 again at 1s", "1 again at 100ms"]);
    check_at(&mut outbox, Instant::from_millis(101), &["try 1"]);
}

#[test]
fn what_goes_before_it_is_tried_now_as_well() {
    let (mut outbox, [_, second]) = owing(9);
    undelivered(&mut outbox, 0, 1);
    outbox.handle_input(Instant::from_millis(100), Input::Retry(&second));
    check(&mut outbox, &["1 again at 1s", "2 kept", "1 again at 100ms"]);
    check_at(&mut outbox, Instant::from_millis(101), &["try 1"]);
    delivered(&mut outbox, 1, 1);
    check(&mut outbox, &["1 delivered", "try 2"]);
}

#[test]
fn what_is_owed_later_waits_for_a_dead_letter_that_is_tried_again() {
    let (mut outbox, [first, _]) = owing(1);
    undelivered(&mut outbox, 0, 1);
    enter(&mut outbox, at(10), LAMP, INACTIVE, &notify());
    check(&mut outbox, &["1 tries", "try 2", "3 owed"]);
    retry(&mut outbox, 20, &first);
    check(&mut outbox, &["1 owed"]);
    delivered(&mut outbox, 21, 2);
    check(&mut outbox, &["2 delivered", "try 1"]);
    delivered(&mut outbox, 22, 1);
    check(&mut outbox, &["1 delivered", "try 3"]);
}

#[test]
fn one_that_fails_beside_an_earlier_one_lets_that_go_first() {
    let (mut outbox, [first, _]) = owing(2);
    let never = Input::Undeliverable(NotificationId(1), Undeliverable::NoGateway);
    outbox.handle_input(at(0), never);
    retry(&mut outbox, 1, &first);
    check(&mut outbox, &["1 no-gateway", "try 2", "1 owed"]);
    undelivered(&mut outbox, 2, 2);
    check(&mut outbox, &["2 again at 3s", "try 1"]);
}

#[test]
fn what_is_being_tried_is_not_tried_twice() {
    let (mut outbox, [first, _]) = owing(9);
    retry(&mut outbox, 5, &first);
    check(&mut outbox, &[]);
    delivered(&mut outbox, 6, 1);
    check(&mut outbox, &["1 delivered", "try 2"]);
}

#[test]
fn another_address_is_kept_with_one_that_waits() {
    let (mut outbox, [_, second]) = owing(9);
    let address = Some("another".into());
    retry(&mut outbox, 5, &Notification { address, ..second });
    let (_, owed) = stored(&mut outbox);
    assert_eq!(owed[0].0.address.as_deref(), Some("another"));
    delivered(&mut outbox, 6, 1);
    let told = std::iter::from_fn(|| outbox.poll_output());
    let deliver = told.filter_map(|output| if let Output::Deliver(it) = output { Some(it) } else { None });
    assert_eq!(deliver.map(|it| it.address).collect::<Vec<_>>(), [Some("another".into())]);
}

#[test]
fn a_dead_letter_of_a_device_that_owed_nothing_since_a_restart_is_tried() {
    let (mut outbox, [first, _]) = owing(1);
    undelivered(&mut outbox, 0, 1);
    delivered(&mut outbox, 0, 2);
    let mut outbox = restarted(&mut outbox, 2);
    retry(&mut outbox, 9, &first);
    check(&mut outbox, &["1 owed", "try 1"]);
    let mut outbox = restarted(&mut outbox, 2);
    check_at(&mut outbox, at(10), &[]);
}

/// The lamp went offline twice, of which it may tell once in a minute: the first became a dead letter, the second is
/// being tried.
fn twice_offline() -> (Outbox, [Notification; 2]) {
    let mut outbox = outbox(Settings { notification_tries: 1, ..Settings::default() });
    offline(&mut outbox, 0, &limited(60));
    offline(&mut outbox, 10, &limited(60));
    let owed = &outbox.accounts[&LAMP].owed;
    let notifications = [0, 1].map(|place| owed[place].notification.clone());
    undelivered(&mut outbox, 10, 1);
    wanted(&mut outbox);
    (outbox, notifications)
}

#[test]
fn no_limit_holds_for_what_is_tried_again() {
    let (mut outbox, [first, _]) = twice_offline();
    delivered(&mut outbox, 11, 2);
    retry(&mut outbox, 20, &first);
    check(&mut outbox, &["2 delivered", "1 owed", "try 1"]);
}

#[test]
fn no_limit_begins_with_what_is_tried_again() {
    let (mut outbox, [first, _]) = twice_offline();
    undelivered(&mut outbox, 11, 2);
    retry(&mut outbox, 20, &first);
    delivered(&mut outbox, 21, 1);
    offline(&mut outbox, 22, &limited(60));
    check(&mut outbox, &["2 tries", "1 owed", "try 1", "1 delivered", "3 owed", "try 3"]);
}

#[test]
fn what_is_tried_again_does_not_silence_what_waits_behind_it() {
    let mut outbox = outbox(Settings { notification_tries: 2, ..Settings::default() });
    offline(&mut outbox, 0, &limited(3_600));
    let first = outbox.accounts[&LAMP].owed[0].notification.clone();
    undelivered(&mut outbox, 0, 1);
    check_at(&mut outbox, at(2), &["1 owed", "try 1", "1 again at 1s", "try 1"]);
    undelivered(&mut outbox, 2, 1);
    offline(&mut outbox, 100, &limited(3_600));
    undelivered(&mut outbox, 100, 2);
    check(&mut outbox, &["1 tries", "2 owed", "try 2", "2 again at 1m41s"]);
    outbox.handle_input(Instant::from_millis(100_500), Input::Retry(&first));
    delivered(&mut outbox, 101, 1);
    check(&mut outbox, &["1 owed", "try 1", "1 delivered"]);
    check_at(&mut outbox, at(101).when_over(), &["try 2"]);
}

#[test]
fn one_that_is_owed_is_free_of_its_limit_once_it_is_ordered() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &limited(60));
    offline(&mut outbox, 10, &limited(60));
    let second = outbox.accounts[&LAMP].owed[1].notification.clone();
    retry(&mut outbox, 20, &second);
    delivered(&mut outbox, 21, 1);
    check(&mut outbox, &["1 owed", "try 1", "2 owed", "2 kept", "1 delivered", "try 2"]);
}

#[test]
fn what_is_being_tried_begins_its_period_whoever_orders_it_meanwhile() {
    let mut outbox = outbox(Settings::default());
    offline(&mut outbox, 0, &limited(60));
    let first = outbox.accounts[&LAMP].owed[0].notification.clone();
    retry(&mut outbox, 1, &first);
    delivered(&mut outbox, 2, 1);
    offline(&mut outbox, 10, &limited(60));
    check(&mut outbox, &["1 owed", "try 1", "1 delivered"]);
}

#[test]
fn an_order_survives_a_restart() {
    let (mut outbox, [first, _]) = twice_offline();
    undelivered(&mut outbox, 11, 2);
    retry(&mut outbox, 20, &first);
    let mut outbox = restarted(&mut outbox, 2);
    check_at(&mut outbox, at(30), &["try 1"]);
    delivered(&mut outbox, 31, 1);
    offline(&mut outbox, 40, &limited(60));
    check(&mut outbox, &["1 delivered", "3 owed", "try 3"]);
}

#[test]
fn of_those_that_were_ordered_and_delivered_the_newest_are_known() {
    let (mut outbox, [first, _]) = owing(1);
    undelivered(&mut outbox, 0, 1);
    delivered(&mut outbox, 0, 2);
    assert!(!outbox.has_delivered_again(NotificationId(2)), "nobody ordered it");
    let ids: Vec<_> = (1..=MOST_REMEMBERED as u64 + 1).map(NotificationId).collect();
    for id in &ids {
        retry(&mut outbox, 1, &Notification { id: *id, ..first.clone() });
        delivered(&mut outbox, 1, id.0);
    }
    let known = ids.iter().filter(|id| outbox.has_delivered_again(**id));
    assert!(known.eq(&ids[1..]));
}

mod turn {
    use super::*;

    fn check_turn(outbox: &Outbox, id: u64, expected: Turn) {
        assert_eq!(outbox.turn(LAMP, NotificationId(id)), expected);
    }

    #[test]
    fn what_is_tried_or_is_about_to_be_has_its_turn() {
        let (mut outbox, [first, _]) = owing(9);
        check_turn(&outbox, 1, Turn::Now);
        undelivered(&mut outbox, 0, 1);
        outbox.handle_input(Instant::from_millis(100), Input::Retry(&first));
        check_turn(&outbox, 1, Turn::Now);
    }

    #[test]
    fn what_its_device_owes_before_it_has_its_turn_before() {
        let (mut outbox, [_, second]) = owing(9);
        retry(&mut outbox, 1, &second);
        check_turn(&outbox, 2, Turn::AfterEarlier);
    }

    #[test]
    fn a_later_one_is_not_interrupted() {
        let (mut outbox, [first, _]) = owing(1);
        undelivered(&mut outbox, 0, 1);
        retry(&mut outbox, 1, &first);
        check_turn(&outbox, 1, Turn::AfterTry);
        delivered(&mut outbox, 2, 2);
        check_turn(&outbox, 1, Turn::Now);
    }

    #[test]
    fn no_more_are_tried_at_one_time_than_may_be() {
        let (mut outbox, [first, _]) = owing(1);
        undelivered(&mut outbox, 0, 1);
        let others = u32::try_from(MOST_IN_FLIGHT).expect("small");
        (1..=others).for_each(|device| enter(&mut outbox, at(1), DeviceId(device), OFFLINE, &notify()));
        delivered(&mut outbox, 2, 2);
        retry(&mut outbox, 3, &first);
        check_turn(&outbox, 1, Turn::AfterTry);
        delivered(&mut outbox, 4, 3);
        check_turn(&outbox, 1, Turn::Now);
    }
}
