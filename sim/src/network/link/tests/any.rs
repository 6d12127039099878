//! Whatever the network does, a live connection loses nothing and keeps the order.

use std::collections::VecDeque;

use blynk_core::id::Pin;
use blynk_core::time::Duration;
use proptest::prelude::*;

use super::*;
use crate::plan::Share;

#[derive(Clone, Debug)]
enum Event {
    Send,
    Answer,
    Impair(Impairment, FaultId),
    Relieve(FaultId),
    Heal,
    /// So many milliseconds pass.
    Pass(u64),
}

fn any_share() -> impl Strategy<Value = Share> {
    (0u32..=1_000_000).prop_map(|millionths| Share::from_millionths(millionths).expect("at most the whole"))
}

fn any_quality() -> impl Strategy<Value = Quality> {
    (0u64..3_000, 0u64..3_000, 0u32..500_000).prop_map(|(latency, jitter, loss)| Quality {
        latency: Duration::from_millis(latency),
        jitter: Duration::from_millis(jitter),
        loss: Share::from_millionths(loss).expect("less than the whole"),
    })
}

fn any_impairment() -> impl Strategy<Value = Impairment> {
    prop_oneof![
        Just(Impairment::Drop),
        Just(Impairment::Partition),
        (0u64..5_000).prop_map(|millis| Impairment::Slow(Duration::from_millis(millis))),
        any_share().prop_map(Impairment::Lose),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let fault = || (0u32..4).prop_map(FaultId);
    prop_oneof![
        4 => Just(Event::Send),
        4 => Just(Event::Answer),
        2 => (any_impairment(), fault()).prop_map(|(impairment, fault)| Event::Impair(impairment, fault)),
        2 => fault().prop_map(Event::Relieve),
        1 => Just(Event::Heal),
        4 => (0u64..5_000).prop_map(Event::Pass),
    ]
}

/// A live connection, and what is under way on it.
struct World {
    link: Link,
    now: Instant,
    sent: u32,
    there: VecDeque<Output>,
    back: VecDeque<Output>,
}

impl World {
    fn over(network: Quality) -> Self {
        let mut link = Link::new(network, 7);
        link.dial(NOW);
        while drain(&mut link).is_empty() {
            link.time_out(link.poll_timeout().expect("SYN is under way"));
        }
        link.established();
        Self {
            link,
            now: Instant::from_millis(1_000_000),
            sent: 0,
            there: VecDeque::new(),
            back: VecDeque::new(),
        }
    }

    fn apply(&mut self, event: Event) {
        self.sent += 1;
        match event {
            Event::Send => {
                let content = Content::Write { pin: Pin(1), value: self.sent.to_string().into() };
                let message = Message { id: MessageId::FIRST, content };
                self.there.push_back(Output::Deliver(FIRST, ToServer::Message(message.clone())));
                self.link.send(self.now, message);
            }
            Event::Answer => {
                let bytes = FromServer::Bytes(self.sent.to_le_bytes().as_slice().into());
                self.back.push_back(Output::Arrive(bytes.clone()));
                self.link.from_server(self.now, FIRST, bytes);
            }
            Event::Impair(impairment, fault) => self.link.impair(impairment, fault),
            Event::Relieve(fault) => _ = self.link.relieve(self.now, fault),
            Event::Heal => _ = self.link.heal(self.now),
            Event::Pass(millis) => self.pass(self.now + Duration::from_millis(millis)),
        }
        self.check();
    }

    fn pass(&mut self, end: Instant) {
        while let Some(due) = self.link.poll_timeout().filter(|due| *due <= end) {
            self.link.time_out(due);
            assert!(self.link.poll_timeout().is_none_or(|next| next > due), "time passes");
            self.check();
        }
        self.now = end;
    }

    /// What gets through is the next that was sent.
    fn check(&mut self) {
        for output in drain(&mut self.link) {
            let under_way =
                if matches!(output, Output::Arrive(_)) { &mut self.back } else { &mut self.there };
            assert_eq!(Some(output), under_way.pop_front());
        }
    }
}

proptest! {
    #[test]
    fn everything_arrives_once_and_in_order(
        network in any_quality(),
        events in proptest::collection::vec(any_event(), 0..100),
    ) {
        let mut world = World::over(network);
        events.into_iter().for_each(|event| world.apply(event));
        world.apply(Event::Heal);
        world.pass(world.now + Duration::DAY);
        prop_assert_eq!((world.there.len(), world.back.len()), (0, 0));
        prop_assert_eq!(world.link.poll_timeout(), None);
    }
}
