//! The executor, in Manual mode or idle: without threads.

use super::future::{address, one};
use super::{CALLS, Call0, Call1, Call2, List, calls};
use crate::Prepared;
use crate::peers::Settings;
use anyhow::Result;
use simple_runtime::executor::ExecutorStats;
use simple_runtime::ffi::executor::*;
use simple_runtime::{RuntimeValue, Value, executor};
use std::hint::black_box;

const FAMILY: &str = "executor";
const MANUAL: i64 = 1;
/// Tasks that wait while they are counted.
const PENDING: i64 = 3;

type Submit = Call2<u64, RuntimeValue, i64>;

/// Submits a task that returns 1; returns whether it was accepted.
fn submit() -> impl Fn() -> u64 {
    let submit = black_box(rt_executor_submit as Submit);
    // SAFETY: the address is that of a body, the context is an integer.
    move || u64::from(unsafe { submit(address(one), Value::int(0).raw()) } > 0)
}

/// A workload while the executor is `running`.
fn while_running(
    running: Settings,
    mut prepared: impl FnMut() -> u64 + 'static,
) -> Result<Prepared> {
    calls(1, move || {
        let _ = &running;
        prepared()
    })
}

pub(super) fn add(list: &mut List) {
    settings(list);
    tasks(list);
}

fn settings(list: &mut List) {
    list.add(FAMILY, "rt_executor_set_mode", "once, before the start", |_| {
        let set_mode = black_box(rt_executor_set_mode as extern "C" fn(i64) -> i64);
        while_running(Settings::manual()?, move || set_mode(MANUAL) as u64)
    });
    let why = "once, before the start; returns nothing";
    list.add(FAMILY, "rt_executor_set_workers", why, |_| {
        let set_workers = black_box(rt_executor_set_workers as extern "C" fn(i64));
        while_running(Settings::manual()?, move || {
            set_workers(2);
            1
        })
    });
    list.add(FAMILY, "rt_executor_get_mode", "code that does otherwise in polls asks this", |_| {
        let running = Settings::manual()?;
        let get_mode = black_box(rt_executor_get_mode as extern "C" fn() -> i64);
        while_running(running, move || get_mode() as u64)
    });
    list.add(FAMILY, "rt_executor_is_manual", "the same question", |_| {
        let running = Settings::manual()?;
        let is_manual = black_box(rt_executor_is_manual as extern "C" fn() -> i64);
        while_running(running, move || is_manual() as u64)
    });
    let why = "of an executor that has started: programs call it to be sure";
    list.add(FAMILY, "rt_executor_start", why, |_| {
        let start = black_box(rt_executor_start as extern "C" fn());
        let running = Settings::manual()?;
        executor::start()?;
        while_running(running, move || {
            start();
            1
        })
    });
    let why = "with nothing to run: set to Manual, started and shut down";
    list.add(FAMILY, "rt_executor_shutdown", why, |_| {
        let set_mode = black_box(rt_executor_set_mode as extern "C" fn(i64) -> i64);
        let start = black_box(rt_executor_start as Call0<()>);
        let shutdown = black_box(rt_executor_shutdown as Call0<()>);
        executor::shutdown()?;
        calls(1, move || {
            let was_idle = set_mode(MANUAL);
            // SAFETY: the calls ask nothing of their caller.
            unsafe {
                start();
                shutdown();
            }
            was_idle as u64
        })
    });
}

fn tasks(list: &mut List) {
    list.add(FAMILY, "rt_executor_submit", "a task for later, of a hundred", |_| {
        let poll_all = black_box(rt_executor_poll_all as extern "C" fn() -> i64);
        let (running, submit) = (Settings::manual()?, submit());
        Ok(Prepared::new(CALLS, 2 * CALLS, move || {
            let _ = &running;
            (0..CALLS).map(|_| submit()).sum::<u64>() + poll_all() as u64
        }))
    })
    .quick();
    list.add(FAMILY, "rt_executor_poll", "one task is queued, and run", |_| {
        let poll = black_box(rt_executor_poll as extern "C" fn() -> i64);
        let (running, submit) = (Settings::manual()?, submit());
        while_running(running, move || submit() * poll() as u64)
    })
    .quick();
    let why = "the idle turn of a main loop: nothing to run";
    list.add(FAMILY, ("rt_executor_poll_all", "empty"), why, |_| {
        let poll_all = black_box(rt_executor_poll_all as extern "C" fn() -> i64);
        while_running(Settings::manual()?, move || 1 + poll_all() as u64)
    });
    list.add(FAMILY, "rt_executor_pending_count", "a main loop's decision whether to poll", |_| {
        let pending = black_box(rt_executor_pending_count as extern "C" fn() -> i64);
        let (running, submit) = (Settings::manual()?, submit());
        (0..PENDING).for_each(|_| assert_eq!(submit(), 1));
        while_running(running, move || u64::from(pending() == PENDING))
    });
    list.add(FAMILY, "rt_executor_stats", "what a profiler reads while the program runs", |_| {
        let stats = black_box(rt_executor_stats as Call1<*mut ExecutorStats, i64>);
        let mut room = executor::stats();
        // SAFETY: the room is the closure's own.
        calls(1, move || unsafe { stats(&raw mut room) } as u64)
    });
}
