//! The shared queue, and the way of every job: in, and out to be run.

use super::job::Job;
use super::local::{self, Local};
use super::sleep::Sleep;
use super::{control, manual};
use crate::future::{self, Body};
use crate::stack::Stack;
use crate::value::{RuntimeValue, Value};
use crossbeam_deque::Injector;
use std::sync::LazyLock;

/// How idle workers sleep; see `README.md`.
pub(super) static SLEEP: Sleep = Sleep::new();

static INJECTOR: LazyLock<Injector<Job>> = LazyLock::new(Injector::new);

/// Jobs from outside of the pool, what overflows a worker's ring, and all of Manual mode.
#[inline]
pub(super) fn injector() -> &'static Injector<Job> {
    &INJECTOR
}

/// Of several jobs, so many are made visible before they are announced.
const ANNOUNCED_TOGETHER: usize = 64;

/// Hands a job to the executor, starting it if need be.
#[inline]
pub(crate) fn enqueue(job: Job) {
    local::with(|local| {
        make_visible(job, local);
        announce(local);
    });
}

/// Hands several jobs to the executor: dearer than any other part of it is the fence of the
/// announcement, so it is made for many at once. `jobs` must run nobody else's code, which might
/// wait for a job that has not been announced.
pub(crate) fn enqueue_all(jobs: impl Iterator<Item = Job>) {
    local::with(|local| {
        let mut unannounced = 0;
        for job in jobs {
            make_visible(job, local);
            unannounced += 1;
            if unannounced == ANNOUNCED_TOGETHER {
                announce(local);
                unannounced = 0;
            }
        }
        if unannounced > 0 {
            announce(local);
        }
    });
}

#[inline]
fn make_visible(job: Job, local: &Local) {
    local.counters().submitted.add(1);
    let overflow = match local.worker() {
        Some(worker) => worker.push(job).err(),
        None => Some(job),
    };
    if let Some(job) = overflow {
        injector().push(job);
    }
}

/// Wakes somebody for jobs that have been made visible, if need be.
#[inline]
fn announce(local: &Local) {
    // The fence in `notify` is also the one that `phases.rs` needs between making a job
    // visible and the look at the phase.
    let has_woken = SLEEP.notify();
    local.note_waking(has_woken);
    if has_woken {
        local.counters().wakes.add(1);
    }
    if !control::is_running() {
        start_for_a_job(local);
    }
}

#[cold]
fn start_for_a_job(local: &Local) {
    match control::start() {
        // Workers that started before the job was visible may have gone to sleep by now.
        Ok(()) => {
            if SLEEP.notify() {
                local.counters().wakes.add(1);
            }
        }
        Err(error) => crate::error::set_last_error(format_args!("{error}; the task stays queued")),
    }
}

/// Runs `function` with `context` some time, on a worker or in a poll. Its result is thrown
/// away; a panic in it is only counted. Any thread may submit.
///
/// Answers an id, unique in the process and greater than zero.
pub fn submit(function: Body, context: Value) -> i64 {
    enqueue(Job { code: function as usize as u64, data: context.into_raw().to_bits() });
    local::with(Local::task_id)
}

/// As [`submit`], for a closure.
pub fn submit_closure(function: impl FnOnce() + Send + 'static) -> i64 {
    let context = Value::closure(move || {
        function();
        Value::nil()
    });
    submit(crate::value::closure::call_closure, context)
}

/// Runs a job that was taken from a queue; false if it was a future that has been claimed
/// or cancelled meanwhile.
#[inline]
pub(super) fn run(job: Job, local: &Local) -> bool {
    if job.code == 0 {
        // SAFETY: the job owned a reference to this future, which passes to the call.
        let ran = unsafe { future::run_queued(job.data as usize, local) };
        if !ran.was_claimed {
            local.note_stale();
            manual::stale_entry_removed(ran.queue);
        }
        ran.was_claimed
    } else {
        run_function(job, local);
        true
    }
}

fn run_function(job: Job, local: &Local) {
    // SAFETY: `submit` made the word from a `Body`.
    let function = unsafe { std::mem::transmute::<usize, Body>(job.code as usize) };
    // SAFETY: the job owned this reference.
    let context = unsafe { Value::from_raw(RuntimeValue::from_bits(job.data)) };
    let stack = Stack::here(local);
    let result = crate::unwind::catch_on(stack.running(), || {
        drop(function(context.raw()));
        drop(context);
    });
    stack.with_thread(|local| {
        local.counters().completed.add(1);
        if result.is_err() {
            local.counters().panics.add(1);
        }
    });
}
