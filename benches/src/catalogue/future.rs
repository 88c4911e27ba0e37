//! Futures: made and awaited at once, awaited together, nested.

use super::Family;
use super::executor::Running;
use crate::peers::NaivePool;
use crate::{Prepared, Workload};
use simple_records::{Axes, AxisValue, Comparison, Display, Scale};
use simple_runtime::{RuntimeValue, Value, future};

const FUTURES: u64 = 1000;
const WORKERS: [u64; 3] = [1, 2, 4];
const FIB: i64 = 16;
const FIB_RESULT: u64 = 987;
/// Calls that the naive recursion makes for [`FIB`].
const FIB_CALLS: u64 = 3193;

extern "C-unwind" fn one(_: RuntimeValue) -> Value {
    Value::int(1)
}

fn wait(future: &Value) -> u64 {
    let result = future.as_future().and_then(future::Future::wait);
    result.and_then(|result| result.as_int()).unwrap_or(0) as u64
}

pub(super) fn families() -> Vec<Family> {
    vec![new_await(), await_all(), tree()]
}

fn workers_axes(how: &str, workers: u64) -> Axes {
    Axes::default().with("how", how).with("workers", AxisValue::Count(workers))
}

fn new_await() -> Family {
    let comparison = Comparison {
        id: "future/new-await".to_owned(),
        title: "What does it cost to make a future and await it at once?".to_owned(),
        explanation: format!(
            "{FUTURES} times in turn: make a task whose body answers 1, and wait for its result. \
             The runtime's awaiter runs a body that has not begun itself; a pool hands it to \
             another thread and back. Manual mode queues it and polls."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Category,
        series_axis: "how".to_owned(),
        facet_axis: None,
        item: "future".to_owned(),
        display: Display::TimePerItem,
    };
    let workloads = vec![
        Workload::new(
            &comparison,
            workers_axes("await", 1),
            "the most frequent use of a future: no thread is involved",
            |_| {
                let running = Running::threaded(1)?;
                Ok(Prepared::new(FUTURES, FUTURES, move || {
                    let _ = &running;
                    (0..FUTURES).map(|_| wait(&Value::future(Some(one), Value::nil()))).sum()
                }))
            },
        ),
        Workload::new(
            &comparison,
            workers_axes("manual poll", 1),
            "the same for embedded use, where bodies run in polls only",
            |_| {
                let running = Running::manual()?;
                Ok(Prepared::new(FUTURES, FUTURES, move || {
                    let _ = &running;
                    let run = |_| {
                        let future = Value::future(Some(one), Value::nil());
                        wait(&future);
                        simple_runtime::executor::poll();
                        wait(&future)
                    };
                    (0..FUTURES).map(run).sum()
                }))
            },
        ),
        Workload::new(
            &comparison,
            workers_axes("naive promise", 1),
            "upstream's way: a promise of a mutex and a condition variable, two wake-ups",
            |_| {
                let pool = NaivePool::new(1);
                Ok(Prepared::new(FUTURES, FUTURES, move || {
                    (0..FUTURES).map(|_| pool.spawn(|| 1_u64).wait()).sum()
                }))
            },
        )
        .peer(),
    ];
    Family { comparison, workloads }
}

fn await_all() -> Family {
    let comparison = Comparison {
        id: "future/await-all".to_owned(),
        title: "What does a result handle for each of many small tasks cost?".to_owned(),
        explanation: format!(
            "One thread makes {FUTURES} tasks whose bodies answer 1, starts them all, and waits \
             for every result."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "how".to_owned(),
        facet_axis: None,
        item: "future".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for workers in WORKERS {
        workloads.push(Workload::new(
            &comparison,
            workers_axes("all", workers),
            "fan-out and fan-in; the waiting thread runs what nobody has begun",
            move |_| {
                let running = Running::threaded(workers)?;
                Ok(Prepared::new(FUTURES, FUTURES, move || {
                    let _ = &running;
                    let futures: Vec<_> =
                        (0..FUTURES).map(|_| Value::future(Some(one), Value::nil())).collect();
                    future::all(&futures).iter().filter_map(Value::as_int).sum::<i64>() as u64
                }))
            },
        ));
        workloads.push(
            Workload::new(
                &comparison,
                workers_axes("naive promises", workers),
                "a pool and a promise for each result",
                move |_| {
                    let pool = NaivePool::new(workers);
                    Ok(Prepared::new(FUTURES, FUTURES, move || {
                        let promises: Vec<_> = (0..FUTURES).map(|_| pool.spawn(|| 1_u64)).collect();
                        promises.into_iter().map(crate::peers::Promise::wait).sum()
                    }))
                },
            )
            .peer(),
        );
        workloads.push(
            Workload::new(
                &comparison,
                workers_axes("rayon and channels", workers),
                "a work-stealing pool and a channel for each result",
                move |_| {
                    let pool =
                        rayon::ThreadPoolBuilder::new().num_threads(workers as usize).build()?;
                    Ok(Prepared::new(FUTURES, FUTURES, move || {
                        let results: Vec<_> = (0..FUTURES)
                            .map(|_| {
                                let (send, receive) = std::sync::mpsc::sync_channel(1);
                                pool.spawn(move || send.send(1_u64).expect("it is received"));
                                receive
                            })
                            .collect();
                        results.into_iter().map(|result| result.recv().unwrap_or(0)).sum()
                    }))
                },
            )
            .peer(),
        );
    }
    Family { comparison, workloads }
}

extern "C-unwind" fn fib(n: RuntimeValue) -> Value {
    let n = n.small_int().unwrap_or(0);
    if n < 2 {
        return Value::int(n);
    }
    let left = Value::future(Some(fib), Value::int(n - 1));
    if let Some(left) = left.as_future() {
        left.start();
    }
    let right = wait(&Value::future(Some(fib), Value::int(n - 2)));
    Value::int((wait(&left) + right) as i64)
}

fn rayon_fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (left, right) = rayon::join(|| rayon_fib(n - 1), || rayon_fib(n - 2));
    left + right
}

fn tree() -> Family {
    let comparison = Comparison {
        id: "future/tree".to_owned(),
        title: "What does a call cost in a tree of nested futures?".to_owned(),
        explanation: format!(
            "fib({FIB}) with a started future for one branch and an awaited one for the other: \
             {FIB_CALLS} calls, begun on a worker. rayon::join is fork and join without futures: \
             nothing outlives the call, so it allocates nothing."
        ),
        x_axis: "workers".to_owned(),
        x_scale: Scale::Log,
        series_axis: "how".to_owned(),
        facet_axis: None,
        item: "call".to_owned(),
        display: Display::TimePerItem,
    };
    let mut workloads = Vec::new();
    for workers in WORKERS {
        workloads.push(Workload::new(
            &comparison,
            workers_axes("futures", workers),
            "nested awaits: queue, take back, steal",
            move |_| {
                let running = Running::threaded(workers)?;
                Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || {
                    let _ = &running;
                    let root = Value::future(Some(fib), Value::int(FIB));
                    root.as_future().map(|root| root.wait_timeout(std::time::Duration::MAX));
                    wait(&root)
                }))
            },
        ));
        workloads.push(
            Workload::new(
                &comparison,
                workers_axes("rayon join", workers),
                "the floor for fork and join",
                move |_| {
                    let pool =
                        rayon::ThreadPoolBuilder::new().num_threads(workers as usize).build()?;
                    Ok(Prepared::new(FIB_CALLS, FIB_RESULT, move || {
                        pool.install(|| rayon_fib(FIB as u64))
                    }))
                },
            )
            .peer(),
        );
    }
    Family { comparison, workloads }
}
