mod delivery;
mod retry;
mod whatever_happens;

use std::num::NonZeroU32;

use super::*;

const LAMP: DeviceId = DeviceId(0);
const PUMP: DeviceId = DeviceId(1);
const OFFLINE: StatusIndex = StatusIndex(1);
const INACTIVE: StatusIndex = StatusIndex(2);

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

fn outbox(settings: Settings) -> Outbox {
    Outbox::new(Arc::new(settings), None)
}

/// The owner by webhook, every time.
fn notify() -> Notify {
    Notify {
        channels: vec![Channel::Webhook],
        to: vec!["owner".into()],
        text: None,
        limit: Duration::ZERO,
        every: NonZeroU32::MIN,
    }
}

fn limited(seconds: u64) -> Notify {
    Notify { limit: Duration::from_secs(seconds), ..notify() }
}

fn told(names: &[&str]) -> Notify {
    Notify { to: names.iter().map(|name| String::from(*name)).collect(), ..notify() }
}

/// A device whose own contacts are the owner, in a template that knows an owner and an installer.
fn enter(outbox: &mut Outbox, now: Instant, device: DeviceId, place: StatusIndex, notify: &Notify) {
    let contacts = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, address)| (String::from(*name), String::from(*address))).collect()
    };
    let own: BTreeMap<_, _> = contacts(&[("owner", "own")]);
    let template: BTreeMap<_, _> = contacts(&[("owner", "template's"), ("installer", "template's")]);
    let key = ["online", "offline", "inactive"][usize::from(place.0)];
    let entered = Entered { device, place, key, label: key, notify, contacts: [&own, &template] };
    outbox.handle_input(now, Input::Entered(entered));
}

/// The lamp goes offline.
fn offline(outbox: &mut Outbox, second: u64, notify: &Notify) {
    enter(outbox, at(second), LAMP, OFFLINE, notify);
}

fn delivered(outbox: &mut Outbox, second: u64, id: u64) {
    outbox.handle_input(at(second), Input::Delivered(NotificationId(id)));
}

fn undelivered(outbox: &mut Outbox, second: u64, id: u64) {
    outbox.handle_input(at(second), Input::Undelivered(NotificationId(id), &failure()));
}

fn failure() -> Failure {
    Failure::new("answered 500")
}

/// What the outbox wants, a line each; ledgers apart. Every beginning and every end is on the timeline; a pause is not, nor
/// what else is kept of one that is owed.
fn wanted(outbox: &mut Outbox) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(output) = outbox.poll_output() {
        match output {
            Output::Deliver(notification) => lines.push(format!("try {}", notification.id.0)),
            Output::Write(Write::Ledger(..)) => {}
            Output::Write(Write::Notification(notification, progress)) if is_no_news(outbox) => {
                assert_eq!(progress.stage, Stage::Owed);
                let became =
                    if progress.failed > 0 { format!("again at {}", progress.at) } else { "kept".into() };
                lines.push(format!("{} {became}", notification.id.0));
            }
            Output::Write(Write::Notification(notification, progress)) => {
                lines.push(format!("{} {}", notification.id.0, name(progress.stage)));
                let recorded = outbox.poll_output();
                let Progress { stage, failure, at, .. } = progress;
                let failure = failure.filter(|_| matches!(stage, Stage::Dead(_)));
                let device = notification.device;
                let event = Event::Notified { notification: notification.into(), stage, failure };
                assert_eq!(recorded, Some(Output::Write(Write::Entry(device, Entry { at, event }))));
            }
            Output::Write(other) => panic!("not the outbox's to write: {other:?}"),
        }
    }
    lines
}

/// What was wanted last is not told on the timeline.
fn is_no_news(outbox: &Outbox) -> bool {
    !matches!(outbox.outputs.front(), Some(Output::Write(Write::Entry(..))))
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Owed => "owed",
        Stage::Delivered => "delivered",
        Stage::Dead(why) => why.name(),
    }
}

fn check(outbox: &mut Outbox, expected: &[&str]) {
    assert_eq!(wanted(outbox), expected);
}

/// What is wanted when time has passed.
fn check_at(outbox: &mut Outbox, now: Instant, expected: &[&str]) {
    outbox.handle_input(now, Input::Timeout);
    check(outbox, expected);
}

/// The ledger that was written last, and everything that is owed.
fn stored(outbox: &mut Outbox) -> (Option<Ledger>, Vec<(Notification, Progress)>) {
    let (mut ledger, mut owed) = (None, BTreeMap::new());
    while let Some(output) = outbox.poll_output() {
        match output {
            Output::Write(Write::Ledger(_, newest)) => ledger = Some(newest),
            Output::Write(Write::Notification(notification, progress)) => {
                owed.insert(notification.id, (notification, progress));
            }
            Output::Write(_) | Output::Deliver(_) => {}
        }
    }
    owed.retain(|_, (_, progress)| progress.stage == Stage::Owed);
    (ledger, owed.into_values().collect())
}

/// An outbox that goes on where this one's writes ended.
fn restarted(outbox: &mut Outbox, newest: u64) -> Outbox {
    let (ledger, owed) = stored(outbox);
    let mut restarted = Outbox::new(outbox.settings.clone(), Some(NotificationId(newest)));
    restarted.restore(LAMP, ledger.unwrap_or_default());
    owed.into_iter().for_each(|(notification, progress)| restarted.resume(notification, progress));
    restarted
}

mod owing {
    use super::*;

    #[test]
    fn an_entry_is_owed_and_tried_at_once() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 5, &notify());
        check(&mut outbox, &["1 owed", "try 1"]);
        assert_eq!(outbox.poll_timeout(), None);
    }

    #[test]
    fn every_channel_reaches_every_recipient() {
        let mut outbox = outbox(Settings::default());
        let channels = vec![Channel::Email, Channel::Webhook];
        offline(&mut outbox, 0, &Notify { channels, ..told(&["owner", "installer"]) });
        let (_, owed) = stored(&mut outbox);
        let owed: Vec<_> = owed.iter().map(|(n, _)| (n.id.0, n.channel.name(), &*n.to)).collect();
        let expected = [
            (1, "email", "owner"),
            (2, "email", "installer"),
            (3, "webhook", "owner"),
            (4, "webhook", "installer"),
        ];
        assert_eq!(owed, expected);
    }

    #[test]
    fn a_devices_own_contact_goes_before_its_templates() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &told(&["owner", "installer"]));
        let (_, owed) = stored(&mut outbox);
        let addresses: Vec<_> = owed.iter().map(|(n, _)| n.address.as_deref()).collect();
        assert_eq!(addresses, [Some("own"), Some("template's")]);
    }

    #[test]
    fn a_name_that_nobody_has_is_a_dead_letter() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &told(&["stranger", "owner"]));
        check(&mut outbox, &["1 no-contact", "2 owed", "try 2"]);
    }

    #[test]
    fn only_every_nth_entry_notifies() {
        let mut outbox = outbox(Settings::default());
        let third = Notify { every: NonZeroU32::new(3).expect("not zero"), ..notify() };
        for entry in 1..=6 {
            offline(&mut outbox, entry * 10, &third);
            let notifies = wanted(&mut outbox).iter().any(|line| line.ends_with("owed"));
            assert_eq!(notifies, entry % 3 == 0);
        }
    }

    #[test]
    fn numbers_go_on_where_the_store_ended() {
        let mut outbox = Outbox::new(Arc::default(), Some(NotificationId(41)));
        offline(&mut outbox, 0, &notify());
        check(&mut outbox, &["42 owed", "try 42"]);
    }

    #[test]
    fn nothing_is_owed_until_the_period_of_a_delivered_one_is_over() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &limited(3_600));
        delivered(&mut outbox, 1, 1);
        wanted(&mut outbox);
        enter(&mut outbox, at(3_601) - Duration::MILLISECOND, LAMP, OFFLINE, &limited(3_600));
        check(&mut outbox, &[]);
        enter(&mut outbox, at(3_601), LAMP, OFFLINE, &limited(3_600));
        check(&mut outbox, &["2 owed", "try 2"]);
    }

    #[test]
    fn what_a_limit_keeps_quiet_is_counted_all_the_same() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &limited(60));
        delivered(&mut outbox, 0, 1);
        offline(&mut outbox, 30, &limited(60));
        let (ledger, _) = stored(&mut outbox);
        assert_eq!(ledger.expect("a ledger").statuses["offline"].entries, 2);
    }

    #[test]
    fn a_limit_is_of_one_status_and_one_device() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &limited(60));
        delivered(&mut outbox, 0, 1);
        wanted(&mut outbox);
        enter(&mut outbox, at(1), LAMP, INACTIVE, &limited(60));
        enter(&mut outbox, at(1), PUMP, OFFLINE, &limited(60));
        check(&mut outbox, &["2 owed", "try 2", "3 owed", "try 3"]);
    }

    #[test]
    fn a_limit_does_not_begin_with_what_was_not_delivered() {
        let mut outbox = outbox(Settings { notification_tries: 1, ..Settings::default() });
        offline(&mut outbox, 0, &limited(60));
        undelivered(&mut outbox, 0, 1);
        offline(&mut outbox, 10, &limited(60));
        check(&mut outbox, &["1 owed", "try 1", "1 tries", "2 owed", "try 2"]);
    }
}

mod quota {
    use super::*;

    fn busy(per_day: u16) -> Outbox {
        outbox(Settings { notifications_per_day: per_day, ..Settings::default() })
    }

    #[test]
    fn entries_closer_than_the_gap_notify_once() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &notify());
        enter(&mut outbox, at(5) - Duration::MILLISECOND, LAMP, OFFLINE, &notify());
        enter(&mut outbox, at(5), LAMP, OFFLINE, &notify());
        check(&mut outbox, &["1 owed", "try 1", "2 quota", "3 owed"]);
    }

    #[test]
    fn what_a_quota_refuses_says_which_part_of_it() {
        let mut outbox = busy(2);
        offline(&mut outbox, 0, &notify());
        offline(&mut outbox, 1, &notify());
        offline(&mut outbox, 10, &notify());
        offline(&mut outbox, 20, &notify());
        let outputs = std::iter::from_fn(|| outbox.poll_output());
        let dead = outputs.filter_map(|output| match output {
            Output::Write(Write::Notification(notification, Progress { stage: Stage::Dead(why), .. })) => {
                Some((notification.id.0, why.name(), why))
            }
            Output::Write(_) | Output::Deliver(_) => None,
        });
        let expected = [(2, "quota", Undeliverable::Gap), (4, "quota", Undeliverable::Quota)];
        assert_eq!(dead.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_gap_is_of_one_status_and_one_device() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &notify());
        enter(&mut outbox, at(1), LAMP, INACTIVE, &notify());
        enter(&mut outbox, at(1), PUMP, OFFLINE, &notify());
        check(&mut outbox, &["1 owed", "try 1", "2 owed", "3 owed", "try 3"]);
    }

    #[test]
    fn recipients_of_one_entry_do_not_follow_each_other_too_closely() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &told(&["owner", "installer"]));
        check(&mut outbox, &["1 owed", "2 owed", "try 1"]);
    }

    #[test]
    fn the_day_of_a_device_has_room_for_so_many() {
        let mut outbox = busy(3);
        offline(&mut outbox, 0, &told(&["owner", "installer"]));
        offline(&mut outbox, 10, &told(&["owner", "installer"]));
        check(&mut outbox, &["1 owed", "2 owed", "try 1", "3 owed", "4 quota"]);
    }

    #[test]
    fn dead_letters_do_not_use_up_the_day() {
        let mut outbox = busy(1);
        offline(&mut outbox, 0, &told(&["stranger", "owner"]));
        check(&mut outbox, &["1 no-contact", "2 owed", "try 2"]);
    }

    #[test]
    fn a_day_begins_with_the_first_after_the_last_day() {
        let day = Duration::DAY;
        let mut outbox = busy(1);
        offline(&mut outbox, 10, &notify());
        enter(&mut outbox, at(10) + day - Duration::MILLISECOND, LAMP, OFFLINE, &notify());
        enter(&mut outbox, at(10) + day, LAMP, OFFLINE, &notify());
        enter(&mut outbox, at(9) + day * 2, LAMP, OFFLINE, &notify());
        check(&mut outbox, &["1 owed", "try 1", "2 quota", "3 owed", "4 quota"]);
    }

    #[test]
    fn one_device_does_not_use_up_anothers_day() {
        let mut outbox = busy(1);
        offline(&mut outbox, 0, &notify());
        enter(&mut outbox, at(0), PUMP, OFFLINE, &notify());
        check(&mut outbox, &["1 owed", "try 1", "2 owed", "try 2"]);
    }

    #[test]
    fn a_full_outbox_takes_no_more_until_one_comes_to_its_end() {
        let mut outbox = outbox(Settings { outbox_limit: 1, ..Settings::default() });
        offline(&mut outbox, 0, &told(&["owner", "installer"]));
        delivered(&mut outbox, 1, 1);
        enter(&mut outbox, at(1), PUMP, OFFLINE, &notify());
        check(&mut outbox, &["1 owed", "2 full", "try 1", "1 delivered", "3 owed", "try 3"]);
    }
}

mod restart {
    use super::*;

    #[test]
    fn one_in_flight_is_tried_again_under_its_number() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 5, &notify());
        let mut outbox = restarted(&mut outbox, 1);
        delivered(&mut outbox, 60, 1);
        check(&mut outbox, &["try 1"]);
        delivered(&mut outbox, 61, 1);
        check(&mut outbox, &["1 delivered"]);
    }

    #[test]
    fn a_pause_goes_on() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &notify());
        undelivered(&mut outbox, 9, 1);
        let mut outbox = restarted(&mut outbox, 1);
        assert_eq!(outbox.poll_timeout(), Some(at(10)));
        check_at(&mut outbox, at(10), &[]);
        check_at(&mut outbox, at(10).when_over(), &["try 1"]);
    }

    #[test]
    fn what_was_delivered_still_limits() {
        let mut outbox = outbox(Settings::default());
        offline(&mut outbox, 0, &limited(60));
        delivered(&mut outbox, 1, 1);
        let mut outbox = restarted(&mut outbox, 1);
        offline(&mut outbox, 10, &limited(60));
        check(&mut outbox, &[]);
    }

    #[test]
    fn those_of_one_entry_still_do_not_limit_each_other() {
        let mut outbox = outbox(Settings::default());
        let both = Notify { limit: Duration::HOUR, ..told(&["owner", "installer"]) };
        offline(&mut outbox, 0, &both);
        delivered(&mut outbox, 1, 1);
        let mut outbox = restarted(&mut outbox, 2);
        check_at(&mut outbox, at(2), &["try 2"]);
    }

    #[test]
    fn the_outbox_is_as_full_as_before() {
        let mut outbox = outbox(Settings { outbox_limit: 1, ..Settings::default() });
        offline(&mut outbox, 0, &notify());
        let mut outbox = restarted(&mut outbox, 1);
        enter(&mut outbox, at(1), PUMP, OFFLINE, &notify());
        check(&mut outbox, &["2 full", "try 1"]);
    }
}
