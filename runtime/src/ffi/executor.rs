//! The `extern "C"` functions of the executor, over [`crate::executor`].
//!
//! None of them may be called from a signal handler: they take locks that the interrupted thread
//! may hold.

use super::{body_at, failed};
use crate::executor::{self, ExecutorError, ExecutorStats, Mode};
use crate::{RuntimeValue, Value};

fn refused(call: &str, error: &ExecutorError) -> i64 {
    failed(0, format_args!("{call}: {error}"))
}

/// Sets the mode: 0 Threaded (the default), 1 Manual.
///
/// Thread safety: any thread, but not in a signal handler. Returns 1. Error value: 0 if the
/// executor has started and for an unknown mode, with a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_set_mode(mode: i64) -> i64 {
    match Mode::try_from(mode).and_then(executor::set_mode) {
        Ok(()) => 1,
        Err(error) => refused("rt_executor_set_mode", &error),
    }
}

/// Returns the mode: 0 Threaded, 1 Manual.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_get_mode() -> i64 {
    executor::mode() as i64
}

/// Returns 1 if the mode is Manual, otherwise 0.
///
/// Thread safety: any thread. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_is_manual() -> i64 {
    (executor::mode() == Mode::Manual).into()
}

/// Starts the executor; does nothing if it has started. The first task also starts it.
///
/// The workers block all signals except those of faults and of the profiling timer; the
/// program's own threads handle the others. A thread or program that a task starts inherits this
/// mask, unless it sets another. A child that a task forks has the mask of the thread that
/// started the executor.
///
/// In a forked child the executor is in its initial state: not started, Threaded, with the
/// default number of workers. It starts automatically there too. A task that forks continues in
/// the child, but its thread is no longer a worker: it ends with the task.
///
/// Thread safety: any thread, but not in a signal handler. Error value: none; if the system
/// provides no thread at all, the executor stays idle, with a message in rt_last_error. (A
/// SIMPLE_RT_WORKERS that cannot be used leaves a message too, but the executor starts.)
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_start() {
    if let Err(error) = executor::start() {
        failed((), format_args!("rt_executor_start: {error}"));
    }
}

/// Sets the number of worker threads for the next start; the default is the value of
/// SIMPLE_RT_WORKERS in the environment, or else the result of
/// rt_thread_available_parallelism. It does not limit concurrency: awaiting threads run bodies
/// too.
///
/// Thread safety: any thread, but not in a signal handler. Error value: none; the number is
/// refused if the executor has started, and if it is below 1 or unreasonably large, with a
/// message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_set_workers(workers: i64) {
    if let Err(error) = executor::set_workers(workers) {
        refused("rt_executor_set_workers", &error);
    }
}

/// Manual mode: runs the oldest task on the calling thread. Returns the number of tasks that
/// ran: 1 or 0; always 0 in Threaded mode.
///
/// Thread safety: any thread, but not in a signal handler; several may poll at once. Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_poll() -> i64 {
    executor::poll() as i64
}

/// Manual mode: runs tasks on the calling thread until none is left, including those queued
/// meanwhile. Returns the number of tasks that ran; always 0 in Threaded mode.
///
/// Thread safety: any thread, but not in a signal handler; several may poll at once. Cannot
/// fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_poll_all() -> i64 {
    executor::poll_all() as i64
}

/// Manual mode: returns the number of tasks that wait for a poll, without those that were
/// cancelled or run by an awaiter; always 0 in Threaded mode.
///
/// Thread safety: any thread; a snapshot while others queue and poll. Cannot fail.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_pending_count() -> i64 {
    executor::pending_count() as i64
}

/// Runs every accepted task (Manual: on the calling thread), including those queued meanwhile,
/// and ends the workers. Resets the executor to its initial state: Threaded, with the default
/// number of workers, ready to be configured and started again. Does nothing if it is in that
/// state already.
///
/// Refused, with a message, where it could only hang: inside of a task, and on an isolated
/// thread that a worker's task joins (rt_thread_join), directly or through other threads. If the
/// thread calls this before the task joins it, the join is refused instead. A task that waits
/// for such a thread in another way, for example through a channel, is not detected, and hangs.
///
/// Thread safety: any thread that runs no task, but not in a signal handler. Error value: none;
/// a refusal leaves a message in rt_last_error.
#[unsafe(no_mangle)]
pub extern "C" fn rt_executor_shutdown() {
    if let Err(error) = executor::shutdown() {
        refused("rt_executor_shutdown", &error);
    }
}

/// Runs `function`, a `Value (*)(Value ctx)`, at some later time: fire and forget. A forked
/// child does not run tasks submitted in its parent.
///
/// The function must return: pthread_exit and pthread_cancel in it abort the process.
///
/// Thread safety: any thread, but not in a signal handler; the function runs on any. Ownership:
/// `ctx` is borrowed and kept until the function has run, and lent to it; the function must
/// return a new reference, which is released. Returns a task id greater than 0, unique in the
/// process. Error value: 0 for function 0 and without memory to queue the task, with a message in
/// rt_last_error.
///
/// # Safety
///
/// `function` is 0 or the address of a function of this type; a heap word names a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_executor_submit(function: u64, ctx: RuntimeValue) -> i64 {
    // SAFETY: the caller's promise, see above.
    let (function, ctx) = unsafe { (body_at(function), Value::borrow(&ctx)) };
    match function {
        Some(function) => executor::submit(function, ctx.clone()),
        None => failed(0, "rt_executor_submit: the function is NULL"),
    }
}

/// Writes the executor's counters since the start of the process to `stats`. A forked child
/// begins with zeros.
///
/// Thread safety: any thread, but not in a signal handler; counters move while they are read.
/// Ownership: `stats` is borrowed for the call. Returns 1. Error value: 0 for NULL, with a
/// message in rt_last_error.
///
/// # Safety
///
/// `stats` is NULL or can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rt_executor_stats(stats: *mut ExecutorStats) -> i64 {
    if stats.is_null() {
        return failed(0, "rt_executor_stats: stats is NULL");
    }
    // SAFETY: the caller's promise, see above.
    unsafe { stats.write(executor::stats()) };
    1
}
