//! Whatever happens, in whatever order.

use std::collections::BTreeSet;

use blynk_core::protocol::Command;
use proptest::prelude::*;

use super::*;
use crate::plan::{Client, Quality, Share};

#[derive(Clone, Debug)]
enum Event {
    Action(Action),
    Server(ServerChange),
    /// On one of the connections that were dialled.
    FromServer(usize, FromServer),
    /// So many milliseconds pass, and what is due is done.
    Pass(u64),
}

fn any_fault() -> impl Strategy<Value = FaultId> {
    (0u32..3).prop_map(FaultId)
}

fn any_share() -> impl Strategy<Value = Share> {
    (0u32..=1_000_000).prop_map(|millionths| Share::from_millionths(millionths).expect("at most the whole"))
}

fn any_impairment() -> impl Strategy<Value = Impairment> {
    prop_oneof![
        Just(Impairment::Drop),
        Just(Impairment::Partition),
        (0u64..3_000).prop_map(|millis| Impairment::Slow(Duration::from_millis(millis))),
        any_share().prop_map(Impairment::Lose),
    ]
}

fn any_network() -> impl Strategy<Value = Quality> {
    let quality = |(latency, jitter, loss)| {
        let [latency, jitter] = [latency, jitter].map(Duration::from_millis);
        Quality { latency, jitter, loss }
    };
    prop_oneof![Just(Quality::IDEAL), (0u64..2_000, 0u64..2_000, any_share()).prop_map(quality)]
}

fn any_action() -> impl Strategy<Value = Action> {
    let pin = Pin(1);
    let to = || String::from("offline");
    prop_oneof![
        Just(Action::Connect),
        Just(Action::Connect),
        Just(Action::Disconnect),
        (any_impairment(), any_fault()).prop_map(|(it, fault)| Action::Impair(it, fault)),
        (any_impairment(), any_fault()).prop_map(|(it, fault)| Action::Relieve(it, fault)),
        Just(Action::Heal),
        Just(Action::Reset),
        Just(Action::PowerOff),
        Just(Action::PowerOn),
        Just(Action::Send { pin, value: "1".into() }),
        Just(Action::SetHeartbeat(Duration::from_secs(3))),
        Just(Action::Garbage(Garbage::Random)),
        any_fault().prop_map(Action::Hang),
        any_fault().prop_map(Action::Resume),
        any_fault().prop_map(Action::Clone),
        any_fault().prop_map(Action::EndClone),
        Just(Action::BadToken),
        Just(Action::SetStatus { to: to(), by: Setter::Device }),
        Just(Action::SetStatus { to: to(), by: Setter::Operator }),
        Just(Action::Sleep { to: to() }),
        Just(Action::Command { pin, value: "5".into() }),
    ]
}

fn any_arrival() -> impl Strategy<Value = FromServer> {
    let mut value = Vec::new();
    blynk_core::protocol::encode_fields(Command::Hardware, MessageId::FIRST, &["vw", "1", "5"], &mut value);
    prop_oneof![
        4 => Just(FromServer::Connected),
        1 => Just(FromServer::Refused),
        4 => Just(answered(Answer::OK)),
        1 => Just(answered(Answer::INVALID_TOKEN)),
        1 => Just(http(200)),
        1 => Just(FromServer::Bytes(value.into())),
        1 => proptest::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| FromServer::Bytes(bytes.into())),
        1 => Just(FromServer::Fin),
        1 => Just(FromServer::Reset),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let change = prop_oneof![
        Just(ServerChange::Crashed),
        Just(ServerChange::Killed),
        Just(ServerChange::Stopped),
        Just(ServerChange::Started),
        Just(ServerChange::Started),
    ];
    prop_oneof![
        4 => any_action().prop_map(Event::Action),
        1 => change.prop_map(Event::Server),
        6 => (0usize..4, any_arrival()).prop_map(|(newest, what)| Event::FromServer(newest, what)),
        3 => (0u64..8_000).prop_map(Event::Pass),
    ]
}

fn any_library() -> impl Strategy<Value = Client> {
    prop_oneof![
        Just(Client::Cpp),
        Just(Client::Cpp0),
        Just(Client::Js),
        Just(Client::Python),
        Just(Client::PythonLegacy),
    ]
}

/// What an engine may rely on.
#[derive(Default)]
struct Engine {
    dialled: Vec<ConnectionId>,
    /// Given up, or ended towards the server.
    over: BTreeSet<ConnectionId>,
    acted: usize,
}

impl Engine {
    fn perform(&mut self, endpoint: &mut Endpoint) {
        while let Some(output) = endpoint.poll_output() {
            match output {
                Output::Dial(connection) => {
                    assert!(!self.dialled.contains(&connection), "{connection} is dialled once");
                    assert!(!self.over.contains(&connection), "{connection} is dialled before it ends");
                    self.dialled.push(connection);
                }
                Output::Deliver(connection, what) => self.deliver(connection, &what),
                Output::Abandon(connection) => {
                    assert!(self.over.insert(connection), "{connection} is given up once, while it lives");
                }
                Output::Acted(_) => self.acted += 1,
                Output::Noted(_) => {}
            }
        }
    }

    fn deliver(&mut self, connection: ConnectionId, what: &ToServer) {
        assert!(self.dialled.contains(&connection), "{connection} was dialled");
        assert!(!self.over.contains(&connection), "nothing is delivered on {connection} after its end");
        if matches!(what, ToServer::Fin | ToServer::Reset) {
            self.over.insert(connection);
        }
    }
}

/// Lives through all this; returns how many actions were acknowledged.
fn live(mut world: World, events: &[Event]) -> usize {
    let mut engine = Engine::default();
    for event in events {
        match event {
            Event::Action(action) => world.endpoint.handle_input(world.now, Input::Action(action)),
            Event::Server(change) => world.endpoint.handle_input(world.now, Input::Server(*change)),
            Event::FromServer(newest, what) => {
                if let Some(connection) = engine.dialled.iter().rev().nth(*newest) {
                    world.endpoint.handle_input(world.now, Input::FromServer(*connection, what.clone()));
                }
            }
            Event::Pass(millis) => pass(&mut world, &mut engine, *millis),
        }
        engine.perform(&mut world.endpoint);
    }
    // Without server and power everybody is done soon, and then no line is kept.
    world.endpoint.handle_input(world.now, Input::Server(ServerChange::Killed));
    world.endpoint.handle_input(world.now, Input::Action(&Action::PowerOff));
    world.endpoint.handle_input(world.now, Input::Action(&Action::Heal));
    pass(&mut world, &mut engine, 60_000);
    assert_eq!(world.lines(), 0);
    assert!(world.endpoint.clones.is_empty());
    engine.acted - 2
}

fn pass(world: &mut World, engine: &mut Engine, millis: u64) {
    let end = world.now + Duration::from_millis(millis);
    let mut timeouts = 0;
    while let Some((at, _)) = world.endpoint.poll_timeout().filter(|(at, _)| *at <= end) {
        world.now = world.now.max(at);
        world.endpoint.handle_input(world.now, Input::Timeout);
        engine.perform(&mut world.endpoint);
        timeouts += 1;
        assert!(timeouts < 1_000, "time passes");
    }
    world.now = end;
    engine.perform(&mut world.endpoint);
}

fn check(world: World, events: &[Event]) {
    let actions = events.iter().filter(|event| matches!(event, Event::Action(_))).count();
    assert_eq!(live(world, events), actions, "every action is acknowledged once");
}

proptest! {
    #[test]
    fn nothing_is_delivered_on_a_connection_that_is_over(
        network in any_network(),
        events in proptest::collection::vec(any_event(), 0..120),
    ) {
        let sends = |device: &mut Device| {
            device.network = network;
            device.sends = Some(Duration::from_secs(7));
        };
        check(World::of(sends), &events);
    }

    #[test]
    fn the_same_holds_for_devices_that_report(
        network in any_network(),
        events in proptest::collection::vec(any_event(), 0..120),
    ) {
        let reports = |device: &mut Device| {
            device.network = network;
            device.protocol = Protocol::Http;
            device.sends = Some(Duration::SECOND);
        };
        check(World::of(reports), &events);
    }

    #[test]
    fn the_same_holds_for_every_client_library(
        client in any_library(),
        events in proptest::collection::vec(any_event(), 0..120),
    ) {
        let keeps = |device: &mut Device| {
            device.protocol = Protocol::Hardware(client);
            device.sends = Some(Duration::from_secs(7));
        };
        check(World::of(keeps), &events);
    }
}
