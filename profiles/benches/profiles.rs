//! Speed of the readers of other programs' files, on generated files.

#![allow(missing_docs, reason = "criterion_group generates a function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use simple_profiles::{callgrind, perf};
use std::fmt::Write;
use std::hint::black_box;

/// Size of the recording, in bytes.
const RECORDING_BYTES: usize = 10_000_000;

/// Functions of the callgrind file; each is called by the one before it.
const FUNCTIONS: usize = 200;

/// Name of a function, as long as names of generic functions are.
fn function(number: usize) -> String {
    format!("simple_runtime::executor::worker::Worker<simple_runtime::job::Job>::step_{number}")
}

/// Generated output of `perf script`: samples with stacks of 20 to 59 frames, of which many repeat.
fn recording() -> String {
    let mut text = String::with_capacity(RECORDING_BYTES + 10_000);
    let mut sample = 0_usize;
    while text.len() < RECORDING_BYTES {
        let _ =
            writeln!(text, "worker-{} 12 {}.{:09}: cycles: ", sample % 4, sample / 1000, sample);
        for depth in 0..20 + sample % 40 {
            let name = function((depth + sample % 7) % 90);
            let _ = writeln!(text, "\t{:16x} {name}+0x12 (/tmp/program)", 0x1000 + depth);
        }
        text.push('\n');
        sample += 1;
    }
    text
}

/// Generated output of callgrind with callers: a chain of functions, as deep as it records.
fn chain() -> String {
    let mut text = String::from("# callgrind format\nversion: 1\nevents: Ir\n\n");
    let contexts: Vec<String> = (0..FUNCTIONS)
        .map(|depth| (0..=depth).rev().map(function).collect::<Vec<_>>().join("'"))
        .collect();
    let _ = writeln!(text, "fn=(1) {}\n0 10", contexts[0]);
    for (depth, context) in contexts.iter().enumerate().skip(1) {
        let inclusive = 10 * (FUNCTIONS - depth);
        let _ = writeln!(text, "cfn=({}) {context}\ncalls=1 0\n0 {inclusive}\n", depth + 1);
        let _ = writeln!(text, "fn=({})\n0 10", depth + 1);
    }
    let _ = writeln!(text, "totals: {}", 10 * FUNCTIONS);
    text
}

fn perf_recording(criterion: &mut Criterion) {
    let text = recording();
    let records = perf::script::read(text.as_bytes()).inspect(|record| assert!(record.is_ok()));
    assert!(records.count() > 1000);
    let mut group = criterion.benchmark_group("perf");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("10 MB of perf script", |bencher| {
        bencher.iter(|| perf::script::read(black_box(text.as_bytes())).count());
    });
    group.finish();
}

fn callgrind_file(criterion: &mut Criterion) {
    let text = chain();
    let profile = callgrind::parse(&text).unwrap();
    assert_eq!(profile.costs.functions.len(), FUNCTIONS);
    let mut group = criterion.benchmark_group("callgrind");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("200 callers", |bencher| {
        bencher.iter(|| callgrind::parse(black_box(&text)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, perf_recording, callgrind_file);
criterion_main!(benches);
