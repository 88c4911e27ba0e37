//! Coverage probes, by number of threads.

use super::Family;
use crate::team::Team;
use crate::{Prepared, Workload};
use anyhow::{Context, Result, ensure};
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use simple_runtime::coverage::{self, Site};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const THREADS: [u64; 4] = [1, 2, 4, 8];
/// Probes of all threads together in one iteration.
const PROBES: u64 = 400_000;
const DECISION: u32 = 1;

/// Outcomes alternate, so half of the probes are true.
fn alternating(probes: u64, mut probe: impl FnMut(bool)) -> u64 {
    for i in 0..probes {
        probe(std::hint::black_box(i % 2 == 0));
    }
    probes
}

fn prepared<F: FnMut(bool) + Send + 'static>(
    threads: u64,
    probe: impl Fn() -> F + 'static,
) -> Prepared {
    let team = Team::new(threads, |_| {
        let mut probe = probe();
        move || alternating(PROBES / threads, &mut probe)
    });
    Prepared::team(PROBES, PROBES, team)
}

fn runtime(threads: u64) -> Prepared {
    coverage::clear();
    let probe = || |outcome| coverage::decision(DECISION, outcome, Site::new(c"bench.spl", 1, 1));
    prepared(threads, probe).audit(|runs| {
        let report = coverage::report();
        let row = report.decisions.first().context("no decision was counted")?;
        let half = runs * PROBES / 2;
        ensure!(
            (row.true_count, row.false_count) == (half, half),
            "counted {} true and {} false where {half} of each is right",
            row.true_count,
            row.false_count
        );
        Ok(())
    })
}

fn one_atomic(threads: u64) -> Prepared {
    static COUNTS: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    prepared(threads, || {
        |outcome| {
            COUNTS[usize::from(outcome)].fetch_add(1, Ordering::Relaxed);
        }
    })
}

fn locked_map(threads: u64) -> Prepared {
    type Counts = HashMap<(u32, &'static str, u32, u32), [u64; 2]>;
    let counts = Arc::new(Mutex::new(Counts::new()));
    prepared(threads, move || {
        let counts = counts.clone();
        move |outcome| {
            let mut counts = counts.lock().expect("nobody panics here");
            let count = counts.entry((DECISION, "bench.spl", 1, 1)).or_default();
            count[usize::from(outcome)] += 1;
        }
    })
}

pub(super) fn families() -> Vec<Family> {
    let comparison = Comparison {
        id: "coverage/probe".to_owned(),
        title: "What does a coverage probe cost, and do threads slow each other down?".to_owned(),
        explanation: format!(
            "{PROBES} decision probes an iteration, shared out among threads that all hit the same \
             decision. The figure is elapsed time by all threads' probes: with more processors it \
             falls if threads do not disturb each other."
        ),
        x_axis: "threads".to_owned(),
        x_scale: Scale::Log,
        series_axis: "counter".to_owned(),
        facet_axis: None,
        item: "probe".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for threads in THREADS {
        let axes = |counter: &str| {
            Axes::default().with("counter", counter).with("threads", AxisValue::Count(threads))
        };
        let ours = move |_: &crate::Data| -> Result<Prepared> { Ok(runtime(threads)) };
        let why = "compiled code runs one at every decision";
        workloads.push(Workload::new(&comparison, axes("runtime"), why, ours));
        let why = "two shared counters: what a probe without a table would cost";
        let atomic = move |_: &crate::Data| -> Result<Prepared> { Ok(one_atomic(threads)) };
        workloads.push(Workload::new(&comparison, axes("shared atomics"), why, atomic).peer());
        let why = "upstream's way: one map behind one mutex";
        let map = move |_: &crate::Data| -> Result<Prepared> { Ok(locked_map(threads)) };
        workloads.push(Workload::new(&comparison, axes("locked map"), why, map).peer());
    }
    vec![Family { comparison, workloads }]
}
