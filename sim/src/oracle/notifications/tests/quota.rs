//! What is not owed: `every`, `limit`, quota, a full outbox.

use super::*;

fn every(n: u32) -> Record {
    Record::with(|notify| notify.every = NonZeroU32::new(n).expect("not zero"))
}

fn limited(seconds: u64) -> Record {
    Record::with(|notify| notify.limit = Duration::from_secs(seconds))
}

#[test]
fn only_every_nth_entry_notifies() {
    every(2).offline(60).told(200, 1, 200).offline(300).told(400, 2, 400).believed();
    let text = "notification offline email owner: it was not earned";
    every(2).told(60, 1, 60).objected_to(60, text);
    let text = "notification offline email owner was earned, but never came to be";
    every(2).offline(60).offline(200).objected_to(200, text);
}

#[test]
fn a_limits_period_begins_with_a_delivered_one() {
    limited(100).told(60, 1, 70).offline(169).told(170, 2, 170).believed();
    let text = "notification offline email owner: it was not earned";
    limited(100).told(60, 1, 70).told(169, 2, 169).objected_to(169, text);
    let text = "notification offline email owner was earned, but never came to be";
    limited(100).told(60, 1, 70).offline(170).objected_to(170, text);
}

#[test]
fn a_delivery_in_the_tick_of_an_entry_may_come_before_it_or_after() {
    limited(100).owed(60, 1).offline(70).got(60, 1, 70).believed();
    let second_one = notification(2, 70, "owner");
    let after = limited(100).owed(60, 1).owed(70, 2).got(60, 1, 70);
    after.dead(71, &second_one, Undeliverable::Limit).believed();
}

#[test]
fn what_waited_while_another_was_delivered_is_limited() {
    let failing = || limited(100).receiver(0, Receiver::Failing).owed(60, 1).owed(200, 2);
    let back = || failing().receiver(250, Receiver::Up).got(60, 1, 300);
    let it = notification(2, 200, "owner");
    back().dead(301, &it, Undeliverable::Limit).believed();
    let text =
        "notification offline email owner delivered, but another was delivered within the limit's period";
    back().got(200, 2, 301).objected_to(301, text);
    back().got(200, 2, 300).objected_to(300, text);
    let text = "notification offline email owner dead limit, but no other was delivered within the limit's \
                period while it waited";
    failing().dead(210, &it, Undeliverable::Limit).objected_to(210, text);
    back().dead(401, &it, Undeliverable::Limit).objected_to(401, text);
}

#[test]
fn entries_that_are_close_together_notify_once() {
    let again = |at| Record::new().told(60, 1, 60).offline(at);
    let close = notification(2, 64, "owner");
    again(64).dead(64, &close, Undeliverable::Gap).believed();
    let gap = "it is to be a dead letter: closer to another of this status than the setting notification-gap allows";
    let text = format!("notification offline email owner: {gap}");
    again(64).notified(64, &close, Stage::Owed).objected_to(64, &text);
    let text = format!("notification offline email owner dead quota: {gap}");
    again(64).dead(64, &close, Undeliverable::Quota).objected_to(64, &text);
    Record::new().told(60, 1, 60).told(65, 2, 65).believed();
    let text = "notification offline email owner dead quota: it is to be owed";
    let later = notification(2, 65, "owner");
    again(65).dead(65, &later, Undeliverable::Gap).objected_to(65, text);
}

#[test]
fn a_day_has_room_for_so_many() {
    let full = || {
        let mut record = Record::new();
        record.plan.server.notifications_per_day = 2;
        record.told(60, 1, 60).told(100, 2, 100)
    };
    let third = notification(3, 200, "owner");
    full().offline(200).dead(200, &third, Undeliverable::Quota).believed();
    let text = "notification offline email owner: it is to be a dead letter: over the device's quota of notifications";
    full().owed(200, 3).objected_to(200, text);
    full().told(86_460, 3, 86_460).told(86_500, 4, 86_500).believed();
    full().owed(86_459, 3).objected_to(86_459, text);
}

#[test]
fn a_full_outbox_takes_no_more() {
    let limit = |most| {
        let mut record = Record::new().receiver(0, Receiver::Down);
        record.plan.server.outbox_limit = most;
        let refused = notification(2, 200, "owner");
        record.owed(60, 1).offline(200).dead(200, &refused, Undeliverable::Full)
    };
    limit(1).believed();
    limit(2).objected_to(200, "notification offline email owner dead full, but the outbox was not full");
}
