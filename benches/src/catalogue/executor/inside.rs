//! Small tasks that one task spawns and awaits.

use super::tasks::{CountOne, TASKS, forget_count, spawn_and_await, take_count};
use super::{Alternative, add_by_workers};
use crate::Prepared;
use crate::catalogue::Family;
use crate::peers::{Pool, RayonPool, Settings, Task, TokioPool, in_a_poll, on_a_worker};
use anyhow::Result;

fn threaded(workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = &settings;
        forget_count(on_a_worker(spawn_and_await, 0))
    }))
}

fn manual() -> Result<Prepared> {
    let settings = Settings::manual()?;
    Ok(Prepared::new(TASKS, TASKS, move || {
        let _held = &settings;
        forget_count(in_a_poll(spawn_and_await, 0))
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
        take_count()
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
        forget_count(sum)
    }))
}

pub(super) fn family() -> Family {
    let title = "What does it cost when a task spawns many tasks and awaits them?";
    let mut family = super::question("executor/spawn-inside", title)
        .explain(format!(
            "One task on a worker spawns {TASKS} tasks, each of which adds one to a shared \
             counter, and awaits all of them. A pool whose waiting task keeps its worker would \
             deadlock with one worker, so pools fed by a channel are not here. rayon's scope \
             keeps no results; the others keep one for each task."
        ))
        .item("task");
    let reason = "the same code where nobody else can help";
    family.add(("manual", 1), reason, |_| manual()).gated();
    let alternatives = [
        Alternative::own(
            "threaded",
            "the runtime: what is queued is taken back by the awaiter",
            threaded,
        ),
        Alternative::peer("rayon scope", "the least that stealing workers need", rayon_scope),
        Alternative::peer("tokio", "a join handle for each task, awaited in order", tokio_handles),
    ];
    add_by_workers(&mut family, &alternatives);
    family
}
