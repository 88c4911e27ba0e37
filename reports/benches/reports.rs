//! Speed of the reports themselves, on the records of the tests.

#![allow(missing_docs, reason = "criterion_group generates a function")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::gate::{At, calm, whole};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use simple_records::{LogFile, Run, Side};
use simple_reports::analysis::Report;
use simple_reports::html;
use simple_reports::judge::Judging;
use simple_reports::text::{self, GateView};
use std::hint::black_box;

fn run_of_300_workloads(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = common::write(folder.path(), &common::large_run());
    let run = Run::read(&path).unwrap();
    let report = Report::new(run.clone());
    assert_eq!(report.workloads().count(), 300);
    let mut group = criterion.benchmark_group("300 workloads");
    group.sample_size(10);
    group.bench_function("read", |bencher| bencher.iter(|| Run::read(black_box(&path)).unwrap()));
    group.bench_function("analyse", |bencher| {
        bencher.iter_batched(|| run.clone(), Report::new, BatchSize::LargeInput);
    });
    group.bench_function("page", |bencher| {
        bencher.iter(|| html::page(black_box(&report)).unwrap());
    });
    group.bench_function("terminal", |bencher| {
        bencher.iter(|| text::terminal(black_box(&report)));
    });
    group.finish();
}

fn gate_of_100_workloads(criterion: &mut Criterion) {
    let names: Vec<String> = (0..100).map(|n| format!("family-{}/{n}", n % 7)).collect();
    let slower = |name: &str, side| match (name, side) {
        ("family-0/0" | "family-3/3", Side::Head) => 0.1,
        _ => 0.0,
    };
    let model = calm(slower);
    let gate = whole(&names, 1, |at: At| model(at));
    let report = Judging::default().judge(&gate);
    assert_eq!(report.rows.len(), 100);
    let mut group = criterion.benchmark_group("gate of 100 workloads");
    group.sample_size(10);
    group.bench_function("judge", |bencher| {
        bencher.iter(|| Judging::default().judge(black_box(&gate)));
    });
    group.bench_function("Markdown", |bencher| {
        bencher.iter(|| text::gate_markdown(&GateView::new(black_box(&report), None)));
    });
    group.bench_function("page", |bencher| {
        bencher.iter(|| html::gate_page(&GateView::new(black_box(&report), None), &[]).unwrap());
    });
    group.finish();
}

criterion_group!(benches, run_of_300_workloads, gate_of_100_workloads);
criterion_main!(benches);
