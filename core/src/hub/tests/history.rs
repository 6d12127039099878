//! What holds whatever is said, asked, awaited and restarted.

use proptest::prelude::*;

use super::*;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Login(DeviceId),
    /// The session that logged in so many logins ago says it.
    Word(usize, Word),
    Call(About, Wish),
    /// A receiver took a notification, or did not.
    Tried(NotificationId, bool),
    Timeout,
    Restart,
}

fn any_device() -> impl Strategy<Value = DeviceId> {
    prop::sample::select(vec![LAMP, PUMP])
}

fn any_pin() -> impl Strategy<Value = (Pin, Box<str>)> {
    ((0..3u8).prop_map(Pin), prop::sample::select(vec!["on", "off"]).prop_map(Box::from))
}

fn any_status() -> impl Strategy<Value = Box<str>> {
    prop::sample::select(vec!["online", "standby", "offline", "retired"]).prop_map(Box::from)
}

fn any_word() -> impl Strategy<Value = Word> {
    prop_oneof![
        Just(Word::Data),
        (1..90u64).prop_map(|seconds| Word::Announced {
            heartbeat: Some(Duration::from_secs(seconds)),
            client: "".into()
        }),
        any_pin().prop_map(|(pin, value)| Word::Wrote { pin, value }),
        any_status().prop_map(|status| Word::SetStatus { id: id(9), status }),
        Just(Word::Sync { id: id(9), pins: vec![] }),
        (1..9u64).prop_map(|command| Word::Handed(CommandId(command))),
        Just(Word::Closed(close(0))),
    ]
}

fn any_wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        prop::collection::vec(any_pin(), 0..3).prop_map(|values| Wish::Report { values, address: address() }),
        Just(Wish::Get(vec![])),
        Just(Wish::IsConnected),
        any_status().prop_map(Wish::SetStatus),
        any_pin().prop_map(|(pin, value)| Wish::Command(pin, value)),
    ]
}

fn any_about() -> impl Strategy<Value = About> {
    prop_oneof![
        any_device().prop_map(|device| About::Token(token(device))),
        any_device().prop_map(About::Device)
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any_device().prop_map(Step::Login),
        6 => (0..3usize, any_word()).prop_map(|(age, word)| Step::Word(age, word)),
        3 => (any_about(), any_wish()).prop_map(|(about, wish)| Step::Call(about, wish)),
        2 => ((0..9u64).prop_map(NotificationId), any::<bool>()).prop_map(|(id, taken)| Step::Tried(id, taken)),
        2 => Just(Step::Timeout),
        1 => Just(Step::Restart),
    ]
}

/// Steps, each this many milliseconds after the one before: mostly seconds, now and then long enough for a whole chain.
fn any_history() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let gap = prop_oneof![4 => 0..3u64, 8 => 0..90_000u64, 1 => 0..100_000_000u64];
    prop::collection::vec((gap, any_step()), 0..40)
}

/// A world in which a history happens.
struct Run {
    world: World,
    now: Instant,
    sessions: Vec<SessionId>,
    entries: Vec<(DeviceId, Entry)>,
}

impl Run {
    fn new(takeover: Takeover) -> Self {
        let world = World::new(Settings { takeover, ..Settings::default() }, notifying_template());
        Self { world, now: at(0), sessions: vec![SessionId(0)], entries: vec![] }
    }

    fn step(&mut self, gap: u64, step: Step) {
        self.now = self.now + Duration::from_millis(gap);
        let (writes, _) = match step {
            Step::Login(device) => {
                let session = self.next_session();
                self.sessions.push(session);
                self.world.hear(self.now, login(session, device))
            }
            Step::Word(age, word) => {
                let session = self.sessions[self.sessions.len().saturating_sub(age + 1)];
                self.world.hear(self.now, Input::Word(session, word))
            }
            Step::Call(about, wish) => self.world.hear(self.now, Input::Call(CALL, Call { about, wish })),
            Step::Tried(id, true) => self.world.hear(self.now, Input::Delivered(id)),
            Step::Tried(id, false) => {
                self.world.hear(self.now, Input::Undelivered(id, Failure::new("answered 500")))
            }
            Step::Timeout => self.world.hear(self.now, Input::Timeout),
            Step::Restart => self.world.restart(self.now),
        };
        self.entries.extend(writes.into_iter().filter_map(recorded));
    }

    /// As a driver counts: on from the last, or from where the hub says after a restart.
    fn next_session(&self) -> SessionId {
        let last = self.sessions.last().expect("begins with one");
        self.world.hub.first_session().max(SessionId(last.0 + 1))
    }

    fn history(takeover: Takeover, steps: Vec<(u64, Step)>) -> Vec<(DeviceId, Entry)> {
        let mut run = Self::new(takeover);
        steps.into_iter().for_each(|(gap, step)| run.step(gap, step));
        run.entries
    }
}

fn recorded(write: Write) -> Option<(DeviceId, Entry)> {
    if let Write::Entry(device, entry) = write { Some((device, entry)) } else { None }
}

fn events(entries: &[(DeviceId, Entry)], device: DeviceId) -> impl Iterator<Item = &Entry> {
    entries.iter().filter(move |(whose, _)| *whose == device).map(|(_, entry)| entry)
}

/// The new session and the new command in an event.
fn numbers(event: &Event) -> (Option<SessionId>, Option<CommandId>) {
    let session = if let Event::LoggedIn { session, .. } = event { Some(*session) } else { None };
    let command = if let Event::Commanded { command, .. } = event { Some(command.id) } else { None };
    (session, command)
}

fn is_automatic(cause: Cause) -> bool {
    match cause {
        Cause::Wait { .. } | Cause::Grace => true,
        Cause::Login | Cause::Data | Cause::Set(_) | Cause::Template => false,
    }
}

proptest! {
    #[test]
    fn each_device_has_one_live_session_or_none(steps in any_history()) {
        let mut run = Run::new(Takeover::Accept);
        for (gap, step) in steps {
            run.step(gap, step);
            let live = [LAMP, PUMP].into_iter().filter_map(|device| {
                Some((connection(&run.world, device).live_session()?, device))
            });
            prop_assert_eq!(&run.world.hub.live, &live.collect::<BTreeMap<_, _>>());
        }
    }

    #[test]
    fn entries_are_in_order_of_time_though_nobody_calls_the_timeouts(steps in any_history()) {
        let entries = Run::history(Takeover::Accept, steps);
        prop_assert!(entries.iter().map(|(_, entry)| entry.at).is_sorted());
    }

    #[test]
    fn sessions_and_commands_have_numbers_that_were_never_used(steps in any_history()) {
        let entries = Run::history(Takeover::Reject, steps);
        let (logins, commands): (Vec<_>, Vec<_>) = entries.iter().map(|(_, entry)| numbers(&entry.event)).unzip();
        prop_assert!(logins.iter().flatten().is_sorted_by(|a, b| a < b));
        prop_assert!(commands.iter().flatten().is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn each_change_begins_where_the_last_one_ended(steps in any_history()) {
        let entries = Run::history(Takeover::Accept, steps);
        for device in [LAMP, PUMP] {
            let mut stands = None;
            for Entry { event, .. } in events(&entries, device) {
                let Event::Status(Change { from, to, cause }) = event else { continue };
                prop_assert_eq!(*from, stands);
                prop_assert!(*from != Some(*to));
                prop_assert!(!is_automatic(*cause) || Some(*to) == from.map(StatusIndex::next));
                stands = Some(*to);
            }
        }
    }

    #[test]
    fn who_is_connected_is_moved_by_nobody_but_itself_and_operators(steps in any_history()) {
        let entries = Run::history(Takeover::Accept, steps);
        for device in [LAMP, PUMP] {
            let mut connected = false;
            for Entry { event, .. } in events(&entries, device) {
                match event {
                    Event::LoggedIn { .. } => connected = true,
                    Event::Closed { .. } | Event::Interrupted { .. } => connected = false,
                    Event::Status(change) => prop_assert!(!(connected && is_automatic(change.cause))),
                    Event::Announced { .. }
                    | Event::Superseded { .. }
                    | Event::Reported { .. }
                    | Event::Commanded { .. }
                    | Event::Applied { .. }
                    | Event::Notified { .. } => {}
                }
            }
        }
    }

    #[test]
    fn nobody_is_moved_within_the_grace_after_a_restart(steps in any_history(), late in 0..45_000u64) {
        let mut run = Run::new(Takeover::Accept);
        steps.into_iter().for_each(|(gap, step)| run.step(gap, step));
        let grace = |device| {
            run.world.hub.settings().grace(run.world.hub.registry().machine(device).heartbeat())
        };
        let grace = grace(LAMP).min(grace(PUMP));
        run.step(late, Step::Restart);
        run.entries.clear();
        run.now = run.now + grace;
        run.step(0, Step::Timeout);
        prop_assert_eq!(&run.entries, &[]);
    }

    /// The store alone is enough to go on with: after each input, a server that starts from it is where the old one
    /// would be if it could be restarted with all that it knows.
    #[test]
    fn a_restart_finds_everything_in_the_store(steps in any_history()) {
        let mut run = Run::new(Takeover::Accept);
        for (gap, step) in steps {
            run.step(gap, step);
            let known = Stored { devices: all_known(&run.world), ..run.world.kept.clone() };
            let from = |stored| Hub::new(run.now, run.world.hub.settings().clone(), stored);
            let (mut from_store, mut from_memory) = (from(run.world.kept.clone()), from(known));
            for device in [LAMP, PUMP] {
                let (stored, known) = (from_store.registry().machine(device), from_memory.registry().machine(device));
                prop_assert_eq!(stored.state(), known.state());
            }
            prop_assert_eq!(from_store.poll_timeout(), from_memory.poll_timeout());
            prop_assert_eq!(from_store.first_session(), from_memory.first_session());
            let outputs = |hub: &mut Hub| std::iter::from_fn(|| hub.poll_output()).collect::<Vec<_>>();
            prop_assert_eq!(outputs(&mut from_store), outputs(&mut from_memory));
        }
    }
}

/// The devices as the hub itself knows them.
fn all_known(world: &World) -> Vec<StoredDevice> {
    let known = world.hub.registry().devices().zip(&world.kept.devices);
    known
        .map(|(device, stored)| StoredDevice {
            state: *world.hub.registry().machine(device).state(),
            ..stored.clone()
        })
        .collect()
}
