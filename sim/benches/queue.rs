//! What the event engine's queue costs beside a binary heap: the next one is woken and wants to be woken again in 45 s, as
//! devices with their heartbeats do, or in 20 ms, as messages on their way; for as many as a shard has and for far more.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

use blynk_sim::engine::{Calendar, Due};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const HEARTBEAT: u64 = 45_000;
const LATENCY: u64 = 20;

/// So many who are woken at moments that have no order, within this time.
fn crowd(size: u64, time: u64) -> impl Iterator<Item = Due> {
    (0..size).map(move |number| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % time, number))
}

fn queues(criterion: &mut Criterion) {
    for (name, wait) in [("heartbeats", HEARTBEAT), ("messages", LATENCY)] {
        let mut group = criterion.benchmark_group(name);
        for size in [256, 10_000, 1_000_000] {
            group.bench_with_input(BenchmarkId::new("calendar", size), &size, |bencher, size| {
                let mut queue = Calendar::default();
                crowd(*size, wait).for_each(|due| queue.push(due));
                bencher.iter(|| {
                    let (at, number) = queue.pop().expect("the crowd is awake");
                    queue.push((black_box(at + wait), number));
                });
            });
            group.bench_with_input(BenchmarkId::new("heap", size), &size, |bencher, size| {
                let mut queue: BinaryHeap<_> = crowd(*size, wait).map(Reverse).collect();
                bencher.iter(|| {
                    let Reverse((at, number)) = queue.pop().expect("the crowd is awake");
                    queue.push(Reverse((black_box(at + wait), number)));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, queues);
criterion_main!(benches);
