//! A hub and a store beneath it, which must agree after every input.

use super::*;

/// A hub, and all that it wanted to be durable.
#[derive(Debug)]
pub(super) struct World {
    pub(super) hub: Hub,
    pub(super) kept: Stored,
}

impl World {
    /// Two devices that were never seen.
    pub(super) fn new(settings: Settings, template: Template) -> Self {
        let device = |id| StoredDevice {
            id,
            identity: Identity {
                name: "".into(),
                token: token(id),
                template: template.name.clone(),
                contacts: BTreeMap::new(),
            },
            state: State::NEW,
            values: BTreeMap::new(),
            pending: BTreeMap::new(),
            ledger: Ledger::default(),
        };
        let kept = Stored { devices: [LAMP, PUMP].map(device).into(), ..Stored::default() };
        let templates = BTreeMap::from([(template.name.clone(), Arc::new(template))]);
        let kept = Stored { templates, ..kept };
        Self { hub: Hub::new(at(0), Arc::new(settings), kept.clone()), kept }
    }

    /// What an input has recorded, but for states, and what is told.
    pub(super) fn hear(&mut self, now: Instant, input: Input) -> (Vec<Write>, Vec<Output>) {
        self.hub.handle_input(now, input);
        self.settle()
    }

    /// The server goes down at any moment before `now`, and is up again then.
    pub(super) fn restart(&mut self, now: Instant) -> (Vec<Write>, Vec<Output>) {
        let settings = self.hub.settings().clone();
        self.restart_with(now, settings)
    }

    pub(super) fn restart_with(
        &mut self,
        now: Instant,
        settings: Arc<Settings>,
    ) -> (Vec<Write>, Vec<Output>) {
        self.hub = Hub::new(now, settings, self.kept.clone());
        self.settle()
    }

    /// Commits what the hub wants to be durable, as a driver does.
    fn settle(&mut self) -> (Vec<Write>, Vec<Output>) {
        let outputs: Vec<_> = std::iter::from_fn(|| self.hub.poll_output()).collect();
        assert!(is_durable_before_told(&outputs), "{outputs:?}");
        let (mut writes, mut told) = (Vec::new(), Vec::new());
        for output in outputs {
            match output {
                Output::Write(write) => {
                    self.keep(&write);
                    writes.push(write);
                }
                Output::Login(..)
                | Output::Supersede(_)
                | Output::Answer(..)
                | Output::Values(..)
                | Output::Heartbeat(..)
                | Output::Reply(..)
                | Output::Deliver(_) => told.push(output),
            }
        }
        self.check_kept();
        writes.retain(|write| !matches!(write, Write::State(..)));
        (writes, told)
    }

    fn keep(&mut self, write: &Write) {
        match write.clone() {
            Write::Template(template) => drop(self.kept.templates.insert(template.name.clone(), template)),
            Write::Device(device, identity) => {
                let newest = self.kept.devices.last().map(|device| device.id).max(self.kept.newest_removed);
                assert_eq!(device.0, newest.map_or(0, |newest| newest.0 + 1));
                let (values, pending) = (BTreeMap::new(), BTreeMap::new());
                let (state, ledger) = (State::NEW, Ledger::default());
                self.kept.devices.push(StoredDevice { id: device, identity, state, values, pending, ledger });
            }
            Write::Identity(device, identity) => self.device(device).identity = identity,
            Write::State(device, state) => self.device(device).state = state,
            Write::Entry(_, entry) => self.keep_number(&entry.event),
            Write::Value(device, pin, value) => drop(self.device(device).values.insert(pin, value)),
            Write::Pending(device, command) => drop(self.device(device).pending.insert(command.pin, command)),
            Write::Settled(device, id) => self.device(device).pending.retain(|_, command| command.id != id),
            Write::Ledger(device, ledger) => self.device(device).ledger = ledger,
            Write::Notification(notification, progress) => self.keep_notification(notification, progress),
            Write::Removed(device) => self.remove(device),
            Write::TemplateRemoved(name) => drop(self.kept.templates.remove(&name)),
        }
    }

    fn keep_notification(&mut self, notification: Notification, progress: Progress) {
        let id = notification.id;
        self.kept.newest_notification = self.kept.newest_notification.max(Some(id));
        self.kept.owed.retain(|(owed, _)| owed.id != id);
        if progress.stage == Stage::Owed {
            self.kept.owed.push((notification, progress));
            self.kept.owed.sort_by_key(|(owed, _)| owed.id);
        }
    }

    fn keep_number(&mut self, event: &Event) {
        if let Event::Commanded { command, .. } = event {
            self.kept.newest_command = Some(command.id);
        }
    }

    fn device(&mut self, device: DeviceId) -> &mut StoredDevice {
        self.kept.devices.iter_mut().find(|stored| stored.id == device).expect("it is stored")
    }

    fn remove(&mut self, device: DeviceId) {
        let session = self.device(device).state.newest_session;
        self.kept.devices.retain(|stored| stored.id != device);
        self.kept.owed.retain(|(notification, _)| notification.device != device);
        self.kept.newest_removed = self.kept.newest_removed.max(Some(device));
        self.kept.newest_removed_session = self.kept.newest_removed_session.max(session);
    }

    /// The store knows what the hub knows. Only the grace need not be remembered: the next start gives one again.
    fn check_kept(&self) {
        let known: Vec<_> = self.hub.registry.devices().collect();
        assert_eq!(known, self.kept.devices.iter().map(|stored| stored.id).collect::<Vec<_>>());
        for (device, stored) in known.into_iter().zip(&self.kept.devices) {
            let StoredDevice { state, values, pending, .. } = stored;
            let known = *self.hub.registry.machine(device).state();
            assert_eq!(State { grace_until: known.grace_until, ..*state }, known);
            let known = self.hub.control.values(device).map(|(pin, value)| (pin, value.into()));
            assert_eq!(*values, known.collect());
            let known = self.hub.control.wanted(device, &[]).into_iter();
            let known = known.filter_map(|value| Some((value.pin, value.command?)));
            let pending = pending.iter().map(|(pin, command)| (*pin, command.id));
            assert_eq!(pending.collect::<Vec<_>>(), known.collect::<Vec<_>>());
        }
    }
}

/// Nothing is written after an answer, which might tell of it.
fn is_durable_before_told(outputs: &[Output]) -> bool {
    let mut after_the_first_answer = outputs.iter().skip_while(|output| match output {
        Output::Write(_) | Output::Supersede(_) | Output::Heartbeat(..) | Output::Deliver(_) => true,
        Output::Login(..) | Output::Answer(..) | Output::Values(..) | Output::Reply(..) => false,
    });
    !after_the_first_answer.any(|output| matches!(output, Output::Write(_)))
}
