use proptest::prelude::*;

use super::*;

const DEVICES: u32 = 3;

/// What comes of a hub, kept by a store of each kind.
struct World {
    now: Instant,
    hub: Hub,
    file: Sqlite,
    memory: Memory,
    in_flight: Vec<NotificationId>,
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u64),
    Word(u64, Word),
    Command(u32, u8),
    Answer(bool),
}

fn word() -> impl Strategy<Value = Word> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    let close =
        |at| Close { reason: CloseReason::Closed, last_byte_at: at, last_command: protocol::Command::Ping };
    prop_oneof![
        3 => (0..DEVICES).prop_map(move |id| Word::Login { token: token(DeviceId(id)), address }),
        1 => (0u8..3, "[a-z\"\0]{0,4}").prop_map(|(pin, value)| Word::Wrote {
            pin: Pin(pin),
            value: value.into(),
        }),
        1 => (0u64..9).prop_map(|id| Word::Handed(CommandId(id))),
        1 => (1u64..60).prop_map(|beat| Word::Announced {
            heartbeat: Some(Length::from_secs(beat)),
            client: "ESP32".into(),
        }),
        2 => (0u64..9).prop_map(move |second| Word::Closed(close(at(second)))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u64..120).prop_map(Step::Wait),
        (1u64..9, word()).prop_map(|(session, word)| Step::Word(session, word)),
        (1u64..9, word()).prop_map(|(session, word)| Step::Word(session, word)),
        (0..DEVICES, 0u8..3).prop_map(|(device, pin)| Step::Command(device, pin)),
        any::<bool>().prop_map(Step::Answer),
    ]
}

impl World {
    fn new() -> Self {
        let (mut file, mut memory) = (store(), Memory::default());
        memory.commit(&first_writes()).expect("a commit");
        let third = [Write::Device(DeviceId(2), identity(DeviceId(2)))];
        let stores = [&mut file as &mut dyn Store, &mut memory];
        stores.into_iter().for_each(|store| store.commit(&third).expect("a commit"));
        let hub = Hub::new(at(10), Arc::new(Settings::default()), file.load().expect("what was written"));
        Self { now: at(10), hub, file, memory, in_flight: Vec::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Wait(seconds) => {
                self.now = self.now + Length::from_secs(seconds);
                self.hear(Input::Timeout);
            }
            Step::Word(session, word) => self.hear(Input::Word(SessionId(session), word)),
            Step::Command(device, pin) => {
                let wish = Wish::Command(Pin(pin), "1".into());
                let call = Call { about: About::Device(DeviceId(device)), wish };
                self.hear(Input::Call(CallId(0), call));
            }
            Step::Answer(went_well) => {
                if let Some(id) = self.in_flight.pop() {
                    let failed = || Input::Undelivered(id, Failure::new("answered 500"));
                    self.hear(if went_well { Input::Delivered(id) } else { failed() });
                }
            }
        }
    }

    /// One commit for each input.
    fn hear(&mut self, input: Input) {
        self.hub.handle_input(self.now, input);
        let outputs: Vec<_> = std::iter::from_fn(|| self.hub.poll_output()).collect();
        let mut writes = Vec::new();
        for output in outputs {
            match output {
                Output::Write(write) => writes.push(write),
                Output::Deliver(notification) => self.in_flight.push(notification.id),
                Output::Login(..)
                | Output::Supersede(_)
                | Output::Answer(..)
                | Output::Values(..)
                | Output::Heartbeat(..)
                | Output::Reply(..) => {}
            }
        }
        let stores = [&mut self.file as &mut dyn Store, &mut self.memory];
        stores.into_iter().for_each(|store| store.commit(&writes).expect("what a hub writes can be kept"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_a_hub_writes_is_loaded_from_a_file_and_from_memory(steps in prop::collection::vec(step(), 0..60)) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.take(step));
        let loaded = world.file.load().expect("what was committed");
        for (device, stored) in world.hub.registry().devices().zip(&loaded.devices) {
            assert_eq!(world.hub.registry().machine(device).state(), &stored.state);
        }
        assert_eq!(loaded, world.memory.load().expect("memory never fails"));
    }
}

#[test]
fn a_hub_goes_on_where_the_store_ended() {
    let mut world = World::new();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000));
    let close =
        Close { reason: CloseReason::Closed, last_byte_at: at(10), last_command: protocol::Command::Ping };
    world.take(Step::Word(1, Word::Login { token: token(LAMP), address }));
    world.take(Step::Word(1, Word::Wrote { pin: Pin(3), value: "on".into() }));
    world.take(Step::Word(1, Word::Closed(close)));
    world.take(Step::Command(0, 4));
    world.take(Step::Wait(61));
    assert_eq!(world.in_flight, [NotificationId(1)]);

    let stored = world.file.load().expect("what was committed");
    assert_eq!(stored.devices[0].pending[&Pin(4)].id, CommandId(1));
    let mut hub = Hub::new(at(100), Arc::new(Settings::default()), stored);
    let get = Call { about: About::Device(LAMP), wish: Wish::Get(vec![Pin(3)]) };
    hub.handle_input(at(100), Input::Call(CallId(1), get));
    let outputs: Vec<_> = std::iter::from_fn(|| hub.poll_output()).collect();
    let [Output::Deliver(again), Output::Reply(_, Ok(reply))] = &outputs[..] else {
        panic!("one notification and one answer: {outputs:?}")
    };
    assert_eq!(again.id, NotificationId(1));
    assert_eq!(*reply, crate::hub::Reply::Values(vec![(Pin(3), "on".into())]));
}
