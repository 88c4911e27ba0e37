//! Small tasks from outside, by mode and number of workers.

use super::Family;
use crate::peers::NaivePool;
use crate::{Prepared, Workload};
use anyhow::Result;
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use simple_runtime::executor::{self, Mode};
use simple_runtime::{RuntimeValue, Value};
use std::sync::atomic::{AtomicU64, Ordering};

const TASKS: u64 = 10_000;
const WORKERS: [u64; 4] = [1, 2, 4, 8];

/// What the tasks count in, the same for all alternatives.
static RAN: AtomicU64 = AtomicU64::new(0);

/// The executor's settings, until this is dropped.
pub(super) struct Running;

impl Running {
    pub(super) fn threaded(workers: u64) -> Result<Self> {
        executor::shutdown()?;
        executor::set_workers(workers as i64)?;
        executor::start()?;
        Ok(Self)
    }

    pub(super) fn manual() -> Result<Self> {
        executor::shutdown()?;
        executor::set_mode(Mode::Manual)?;
        Ok(Self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        executor::shutdown().expect("benchmarks run no tasks while they take down");
    }
}

fn count_one() {
    RAN.fetch_add(1, Ordering::Relaxed);
}

extern "C-unwind" fn count(_: RuntimeValue) -> Value {
    count_one();
    Value::nil()
}

/// Waits until all tasks have run, without taking a core from those that run them.
fn all_ran() -> u64 {
    while RAN.load(Ordering::Acquire) < TASKS {
        std::thread::yield_now();
    }
    RAN.swap(0, Ordering::Relaxed)
}

fn submit_all(submit: impl Fn()) -> u64 {
    (0..TASKS).for_each(|_| submit());
    all_ran()
}

pub(super) fn families() -> Vec<Family> {
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
        item: "task".to_owned(),
        display: Display::TimePerItem,
    };
    let axes = |executor: &str, workers| {
        Axes::default().with("executor", executor).with("workers", AxisValue::Count(workers))
    };
    let mut workloads = vec![Workload::new(
        &comparison,
        axes("manual", 1),
        "what a task costs when no thread is woken and no line is shared",
        |_| {
            let running = Running::manual()?;
            Ok(Prepared::new(TASKS, TASKS, move || {
                let _ = &running;
                (0..TASKS).for_each(|_| drop_id(executor::submit(count, Value::nil())));
                executor::poll_all();
                RAN.swap(0, Ordering::Relaxed)
            }))
        },
    )];
    for workers in WORKERS {
        workloads.push(Workload::new(
            &comparison,
            axes("threaded", workers),
            "what handing a task to the pool costs, and whether more workers get in its way",
            move |_| {
                let running = Running::threaded(workers)?;
                Ok(Prepared::new(TASKS, TASKS, move || {
                    let _ = &running;
                    submit_all(|| drop_id(executor::submit(count, Value::nil())))
                }))
            },
        ));
        workloads.push(
            Workload::new(
                &comparison,
                axes("naive pool", workers),
                "the pool that everybody writes first: mutex, condition variable, boxed closures",
                move |_| {
                    let pool = NaivePool::new(workers);
                    Ok(Prepared::new(TASKS, TASKS, move || submit_all(|| pool.submit(count_one))))
                },
            )
            .peer(),
        );
        workloads.push(
            Workload::new(
                &comparison,
                axes("rayon", workers),
                "a well-kept work-stealing pool",
                move |_| {
                    let pool =
                        rayon::ThreadPoolBuilder::new().num_threads(workers as usize).build()?;
                    Ok(Prepared::new(TASKS, TASKS, move || submit_all(|| pool.spawn(count_one))))
                },
            )
            .peer(),
        );
    }
    vec![Family { comparison, workloads }]
}

/// Task ids are of no use here.
fn drop_id(_: i64) {}
