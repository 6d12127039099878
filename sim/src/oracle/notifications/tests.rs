//! Records of a device that notifies by e-mail when it goes offline and comes back in between. Times are seconds.

mod quota;

use std::num::NonZeroU32;
use std::sync::Arc;

use blynk_core::id::StatusIndex;
use blynk_core::lifecycle::{Chain, Status, Template};
use blynk_core::notification::{Channel, Notify};

use super::*;
use crate::plan::{Deed, Receiver, Source, Step};
use crate::scenario::{Options, load};
use crate::timeline::{Cause, Change, Run, Subject, Timeline};

const DEVICE: DeviceId = DeviceId(0);
const OFFLINE: StatusIndex = StatusIndex(1);

fn second(seconds: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(seconds)
}

/// A device whose template says this of its notifications.
fn plan(set: impl FnOnce(&mut Notify)) -> Plan {
    let text = "scenario: x\ndevices: { a: }\nuntil: 20m\nexpect: { a: {} }\n".into();
    let source = Source { path: "x.yaml".into(), text };
    let mut plan = load(source, &Options::default()).expect("a valid scenario").plan;
    let (channels, to) = (vec![Channel::Email], vec!["owner".into()]);
    let mut notify = Notify { channels, to, text: None, limit: Duration::ZERO, every: NonZeroU32::MIN };
    set(&mut notify);
    let offline = Status { notify: Some(notify), ..Status::new("offline", Duration::MINUTE) };
    let chain = Chain::new(vec![Status::new("online", Duration::ZERO), offline]).expect("a valid chain");
    plan.devices[0].template = Arc::new(Template::new("t", chain));
    let contacts = [("owner", "o@x"), ("installer", "i@x")].map(|(n, a)| (n.into(), a.into()));
    plan.devices[0].contacts = Arc::new(contacts.into());
    plan
}

/// A notification of an entry at that time.
fn notification(id: u64, entered: u64, to: &str) -> Notification {
    let address = match to {
        "owner" => Some("o@x".into()),
        "installer" => Some("i@x".into()),
        _ => None,
    };
    Notification {
        id: NotificationId(id),
        device: DEVICE,
        status: OFFLINE,
        key: "offline".into(),
        label: "offline".into(),
        entered_at: second(entered),
        channel: Channel::Email,
        to: to.into(),
        address,
        text: None,
        limit: Duration::ZERO,
    }
}

/// A record and the plan of its run.
struct Record {
    plan: Plan,
    entries: Vec<Entry>,
}

impl Record {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Notify)) -> Self {
        Self { plan: plan(set), entries: Vec::new() }
    }

    fn push(mut self, at: u64, what: What) -> Self {
        self.entries.push(Entry { at: second(at), subject: Subject::Device(DEVICE), what });
        self
    }

    fn offline(self, at: u64) -> Self {
        let change = Change { from: Some(StatusIndex::ONLINE), to: OFFLINE, cause: Cause::Grace };
        self.push(at, What::Server(Event::Status(change)))
    }

    fn notified(self, at: u64, notification: &Notification, stage: Stage) -> Self {
        let notification = Box::new(notification.clone());
        self.push(at, What::Server(Event::Notified { notification, stage, failure: None }))
    }

    fn dead(self, at: u64, notification: &Notification, reason: Undeliverable) -> Self {
        self.notified(at, notification, Stage::Dead(reason))
    }

    fn received(self, at: u64, notification: &Notification) -> Self {
        self.push(at, What::Received { notification: Box::new(notification.clone()), again: false })
    }

    fn run(mut self, at: u64, run: Run) -> Self {
        self.entries.push(Entry { at: second(at), subject: Subject::World, what: What::Run(run) });
        self
    }

    fn receiver(mut self, at: u64, receiver: Receiver) -> Self {
        self.plan.steps.push(Step { at: second(at), deed: Deed::Receiver(receiver) });
        self
    }

    /// Offline, and owed at once.
    fn owed(self, at: u64, id: u64) -> Self {
        self.offline(at).notified(at, &notification(id, at, "owner"), Stage::Owed)
    }

    /// Offline, owed, and delivered at another time.
    fn told(self, at: u64, id: u64, delivered: u64) -> Self {
        self.owed(at, id).got(at, id, delivered)
    }

    /// The one that is owed since `entered` was received and delivered.
    fn got(self, entered: u64, id: u64, at: u64) -> Self {
        let it = notification(id, entered, "owner");
        self.received(at, &it).notified(at, &it, Stage::Delivered)
    }

    fn judged(self) -> Option<(Instant, String)> {
        let timeline = Timeline::new(self.entries);
        let breach = judge(&self.plan, &timeline.by_device(1)).pop()?;
        assert_eq!((breach.invariant, breach.device), (Invariant::EveryNotificationOnce, DEVICE));
        Some((breach.at, breach.text))
    }

    fn believed(self) {
        assert_eq!(self.judged(), None);
    }

    fn objected_to(self, at: u64, text: &str) {
        assert_eq!(self.judged(), Some((second(at), text.into())));
    }
}

#[test]
fn who_is_told_once_is_told() {
    Record::new().told(60, 1, 60).told(200, 2, 201).believed();
}

#[test]
fn an_entry_that_nobody_is_told_of_is_missed() {
    Record::new()
        .offline(60)
        .objected_to(60, "notification offline email owner was earned, but never came to be");
    let both = |notify: &mut Notify| notify.to = vec!["owner".into(), "installer".into()];
    let installer = notification(2, 60, "installer");
    let told = Record::with(both).told(60, 1, 60);
    told.objected_to(60, "notification offline email installer was earned, but never came to be");
    let told = Record::with(both).owed(60, 1).notified(60, &installer, Stage::Owed).got(60, 1, 60);
    told.received(61, &installer).notified(61, &installer, Stage::Delivered).believed();
}

#[test]
fn what_was_not_earned_is_objected_to() {
    let it = notification(1, 60, "owner");
    let text = "notification offline email owner: it was not earned";
    Record::new().notified(60, &it, Stage::Owed).objected_to(60, text);
    let second_id = notification(2, 60, "owner");
    Record::new().told(60, 1, 60).notified(60, &second_id, Stage::Owed).objected_to(60, text);
    let text = "notification offline email owner: its number was used before";
    Record::new().owed(60, 1).notified(60, &it, Stage::Owed).objected_to(60, text);
    let text =
        "notification offline email owner: it came to be at another moment than the status was entered";
    Record::new().offline(60).notified(61, &it, Stage::Owed).objected_to(61, text);
    let text = "notification offline email owner: it goes to another address than its contact's";
    let elsewhere = Notification { address: Some("x@x".into()), ..it };
    Record::new().offline(60).notified(60, &elsewhere, Stage::Owed).objected_to(60, text);
}

#[test]
fn a_name_without_a_contact_is_a_dead_letter() {
    let somebody = |notify: &mut Notify| notify.to = vec!["somebody".into()];
    let it = notification(1, 60, "somebody");
    let offline = || Record::with(somebody).offline(60);
    offline().dead(60, &it, Undeliverable::NoContact).believed();
    let text = "notification offline email somebody: it is to be a dead letter: no contact has that name";
    offline().notified(60, &it, Stage::Owed).objected_to(60, text);
    let text = "notification offline email owner dead no-contact: it is to be owed";
    let owner = notification(1, 60, "owner");
    Record::new().offline(60).dead(60, &owner, Undeliverable::NoContact).objected_to(60, text);
}

#[test]
fn what_is_delivered_was_received_before_within_the_servers_patience() {
    let it = notification(1, 60, "owner");
    let owed = || Record::new().owed(60, 1);
    let text = "notification offline email owner delivered, but the receiver did not get it";
    owed().notified(61, &it, Stage::Delivered).objected_to(61, text);
    owed().received(60, &it).notified(70, &it, Stage::Delivered).believed();
    owed().received(60, &it).notified(71, &it, Stage::Delivered).objected_to(71, text);
    let text = "notification offline email owner delivered, but was not owed";
    Record::new().notified(61, &it, Stage::Delivered).objected_to(61, text);
    let text = "notification offline email owner delivered, but came to its end before";
    Record::new().told(60, 1, 61).notified(62, &it, Stage::Delivered).objected_to(62, text);
}

#[test]
fn a_receiver_may_get_one_again_until_the_server_knows() {
    let it = notification(1, 60, "owner");
    let owed = || Record::new().receiver(50, Receiver::Slow).owed(60, 1).received(60, &it).received(80, &it);
    owed().received(90, &it).notified(90, &it, Stage::Delivered).believed();
    let text = "notification offline email owner was sent again after it was delivered";
    owed().notified(80, &it, Stage::Delivered).received(90, &it).objected_to(90, text);
    let text = "the receiver got a notification that was not owed";
    Record::new().received(10, &it).objected_to(10, text);
    let text = "the receiver got notification offline email owner before it was owed";
    Record::new().received(59, &it).owed(60, 1).got(60, 1, 60).objected_to(59, text);
}

#[test]
fn a_device_is_told_of_in_order() {
    let failing =
        || Record::new().receiver(0, Receiver::Failing).owed(60, 1).owed(200, 2).receiver(300, Receiver::Up);
    failing().got(60, 1, 400).got(200, 2, 401).believed();
    let text = "the receiver got notification offline email owner before notification offline email owner, \
                which was owed first";
    failing().got(200, 2, 400).got(60, 1, 401).objected_to(400, text);
}

#[test]
fn who_waits_at_the_end_had_no_chance() {
    let text = "notification offline email owner is owed, and was neither delivered nor given up by the end";
    Record::new().owed(60, 1).objected_to(60, text);
    Record::new().owed(1_195, 1).believed();
    let ever = |receiver| Record::new().receiver(0, receiver).owed(60, 1);
    ever(Receiver::Down).believed();
    ever(Receiver::Slow).believed();
    ever(Receiver::Down).receiver(1_000, Receiver::Up).believed();
    ever(Receiver::Down).receiver(800, Receiver::Up).objected_to(60, text);
    let down = || Record::new().run(50, Run::Crashed).owed(60, 1);
    down().believed();
    down().run(100, Run::Up).objected_to(60, text);
}

#[test]
fn one_is_given_up_after_all_tries_failed() {
    let it = notification(1, 60, "owner");
    let given_up = |at, receiver| {
        let owed = Record::new().receiver(0, receiver).owed(60, 1);
        owed.dead(at, &it, Undeliverable::Tries)
    };
    // Nine pauses: 1 s, doubling to 256 s.
    given_up(571, Receiver::Failing).believed();
    let text = "notification offline email owner dead tries, but not all tries can have been made";
    given_up(570, Receiver::Failing).objected_to(570, text);
    let text = "notification offline email owner dead tries, but the receiver could be reached";
    given_up(571, Receiver::Up).objected_to(571, text);
    given_up(571, Receiver::Down).receiver(565, Receiver::Up).believed();
    given_up(571, Receiver::Down).receiver(560, Receiver::Up).objected_to(571, text);
}
