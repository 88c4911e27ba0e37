//! Tasks that several families run.

use crate::peers::{Task, body};
use simple_runtime::{RuntimeValue, Value, future};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

/// Small tasks of one iteration.
pub(in crate::catalogue) const TASKS: u64 = 10_000;

/// Steps of about a microsecond.
pub(in crate::catalogue) const STEPS_A_MICROSECOND: u64 = 750;

/// Counter of the tasks, the same for all alternatives.
static RAN: AtomicU64 = AtomicU64::new(0);

/// Adds one to a shared counter.
pub(in crate::catalogue) struct CountOne;

impl Task for CountOne {
    #[inline]
    fn run(_: u64) -> u64 {
        RAN.fetch_add(1, Ordering::Relaxed);
        1
    }
}

/// Ends a count and begins a new one.
pub(in crate::catalogue) fn take_count() -> u64 {
    RAN.swap(0, Ordering::Relaxed)
}

/// Begins a new count, whatever the old one was; passes `result` on.
pub(in crate::catalogue) fn forget_count(result: u64) -> u64 {
    RAN.store(0, Ordering::Relaxed);
    result
}

/// Waits until this many tasks have run, without taking a core from those that run them, and
/// takes the count.
pub(in crate::catalogue) fn all_ran(tasks: u64) -> u64 {
    while RAN.load(Ordering::Acquire) < tasks {
        std::thread::yield_now();
    }
    take_count()
}

/// Multiplications each of which waits for the one before.
#[inline]
pub(in crate::catalogue) fn do_steps(steps: u64) {
    let end = (0..steps).fold(1_u64, |x, _| black_box(x).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    black_box(end);
}

/// Body of a parent: makes [`TASKS`] tasks, awaits all, returns how many there were.
pub(in crate::catalogue) extern "C-unwind" fn spawn_and_await(_: RuntimeValue) -> Value {
    let make = |i| Value::future(Some(body::<CountOne>), Value::int(i));
    let futures: Vec<_> = (0..TASKS as i64).map(make).collect();
    Value::int(future::all(&futures).iter().filter_map(Value::as_int).sum())
}
