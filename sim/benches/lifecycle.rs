//! What one input costs the lifecycle machine of one device.

use std::hint::black_box;
use std::sync::Arc;

use blynk_core::close::CloseReason;
use blynk_core::id::SessionId;
use blynk_core::lifecycle::{Chain, Input, Machine, State, Template};
use blynk_core::time::{Duration, Instant};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Login, close, timeout, each with the questions that a driver asks afterwards.
fn cycle(machine: &mut Machine, start: Instant) {
    let hear = |machine: &mut Machine, now, input| {
        machine.handle_input(now, black_box(input));
        black_box((machine.poll_output(), machine.poll_timeout()));
    };
    hear(machine, start, Input::LoggedIn(SessionId(1)));
    hear(machine, start, Input::Closed { reason: CloseReason::Closed, last_byte_at: start });
    hear(machine, (start + Duration::MINUTE).when_over(), Input::Timeout);
}

fn machine(criterion: &mut Criterion) {
    let template = Arc::new(Template::new("sensor", Chain::default()));
    let (mut machine, mut now) = (Machine::new(template, State::NEW), Instant::ZERO);
    let mut group = criterion.benchmark_group("lifecycle");
    group.throughput(Throughput::Elements(3));
    group.bench_function("login, close, timeout", |bencher| {
        bencher.iter(|| {
            cycle(&mut machine, now);
            now = now + Duration::HOUR;
        });
    });
    assert!(machine.standing().is_some_and(|standing| standing.status.0 == 1), "every cycle ends offline");
}

criterion_group!(benches, machine);
criterion_main!(benches);
