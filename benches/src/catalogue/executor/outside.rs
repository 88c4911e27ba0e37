//! Small tasks from a thread outside of the pool.

use super::{CountOne, RAN, WORKERS, all_ran, axes, profile};
use crate::catalogue::Family;
use crate::peers::{Pool, PoolKind, Settings, Task, WithPool};
use crate::{Prepared, Workload};
use anyhow::Result;
use simple_records::{Comparison, Display, Scale};
use simple_runtime::{RuntimeValue, Value, executor};
use std::sync::atomic::Ordering;

const TASKS: u64 = 10_000;

struct SubmitAll {
    workers: u64,
}

impl WithPool for SubmitAll {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        Ok(Prepared::new(TASKS, TASKS, move || {
            (0..TASKS).for_each(|i| pool.submit::<CountOne>(i));
            all_ran(TASKS)
        }))
    }
}

extern "C-unwind" fn count_one(_: RuntimeValue) -> Value {
    CountOne::run(0);
    Value::nil()
}

pub(super) fn family() -> Family {
    let comparison = Comparison {
        id: "executor/empty-tasks".to_owned(),
        title: "Which mode, and how many workers, for many small tasks?".to_owned(),
        explanation: format!(
            "One thread outside of the pool submits {TASKS} tasks, each of which adds one to a \
             shared counter, and waits until all have run. The counter is part of every figure. \
             Manual mode runs the tasks on the submitting thread, so it has no workers; it is \
             shown at one. Tasks this small say what handing them over costs, not how well long \
             ones are spread."
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
        "what a task costs when no thread is woken and no line is shared",
        |_| {
            let settings = Settings::manual()?;
            Ok(Prepared::new(TASKS, TASKS, move || {
                let _held = &settings;
                for _ in 0..TASKS {
                    executor::submit(count_one, Value::nil());
                }
                executor::poll_all();
                RAN.swap(0, Ordering::Relaxed)
            }))
        },
    )];
    for workers in WORKERS {
        for kind in PoolKind::ALL {
            let workload =
                Workload::new(&comparison, axes(kind.name(), workers), kind.reason(), move |_| {
                    kind.dispatch(SubmitAll { workers })
                });
            let profile = profile(workers, kind.is_peer() && workers != 8);
            workloads.push(workload.peer_if(kind.is_peer()).in_profile(profile));
        }
    }
    Family { comparison, workloads }
}
