mod any;
mod clients;
mod errands;
mod freezes;
mod http;
mod networks;
mod servers;

use blynk_core::protocol::{Answer, Frame, MessageId, encode};
use blynk_core::time::Duration;

use super::*;
use crate::plan::{Device, Protocol, Quality, Source};
use crate::scenario::{Options, load};

/// A plan of one device with a heartbeat of 10 s, announced to a template that expects 20 s.
fn plan() -> Plan {
    let text = "scenario: x\ntemplate: { heartbeat: 20s }\n\
                devices: { a: { heartbeat: 10s, reconnect: every 5s } }\nexpect: { a: {} }\n";
    let source = Source { path: "x.yaml".into(), text: text.into() };
    load(source, &Options::default()).expect("a valid scenario").plan
}

fn second(second: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(second)
}

/// An endpoint and its clock. What it wants done reads `dial 1`, `1: ping`, `abandon 1`, `acted (remark)`.
struct World {
    endpoint: Endpoint,
    now: Instant,
}

impl World {
    fn of(change: impl FnOnce(&mut Device)) -> Self {
        let mut plan = plan();
        change(&mut plan.devices[0]);
        Self { endpoint: Endpoint::new(&plan, DeviceId(0)), now: Instant::ZERO }
    }

    fn new() -> Self {
        Self::of(|_| {})
    }

    /// Logged in at 0 s.
    fn connected() -> Self {
        let mut world = Self::new();
        world.act(Action::Connect);
        world.log_in(own(1));
        world
    }

    fn log_in(&mut self, connection: ConnectionId) {
        self.hear(connection, FromServer::Connected);
        self.hear(connection, answered(Answer::OK));
    }

    fn act(&mut self, action: Action) -> Vec<String> {
        self.input(Input::Action(&action))
    }

    fn server(&mut self, change: ServerChange) -> Vec<String> {
        self.input(Input::Server(change))
    }

    fn hear(&mut self, connection: ConnectionId, what: FromServer) -> Vec<String> {
        self.input(Input::FromServer(connection, what))
    }

    fn input(&mut self, input: Input<'_>) -> Vec<String> {
        self.endpoint.handle_input(self.now, input);
        std::iter::from_fn(|| self.endpoint.poll_output()).map(spell).collect()
    }

    /// Something comes back on a stream, and the engine says that it is this instant.
    fn hear_at(&mut self, at: Instant, connection: ConnectionId, what: FromServer) -> Vec<String> {
        self.endpoint.handle_input(at, Input::FromServer(connection, what));
        std::iter::from_fn(|| self.endpoint.poll_output()).map(spell).collect()
    }

    /// What is due until then, each with its second.
    fn wait_until(&mut self, end: u64) -> Vec<String> {
        let mut done = Vec::new();
        while let Some((at, _)) = self.endpoint.poll_timeout().filter(|(at, _)| *at <= second(end)) {
            self.now = self.now.max(at);
            let at = self.now;
            done.extend(self.input(Input::Timeout).into_iter().map(|what| format!("{at} {what}")));
        }
        self.now = second(end);
        done
    }

    fn lines(&self) -> usize {
        self.endpoint.others.len()
    }
}

fn own(dialled: u32) -> ConnectionId {
    ConnectionId { line: 0, dialled }
}

fn first_of(line: u32) -> ConnectionId {
    ConnectionId { line, dialled: 1 }
}

fn answered(answer: Answer) -> FromServer {
    let mut bytes = Vec::new();
    encode(Frame::Response { id: MessageId::FIRST, answer }, &mut bytes);
    FromServer::Bytes(bytes.into())
}

fn http(code: u16) -> FromServer {
    FromServer::Bytes(format!("HTTP/1.1 {code} \r\n\r\n").into_bytes().into())
}

fn spell(output: Output) -> String {
    match output {
        Output::Dial(connection) => format!("dial {connection}"),
        Output::Deliver(connection, ToServer::Message(message)) => {
            format!("{connection}: {}", message.content.name())
        }
        Output::Deliver(connection, end) => format!("{connection}: {end:?}"),
        Output::Abandon(connection) => format!("abandon {connection}"),
        Output::Acted(None) => "acted".into(),
        Output::Acted(Some(remark)) => format!("acted ({remark})"),
        Output::Noted(noted) => format!("noted {noted}"),
    }
}
