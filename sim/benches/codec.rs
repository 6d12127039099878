//! Bytes in, bytes out: what one heartbeat of one device costs.

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use blynk_core::id::SessionId;
use blynk_core::protocol::{Answer, Command, Frame, MessageId, decode, encode};
use blynk_core::session::{Input, LoginAnswer, Session};
use blynk_core::settings::Settings;
use blynk_core::time::{Duration, Instant};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const FRAMES: u64 = 10_000;
const BODY_LIMIT: u16 = 4_096;

fn frames(frame: impl Fn(MessageId) -> Frame<'static>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let ids = std::iter::successors(Some(MessageId::FIRST), |id| Some(id.next()));
    ids.take(FRAMES as usize).for_each(|id| encode(frame(id), &mut bytes));
    bytes
}

fn ping(id: MessageId) -> Frame<'static> {
    Frame::Request { command: Command::Ping, id, body: b"" }
}

fn write(id: MessageId) -> Frame<'static> {
    Frame::Request { command: Command::Hardware, id, body: b"vw\x001\x0022.5" }
}

/// Reads every frame, and looks at each so that none can be left out.
fn decode_all(mut input: &[u8]) -> u64 {
    let mut ids = 0;
    while let Ok(Some(frame)) = decode(&mut input, BODY_LIMIT) {
        let (Frame::Request { id, .. } | Frame::Response { id, .. }) = frame;
        ids += u64::from(id.get());
    }
    assert!(input.is_empty(), "every frame is legal");
    ids
}

fn answer_all(out: &mut Vec<u8>) {
    out.clear();
    let ids = std::iter::successors(Some(MessageId::FIRST), |id| Some(id.next()));
    for id in ids.take(FRAMES as usize) {
        encode(Frame::Response { id, answer: Answer::OK }, out);
    }
}

fn codec(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(FRAMES));
    let (pings, writes) = (frames(ping), frames(write));
    group.bench_function("decode pings", |bencher| bencher.iter(|| decode_all(black_box(&pings))));
    group.bench_function("decode writes", |bencher| bencher.iter(|| decode_all(black_box(&writes))));
    let mut out = Vec::new();
    group.bench_function("encode answers", |bencher| {
        bencher.iter(|| {
            answer_all(&mut out);
            black_box(out.last());
        });
    });
}

/// One heartbeat: an encoded ping in, its encoded answer out.
fn session(criterion: &mut Criterion) {
    let (mut session, mut now, mut answer) = (logged_in(), Instant::ZERO, Vec::new());
    let mut ping_bytes = Vec::new();
    encode(ping(MessageId::FIRST), &mut ping_bytes);
    let mut group = criterion.benchmark_group("session");
    group.throughput(Throughput::Elements(1));
    group.bench_function("answer a ping", |bencher| {
        bencher.iter(|| {
            now = now + Duration::SECOND;
            session.handle_input(now, Input::Bytes(black_box(&ping_bytes)));
            answer.clear();
            session.poll_transmit(&mut answer);
            black_box((session.poll_output(), session.poll_timeout(), answer.len()))
        });
    });
    assert_eq!(answer, [0, 0, 1, 0, 200], "the session is still there and answers");
}

fn logged_in() -> Session {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    let mut session = Session::new(Instant::ZERO, SessionId(1), address, Arc::new(Settings::default()));
    let (mut login, token) = (Vec::new(), [b'a'; 32]);
    encode(Frame::Request { command: Command::HwLogin, id: MessageId::FIRST, body: &token }, &mut login);
    session.handle_input(Instant::ZERO, Input::Bytes(&login));
    let heartbeat = Duration::from_secs(45);
    session.handle_input(Instant::ZERO, Input::Login(LoginAnswer::Accepted { heartbeat }));
    while session.poll_output().is_some() {}
    session
}

criterion_group!(benches, codec, session);
criterion_main!(benches);
