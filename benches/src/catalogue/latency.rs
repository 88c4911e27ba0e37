//! Latency of single tasks from outside, at fixed rates.

use super::Family;
use crate::peers::{Pool, PoolKind, Settings, Task, WithPool, body};
use crate::{Effort, Instrument, Operation, Prepared};
use anyhow::Result;
use simple_records::{Display, Scale};
use simple_runtime::RuntimeValue;
use simple_runtime::Value;
use simple_runtime::ffi::executor::rt_executor_submit;
use simple_runtime::ffi::future::{rt_future_new, rt_future_start};
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

const WORKERS: [u64; 2] = [1, 2];
const GRAINS: [Grain; 2] = [Grain::Empty, Grain::TenMicroseconds];
/// Steps of [`compute`] whose time is taken, and how often.
const STEPS_TIMED: u64 = 10_000;
const TIMINGS: u32 = 200;

/// Work of an operation besides noting its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grain {
    Empty,
    TenMicroseconds,
}

impl Grain {
    fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TenMicroseconds => "10us",
        }
    }

    #[inline]
    fn work(self) {
        if self == Self::TenMicroseconds {
            compute(*STEPS_10US);
        }
    }
}

/// Number of steps that take 10 us when nothing else is in the way. A fixed number of steps, not a
/// loop that looks at the clock: to be interrupted must not make the work any less.
static STEPS_10US: LazyLock<u64> = LazyLock::new(|| {
    let time = |_| {
        let start = Instant::now();
        compute(STEPS_TIMED);
        start.elapsed()
    };
    let best = (0..TIMINGS).map(time).min().unwrap_or(Duration::from_micros(10));
    STEPS_TIMED * 10_000 / (best.as_nanos() as u64).max(1)
});

/// Each step needs the one before, so all processors take their time.
fn compute(steps: u64) {
    let step = |x: u64, _| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    black_box((0..black_box(steps)).fold(1, step));
}

/// An operation of an empty or a working task; the argument is its address.
struct Operate<const WORKS: bool>;

impl<const WORKS: bool> Task for Operate<WORKS> {
    #[inline]
    fn run(address: u64) -> u64 {
        if WORKS {
            Grain::TenMicroseconds.work();
        }
        // SAFETY: everything in this file that runs the task makes its argument from an
        // operation.
        unsafe { Operation::from_address(address as i64) }.complete();
        0
    }
}

fn context_of(operation: Operation) -> RuntimeValue {
    RuntimeValue::from_small_int(operation.to_address()).expect("addresses have 57 bits at most")
}

/// The address of what the runtime runs for this grain.
fn function_for(grain: Grain) -> u64 {
    let function: extern "C-unwind" fn(RuntimeValue) -> Value = match grain {
        Grain::Empty => body::<Operate<false>>,
        Grain::TenMicroseconds => body::<Operate<true>>,
    };
    function as usize as u64
}

fn runtime(grain: Grain, workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    let function = function_for(grain);
    Ok(Prepared::service(move |operation| {
        let _held = &settings;
        // SAFETY: the address is that of a function of the right type, the word an integer.
        unsafe { rt_executor_submit(function, context_of(operation)) };
    }))
}

fn runtime_future(grain: Grain, workers: u64) -> Result<Prepared> {
    let settings = Settings::threaded(workers)?;
    let function = function_for(grain);
    Ok(Prepared::service(move |operation| {
        let _held = &settings;
        // SAFETY: the address is that of a function of the right type, the word an integer.
        let future = unsafe { rt_future_new(function, context_of(operation)) };
        // SAFETY: the value is alive.
        unsafe { rt_future_start(future.raw()) };
    }))
}

/// Somebody else's pool.
struct Serve {
    grain: Grain,
    workers: u64,
}

impl WithPool for Serve {
    type Output = Result<Prepared>;

    fn run<P: Pool>(self) -> Result<Prepared> {
        let pool = P::start(self.workers)?;
        Ok(match self.grain {
            Grain::Empty => serve::<P, Operate<false>>(pool),
            Grain::TenMicroseconds => serve::<P, Operate<true>>(pool),
        })
    }
}

fn serve<P: Pool, T: Task>(pool: P) -> Prepared {
    Prepared::service(move |operation| pool.submit::<T>(operation.to_address() as u64))
}

/// One alternative.
struct Executor {
    name: &'static str,
    peer: bool,
    reason: &'static str,
    /// The least effort for empty tasks and one worker, the others are in larger ones.
    effort: Effort,
    prepare: fn(Grain, u64) -> Result<Prepared>,
}

const EXECUTORS: [Executor; 6] = [
    Executor {
        name: "threaded",
        peer: false,
        reason: "how long a task waits before it is done, when the pool sleeps, works and drowns",
        effort: Effort::Quick,
        prepare: runtime,
    },
    Executor {
        name: "threaded, future",
        peer: false,
        reason: "what a future adds to the latency of a bare task",
        effort: Effort::Standard,
        prepare: runtime_future,
    },
    Executor {
        name: "naive pool",
        peer: true,
        reason: "mutex and condition variable: a system call for each task, and a shared lock",
        effort: Effort::Quick,
        prepare: |grain, workers| PoolKind::Naive.dispatch(Serve { grain, workers }),
    },
    Executor {
        name: "crossbeam-channel",
        peer: true,
        reason: "a queue without locks whose receivers spin a little before they sleep",
        effort: Effort::Quick,
        prepare: |grain, workers| PoolKind::Crossbeam.dispatch(Serve { grain, workers }),
    },
    Executor {
        name: "rayon",
        peer: true,
        reason: "made for throughput: its threads look for work for a while before they sleep",
        effort: Effort::Quick,
        prepare: |grain, workers| PoolKind::Rayon.dispatch(Serve { grain, workers }),
    },
    Executor {
        name: "tokio",
        peer: true,
        reason: "made for servers: its workers sleep in epoll, and one of them wakes the next",
        effort: Effort::Quick,
        prepare: |grain, workers| PoolKind::Tokio.dispatch(Serve { grain, workers }),
    },
];

const EXPLANATION: &str = "One thread outside of the pool submits tasks at a fixed rate, from a \
    thousand a second upwards until the pool cannot keep up. The latency of a task \
    counts from the time at which it was due, also when the submitting thread came too \
    late, and ends when the task notes that it is done. So a stall is felt by all tasks \
    that were due meanwhile, as it would be by independent users. The submitting thread \
    keeps one processor busy: with as many workers as processors they get in each \
    other's way, in all alternatives alike. At low rates the figures are those of \
    waking a thread that sleeps. Beyond the rate that is achieved, latencies only grow with \
    the length of the run. The closed loop, beside it, submits a task when the previous one \
    is done: it shows the latency of a lone task, and hides every stall. Tasks of 10us \
    compute for that long on an undisturbed processor.";

/// The least effort that measures `executor` at this place.
fn effort(executor: &Executor, grain: Grain, workers: u64) -> Effort {
    match (grain, workers) {
        (Grain::Empty, 1) => executor.effort,
        (Grain::TenMicroseconds, 2) => Effort::Full,
        _ => executor.effort.max(Effort::Standard),
    }
}

pub(super) fn families() -> Vec<Family> {
    let title = "How long until a task is done, at a given rate of tasks?";
    let mut family = Family::question("latency/submit", title)
        .explain(EXPLANATION)
        .series("executor")
        .facet("grain")
        .along("workers", Scale::Category)
        .default_at("executor", EXECUTORS[0].name)
        .default_at("workers", super::executor::default_workers())
        .item("operation")
        .display(Display::LatencyNs);
    for executor in &EXECUTORS {
        for grain in GRAINS {
            for workers in WORKERS {
                let prepare = move |_: &_| {
                    // Before the pool is there, which would only disturb it.
                    LazyLock::force(&STEPS_10US);
                    (executor.prepare)(grain, workers)
                };
                family
                    .add((executor.name, grain.name(), workers), executor.reason, prepare)
                    .peer_if(executor.peer)
                    .effort(effort(executor, grain, workers))
                    .instruments(&[Instrument::Latency]);
            }
        }
    }
    vec![family]
}
