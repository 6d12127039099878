use proptest::prelude::*;

use super::*;

const LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Enter(u32, u8),
    /// A receiver that was asked takes it or not.
    Answer(usize, bool),
    /// An answer to what was perhaps asked long ago.
    Stray(u64, bool),
    /// Somebody wants one to be tried that was perhaps never owed, or has come to its end.
    Retry(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u64..4_000).prop_map(Step::Wait),
        3 => (0u32..3, 0u8..2).prop_map(|(device, status)| Step::Enter(device, status)),
        4 => (0usize..9, any::<bool>()).prop_map(|(place, went_well)| Step::Answer(place, went_well)),
        1 => (0u64..40, any::<bool>()).prop_map(|(id, went_well)| Step::Stray(id, went_well)),
        2 => (0u64..40).prop_map(Step::Retry),
        1 => Just(Step::Restart),
    ]
}

/// An outbox, its store and its driver.
struct World {
    now: Instant,
    outbox: Outbox,
    ledgers: BTreeMap<DeviceId, Ledger>,
    notifications: BTreeMap<NotificationId, (Notification, Progress)>,
    in_flight: Vec<NotificationId>,
}

impl World {
    fn new() -> Self {
        let settings = Settings {
            notifications_per_day: 20,
            notification_gap: Duration::SECOND,
            notification_tries: 3,
            outbox_limit: 6,
            ..Settings::default()
        };
        Self {
            now: at(100),
            outbox: outbox(settings),
            ledgers: BTreeMap::new(),
            notifications: BTreeMap::new(),
            in_flight: Vec::new(),
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Wait(millis) => self.wait(Duration::from_millis(millis)),
            Step::Enter(device, status) => {
                let notify = Notify { limit: LIMIT, ..told(&["owner", "stranger", "installer"]) };
                enter(&mut self.outbox, self.now, DeviceId(device), StatusIndex(status), &notify);
            }
            Step::Answer(place, went_well) => {
                if let Some(id) = self.in_flight.iter().copied().cycle().nth(place) {
                    self.answer(id, went_well);
                }
            }
            Step::Stray(id, went_well) => self.answer(NotificationId(id), went_well),
            Step::Retry(id) => self.retry(NotificationId(id)),
            Step::Restart => self.restart(),
        }
        self.perform();
    }

    /// Calls the outbox whenever it wants to be called, as a driver does.
    fn wait(&mut self, length: Duration) {
        let end = self.now + length;
        while let Some(deadline) = self.outbox.poll_timeout().filter(|deadline| deadline.is_over(end)) {
            self.now = self.now.max(deadline.when_over());
            self.outbox.handle_input(self.now, Input::Timeout);
            let next = self.outbox.poll_timeout();
            assert!(next.is_none_or(|next| !next.is_over(self.now)), "a driver is not called twice at once");
            self.perform();
        }
        self.now = end;
    }

    fn answer(&mut self, id: NotificationId, went_well: bool) {
        self.in_flight.retain(|known| *known != id);
        let failure = failure();
        let input = if went_well { Input::Delivered(id) } else { Input::Undelivered(id, &failure) };
        self.outbox.handle_input(self.now, input);
    }

    /// As a hub does: of what was delivered it knows that, and a full outbox takes nothing back.
    fn retry(&mut self, id: NotificationId) {
        let Some((notification, progress)) = self.notifications.get_mut(&id) else { return };
        match progress.stage {
            Stage::Delivered => return,
            Stage::Dead(_) if !self.outbox.has_room() => return,
            Stage::Dead(_) => progress.stage = Stage::Owed,
            Stage::Owed => {}
        }
        let notification = notification.clone();
        self.outbox.handle_input(self.now, Input::Retry(&notification));
    }

    fn restart(&mut self) {
        let newest = self.notifications.keys().next_back().copied();
        self.outbox = Outbox::new(self.outbox.settings.clone(), newest);
        self.ledgers.iter().for_each(|(device, ledger)| self.outbox.restore(*device, ledger.clone()));
        let owed = self.notifications.values().filter(|(_, progress)| progress.stage == Stage::Owed);
        owed.cloned().for_each(|(notification, progress)| self.outbox.resume(notification, progress));
        self.in_flight.clear();
    }

    fn perform(&mut self) {
        while let Some(output) = self.outbox.poll_output() {
            match output {
                Output::Deliver(notification) => self.deliver(&notification),
                Output::Write(Write::Notification(notification, progress)) => {
                    self.keep(notification, progress);
                }
                Output::Write(Write::Ledger(device, ledger)) => drop(self.ledgers.insert(device, ledger)),
                Output::Write(_) => {}
            }
        }
    }

    fn keep(&mut self, notification: Notification, progress: Progress) {
        let (id, newest) = (notification.id, self.notifications.keys().next_back());
        match self.notifications.get(&id) {
            Some((_, before)) => assert_eq!(before.stage, Stage::Owed, "what ended stays ended"),
            None => assert!(newest.is_none_or(|newest| id > *newest), "numbers increase"),
        }
        let is_refused = progress.stage == Stage::Dead(Undeliverable::Limit);
        assert!(!(progress.ordered && is_refused), "no limit holds for what was ordered");
        self.notifications.insert(id, (notification, progress));
    }

    fn deliver(&mut self, notification: &Notification) {
        let (_, progress) = &self.notifications[&notification.id];
        assert_eq!(progress.stage, Stage::Owed, "what is tried was made durable before");
        let mut earlier = self.notifications.range(..notification.id);
        let waits = earlier
            .any(|(_, (n, progress))| n.device == notification.device && progress.stage == Stage::Owed);
        assert!(!waits, "a device's notifications are tried in order");
        assert!(!self.in_flight.contains(&notification.id), "nothing is tried twice at one time");
        self.in_flight.push(notification.id);
    }

    /// From now on every receiver takes everything.
    fn heal(&mut self) {
        while let Some(id) = self.in_flight.pop() {
            self.answer(id, true);
            self.perform();
            self.wait(Duration::MINUTE);
        }
        self.wait(Duration::HOUR);
    }

    /// What a limit holds for, and begins with.
    fn delivered_unasked(&self) -> impl Iterator<Item = &(Notification, Progress)> {
        self.ended(Stage::Delivered).filter(|(_, progress)| !progress.ordered)
    }

    fn ended(&self, stage: Stage) -> impl Iterator<Item = &(Notification, Progress)> {
        self.notifications.values().filter(move |(_, progress)| progress.stage == stage)
    }
}

proptest! {
    #[test]
    fn every_notification_ends_once_in_order_and_within_its_limit(
        steps in prop::collection::vec(step(), 0..120)
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            assert!(world.ended(Stage::Owed).count() <= 6, "the outbox is bounded");
        }
        while world.ended(Stage::Owed).next().is_some() {
            let before = world.notifications.clone();
            world.wait(Duration::MINUTE);
            world.heal();
            assert_ne!(before, world.notifications, "what is owed does not stay owed for ever");
        }
        for (earlier, ended) in world.delivered_unasked() {
            for (later, progress) in world.delivered_unasked().filter(|(n, _)| n.id > earlier.id) {
                let same = (later.device, later.status) == (earlier.device, earlier.status);
                if same && later.entered_at != earlier.entered_at {
                    assert!(progress.at >= ended.at + LIMIT, "{later:?} was delivered too soon");
                }
            }
        }
        for (device, ledger) in &world.ledgers {
            for (key, delivery) in ledger.statuses.iter().filter_map(|(key, it)| Some((key, it.delivered?))) {
                let is_it = |(n, progress): &&(Notification, Progress)| {
                    (n.device, &n.key, n.entered_at, progress.at)
                        == (*device, key, delivery.entered_at, delivery.at)
                };
                assert!(world.delivered_unasked().any(|it| is_it(&it)), "a period began without its delivery");
            }
        }
    }
}
