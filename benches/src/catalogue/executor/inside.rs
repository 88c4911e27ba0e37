//! Small tasks that one task spawns and awaits.

use super::{CountOne, RAN, Way, axes, by_workers};
use crate::catalogue::Family;
use crate::peers::{Pool, RayonPool, Settings, Task, TokioPool, body, in_a_poll, on_a_worker};
use crate::{Prepared, Workload};
use anyhow::Result;
use simple_records::{Comparison, Display, Scale};
use simple_runtime::{RuntimeValue, Value, future};
use std::sync::atomic::Ordering;

const TASKS: u64 = 10_000;

/// The parent's body: makes the tasks, awaits all, answers how many there were.
extern "C-unwind" fn spawn_and_await(_: RuntimeValue) -> Value {
    let make = |i| Value::future(Some(body::<CountOne>), Value::int(i));
    let futures: Vec<_> = (0..TASKS as i64).map(make).collect();
    let done = future::all(&futures).iter().filter_map(Value::as_int).sum();
    Value::int(done)
}

fn reset(answer: u64) -> u64 {
    RAN.store(0, Ordering::Relaxed);
    answer
}

fn threaded(workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = &settings;
        reset(on_a_worker(spawn_and_await, 0))
    }))
}

fn manual() -> Result<Prepared> {
    let settings = Settings::manual()?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = &settings;
        reset(in_a_poll(spawn_and_await, 0))
    }))
}

fn rayon_scope(workers: u64) -> Result<Prepared> {
    let pool = RayonPool::start(workers)?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        pool.install(|| {
            rayon::scope(|scope| {
                for i in 0..TASKS {
                    scope.spawn(move |_| {
                        CountOne::run(i);
                    });
                }
            });
        });
        RAN.swap(0, Ordering::Relaxed)
    }))
}

fn tokio_handles(workers: u64) -> Result<Prepared> {
    let pool = TokioPool::start(workers)?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let sum = pool.on_worker(async {
            let make = |i| tokio::spawn(async move { CountOne::run(i) });
            let handles: Vec<_> = (0..TASKS).map(make).collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await.unwrap_or(0);
            }
            sum
        });
        reset(sum)
    }))
}

pub(super) fn family() -> Family {
    let comparison = Comparison {
        id: "executor/spawn-inside".to_owned(),
        title: "What does it cost when a task spawns many tasks and awaits them?".to_owned(),
        explanation: format!(
            "One task on a worker spawns {TASKS} tasks, each of which adds one to a shared \
             counter, and awaits all of them. A pool whose waiting task keeps its worker would \
             deadlock with one worker, so pools fed by a channel are not here. rayon's scope \
             keeps no results; the others keep one for each task."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "executor".to_owned(),
        facet_axis: None,
        defaults: super::defaults(),
        item: "task".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = vec![Workload::new(
        &comparison,
        axes("manual", 1),
        "the same code where nobody else can help",
        |_| manual(),
    )];
    let ways: [Way; 3] = [
        ("threaded", "the runtime: what is queued is taken back by the awaiter", false, threaded),
        ("rayon scope", "the least that stealing workers need", true, rayon_scope),
        ("tokio", "a join handle for each task, awaited in order", true, tokio_handles),
    ];
    workloads.extend(by_workers(&comparison, axes, &ways));
    Family { comparison, workloads }
}
